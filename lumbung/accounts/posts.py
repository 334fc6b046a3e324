"""Posts: what a mandate is over, and why one may not be given or touched."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from lumbung.accounts.abilities import FUNDING
from lumbung.accounts.models import ExclusiveRoles, Mandate, Role, User
from lumbung.core.message import Message, Text
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place


class OutsideTerritory(Refusal):
    code = "outside_territory"


class NotBelow(Refusal):
    """The role stands beside or above the giver's."""

    code = "not_below"


class OwnMandate(Refusal):
    code = "own_mandate"


class RoleElsewhere(Refusal):
    """A role at a place level or in a programme that it is not made for."""

    code = "role_elsewhere"


class NoSuchProgramme(Refusal):
    code = "no_programme_here"
    status = 422


class NoReason(Refusal):
    code = "mandate_reason"
    status = 422


class DatesReversed(Refusal):
    code = "dates_reversed"


class RolesExclude(Refusal):
    """Two roles that must not meet in one person for the same place."""

    code = "roles_exclude"


class AlreadyHeld(Refusal):
    code = "already_held"


class MandateOver(Refusal):
    code = "mandate_over"


class PersonInactive(Refusal):
    code = "person_inactive"


# Which programmes run here is known above, and said here once, at start.
PROGRAMMES: list[Callable[[], Iterable[str]]] = []
SHORTEST_REASON = 3
LONGEST_REASON = 300


def programmes() -> list[str]:
    """The codes of the programmes that run here."""
    return sorted({code for codes in PROGRAMMES for code in codes()})


@dataclass(frozen=True)
class Post:
    """What a mandate is over: a role at a place, perhaps within one programme."""

    role: Role
    place: Place
    starts_on: date
    ends_on: date | None = None
    programme: str = ""


def refuse_post(person: User, post: Post, by: User | None) -> None:
    """Refuse a mandate that may not be: by who gives it, by what it is, by who gets it."""
    if not person.is_active:
        raise PersonInactive(
            Message("%(name)s is deactivated.", name=person.name),
            mend=Message("Reactivate the person first."),
        )
    if by is not None:
        refuse_giver(person, post, by)
    refuse_misfit(post)
    if person.pk:
        refuse_meeting(person, post)


def refuse_giver(person: User, post: Post, by: User) -> None:
    if person.pk == by.pk:
        raise OwnMandate(
            Message("Nobody gives a mandate to themselves."),
            mend=Message("Ask the officer above you."),
        )
    managing = by.mandates_to("mandate.give")
    if not any(m.covers(post.place, post.programme) for m in managing):
        raise OutsideTerritory(
            Message(
                "%(place)s lies outside the territory or programme you manage.",
                place=post.place.name,
            ),
            field="place",
        )
    if not by.stands_above(post.role, post.place, post.programme):
        raise NotBelow(
            Message(
                "The role %(role)s does not stand below yours in %(place)s.",
                role=post.role.words,
                place=post.place.name,
            ),
            mend=Message("Ask the officer above you."),
            field="role",
        )


def refuse_misfit(post: Post) -> None:
    if post.place.level not in post.role.levels or post.place.closed_in_id:
        raise RoleElsewhere(
            Message(
                "The role %(role)s is not given in %(place)s (%(kind)s).",
                role=post.role.words,
                place=post.place.name,
                kind=post.place.kind,
            ),
            mend=Message("Choose a place of another level."),
            field="place",
        )
    if post.role.programme and post.programme != post.role.programme:
        raise RoleElsewhere(
            Message(
                "The role %(role)s is given within the programme %(programme)s only.",
                role=post.role.words,
                programme=post.role.programme,
            ),
            field="programme",
        )
    known = programmes() if post.programme else []
    if post.programme and post.programme not in known:
        raise NoSuchProgramme(
            Message("There is no programme “%(code)s” here.", code=post.programme),
            mend=Message("There are: %(codes)s.", codes=", ".join(known) or "–"),
            field="programme",
        )
    if not post.programme and post.role.abilities.filter(name=FUNDING).exists():
        raise RoleElsewhere(
            Message(
                "The role %(role)s is given within one programme: the one it funds.",
                role=post.role.words,
            ),
            field="programme",
        )
    if post.ends_on and post.ends_on < post.starts_on:
        raise DatesReversed(
            Message(
                "The last day %(last)s lies before the first, %(first)s.",
                last=post.ends_on,
                first=post.starts_on,
            ),
            field="ends_on",
        )


def refuse_meeting(person: User, post: Post) -> None:
    """Refuse what must not meet, for the same place and time, in whatever programme."""
    held = person.mandates.during(post.starts_on, post.ends_on).meeting(post.place)
    for mandate in held.select_related("role", "place"):
        if (mandate.role_id, mandate.place_id, mandate.programme) == (
            post.role.pk,
            post.place.pk,
            post.programme,
        ):
            raise AlreadyHeld(
                Message("%(name)s has this mandate already.", name=person.name)
            )
        pair = ExclusiveRoles.objects.between(mandate.role, post.role).first()
        if pair:
            raise RolesExclude(
                Message(
                    "%(name)s is %(held)s in %(place)s; that must not meet"
                    " %(asked)s: %(reason)s",
                    name=person.name,
                    held=mandate.role.words,
                    place=mandate.place.name,
                    asked=post.role.words,
                    reason=Text(pair.reason_id, pair.reason_en),
                ),
                mend=Message("End the other mandate first, or choose somebody else."),
                field="role",
            )


def refuse_silence(reason: str) -> None:
    """What stands in the trail for good says something, and fits in it."""
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise NoReason(
            Message(
                "Say why, in %(least)s to %(most)s letters.",
                least=SHORTEST_REASON,
                most=LONGEST_REASON,
            ),
            field="reason",
        )


def refuse_managing(mandate: Mandate, by: User | None) -> None:
    """Refuse to touch a mandate that is over, one's own, or not below one's own."""
    if mandate.is_over:
        raise MandateOver(
            Message("This mandate of %(name)s is over.", name=mandate.user.name)
        )
    if by is None:
        return
    if mandate.user_id == by.pk:
        raise OwnMandate(
            Message("Nobody ends or hands over their own mandate."),
            mend=Message("Ask the officer above you."),
        )
    if not by.stands_above(mandate.role, mandate.place, mandate.programme):
        raise NotBelow(
            Message(
                "The role %(role)s does not stand below yours in %(place)s.",
                role=mandate.role.words,
                place=mandate.place.name,
            ),
            mend=Message("Ask the officer above you."),
        )
