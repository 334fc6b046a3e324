"""Importing observations: long (one value a row) or wide (a column for each year)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lumbung.core import cells
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import (
    IMPORTERS,
    Column,
    Counts,
    Fault,
    Faulty,
    Importer,
    Row,
    Sample,
)
from lumbung.imports.models import Import
from lumbung.imports.reading import as_text
from lumbung.imports.staging import tidy
from lumbung.imports.whereabouts import Whereabouts
from lumbung.measures.columns import DAY, PERIOD, PLACE, VALUE_NAMES, template
from lumbung.measures.forms import ObservationsForm, parameters
from lumbung.measures.models import Indicator, Observation
from lumbung.measures.sources import Sources
from lumbung.places.models import Place

COLUMNS = (
    *PLACE,
    Column("indicator", ("indikator", "indicator"), required=False),
    PERIOD,
    Column("value", VALUE_NAMES, required=False),
    Column("breakdown", ("rincian", "breakdown"), required=False),
    DAY,
)
KEYS = {name: column.key for column in COLUMNS for name in column.names}
PURGED_AT_ONCE = 5000
# Fewer cells than this prove nothing about how a column's shares are written.
TELLING = 10


class NoValues(Refusal):
    code = "no_values"
    status = 422


class NoIndicator(Refusal):
    code = "no_indicator"
    status = 422


class NoPeriod(Refusal):
    code = "no_period"
    status = 422


class NotPerCent(Refusal):
    code = "not_per_cent"
    status = 422


@dataclass(frozen=True)
class Seat:
    """A column of values: its key or title, and what all its values have in common."""

    title: str
    is_key: bool
    indicator: Indicator | None
    period: str
    per_cent: bool

    def cell(self, row: Row) -> Any:
        return (row.cells if self.is_key else row.extra).get(self.title)


class ObservationReader:
    """Turns the rows of one file into observations of its territory."""

    def __init__(self, of: Import, header: Sequence[str]) -> None:
        self.of = of
        self.period = of.parameters.get("period", "")
        self.indicators = {row.code: row for row in Indicator.objects.all()}
        self.chosen = self.indicators.get(of.parameters.get("indicator", ""))
        self.seats = self.seated(header)
        self.per_row = len(self.seats)
        self.touched: set[str] = set()
        self.places = Whereabouts(of.place, of.parameters.get("codes", ""))
        self.sources = Sources(of.parameters)
        self.seen: dict[tuple[Any, ...], int] = {}
        self.refuse_gaps({KEYS.get(tidy(title), "") for title in header})

    def seated(self, header: Sequence[str]) -> list[Seat]:
        seats = [seat for title in header if (seat := self.seat(title))]
        if seats:
            return seats
        raise NoValues(
            Message("No column has values."),
            mend=Message(
                "Call the column “nilai” or “persen”, or give each year its column."
            ),
        )

    def seat(self, title: str) -> Seat | None:
        """What a column's title says of its values; None for any other column."""
        name = tidy(title)
        per_cent = (
            bool(self.of.parameters.get("per_cent"))
            or "%" in title
            or name.startswith(("persen", "percent"))
        )
        if KEYS.get(name) == "value":
            return Seat("value", True, self.chosen, self.period, per_cent)
        if name in KEYS or not name:
            return None
        if name in self.indicators and self.chosen in {None, self.indicators[name]}:
            return Seat(title, False, self.indicators[name], self.period, per_cent)
        try:
            return Seat(title, False, self.chosen, cells.period(title), per_cent)
        except cells.CellFault:
            return None

    def refuse_gaps(self, keys: set[str]) -> None:
        """Nothing may leave open which place, indicator or period a value is of."""
        if not keys & {"code", "name"}:
            raise NoValues(
                Message("No column says which place a row is about."),
                mend=Message(
                    "Add a column “kode_desa”, or “nama_desa” and “kecamatan”."
                ),
            )
        if "indicator" not in keys and not all(seat.indicator for seat in self.seats):
            raise NoIndicator(
                Message("Nothing says which indicator this is."),
                mend=Message("Choose it above, or add a column “indikator”."),
                field="indicator",
            )
        if "period" not in keys and not all(seat.period for seat in self.seats):
            raise NoPeriod(
                Message("Nothing says which period the values are of."),
                mend=Message("Fill in the period above, or add a column “periode”."),
                field="period",
            )

    def prepare(self, rows: Sequence[Row]) -> None:
        self.places.fetch(rows)
        for seat in self.seats:
            if seat.per_cent and seat.indicator and seat.indicator.unit == "share":
                refuse_parts_of_one(seat, rows)

    def take(self, row: Row) -> list[Observation]:
        filled = [seat for seat in self.seats if seat.cell(row) is not None]
        faults: list[Fault] = []
        place = attempt(faults, lambda: self.places.find(row))
        source = attempt(faults, lambda: self.sources.of(row))
        values = [attempt(faults, lambda s=seat: self.value(s, row)) for seat in filled]
        if not filled:
            faults.append(
                Fault(
                    self.seats[0].title,
                    Message("Empty."),
                    Message("Write the value, or take the row out."),
                )
            )
        if faults or place is None or source is None:
            raise Faulty(*faults)
        made = [
            Observation(
                of=self.of,
                indicator=indicator,
                place=place,
                period=period,
                breakdown=row.text("breakdown")[:60],
                source=source,
                value=format(value, "f"),
                number=float(value),
                as_published=as_text(seat.cell(row))[:40],
                row=row.number,
            )
            for seat, (indicator, period, value) in zip(filled, values, strict=True)
        ]
        self.refuse_twice(row, filled, made)
        return made

    def value(self, seat: Seat, row: Row) -> tuple[Indicator, str, Decimal]:
        indicator = self.indicator_of(seat, row)
        try:
            cell = row.cells.get("period")
            period = seat.period if cell is None else cells.period(cell)
            if not period:
                raise cells.CellFault(Message("Empty."), Message("Write the period."))
        except cells.CellFault as fault:
            raise Faulty(Fault("period", fault.message, fault.mend)) from fault
        try:
            value = cells.in_unit(
                seat.cell(row), indicator.unit, per_cent=seat.per_cent
            )
        except cells.CellFault as fault:
            raise Faulty(Fault(seat.title, fault.message, fault.mend)) from fault
        return indicator, period, value

    def indicator_of(self, seat: Seat, row: Row) -> Indicator:
        if seat.indicator:
            return seat.indicator
        code = row.text("indicator")
        if code not in self.indicators:
            raise Faulty(
                Fault(
                    "indicator",
                    Message("No indicator has the code “%(code)s”.", code=code),
                    Message(
                        "Write one of: %(codes)s.", codes=", ".join(self.indicators)
                    ),
                )
            )
        return self.indicators[code]

    def refuse_twice(
        self, row: Row, seats: Sequence[Seat], made: Sequence[Observation]
    ) -> None:
        for seat, one in zip(seats, made, strict=True):
            first = self.seen.setdefault(key(one), row.number)
            if first != row.number:
                raise Faulty(
                    Fault(
                        seat.title,
                        Message("Row %(row)s has a value for this already.", row=first),
                        Message("Keep one of the two rows."),
                    )
                )
        self.touched |= {f"{one.indicator.code} {one.source_id}" for one in made}

    def write(self, staged: list[Observation]) -> Counts:
        """Write what is new or differs from what stands now."""
        standing = current_values(staged)
        counts, fresh = Counts(), []
        for one in staged:
            before = standing.get(key(one))
            if before is not None and Decimal(before) == Decimal(one.value):
                counts.same += 1
                continue
            fresh.append(one)
            if before is None:
                counts.new += 1
            else:
                counts.revised += 1
            if len(counts.samples) < 5:
                counts.samples.append(sample(one, before))
        Observation.objects.bulk_create(fresh)
        return counts


