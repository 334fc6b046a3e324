"""Importing observations: one value a row, or a column for each year or indicator."""

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lumbung.core import cells
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.core.sheets import letter
from lumbung.imports.importers import IMPORTERS, Importer, Sample
from lumbung.imports.lines import Column, Fault, Faulty, Row
from lumbung.imports.models import Import
from lumbung.imports.reading import as_text
from lumbung.imports.revisions import Line, Revisions
from lumbung.measures.columns import (
    BREAKDOWN,
    DAY,
    PERIOD,
    PLACE,
    VALUE_NAMES,
    WHOLE,
    template,
)
from lumbung.measures.forms import ObservationsForm, parameters
from lumbung.measures.leaps import review
from lumbung.measures.models import Indicator, Observation
from lumbung.measures.place_reader import NoPeriod, NoValues, PlaceReader, twice
from lumbung.measures.titles import Seat, Titles
from lumbung.places.models import Place

COLUMNS = (
    *PLACE,
    Column("indicator", ("indikator", "indicator"), required=False),
    PERIOD,
    Column("value", VALUE_NAMES, required=False, first_counts=True),
    BREAKDOWN,
    DAY,
)
FIELDS = (
    *("of", "indicator", "place", "period", "breakdown", "source"),
    *("value", "number", "as_published", "row"),
)
LONGEST = 100  # letters of a breakdown
# Fewer cells than this prove nothing about how a column's shares are written.
TELLING = 10
DEFINE = Message(
    "An indicator that is new is defined in a pack first: a line of indicators.csv with"
    " code, name and definition in both languages, unit and source; docs/how-to/pack.md"
    " shows how."
)


class NoIndicator(Refusal):
    code = "no_indicator"
    status = 422


class TwoPeriods(Refusal):
    code = "two_periods"
    status = 422


class NotPerCent(Refusal):
    code = "not_per_cent"
    status = 422


class ObservationReader(PlaceReader):
    """Turns the rows of one file into observations of its territory."""

    def __init__(
        self, of: Import, header: Sequence[str], seats: Mapping[str, int]
    ) -> None:
        revisions = Revisions(Observation, FIELDS, ("value",), same_value)
        super().__init__(of, seats, revisions)
        chosen = of.parameters.get("indicator", "")
        self.indicators = {row.code: row for row in Indicator.objects.all()}
        self.by_key = {row.pk: row for row in self.indicators.values()}
        titles = Titles(
            self.indicators.get(chosen), bool(of.parameters.get("per_cent"))
        )
        self.seats, self.unread = self.seated(titles, header, seats)
        self.per_row = len(self.seats)
        self.breakdowns: dict[Any, str] = {None: ""}
        self.refuse_gaps(seats)
        self.refuse_two_periods(header, seats)

    def seated(
        self, titles: Titles, header: Sequence[str], seats: Mapping[str, int]
    ) -> tuple[list[Seat], list[int]]:
        """The columns of values, and those that nothing is taken from."""
        found, unread = [], []
        keys = {seat: key for key, seat in seats.items()}
        for index, title in enumerate(header):
            if keys.get(index) == "value":
                found.append(titles.value(index, title))
            elif index not in keys and (seat := titles.seat(index, title)):
                found.append(seat)
            elif index not in keys and title:
                unread.append(index)
        if found:
            return found, unread
        raise NoValues(
            Message("No column has values."),
            mend=Message(
                "Call the column “nilai” or “persen”, or give each year its column, or"
                " call each column by its indicator. %(define)s",
                define=DEFINE,
            ),
        )

    def refuse_gaps(self, seats: Mapping[str, int]) -> None:
        """Nothing may leave open which indicator or period a value is of."""
        if "indicator" not in seats and not all(seat.indicator for seat in self.seats):
            raise NoIndicator(
                Message("Nothing says which indicator this is."),
                mend=Message(
                    "Choose it above, or add a column “indikator”. %(define)s",
                    define=DEFINE,
                ),
                field="indicator",
            )
        said = "period" in seats or bool(self.period)
        if not said and not all(seat.period for seat in self.seats):
            raise NoPeriod(
                Message("Nothing says which period the values are of."),
                mend=Message("Fill in the period above, or add a column “periode”."),
                field="period",
            )

    def refuse_two_periods(
        self, header: Sequence[str], seats: Mapping[str, int]
    ) -> None:
        """A row's year and a column's own: nobody but people knows which is meant."""
        own = next((seat for seat in self.seats if seat.period), None)
        if own and "period" in seats:
            raise TwoPeriods(
                Message(
                    "Column %(rows)s gives each row a period, and column %(own)s"
                    " has its own: %(period)s.",
                    rows=f"{letter(seats['period'])} “{header[seats['period']]}”",
                    own=f"{letter(own.index)} “{header[own.index]}”",
                    period=own.period,
                ),
                mend=Message("Take one of the two columns out, or rename it."),
            )

    def prepare(self, rows: Sequence[Row]) -> None:
        super().prepare(rows)
        for seat in self.seats:
            if seat.per_cent and seat.indicator and seat.indicator.unit == "share":
                refuse_parts_of_one(seat, rows)

    def take(self, row: Row) -> list[Line]:
        faults: list[Fault] = []
        place = source = 0
        try:
            place = self.places.find(row).pk
        except Faulty as faulty:
            faults += faulty.faults
        try:
            source = self.sources.of(row)
        except Faulty as faulty:
            faults += faulty.faults
        lines, empty = [], True
        for seat in self.seats:
            if (cell := row.cells[seat.index]) is None:
                continue
            empty = False
            try:
                lines.append(self.line(row, seat, cell, place, source))
            except Faulty as faulty:
                faults += [fault for fault in faulty.faults if fault not in faults]
        if empty:
            faults.append(
                Fault(
                    self.seats[0].index,
                    Message("Empty."),
                    Message("Write the value, or take the row out."),
                )
            )
        if faults:
            raise Faulty(*faults)
        self.refuse_twice(lines, row)
        return lines

    def line(self, row: Row, seat: Seat, cell: Any, place: int, source: int) -> Line:
        """One value of a row, as `FIELDS` has it."""
        indicator = seat.indicator or self.indicator_of(row)
        period = seat.period or self.period_of(row, self.period)
        if row.merged and seat.index in row.merged:
            raise merged(seat, row)
        value, number, published = self.value(seat, cell, indicator.unit)
        breakdown = seat.breakdown
        if breakdown is None:
            breakdown = self.breakdown_of(row)
        return (
            *(self.of.pk, indicator.pk, place, period, breakdown, source),
            *(value, number, published, row.number),
        )

    def value(self, seat: Seat, cell: Any, unit: str) -> tuple[str, float, str]:
        """A cell's value as text and number, and as it was published."""
        read = in_text if type(cell) is str else in_cell
        try:
            return read(cell, unit, seat.per_cent, seat.factor)
        except cells.CellFault as fault:
            raise Faulty(Fault(seat.index, fault.message, fault.mend)) from fault

    def indicator_of(self, row: Row) -> Indicator:
        code = row.text("indicator")
        found = self.indicators.get(code)
        if found is None:
            raise Faulty(
                Fault(
                    "indicator",
                    Message("No indicator has the code “%(code)s”.", code=code),
                    Message(
                        "Write one of: %(codes)s. %(define)s",
                        codes=", ".join(self.indicators),
                        define=DEFINE,
                    ),
                )
            )
        return found

    def breakdown_of(self, row: Row) -> str:
        """The part that a row is of; '' for the whole."""
        cell = row.get("breakdown")
        found = self.breakdowns.get(cell)
        if found is None:
            text = row.text("breakdown")
            if len(text) > LONGEST:
                raise Faulty(
                    Fault(
                        "breakdown",
                        Message("Longer than %(most)s letters.", most=LONGEST),
                        Message("Shorten it."),
                    )
                )
            found = "" if text.lower() in WHOLE else text
            self.breakdowns[cell] = found
        return found

    def refuse_twice(self, lines: Sequence[Line], row: Row) -> None:
        here: list[Hashable] = []
        for line in lines:
            _, indicator, place, period, breakdown, source = line[:6]
            touched = f"{self.by_key[indicator].code} {source}"
            series = (indicator, period, breakdown, source)
            first = self.first(series, touched, place, row.number)
            if first != row.number:
                raise twice(self.filled(row)[len(here)], first)
            if series in here:
                filled = self.filled(row)
                raise two_columns(filled[len(here)], filled[here.index(series)])
            here.append(series)

    def filled(self, row: Row) -> list[int]:
        """The seats of a row's values, in the order of its lines."""
        return [s.index for s in self.seats if row.cells[s.index] is not None]

    def sample(self, line: Line, before: Line | None) -> Sample:
        spot, unit = self.places.spots[line[2]], self.by_key[line[1]].unit
        return Sample(
            row=line[9],
            name=spot.name,
            code=spot.code,
            before=None if before is None else cells.shown(Decimal(before[0]), unit),
            after=cells.shown(Decimal(line[6]), unit),
        )


