"""Which place a row of a file speaks of: by code, or by name within a territory.

A name that fits several places, or none but nearly one, is a doubt: somebody decides
which place is meant, and their choice is remembered for the territory.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process

from lumbung.core.message import Message, Plural
from lumbung.core.names import apart, key
from lumbung.core.refusal import Refusal
from lumbung.imports.lines import Fault, Faulty, LeftOut, Row
from lumbung.places.codes import Resolver
from lumbung.places.models import Level, Place, PlaceCode

# Below this likeness (0 to 100) a row's name and the place of its code are two places:
# somebody sorted one column without the others.
ALIKE = 45
NEAR = 75
SURE = 88
MOST_CANDIDATES = 6
DOUBTS_KEPT = 1_000
REMEMBERED = 300_000  # answers for rows; a country has 84,000 villages

ABOVE = {
    "province": Level.PROVINCE,
    "district": Level.DISTRICT,
    "subdistrict": Level.SUBDISTRICT,
}
NAMES = ("name", "village", *reversed(ABOVE))
ISLANDS = re.compile(r"^kep(?:\. *| )", re.IGNORECASE)
COUNTRY = {"9999", "0000"}  # how BPS writes the whole country among its districts


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


class Spot(NamedTuple):
    """A place, as much as an import needs of it."""

    pk: int
    code: str
    name: str
    path: str
    level: int
    kind: str
    parent: int | None

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


FIELDS = Spot._fields


@dataclass
class Doubt:
    """A name in the file that nobody but a person can place.

    `written` is how the file has it, with what stands in the columns above; `row` the
    first of `rows`; `candidates` are codes; `likely` is one of them, or ''.
    """

    written: str
    row: int
    rows: int
    candidates: list[str]
    likely: str


class Whereabouts:
    """Finds the places of a file's rows within one territory.

    `fetch` a chunk of rows, then ask for each; names are read once for the whole file,
    and only if needed. Answers are remembered by what the row says of its place.
    """

    def __init__(
        self,
        territory: Place,
        seats: Mapping[str, int],
        *,
        scheme: str = "",
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self.territory, self.scheme = territory, scheme
        self.resolver = Resolver(scheme or None)
        self.choices = choices or {}
        self.seats = [seats[name] for name in ("code", *NAMES) if name in seats]
        self.said = itemgetter(*self.seats) if self.seats else len
        self.code_seat = seats.get("code")
        self.country_code = str(territory.path).partition(".")[0]
        self.answers: dict[Any, Spot | Faulty | LeftOut] = {}
        self.spots: dict[int, Spot] = {}
        self.doubts: dict[str, Doubt] = {}
        self.doubted: dict[Any, Doubt] = {}

    def fetch(self, rows: Iterable[Row]) -> None:
        """Read the codes of a chunk that were not asked for before."""
        if len(self.answers) > REMEMBERED:
            self.answers.clear()
        if self.code_seat is None:
            return
        seat, said, answers = self.code_seat, self.said, self.answers
        cells = {row.cells[seat] for row in rows if said(row.cells) not in answers}
        codes = {self.code_of(cell) for cell in cells} - {""}
        if codes:
            self.resolver.fetch(codes)

    def find(self, row: Row) -> Spot:
        """Return the row's place, or raise `Faulty` with words how to mend it."""
        said = self.said(row.cells)
        answer = self.answers.get(said)
        if answer is None:
            answer = self.answers[said] = self.look_up(row, said)
        elif said in self.doubted:
            self.doubted[said].rows += 1
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)
        return answer

    def look_up(self, row: Row, said: Any) -> Spot | Faulty | LeftOut:
        try:
            code = self.code_of(row.get("code"))
            find = self.by_code if code else self.by_name
            found = find(row, said)
        except (Faulty, LeftOut) as no:
            return no
        self.spots[found.pk] = found
        return found

    def code_of(self, cell: Any) -> str:
        """The code in a cell. BPS writes 1100 for a province among its districts."""
        code = code_text(cell)
        if code == "0":
            return self.country_code
        if self.scheme == PlaceCode.Scheme.BPS and len(code) == 4:
            if code in COUNTRY:
                return self.country_code
            return code.removesuffix("00")
        return code

    def by_code(self, row: Row, said: Any) -> Spot:
        """The place of the row's code; a doubt where the row's name is another's."""
        code = self.code_of(row.get("code"))
        column = next((each for each in NAMES if row.text(each)), "")
        written = f"{written_as(row, column)} ({code})" if column else code
        if written in self.choices:
            return self.chosen(self.choices[written])
        try:
            place = self.resolved(code)
        except Faulty:
            if column:
                alike = self.candidates(row, column) or self.near(row, column)
                self.doubt(written, row, column, alike, said)
            raise
        if not place.path.startswith(self.territory.path):
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
        name = row.text("village") or row.text("name")
        if name and not is_called(place, name):
            self.doubt(written, row, column, [place], said)
            raise sorted_apart(place, name)
        return place

    def resolved(self, code: str) -> Spot:
        if code == self.country_code:
            return self.country
        try:
            place = self.resolver.resolve(code)
        except Refusal as refusal:
            mend = either(refusal.parts) if refusal.parts else refusal.mend
            raise Faulty(Fault("code", refusal.message, mend)) from refusal
        return Spot(
            *(place.pk, place.code, place.name, place.path, place.level, place.kind),
            place.parent_id,
        )

    @cached_property
    def country(self) -> Spot:
        path = f"{self.country_code}."
        return Spot(*Place.objects.values_list(*FIELDS).get(path=path))

    def by_name(self, row: Row, said: Any) -> Spot:
        column = next((each for each in NAMES if row.text(each)), "")
        if not column:
            raise Faulty(
                Fault(
                    "code" if self.code_seat is not None else "name",
                    Message("Empty, and there is no name either."),
                    Message("Write the place's code."),
                )
            )
        written = written_as(row, column)
        if written in self.choices:
            return self.chosen(self.choices[written])
        found = self.candidates(row, column)
        if len(found) == 1:
            return found[0]
        near = [] if found else self.near(row, column)
        self.doubt(written, row, column, found or near, said)
        fault = self.several(found, row, column) if found else None
        raise Faulty(fault or self.unknown(near, row, column))

    def chosen(self, code: str) -> Spot:
        spot = self.by_present_code.get(code)
        if spot is None:
            raise LeftOut
        return spot

    def candidates(self, row: Row, column: str) -> list[Spot]:
        """The places of this name that the other columns do not rule out."""
        kind, name = apart(row.text(column))
        found = [
            spot
            for spot in self.named.get(plainly(name), [])
            if fits(spot.level, column) and self.lies_in(spot, row, column)
        ]
        whole = [s for s in found if key(s.name) == key(row.text(column))]
        of_kind = [spot for spot in found if spot.kind == kind]
        return whole if len(whole) == 1 else of_kind or found

    def lies_in(self, spot: Spot, row: Row, column: str) -> bool:
        """Whether the row's columns for larger places agree with where a place lies."""
        return all(self.above(spot, row, column))

    def agree(self, spot: Spot, row: Row, column: str) -> int:
        """How many of the row's columns for larger places say where a place lies."""
        return sum(self.above(spot, row, column))

    def above(self, spot: Spot, row: Row, column: str) -> Iterator[bool]:
        """Whether each larger place that the row names is one that holds `spot`."""
        holding = {each.level: each for each in self.trail(spot)}
        for name, level in ABOVE.items():
            written = row.text(name)
            if name != column and written and level in holding:
                yield plainly(written) == plainly(holding[level].name)

    def trail(self, spot: Spot) -> list[Spot]:
        """What holds a place, nearest first."""
        found = []
        while spot.parent in self.by_key:
            spot = self.by_key[spot.parent]
            found.append(spot)
        return found

    def near(self, row: Row, column: str) -> list[Spot]:
        """Places whose name is the one written, or nearly; the nearest first.

        A place counts one for its name being the same, and one for each column of a
        larger place that says where it lies: of forty villages called Sumber Sari
        the one in the district that the row names comes first.
        """
        name = plainly(row.text(column))
        alike = process.extract(name, list(self.named), score_cutoff=NEAR, limit=30)
        found = [
            spot
            for other, _, _ in alike
            for spot in self.named[other]
            if fits(spot.level, column)
        ]
        inside = [spot for spot in found if self.lies_in(spot, row, column)]
        first = [spot for spot in found if plainly(spot.name) == name]
        ordered = list(dict.fromkeys([*first, *(inside or found)]))
        ordered.sort(
            key=lambda spot: (
                (plainly(spot.name) == name) + self.agree(spot, row, column)
            ),
            reverse=True,
        )
        return ordered[:MOST_CANDIDATES]

    def doubt(
        self,
        written: str,
        row: Row,
        column: str,
        candidates: Sequence[Spot],
        said: Any,
    ) -> None:
        if not candidates or len(self.doubts) >= DOUBTS_KEPT:
            return
        doubt = self.doubts.get(written)
        if doubt is None:
            few = candidates[:MOST_CANDIDATES]
            best = max(self.agree(spot, row, column) for spot in few)
            there = [spot for spot in few if self.agree(spot, row, column) == best]
            doubt = self.doubts[written] = Doubt(
                written=written,
                row=row.number,
                rows=0,
                candidates=[spot.code for spot in few],
                likely=likely(few, there, row.text(column)),
            )
        doubt.rows += 1
        self.doubted[said] = doubt

    def settled(self) -> list[Doubt]:
        """The doubts of the file; no place is likely that another row has by itself."""
        taken = {spot.code for spot in self.spots.values()}
        for doubt in self.doubts.values():
            same = {plainly(self.by_present_code[c].name) for c in doubt.candidates}
            free = [code for code in doubt.candidates if code not in taken]
            if len(doubt.candidates) > 1 and len(same) == 1 and len(free) == 1:
                doubt.likely = free[0]
            elif doubt.likely in taken:
                doubt.likely = ""
        return list(self.doubts.values())

    def several(self, found: Sequence[Spot], row: Row, column: str) -> Fault:
        choices = tuple(
            Message(
                "%(code)s (%(above)s)",
                code=spot.code,
                above=next((each.name for each in self.trail(spot)), ""),
            )
            for spot in found[:MOST_CANDIDATES]
        )
        mend = Message("Write %(choices)s.", choices=either(choices))
        name = row.text(column)
        if self.code_seat is None:
            return Fault(
                column,
                Plural(
                    "There is %(count)s place called %(name)s.",
                    "There are %(count)s places called %(name)s.",
                    count=len(found),
                    name=name,
                ),
                mend,
            )
        return Fault(
            "code",
            Plural(
                "Empty, yet there is %(count)s place called %(name)s.",
                "Empty, yet there are %(count)s places called %(name)s.",
                count=len(found),
                name=name,
            ),
            mend,
        )

    def unknown(self, near: Sequence[Spot], row: Row, column: str) -> Fault:
        mend = Message("Write its code, or the name as in the list of places.")
        if near:
            mend = Message(
                "Perhaps %(name)s (%(code)s) is meant.",
                name=near[0].name,
                code=near[0].code,
            )
        return Fault(
            column,
            Message(
                "No place of %(territory)s is called “%(name)s”.",
                territory=self.territory.name,
                name=row.text(column),
            ),
            mend,
        )

    @cached_property
    def by_key(self) -> dict[int, Spot]:
        """The places of the territory, and what holds it."""
        rows = Place.objects.in_force().below(self.territory)
        rows = rows | Place.objects.filter(path__in=self.territory.ancestor_paths())
        lines = rows.order_by("path").values_list(*FIELDS).iterator()
        return {line[0]: Spot(*line) for line in lines}

    @cached_property
    def by_present_code(self) -> dict[str, Spot]:
        return {spot.code: spot for spot in self.by_key.values()}

    @cached_property
    def named(self) -> dict[str, list[Spot]]:
        """The places of the territory by name, without the word for their kind."""
        names: dict[str, list[Spot]] = defaultdict(list)
        for spot in self.by_key.values():
            if spot.path.startswith(self.territory.path):
                names[plainly(spot.name)].append(spot)
        return dict(names)


