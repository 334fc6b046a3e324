"""From a code as people write it to the place it means, or to a refusal.

Kemendagri writes `33.26.09.2005`, BPS `3326090005`; both are also found the other way.
166 four-digit codes are valid in both lists for different districts (1401 is Kampar to
Kemendagri, Kuantan Singingi to BPS), so whoever reads a file says whose codes it has.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place, PlaceCode

KEMENDAGRI_PARTS = {2: (2,), 4: (2, 2), 6: (2, 2, 2), 10: (2, 2, 2, 4)}
SCHEMES = {
    PlaceCode.Scheme.KEMENDAGRI: Message("by Kemendagri"),
    PlaceCode.Scheme.BPS: Message("by BPS"),
    PlaceCode.Scheme.ISO: Message("by ISO"),
}


class UnknownCode(Refusal):
    """No place has or had this code."""

    code = "unknown_code"
    status = 422


class AmbiguousCode(Refusal):
    """The code means different places; all of them are named in `parts`."""

    code = "ambiguous_code"
    status = 422


def resolve(code: str, scheme: str | None = None, *, on: date | None = None) -> Place:
    """Return the place that `code` means: with dots or without, old codes too.

    Without `scheme`, digits alone are looked for in all lists (dots are Kemendagri's
    way of writing); if two places answer, it refuses and names both. A code that was
    given to another place later means the one that has it now, or had it on the day
    `on`. The place may have ended since; what is known of it stays with it.
    """
    resolver = Resolver(scheme, on=on)
    resolver.fetch([code])
    return resolver.resolve(code)


def addressed(code: str) -> Place:
    """Return the place that an address of ours names: its present code wins.

    Pages and the API speak present codes, so no other list can make one ambiguous;
    an address written down long ago still resolves.
    """
    present = Place.objects.in_force().filter(code=code).first()
    return present or resolve(code, None if code.isalpha() else "kemendagri")


def entered(code: str, *, field: str) -> Place:
    """Return the place that somebody wrote into a `field`; a refusal names it.

    A present code means its place even where another list has the same (91 by BPS);
    digits that fit two places are refused, because people copy them from either list.
    """
    try:
        present = Place.objects.in_force().filter(code=code.strip()).first()
        return present or resolve(code)
    except Refusal as refusal:
        refusal.field = field
        raise


class Resolver:
    """`resolve` for the many codes of a file: fetch a chunk, then ask one by one."""

    def __init__(self, scheme: str | None = None, *, on: date | None = None) -> None:
        self.scheme, self.on = scheme, on
        self.found: dict[str, list[PlaceCode]] = defaultdict(list)

    def fetch(self, codes: Iterable[str]) -> None:
        wanted = {form for code in codes for form in forms(code)}
        rows = PlaceCode.objects.filter(code__in=wanted).select_related(
            "place__parent", "place__closed_in"
        )
        if self.scheme:
            rows = rows.filter(scheme=self.scheme)
        self.found.clear()
        for row in rows.order_by("scheme", "place__path"):
            self.found[row.code].append(row)

    def resolve(self, code: str) -> Place:
        rows = [row for form in forms(code) for row in self.found.get(form, [])]
        if "." in code and not self.scheme:
            rows = [row for row in rows if row.scheme != PlaceCode.Scheme.BPS]
        meant = [row for rows in by_scheme(rows) for row in meaning(rows, self.on)]
        places = {row.place_id: row.place for row in meant}
        if not places:
            raise UnknownCode(
                Message(
                    "There is no place with the code “%(code)s”.", code=code.strip()
                ),
                mend=Message("Write it as 33.26.09.2005 or 3326092005."),
            )
        if len(places) > 1:
            raise AmbiguousCode(
                Message(
                    "The code %(code)s means more than one place.", code=code.strip()
                ),
                mend=Message("Say whose list of codes it is from."),
                parts=tuple(candidate(row) for row in meant),
            )
        return places.popitem()[1]


def forms(code: str) -> set[str]:
    """The ways a code may be written in our lists.

    >>> sorted(forms(" 3326092005 "))
    ['33.26.09.2005', '3326092005']
    """
    text = code.strip().upper()
    digits = re.sub(r"[.\s]", "", text)
    found = {text, digits}
    if digits.isdigit() and len(digits) in KEMENDAGRI_PARTS:
        parts, start = [], 0
        for length in KEMENDAGRI_PARTS[len(digits)]:
            parts.append(digits[start : start + length])
            start += length
        found.add(".".join(parts))
    return found - {""}


def by_scheme(rows: list[PlaceCode]) -> list[list[PlaceCode]]:
    groups: dict[str, list[PlaceCode]] = defaultdict(list)
    for row in rows:
        groups[row.scheme].append(row)
    return list(groups.values())


def meaning(rows: list[PlaceCode], on: date | None) -> list[PlaceCode]:
    """Of the places that ever had a code in one list, those that it means.

    Nobody says what it meant before our first edition: then all are meant.
    """
    if on:
        return [row for row in rows if held(row, on)] or rows
    return [row for row in rows if row.valid_to is None] or rows


def held(row: PlaceCode, on: date) -> bool:
    return (not row.valid_from or row.valid_from <= on) and (
        not row.valid_to or on < row.valid_to
    )


def candidate(row: PlaceCode) -> Message:
    above = row.place.parent
    return Message(
        "%(scheme)s: %(name)s, %(above)s (%(code)s)",
        scheme=SCHEMES[PlaceCode.Scheme(row.scheme)],
        name=row.place.name,
        above=above.name if above else "",
        code=row.place.code,
    )