def in_cell(
    cell: Any, unit: str, per_cent: bool, factor: Decimal
) -> tuple[str, float, str]:
    value = cells.in_unit(cell, unit, per_cent=per_cent, factor=factor)
    return format(value, "f"), float(value), as_text(cell)[:40]


# Most files have few different values, or the same ones in row after row.
in_text = lru_cache(maxsize=50_000)(in_cell)


def same_value(before: Line, after: Line) -> bool:
    return Decimal(before[0]) == Decimal(after[0])


def two_columns(index: int, other: int) -> Faulty:
    return Faulty(
        Fault(
            index,
            Message("Column %(letter)s has a value for this.", letter=letter(other)),
            Message(
                "Keep one of the two columns, or say in the titles how they differ."
            ),
        )
    )


def merged(seat: Seat, row: Row) -> Faulty:
    return Faulty(
        Fault(
            seat.index,
            Message("The cells %(cells)s are merged.", cells=row.merged[seat.index]),
            Message("Part them, and write each row's own value."),
        )
    )


def refuse_parts_of_one(seat: Seat, rows: Sequence[Row]) -> None:
    """A spreadsheet that shows 38,2 % holds 0.382: that is no number 0 to 100."""
    held = [c for row in rows if isinstance(c := row.cells[seat.index], float)]
    if len(held) >= TELLING and 0 < max(held) <= 1:
        raise NotPerCent(
            Message("Every number of the column in per cent is 1 or less."),
            mend=Message(
                "Cells formatted as per cent hold parts of one: call the column “nilai”."
            ),
        )


def blank(place: Place) -> tuple[Sequence[str], Any]:
    return template(place, "nilai")


IMPORTERS["observations"] = Importer(
    kind="observations",
    name=Message("Numbers of places"),
    help=Message(
        "Values of indicators for villages or districts: one value a row, or a column"
        " for each year or each indicator."
    ),
    form=ObservationsForm,
    columns=COLUMNS,
    start=ObservationReader,
    parameters=parameters,
    template=blank,
    model=Observation,
    review=review,
)
