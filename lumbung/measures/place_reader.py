"""What files of numbers and files of classes share: a place, a period and a source."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from lumbung.core import cells
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import Counts, Sample
from lumbung.imports.lines import Fault, Faulty, Row
from lumbung.imports.models import Import
from lumbung.imports.revisions import Firsts, Line, Revisions
from lumbung.imports.whereabouts import Whereabouts
from lumbung.measures.sources import Sources

SAMPLES = 5
NO_PLACE = "No column says which place a row is about."


class NoValues(Refusal):
    code = "no_values"
    status = 422


class NoPeriod(Refusal):
    code = "no_period"
    status = 422


class PlaceReader:
    """Reads rows that each speak of one place, and writes what they hold.

    A series is what many places have a value of: an indicator in a period, say. Each
    has one value a place in a file.
    """

    per_row = 1

    def __init__(
        self, of: Import, seats: Mapping[str, int], revisions: Revisions
    ) -> None:
        self.of, self.revisions = of, revisions
        codes = of.parameters.get("codes", "")
        self.places = Whereabouts(of.place, seats, scheme=codes, choices=of.choices)
        self.sources = Sources(of.parameters)
        self.period = str(of.parameters.get("period", ""))
        self.periods: dict[Any, str] = {}
        self.unread: Sequence[int] = ()
        self.touched: set[str] = set()
        self.standing = touched_before(of)
        self.compare = False
        self.firsts: dict[Hashable, Firsts] = {}
        self.sampled = 0
        if not seats.keys() & {"code", *("name", "village", "subdistrict"), *ABOVE}:
            raise NoValues(
                Message(NO_PLACE),
                mend=Message(
                    "Add a column “kode_desa”, or “nama_desa” and “kecamatan”."
                ),
            )

    def prepare(self, rows: Sequence[Row]) -> None:
        self.places.fetch(rows)

    def period_of(self, row: Row, otherwise: str) -> str:
        """The row's period, `otherwise` where it does not say; or `Faulty`."""
        cell = row.get("period")
        if cell is None:
            if otherwise:
                return otherwise
            raise Faulty(
                Fault("period", Message("Empty."), Message("Write the period."))
            )
        found = self.periods.get(cell)
        if found is None:
            try:
                found = self.periods[cell] = cells.period(cell)
            except cells.CellFault as fault:
                raise Faulty(Fault("period", fault.message, fault.mend)) from fault
        return found

    def first(self, series: Hashable, touched: str, place: int, row: int) -> int:
        """The row that first had this place in a series: `row`, or one before it."""
        firsts = self.firsts.get(series)
        if firsts is None:
            firsts = self.firsts[series] = Firsts()
            self.touched.add(touched)
            self.compare = self.compare or touched in self.standing
        return firsts.first(place, row)

    def write(self, staged: list[Line]) -> Counts:
        """Write what is new or differs from what stands now."""
        counts, changed = self.revisions.write(staged, compare=self.compare)
        for line, before in changed[: max(0, SAMPLES - self.sampled)]:
            counts.samples.append(self.sample(line, before))
            self.sampled += 1
        return counts

    def sample(self, line: Line, before: Line | None) -> Sample:
        raise NotImplementedError


ABOVE = {"district", "province"}


def touched_before(of: Import) -> set[str]:
    """What accepted imports wrote where `of` may write too."""
    found: set[str] = set()
    accepted = Import.objects.accepted().filter(kind=of.kind).select_related("place")
    for other in accepted:
        if other.place.holds(of.place) or of.place.holds(other.place):
            found |= set(other.touched)
    return found


def twice(column: str | int, first: int) -> Faulty:
    return Faulty(
        Fault(
            column,
            Message("Row %(row)s has a value for this already.", row=first),
            Message("Keep one of the two rows."),
        )
    )