def attempt(faults: list[Fault], find: Any) -> Any:
    """What `find` returns; where it finds faults, they are kept and the rest goes on."""
    try:
        return find()
    except Faulty as faulty:
        faults += [fault for fault in faulty.faults if fault not in faults]
        return None


def refuse_parts_of_one(seat: Seat, rows: Sequence[Row]) -> None:
    """A spreadsheet that shows 38,2 % holds 0.382: that is no number 0 to 100."""
    held = [cell for row in rows if isinstance(cell := seat.cell(row), float)]
    if len(held) >= TELLING and 0 < max(held) <= 1:
        raise NotPerCent(
            Message("Every number of the column in per cent is 1 or less."),
            mend=Message(
                "Cells formatted as per cent hold parts of one: call the column “nilai”."
            ),
        )


def key(one: Observation) -> tuple[Any, ...]:
    return (
        one.indicator_id,
        one.place_id,
        one.period,
        one.breakdown,
        one.source_id,
    )


def current_values(staged: Sequence[Observation]) -> dict[tuple[Any, ...], str]:
    """The values in force for the keys of `staged`, in one query.

    All accepted revisions, the latest last: plainer for a database than `current()`,
    which must ask about each row whether another one follows.
    """
    rows = Observation.objects.accepted().filter(
        indicator__in={one.indicator_id for one in staged},
        place__in={one.place_id for one in staged},
        period__in={one.period for one in staged},
        source__in={one.source_id for one in staged},
    )
    return {key(one): one.value for one in rows.order_by("of").iterator()}


def sample(one: Observation, before: str | None) -> Sample:
    unit = one.indicator.unit
    return Sample(
        row=one.row,
        name=one.place.name,
        code=one.place.code,
        before=None if before is None else cells.shown(Decimal(before), unit),
        after=cells.shown(Decimal(one.value), unit),
    )


def purge(of: Import) -> int:
    """Delete the rows of an import that nobody accepted, and return how many."""
    rows, count = Observation.objects.filter(of=of), 0
    while batch := list(rows.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        count += Observation.objects.filter(pk__in=batch).delete()[0]
    return count


def blank(place: Place) -> tuple[Sequence[str], Any]:
    return template(place, "nilai")


IMPORTERS["observations"] = Importer(
    kind="observations",
    name=Message("Numbers of places"),
    help=Message(
        "Values of an indicator for villages or districts: one value a row, or one"
        " column for each year."
    ),
    form=ObservationsForm,
    columns=COLUMNS,
    start=ObservationReader,
    parameters=parameters,
    template=blank,
    purge=purge,
)
