"""Verbs on people, their mandates and the links that let them in.

`by` is who does it, by their mandates of today; None is the command line, which
whoever runs the server may use. `now` and dates are given by the door.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lumbung.accounts import audit, seals, secrets
from lumbung.accounts.batches import Seal
from lumbung.accounts.models import AccessLink, ApiToken, Mandate, Role, User
from lumbung.accounts.posts import (
    AlreadyHeld,
    PersonInactive,
    Post,
    RoleElsewhere,
    refuse_managing,
    refuse_post,
    refuse_silence,
)
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place

INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(days=2)
PURPOSES = {
    AccessLink.Purpose.INVITATION: Message("invitation"),
    AccessLink.Purpose.RESET: Message("new password"),
}
TOKEN_LASTS_AT_MOST = timedelta(days=366)
LONGEST_NAME = 150
USERNAME = re.compile(r"[\w.+-]{3,150}")


class NameTaken(Refusal):
    code = "name_taken"


class OddName(Refusal):
    code = "odd_name"
    status = 422


class NotYours(Refusal):
    """The person has mandates that the officer does not stand above."""

    code = "not_yours_to_manage"


class LinkSpent(Refusal):
    """The one-time link is unknown, used, out of date or no longer covered."""

    code = "link_spent"


class WeakPassword(Refusal):
    code = "weak_password"


class SameHistory(Refusal):
    code = "same_history"


class TokenTooLong(Refusal):
    code = "token_too_long"


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to sign in. Many have no e-mail address."""

    name: str
    username: str
    email: str = ""
    is_example: bool = False


@transaction.atomic
def invite_user(
    *, newcomer: Newcomer, post: Post, by: User | None, now: datetime
) -> tuple[User, str]:
    """Register a person with their first mandate.

    Returns the person and the secret of a one-time link, which the officer hands
    over on paper or by message; it is not kept and cannot be shown again.
    """
    refuse_taken_name(newcomer)
    refuse_odd_name(newcomer)
    person = User(
        username=newcomer.username,
        email=newcomer.email.lower(),
        name=newcomer.name,
        is_example=newcomer.is_example,
        date_joined=now,
    )
    person.set_unusable_password()
    refuse_post(person, post, by)
    person.save()
    audit.record(
        "invite_user", by=by, on=person, place=post.place, after={"name": person.name}
    )
    give(person, post, by=by, now=now)
    return person, make_link(person, AccessLink.Purpose.INVITATION, by=by, now=now)


@transaction.atomic
def give_mandate(
    *, person: User, post: Post, by: User | None, now: datetime
) -> Mandate:
    """Give a person a role below one's own, inside one's own territory."""
    User.objects.select_for_update().get(pk=person.pk)
    if by and not User.objects.visible_to(by).filter(pk=person.pk).exists():
        raise NotYours(
            Message("%(name)s works in another territory.", name=person.name),
            mend=Message("Ask an officer who stands above both territories."),
        )
    refuse_post(person, post, by)
    return give(person, post, by=by, now=now)


@transaction.atomic
def end_mandate(
    *, mandate: Mandate, reason: str, by: User | None, now: datetime
) -> Mandate:
    """End a mandate at once. What was done under it stays."""
    mandate = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate.pk)
    refuse_managing(mandate, by)
    refuse_silence(reason)
    mandate.end(by=by, now=now, reason=reason)
    record(
        "end_mandate", mandate, by=by, after={"person": mandate.user, "reason": reason}
    )
    return mandate


@transaction.atomic
def hand_over_mandate(
    *, mandate: Mandate, to: User, reason: str, by: User | None, now: datetime
) -> Mandate:
    """End a mandate and give its role, place and programme to `to` from today.

    Returns the successor's mandate. The open cases of the predecessor follow in
    `programmes.actions`, which calls this.
    """
    mandate = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate.pk)
    refuse_managing(mandate, by)
    refuse_silence(reason)
    if to.pk == mandate.user_id:
        raise AlreadyHeld(
            Message("%(name)s has this mandate already.", name=to.name), field="to"
        )
    post = Post(
        role=mandate.role,
        place=mandate.place,
        starts_on=max(timezone.localdate(now), mandate.starts_on),
        ends_on=mandate.ends_on,
        programme=mandate.programme,
    )
    mandate.end(by=by, now=now, reason=reason)
    successor = give_mandate(person=to, post=post, by=by, now=now)
    mandate.successor = successor
    mandate.save(update_fields=["successor"])
    record(
        "hand_over_mandate",
        mandate,
        by=by,
        before={"person": mandate.user},
        after={"person": to, "reason": reason},
    )
    return successor


@transaction.atomic
def make_reset_link(*, person: User, by: User | None, now: datetime) -> str:
    """Return the secret of a one-time link with which `person` sets a password.

    Earlier links of the person stop working. For somebody who has not signed in
    yet it is an invitation anew.
    """
    refuse_account(person, by)
    if person.has_usable_password():
        return make_link(person, AccessLink.Purpose.RESET, by=by, now=now)
    return make_link(person, AccessLink.Purpose.INVITATION, by=by, now=now)


