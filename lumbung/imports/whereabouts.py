"""Which place a row of a file speaks of: by code, or by name within a territory."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process

from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import Fault, Faulty, Row
from lumbung.places.codes import Resolver
from lumbung.places.models import Place

# Below this likeness (0 to 100) a row's name and the place of its code are two places:
# somebody sorted one column without the others.
ALIKE = 45
NEAR = 75
KIND = re.compile(
    r"^(desa|kelurahan|kel|kecamatan|kec|kabupaten|kab|kota|provinsi|prov)\b[. ]*"
)


def plain(name: str) -> str:
    """A name without its kind, case and marks.

    >>> plain("Kec. KLUET UTARA"), plain("Desa Kedung-Wuni ")
    ('kluet utara', 'kedungwuni')
    """
    text = re.sub(r"[^\w .]", "", name.strip().lower())
    return re.sub(r"[ .]+", " ", KIND.sub("", text)).strip()


def code_text(cell: Any) -> str:
    """A code as text; a spreadsheet may have taken it for a number.

    >>> code_text(3326092005.0), code_text(14.1), code_text(" 33.26 ")
    ('3326092005', '14.10', '33.26')
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        # `14.10` in a number cell is 14.1; districts have two digits behind the dot.
        return f"{cell:.0f}" if cell.is_integer() else f"{cell:.2f}"
    return str(cell).strip()


class Whereabouts:
    """Finds the places of a file's rows within one territory.

    Rows have the keys `code`, `name` and `subdistrict`. `fetch` a chunk of rows, then
    ask for each; names are read once for the whole file, and only if needed.
    """

    def __init__(self, territory: Place, scheme: str = "") -> None:
        self.territory = territory
        self.resolver = Resolver(scheme or None)

    def fetch(self, rows: Iterable[Row]) -> None:
        codes = {code_text(row.cells.get("code")) for row in rows} - {""}
        self.resolver.fetch(codes)

    def find(self, row: Row) -> Place:
        """Return the row's place, or raise `Faulty` with words how to mend it."""
        code = code_text(row.cells.get("code"))
        return self.by_code(code, row) if code else self.by_name(row)

    def by_code(self, code: str, row: Row) -> Place:
        try:
            place = self.resolver.resolve(code)
        except Refusal as refusal:
            mend = refusal.mend
            if refusal.parts:
                mend = either(refusal.parts)
            raise Faulty(Fault("code", refusal.message, mend)) from refusal
        if not self.territory.holds(place):
            raise Faulty(
                Fault(
                    "code",
                    Message(
                        "%(place)s lies outside %(territory)s.",
                        place=str(place),
                        territory=self.territory.name,
                    ),
                    Message("Correct the code, or import for a larger territory."),
                )
            )
        self.same_name(place, row)
        return place

    def same_name(self, place: Place, row: Row) -> None:
        name = row.text("name")
        if not name or fuzz.token_sort_ratio(plain(name), plain(place.name)) >= ALIKE:
            return
        raise Faulty(
            Fault(
                "code",
                Message(
                    "The code is that of %(place)s, but the row is called “%(name)s”.",
                    place=place.name,
                    name=name,
                ),
                Message("Perhaps one column was sorted alone. Correct code or name."),
            )
        )

    def by_name(self, row: Row) -> Place:
        name, above = plain(row.text("name")), plain(row.text("subdistrict"))
        if not name:
            raise Faulty(
                Fault(
                    "code",
                    Message("Empty, and there is no name either."),
                    Message("Write the place's code."),
                )
            )
        found = self.named.get(name, [])
        if above:
            found = [p for p in found if p.parent and plain(p.parent.name) == above]
        if len(found) == 1:
            return found[0]
        raise Faulty(self.several(found, row) if found else self.unknown(name, row))

    def several(self, found: Sequence[Place], row: Row) -> Fault:
        choices = tuple(
            Message(
                "%(code)s (%(above)s)",
                code=place.code,
                above=place.parent.name if place.parent else "",
            )
            for place in found[:6]
        )
        return Fault(
            "code",
            Plural(
                "Empty, yet there is %(count)s place called %(name)s.",
                "Empty, yet there are %(count)s places called %(name)s.",
                count=len(found),
                name=row.text("name"),
            ),
            Message("Write %(choices)s.", choices=either(choices)),
        )

    def unknown(self, name: str, row: Row) -> Fault:
        mend = Message("Write its code, or the name as in the list of places.")
        near = process.extractOne(name, list(self.named), score_cutoff=NEAR)
        if near is not None:
            place = self.named[near[0]][0]
            mend = Message(
                "Perhaps %(name)s (%(code)s) is meant.",
                name=place.name,
                code=place.code,
            )
        return Fault(
            "name",
            Message(
                "No place of %(territory)s is called “%(name)s”.",
                territory=self.territory.name,
                name=row.text("name"),
            ),
            mend,
        )

    @cached_property
    def named(self) -> dict[str, list[Place]]:
        """The places of the territory by plain name; those deepest in the tree."""
        names: dict[str, list[Place]] = defaultdict(list)
        places = Place.objects.in_force().below(self.territory).select_related("parent")
        for place in places.order_by("path").iterator():
            names[plain(place.name)].append(place)
        return dict(names)


def either(choices: Sequence[Message]) -> Message:
    """`a`, `a or b`, `a, b or c`."""
    said = choices[0]
    for choice in choices[1:-1]:
        said = Message("%(one)s, %(other)s", one=said, other=choice)
    if len(choices) > 1:
        said = Message("%(one)s or %(other)s", one=said, other=choices[-1])
    return said
