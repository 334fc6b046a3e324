"""People who sign in, what they may do where, and the trail of what they did."""

from datetime import date
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from lumbung.core.access import Access
from lumbung.fields import UidField, below
from lumbung.places.models import Place


class User(AbstractUser):
    """Somebody who signs in. Without a mandate they see no work data at all."""

    access = Access.REFERENCE

    uid = UidField()
    name = models.CharField(max_length=150)
    is_example = models.BooleanField(default=False, help_text="An invented person")

    first_name = None  # type: ignore[assignment]  # Indonesian names have no two parts
    last_name = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    @cached_property
    def mandates_in_force(self) -> "list[Mandate]":
        """Today's mandates with role, abilities and place; read once a request."""
        mandates = self.mandates.in_force(timezone.localdate())
        return list(
            mandates.select_related("role", "place").prefetch_related("role__abilities")
        )

    def mandates_to(self, ability: str) -> "list[Mandate]":
        """The mandates that let this user do `ability`; all of them for ''."""
        return [m for m in self.mandates_in_force if m.allows(ability)]

    def may(self, ability: str, place: Place, programme: str = "") -> bool:
        """Whether a mandate allows `ability` at `place`, within `programme`."""
        return any(
            mandate.place.holds(place) and mandate.programme in {"", programme}
            for mandate in self.mandates_to(ability)
        )

    def inside(
        self, path_field: str, programme_field: str = "", ability: str = ""
    ) -> Q:
        """The territory rule: the rows of a work table that this user may see.

        `path_field` leads from the table to a place's path, `programme_field` to
        a programme's code ('' for tables of no programme). With `ability`, only
        mandates that allow it count. This is the only definition of the rule;
        every `visible_to` calls it. Somebody without a mandate sees nothing.
        """
        rule = Q(pk__in=[])
        for mandate in self.mandates_to(ability):
            here = below(path_field, mandate.place.path)
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


class ExclusiveRoles(models.Model):
    """Two roles that must not meet in one person for the same place."""

    access = Access.REFERENCE

    one = models.ForeignKey(Role, models.CASCADE, related_name="+")
    other = models.ForeignKey(Role, models.CASCADE, related_name="+")
    reason_id = models.CharField(max_length=300)
    reason_en = models.CharField(max_length=300)

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
        """Own mandates, and those in the territories whose people one manages."""
        managed = user.inside("place__path", "programme", ability="mandate.give")
        return self.filter(Q(user=user) | managed)


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

    def __str__(self) -> str:
        return f"{self.user}: {self.role} @ {self.place}"

    def allows(self, ability: str) -> bool:
        return not ability or any(a.name == ability for a in self.role.abilities.all())


class AccessLink(models.Model):
    """A one-time link that an officer hands over: invitation or new password.

    Only the digest of its secret is kept. It works once, until `expires_at`.
    """

    access = Access.OWN

    class Purpose(models.TextChoices):
        INVITATION = "invitation"
        RESET = "reset"

    uid = UidField()
    user = models.ForeignKey(User, models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} for {self.user}"


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


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User) -> Self:
        """What one did oneself, and what happened in territories one manages."""
        managed = user.inside("place__path", "programme", ability="audit.read")
        return self.filter(Q(by=user) | managed)


class Event(models.Model):
    """One line of the audit trail. Written by `audit.record`, never changed."""

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

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["place", "at"], name="event_place_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