@transaction.atomic
def use_link(*, secret: str, password: str, now: datetime) -> User:
    """Set the password of the person a link was made for. It works once."""
    person = live_link(secret, now=now).user
    User.objects.select_for_update().get(pk=person.pk)
    # Asked anew once the person is ours: of two at the same moment one was first.
    link = live_link(secret, now=now)
    refuse_weak_password(password, person)
    link.used_at = now
    link.save(update_fields=["used_at"])
    person.set_password(password)
    person.save(update_fields=["password"])
    audit.record(
        "use_link",
        by=person,
        on=person,
        place=home(person),
        after={"purpose": PURPOSES[AccessLink.Purpose(link.purpose)]},
    )
    return person


def live_link(secret: str, *, now: datetime) -> AccessLink:
    """Return the link of this secret, or say why it no longer opens anything."""
    links = AccessLink.objects.select_related("user", "made_by")
    link = links.filter(digest=secrets.digest(secret)).first()
    mend = Message("Ask the officer who gave it to you for a new one.")
    if link is None:
        raise LinkSpent(Message("There is no such link."), mend=mend, field="secret")
    if link.used_at:
        raise LinkSpent(Message("This link was used already."), mend=mend)
    if link.expires_at <= now:
        raise LinkSpent(
            Message("This link ended on %(when)s.", when=link.expires_at), mend=mend
        )
    if not link.is_covered:
        raise LinkSpent(Message("This link is no longer valid."), mend=mend)
    return link


@transaction.atomic
def deactivate_user(
    *, person: User, reason: str, by: User | None, now: datetime
) -> User:
    """Shut a person out at once: sign-in, open sessions, links and API tokens."""
    refuse_account(person, by)
    refuse_silence(reason)
    person.is_active = False
    person.save(update_fields=["is_active"])
    void_links(person, now=now)
    audit.record(
        "deactivate_user",
        by=by,
        on=person,
        place=home(person),
        before={"active": True},
        after={"active": False, "person": person, "reason": reason},
    )
    return person


@transaction.atomic
def reactivate_user(*, person: User, by: User | None) -> User:
    """Let a person in again, with the mandates they still have."""
    refuse_not_managed(person, by)
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record(
        "reactivate_user",
        by=by,
        on=person,
        place=home(person),
        before={"active": False},
        after={"active": True, "person": person},
    )
    return person


@transaction.atomic
def remove_second_factor(*, person: User, by: User | None) -> int:
    """Take away the authenticator of somebody who lost phone and recovery codes."""
    refuse_account(person, by)
    factors = Authenticator.objects.filter(user=person)
    removed: int = factors.count()
    factors.delete()
    audit.record(
        "remove_second_factor",
        by=by,
        on=person,
        place=home(person),
        after={"person": person, "removed": removed},
    )
    return removed


