"""Importing the classes of places, such as red, yellow and green villages."""

from collections.abc import Sequence
from typing import Any

from lumbung.core import cells
from lumbung.core.message import Message, Text
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
from lumbung.imports.whereabouts import Whereabouts, plain
from lumbung.measures.columns import DAY, PERIOD, PLACE, template
from lumbung.measures.forms import ClassesForm, parameters
from lumbung.measures.models import ClassScheme, PlaceClass
from lumbung.measures.observations import NoPeriod, NoValues, attempt
from lumbung.measures.sources import Sources
from lumbung.places.models import Place

CLASS = Column("class", ("kelas", "warna", "status", "kategori", "class", "colour"))
COLUMNS = (*PLACE, PERIOD, CLASS, DAY)
PURGED_AT_ONCE = 5000


class ClassReader:
    """Turns the rows of one file into classes of its territory's places."""

    per_row = 1

    def __init__(self, of: Import, header: Sequence[str]) -> None:
        self.of = of
        self.period = of.parameters.get("period", "")
        self.scheme = ClassScheme.objects.get(code=of.parameters["scheme"])
        self.names = {
            each["code"]: Text(each["name"]["id"], each["name"]["en"])
            for each in self.scheme.classes
        }
        self.codes = {
            plain(word): code
            for code, name in self.names.items()
            for word in (code, name.id, name.en)
        }
        self.touched: set[str] = set()
        self.places = Whereabouts(of.place, of.parameters.get("codes", ""))
        self.sources = Sources(of.parameters)
        self.seen: dict[tuple[int, str], int] = {}

    def prepare(self, rows: Sequence[Row]) -> None:
        first = rows[0].cells
        if "code" not in first and "name" not in first:
            raise NoValues(
                Message("No column says which place a row is about."),
                mend=Message(
                    "Add a column “kode_desa”, or “nama_desa” and “kecamatan”."
                ),
            )
        if "period" not in first and not self.period:
            raise NoPeriod(
                Message("Nothing says which period the values are of."),
                mend=Message("Fill in the period above, or add a column “periode”."),
                field="period",
            )
        self.places.fetch(rows)

    def take(self, row: Row) -> list[PlaceClass]:
        faults: list[Fault] = []
        place: Place | None = attempt(faults, lambda: self.places.find(row))
        source = attempt(faults, lambda: self.sources.of(row))
        period = attempt(faults, lambda: self.period_of(row))
        code = attempt(faults, lambda: self.class_of(row))
        if faults or place is None:
            raise Faulty(*faults)
        first = self.seen.setdefault((place.pk, period), row.number)
        if first != row.number:
            raise Faulty(
                Fault(
                    "class",
                    Message("Row %(row)s has a value for this already.", row=first),
                    Message("Keep one of the two rows."),
                )
            )
        self.touched.add(f"{self.scheme.code} {period}")
        made = PlaceClass(
            of=self.of,
            scheme=self.scheme,
            place=place,
            period=period,
            code=code,
            source=source,
            row=row.number,
        )
        return [made]

    def period_of(self, row: Row) -> str:
        cell = row.cells.get("period")
        if cell is None and self.period:
            return str(self.period)
        try:
            return cells.period("" if cell is None else cell)
        except cells.CellFault as fault:
            raise Faulty(Fault("period", fault.message, fault.mend)) from fault

    def class_of(self, row: Row) -> str:
        written = row.text("class")
        if plain(written) in self.codes:
            return str(self.codes[plain(written)])
        names = self.names.values()
        raise Faulty(
            Fault(
                "class",
                Message("“%(class)s” is no class of this scheme.", **{"class": written})
                if written
                else Message("Empty."),
                Message(
                    "Write one of: %(codes)s.",
                    codes=Text(
                        ", ".join(name.id for name in names),
                        ", ".join(name.en for name in names),
                    ),
                ),
            )
        )

    def write(self, staged: list[PlaceClass]) -> Counts:
        """Write what is new or differs from what stands now."""
        # All accepted revisions, the latest last: it stays in the dict.
        rows = PlaceClass.objects.accepted().filter(
            scheme=self.scheme,
            place__in={one.place_id for one in staged},
            period__in={one.period for one in staged},
        )
        standing = {(row.place_id, row.period): row for row in rows.order_by("of")}
        counts, fresh = Counts(), []
        for one in staged:
            before = standing.get((one.place_id, one.period))
            if before and (before.code, before.source_id) == (one.code, one.source_id):
                counts.same += 1
                continue
            fresh.append(one)
            if before is None:
                counts.new += 1
            else:
                counts.revised += 1
            if len(counts.samples) < 5:
                counts.samples.append(self.sample(one, before))
        PlaceClass.objects.bulk_create(fresh)
        return counts

    def sample(self, one: PlaceClass, before: PlaceClass | None) -> Sample:
        return Sample(
            row=one.row,
            name=one.place.name,
            code=one.place.code,
            before=self.names[before.code] if before else None,
            after=self.names[one.code],
        )


def purge(of: Import) -> int:
    """Delete the rows of an import that nobody accepted, and return how many."""
    rows, count = PlaceClass.objects.filter(of=of), 0
    while batch := list(rows.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        count += PlaceClass.objects.filter(pk__in=batch).delete()[0]
    return count


def blank(place: Place) -> tuple[Sequence[str], Any]:
    return template(place, "kelas")


IMPORTERS["classes"] = Importer(
    kind="classes",
    name=Message("Classes of villages"),
    help=Message("Which village is red, yellow or green, by a scheme from a pack."),
    form=ClassesForm,
    columns=COLUMNS,
    start=ClassReader,
    parameters=parameters,
    template=blank,
    purge=purge,
)
