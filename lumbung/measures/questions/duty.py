"""Who must answer for a figure, and who may take a question over."""

from collections.abc import Iterator
from datetime import date

from lumbung.accounts.models import Mandate, User
from lumbung.measures.figures.figure import Figure
from lumbung.places.models import Place

# What somebody must be able to do where the figure is, to answer for it.
IMPORTING = "import"
LEADING = "case.hold"


def duty(figure: Figure) -> str:
    """The ability that answers for this kind of figure: import it, or lead the cases."""
    return IMPORTING if figure.is_reference else LEADING


def responsible(figure: Figure, place: Place, *, asker: User, on: date) -> User | None:
    """Who must answer: the importer while in office there, else the nearest officer.

    The nearest is who holds the duty over the smallest territory around the place,
    within the figure's programme first; up the tiers from there. Never the asker,
    unless nobody else is there.
    """
    ability = duty(figure)
    of = figure.of
    if of and of.by_id != asker.pk and holds(of.by, IMPORTING, place, on):
        return of.by
    return nearest(ability, place, figure.programme, asker=asker, on=on)


def nearest(
    ability: str, place: Place, programme: str, *, asker: User, on: date
) -> User | None:
    """The nearest officer; the asker only where nobody else is there."""
    found = list(officers(ability, place, programme, on))
    others = [person for person in found if person.pk != asker.pk]
    return next(iter(others or found), None)


def holds(person: User, ability: str, place: Place, on: date) -> bool:
    """Whether this person is in office there with that ability."""
    mandates = person.mandates.in_force(on).select_related("place", "role")
    return person.is_active and any(
        m.allows(ability) and m.place.holds(place) for m in mandates
    )


def officers(ability: str, place: Place, programme: str, on: date) -> Iterator[User]:
    """Who holds `ability` over `place`, the nearest first; each person once."""
    mandates = (
        Mandate.objects.in_force(on)
        .filter(place__path__in=place.ancestor_paths(), user__is_active=True)
        .filter(role__abilities__name=ability, programme__in={"", programme})
        .select_related("user", "role", "place")
    )
    seen: set[int] = set()
    for mandate in sorted(mandates, key=nearness):
        if mandate.user_id not in seen:
            seen.add(mandate.user_id)
            yield mandate.user


def nearness(mandate: Mandate) -> tuple[int, bool, int, int]:
    """The smallest territory first; there, the mandate made for the programme."""
    return (
        -mandate.place.level,
        not mandate.programme,
        -mandate.role.rank,
        mandate.pk,
    )
