"""People who sign in, what they may do where, and the trail of what they did."""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from lumbung.accounts.abilities import FUNDING
from lumbung.accounts.batches import Seal
from lumbung.core.access import Access
from lumbung.core.message import Text
from lumbung.fields import UidField, below
from lumbung.places.models import Place


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> Self:
        """Oneself, and the people who have or had a mandate where one manages.

        People without any mandate are seen by managers of the whole tree only.
        """
        seen = Mandate.objects.overseen_by(user)
        rule = Q(pk=user.pk) | Q(pk__in=seen.values("user"))
        if any(m.is_over_all for m in user.overseeing):
            rule |= ~Q(Exists(Mandate.objects.filter(user=OuterRef("pk"))))
        return self.filter(rule)

    def examples(self) -> Self:
        """The invented people one may sign in as on a demonstration."""
        return self.filter(is_example=True, is_active=True)

    def at_the_door(self) -> "list[User]":
        """The invented people with a mandate in force, highest role first; 20 of them."""
        people = self.examples().prefetch_related(
            "mandates__role__abilities", "mandates__place__parent"
        )
        acting = [person for person in people if person.first_mandate]
        acting.sort(key=lambda p: (p.first_mandate.role.rank, p.pk))  # type: ignore[union-attr]
        return acting[:20]

    def named(self, login: str) -> "User | None":
        """Whoever signs in with this username or e-mail address, case aside."""
        return self.filter(Q(username__iexact=login) | Q(email__iexact=login)).first()


AskedUsers = UserManager.from_queryset(UserQuerySet)


class Users(AskedUsers):  # type: ignore[valid-type,misc,type-arg]
    """Django's manager of users, with our questions."""

    use_in_migrations = False