@transaction.atomic
def make_token(
    *, label: str, until: datetime, by: User, now: datetime
) -> tuple[ApiToken, str]:
    """Make a key to the API for oneself; returns it with its secret, shown once."""
    if not now < until <= now + TOKEN_LASTS_AT_MOST:
        raise TokenTooLong(
            Message("A token lasts a day at least and a year at most."), field="until"
        )
    secret = f"lumbung-{secrets.make()}"
    token = ApiToken.objects.create(
        user=by,
        label=label,
        digest=secrets.digest(secret),
        hint=secret[-4:],
        made_at=now,
        expires_at=until,
    )
    after = {"label": label, "until": until}
    audit.record("make_token", by=by, on=token, place=home(by), after=after)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User, now: datetime) -> ApiToken:
    """Make a key worthless. Twice is harmless: the first moment stays."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk, user=by)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        after = {"label": token.label}
        audit.record("revoke_token", by=by, on=token, place=home(by), after=after)
    return token


@transaction.atomic
def first_administrator(
    *, newcomer: Newcomer, place: Place, now: datetime
) -> tuple[User, str]:
    """Register who runs the installation: called once by `lumbung init`.

    The highest role that the packs in force allow at `place` is theirs.
    """
    roles = [r for r in Role.objects.order_by("rank") if place.level in r.levels]
    if not roles:
        raise RoleElsewhere(
            Message("No role may be given in %(place)s.", place=place.name),
            mend=Message("Load the pack `indonesia` first."),
        )
    post = Post(role=roles[0], place=place, starts_on=timezone.localdate(now))
    return invite_user(newcomer=newcomer, post=post, by=None, now=now)


def accept_history(*, now: datetime) -> None:
    """Let the database's history count from now on, whatever the folder remembers.

    For who put an older copy back on purpose. The trail says what was given up.
    """
    kept, newest = seals.kept_head(), seals.head()
    if kept is None or seals.agrees_with_file():
        raise SameHistory(
            Message("The folder remembers the same history as the database."),
            mend=Message("There is nothing to accept: run `lumbung verify` alone."),
        )
    with transaction.atomic():
        audit.record(
            "accept_history",
            by=None,
            on=Seal.objects.without_leaves().last() or Seal(),
            place=Place.objects.filter(parent=None).first(),
            before={"head": str(kept)},
            after={"head": str(newest or "–")},
        )
    seals.forget_kept_head()
    seals.seal(now)


def refuse_odd_name(newcomer: Newcomer) -> None:
    """Refuse what no column holds or nobody could type when signing in."""
    if not 2 <= len(newcomer.name.strip()) <= LONGEST_NAME:
        raise OddName(
            Message("A name has 2 to %(most)s letters.", most=LONGEST_NAME),
            field="name",
        )
    username = newcomer.username
    if not USERNAME.fullmatch(username):
        raise OddName(
            Message("“%(name)s” is no username.", name=username[:40]),
            mend=Message(
                "Write 3 to 150 letters, digits, or any of . + - _ without a space."
            ),
            field="username",
        )
    try:
        if newcomer.email:
            validate_email(newcomer.email)
    except ValidationError as fault:
        raise OddName(
            Message("“%(email)s” is no e-mail address.", email=newcomer.email[:80]),
            mend=Message("Write it as siti@example.org, or leave it out."),
            field="email",
        ) from fault


def refuse_taken_name(newcomer: Newcomer) -> None:
    if "@" in newcomer.username:
        raise NameTaken(
            Message("A username has no @."),
            mend=Message("Write a short name or a phone number; e-mail goes below."),
            field="username",
        )
    if User.objects.filter(username__iexact=newcomer.username).exists():
        raise NameTaken(
            Message("The username %(name)s is taken.", name=newcomer.username),
            mend=Message("Add a digit or the name of the village."),
            field="username",
        )
    if newcomer.email and User.objects.filter(email__iexact=newcomer.email).exists():
        raise NameTaken(
            Message(
                "Somebody has the address %(email)s already.", email=newcomer.email
            ),
            field="email",
        )


def refuse_not_managed(person: User, by: User | None) -> None:
    if by is not None and not by.manages(person):
        raise NotYours(
            Message(
                "%(name)s has a mandate that you do not stand above.", name=person.name
            ),
            mend=Message("Ask an officer who stands above all mandates of the person."),
        )


def refuse_account(person: User, by: User | None) -> None:
    """Refuse to take in hand the account of somebody inactive or not managed.

    Locks the person, so that no mandate is given while the account changes hands.
    """
    User.objects.select_for_update().get(pk=person.pk)
    refuse_not_managed(person, by)
    if not person.is_active:
        raise PersonInactive(
            Message("%(name)s is deactivated.", name=person.name),
            mend=Message("Reactivate the person first."),
        )


def refuse_weak_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        faults = tuple(Message("%(fault)s", fault=text) for text in error.messages)
        raise WeakPassword(faults[0], parts=faults, field="password") from error


def give(person: User, post: Post, *, by: User | None, now: datetime) -> Mandate:
    mandate = Mandate.objects.create(
        user=person,
        role=post.role,
        place=post.place,
        programme=post.programme,
        starts_on=post.starts_on,
        ends_on=post.ends_on,
        given_by=by,
        given_at=now,
    )
    after = {
        "person": person,
        "role": post.role.words,
        "starts_on": post.starts_on,
        "ends_on": post.ends_on,
    }
    record("give_mandate", mandate, by=by, after=after)
    return mandate


def record(verb: str, mandate: Mandate, *, by: User | None, **changes: Any) -> None:
    audit.record(
        verb,
        by=by,
        on=mandate,
        place=mandate.place,
        programme=mandate.programme,
        **changes,
    )


def make_link(
    person: User, purpose: AccessLink.Purpose, *, by: User | None, now: datetime
) -> str:
    void_links(person, now=now)
    secret = secrets.make()
    lasts = RESET_LASTS if purpose == AccessLink.Purpose.RESET else INVITATION_LASTS
    link = AccessLink.objects.create(
        user=person,
        purpose=purpose,
        digest=secrets.digest(secret),
        made_by=by,
        made_at=now,
        expires_at=now + lasts,
    )
    audit.record(
        "make_reset_link",
        by=by,
        on=person,
        place=home(person),
        after={
            "person": person,
            "purpose": PURPOSES[purpose],
            "until": link.expires_at,
        },
    )
    return secret


def void_links(person: User, *, now: datetime) -> None:
    person.links.filter(used_at=None, expires_at__gt=now).update(expires_at=now)


def home(person: User) -> Place | None:
    """The place an event about a person is told at: that of their highest mandate."""
    mandates = person.mandates.select_related("place").order_by(
        F("ended_at").desc(nulls_first=True), "role__rank", "pk"
    )
    mandate = mandates.first()
    return mandate.place if mandate else None