@lru_cache(maxsize=200_000)
def plainly(name: str) -> str:
    """A name without the word for its kind, its case and its marks.

    >>> plainly("Kec. Api-Api"), plainly("KEP. RIAU")
    ('apiapi', 'kepulauanriau')
    """
    return key(ISLANDS.sub("kepulauan ", apart(name)[1]))


def is_called(place: Spot, name: str) -> bool:
    """Whether a row may well mean the place of its code by this name."""
    if place.level == Level.COUNTRY or plainly(name) in plainly(place.name):
        return True
    said, known = (apart(each)[1].casefold() for each in (name, place.name))
    return fuzz.token_sort_ratio(said, known) >= ALIKE


def sorted_apart(place: Spot, name: str) -> Faulty:
    return Faulty(
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


def likely(candidates: Sequence[Spot], there: Sequence[Spot], written: str) -> str:
    """The one candidate of this name, or the only one that is nearly called so.

    Of several of this name, the one that is `there` where the row says that it lies.
    """
    name = plainly(written)
    same = [spot for spot in candidates if plainly(spot.name) == name]
    if len(same) > 1:
        same = [spot for spot in same if spot in there]
    if not same:
        same = [s for s in candidates if fuzz.ratio(plainly(s.name), name) >= SURE]
    return same[0].code if len(same) == 1 else ""


def fits(level: int, column: str) -> bool:
    """Whether a place of this level may be named in this column."""
    if column == "village":
        return level in {Level.VILLAGE, Level.SUBDISTRICT}
    return column == "name" or level == ABOVE[column]


def written_as(row: Row, column: str) -> str:
    """How the file writes a place, with what holds it: `Mulyorejo, Kesesi`."""
    names = [row.text(each) for each in NAMES[NAMES.index(column) :]]
    return ", ".join(name for name in names if name)[:300]


def either(choices: Sequence[Message]) -> Message:
    """`a`, `a or b`, `a, b or c`."""
    said = choices[0]
    for choice in choices[1:-1]:
        said = Message("%(one)s, %(other)s", one=said, other=choice)
    if len(choices) > 1:
        said = Message("%(one)s or %(other)s", one=said, other=choices[-1])
    return said