class User(AbstractUser):
    """Somebody who signs in. Without a mandate they see no work data at all.

    Username and e-mail are told apart without case, as sign-in does; a username
    has no `@`, so that nobody's username is another's e-mail address.
    """

    access = Access.WORK

    uid = UidField()
    name = models.CharField(max_length=150)
    is_example = models.BooleanField(default=False, help_text="An invented person")

    first_name = None  # type: ignore[assignment]  # Indonesian names have no two parts
    last_name = None  # type: ignore[assignment]

    objects: ClassVar[Users] = Users()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_once"),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="user_email_once"
            ),
            models.CheckConstraint(
                condition=~Q(username__contains="@"), name="user_username_no_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    @cached_property
    def mandates_in_force(self) -> "list[Mandate]":
        """Today's mandates with role, abilities and place; read once a request.

        In one query, as every page asks it: a row for each ability of a mandate.
        """
        rows = self.mandates.in_force(timezone.localdate()).select_related(
            "role", "place"
        )
        found: dict[int, Mandate] = {}
        held: dict[int, set[str]] = {}
        for row in rows.annotate(ability=F("role__abilities__name")).order_by("pk"):
            found.setdefault(row.pk, row)
            held.setdefault(row.pk, set()).add(vars(row)["ability"])
        for pk, mandate in found.items():
            mandate.abilities = frozenset(held[pk])
        return list(found.values())

    def mandates_to(self, ability: str) -> "list[Mandate]":
        """The mandates that let this user do `ability`; all of them for ''."""
        return [m for m in self.mandates_in_force if m.allows(ability)]

    def may(self, ability: str, place: Place, programme: str = "") -> bool:
        """Whether a mandate allows `ability` at `place`, within `programme`."""
        return any(
            mandate.place.holds(place) and mandate.programme in {"", programme}
            for mandate in self.mandates_to(ability)
        )

    @property
    def first_mandate(self) -> "Mandate | None":
        """The highest mandate in force; reads what was prefetched."""
        mandates = [m for m in self.mandates.all() if m.state == "in_force"]
        return min(mandates, key=lambda m: (m.role.rank, m.pk), default=None)

    def failed_tries(self) -> int:
        """How often somebody failed with this name since the sign-in before this."""
        done = self.sign_ins.filter(succeeded=True).order_by("-at")[1:2]
        failed = self.sign_ins.filter(succeeded=False)
        return failed.filter(at__gt=done[0].at).count() if done else failed.count()

    @property
    def overseeing(self) -> "list[Mandate]":
        """The mandates that show this user the people of their territory."""
        return [
            m
            for m in self.mandates_in_force
            if m.allows("mandate.give") or m.allows("audit.read")
        ]

    def may_somewhere(self, ability: str) -> bool:
        return bool(self.mandates_to(ability))

    def stands_above(self, role: "Role", place: Place, programme: str) -> bool:
        """Whether this user manages who holds `role` at `place`.

        One mandate must do all of it: allow `mandate.give`, hold the place, cover
        the programme, and be of a higher rank. Equal rank stands beside.
        """
        return any(
            mandate.covers(place, programme) and mandate.role.rank < role.rank
            for mandate in self.mandates_to("mandate.give")
        )

    def may_manage(self, mandate: "Mandate") -> bool:
        """Whether this user may end `mandate` or hand it over."""
        return (
            mandate.user_id != self.pk
            and not mandate.is_over
            and self.stands_above(mandate.role, mandate.place, mandate.programme)
        )

    def manages(self, person: "User") -> bool:
        """Whether this user may take `person`'s account in hand: reset, deactivate.

        Who resets a password can sign in as that person. So it takes somebody who
        stands above *each* mandate of the person, those that have yet to begin
        included; where all have ended, above each that ever was; and for somebody
        who never had one, a manager of the whole tree.
        """
        if person.pk == self.pk:
            return False
        mandates = list(person.mandates.select_related("role", "place"))
        if not mandates:
            return any(m.is_over_all for m in self.mandates_to("mandate.give"))
        counting = [m for m in mandates if not m.is_over] or mandates
        return all(self.stands_above(m.role, m.place, m.programme) for m in counting)

    def inside(
        self,
        path_field: str,
        programme_field: str = "",
        ability: str = "",
        *,
        funded: bool = False,
    ) -> Q:
        """The territory rule: the rows of a work table that this user may see.

        `path_field` leads from the table to a place's path, `programme_field` to
        a programme's code ('' for tables of no programme). With `ability`, only
        mandates that allow it count. This is the only definition of the rule;
        every `visible_to` calls it. Somebody without a mandate sees nothing. A donor's
        mandate counts only where the table is asked for what donors fund (`funded`).
        """
        rule = Q(pk__in=[])
        for mandate in self.mandates_to(ability):
            here = below(path_field, mandate.place.path)
            if mandate.is_funding and not funded:
                continue
            if mandate.programme and not programme_field:
                continue
            if mandate.programme:
                here &= Q(**{programme_field: mandate.programme})
            rule |= here
        return rule


class Role(models.Model):
    """A role that packs define: what it may do, and how high it stands.

    `rank` orders roles, smaller is higher; `levels` are the place levels it is
    given at. What it may do stands in `abilities`.
    """

    access = Access.REFERENCE

    code = models.CharField(max_length=40, unique=True)
    name_id = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField()
    levels = models.JSONField(default=list)
    programme = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.code

    @property
    def words(self) -> Text:
        return Text(self.name_id, self.name_en)


class Ability(models.Model):
    """One thing a role may do, such as `case.move`. The words are in `abilities.py`."""

    access = Access.REFERENCE

    role = models.ForeignKey(Role, models.CASCADE, related_name="abilities")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "name"], name="ability_once")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.name}"


class ExclusiveRolesQuerySet(models.QuerySet["ExclusiveRoles"]):
    def between(self, role: Role, other: Role) -> Self:
        """The pair these two roles make, whichever stands first."""
        return self.filter(Q(one=role, other=other) | Q(one=other, other=role))


class ExclusiveRoles(models.Model):
    """Two roles that must not meet in one person for the same place."""

    access = Access.REFERENCE

    one = models.ForeignKey(Role, models.CASCADE, related_name="+")
    other = models.ForeignKey(Role, models.CASCADE, related_name="+")
    reason_id = models.CharField(max_length=300)
    reason_en = models.CharField(max_length=300)

    objects = ExclusiveRolesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="exclusive_once")
        ]

    def __str__(self) -> str:
        return f"{self.one} ≠ {self.other}"


class MandateQuerySet(models.QuerySet["Mandate"]):
    def in_force(self, day: date) -> Self:
        return self.filter(
            Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day, ended_at=None
        )

    def visible_to(self, user: User) -> Self:
        """Own mandates, and those in the territories whose people one oversees."""
        return self.filter(Q(user=user) | Q(pk__in=self.overseen_by(user)))

    def overseen_by(self, user: User) -> Self:
        """Mandates in territories where one gives mandates or reads the trail."""
        give = user.inside("place__path", "programme", ability="mandate.give")
        read = user.inside("place__path", "programme", ability="audit.read")
        return self.filter(give | read)

    def with_names(self) -> Self:
        """With what a table of mandates says of each row."""
        return self.select_related(
            "user", "role", "place", "given_by", "successor__user"
        )

    def meeting(self, place: Place) -> Self:
        """Mandates over a place that holds `place` or lies in it."""
        return self.filter(
            below("place__path", place.path) | Q(place__path__in=place.ancestor_paths())
        )

    def during(self, starts_on: date, ends_on: date | None) -> Self:
        """Mandates that share at least one day with the time given."""
        mandates = self.filter(
            Q(ends_on=None) | Q(ends_on__gte=starts_on), ended_at=None
        )
        return mandates.filter(starts_on__lte=ends_on) if ends_on else mandates


class Mandate(models.Model):
    """A role for a user in a place, perhaps within one programme, between dates."""

    access = Access.WORK

    uid = UidField()
    user = models.ForeignKey(User, models.PROTECT, related_name="mandates")
    role = models.ForeignKey(Role, models.PROTECT, related_name="mandates")
    place = models.ForeignKey(Place, models.PROTECT, related_name="mandates")
    programme = models.CharField(max_length=40, blank=True, help_text="'' is all")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day")
    given_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="predecessors"
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="mandate_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} @ {self.place}"

    @cached_property
    def abilities(self) -> frozenset[str]:
        return frozenset(ability.name for ability in self.role.abilities.all())

    def allows(self, ability: str) -> bool:
        return not ability or ability in self.abilities

    @property
    def is_funding(self) -> bool:
        """Whether it is a donor's: it reads the cases it funds and nothing else."""
        return FUNDING in self.abilities

    def covers(self, place: Place, programme: str) -> bool:
        """Whether this mandate reaches all that one at `place` would reach."""
        return self.place.holds(place) and self.programme in {"", programme}

    @property
    def is_over_all(self) -> bool:
        """Over a whole country and every programme."""
        return self.place.parent_id is None and not self.programme

    @property
    def is_over(self) -> bool:
        today = timezone.localdate()
        return self.ended_at is not None or (
            self.ends_on is not None and self.ends_on < today
        )

    @property
    def state(self) -> str:
        """`ended`, `coming` or `in_force`, today."""
        if self.is_over:
            return "ended"
        return "coming" if self.starts_on > timezone.localdate() else "in_force"

    def end(self, *, by: User | None, now: datetime, reason: str) -> None:
        self.ended_by, self.ended_at, self.end_reason = by, now, reason
        self.save(update_fields=["ended_by", "ended_at", "end_reason"])


class AccessLink(models.Model):
    """A one-time link that an officer hands over: invitation or new password.

    Only the digest of its secret is kept. It works once, until `expires_at`, and
    only while its maker still manages the person: somebody promoted meanwhile is
    not taken over with an old link. `made_by` is empty for the command line.
    """

    access = Access.OWN

    class Purpose(models.TextChoices):
        INVITATION = "invitation"
        RESET = "reset"

    uid = UidField()
    user = models.ForeignKey(User, models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} for {self.user}"

    @property
    def is_covered(self) -> bool:
        """Whether the person may still be let in, and by who made the link."""
        maker = self.made_by
        if maker is None:
            return self.user.is_active
        return self.user.is_active and maker.is_active and maker.manages(self.user)


class OpenIdLink(models.Model):
    """A person's account at an OpenID Connect provider: its issuer and subject."""

    access = Access.OWN

    user = models.ForeignKey(User, models.CASCADE, related_name="openid_links")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="openidlink_subject_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"


class SignIn(models.Model):
    """One try to sign in. Tries with a name nobody has keep no name."""

    access = Access.OWN

    class Method(models.TextChoices):
        PASSWORD = "password"  # noqa: S105  # the word, not a secret
        CODE = "code"
        DEMO = "demo"
        PASSKEY = "passkey"  # alone, without a password
        KEY = "key"  # a passkey after the password
        OPENID = "openid"

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sign_ins")
    at = models.DateTimeField()
    succeeded = models.BooleanField()
    method = models.CharField(max_length=10, choices=Method)
    device = models.CharField(max_length=60, help_text="Browser and system, in words")
    is_shared = models.BooleanField(default=False, help_text="On a shared computer")

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="signin_of_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d %H:%M}"


class ApiToken(models.Model):
    """A personal key to the API: hashed, expiring, shown once, revocable."""

    access = Access.OWN

    uid = UidField()
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8, help_text="Its last characters")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.label} …{self.hint}"


def new_salt() -> str:
    """What keeps an erased value of an event from being guessed by its digest."""
    return secrets.token_hex(16)


FEW = 10_000  # events that are quicker looked up than met with


class EventQuerySet(models.QuerySet["Event"]):
    def unsealed(self) -> Self:
        return self.filter(seal=None)

    def visible_to(self, user: User) -> Self:
        """What one did oneself, and what happened in territories one manages.

        A few are looked up, both by their own index; of many, each event is asked by
        itself: the first ones asked are then enough for a page.
        """
        managed = user.inside("place__path", "programme", ability="audit.read")
        both = [Event.objects.filter(rule) for rule in (Q(by=user), managed)]
        if any(rows[FEW : FEW + 1].exists() for rows in both):
            return self.filter(Q(by=user) | managed)
        mine, theirs = (rows.values("pk") for rows in both)
        return self.filter(pk__in=mine.union(theirs))


class Event(models.Model):
    """One line of the audit trail. Written by `audit.record`, never changed.

    Only `seal` is set later, when a batch is sealed; it is no part of the content.
    """

    access = Access.WORK

    uid = UidField()
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    door = models.CharField(max_length=10, help_text="page, api, command, job")
    verb = models.CharField(max_length=60)
    table = models.CharField(max_length=60)
    row = models.UUIDField(null=True, db_index=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    programme = models.CharField(max_length=40, blank=True)
    before: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    after: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    salt = models.TextField(default=new_salt)
    # Without an index of its own: whoever wants a seal's events reads its leaves.
    seal = models.ForeignKey(
        Seal, models.PROTECT, null=True, db_index=False, related_name="events"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["place", "at"], name="event_place_at"),
            models.Index(fields=["id"], condition=Q(seal=None), name="event_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"


class KeptAnswer(models.Model):
    """What the API answered under an `Idempotency-Key`, for a day.

    `digest` is of the whole request; a row without `status` is a request that is
    being done in the same transaction.
    """

    access = Access.OWN
    backed_up = False  # a day later nobody asks again

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="keptanswer_key_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d %H:%M}"

    def keep(self, *, status: int, body: str) -> None:
        self.status, self.body = status, body
        self.save(update_fields=["status", "body"])
