"""Importing the classes of places, such as red, yellow and green villages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from lumbung.core.message import Message, Plural, joined
from lumbung.core.names import key
from lumbung.imports.importers import IMPORTERS, Importer, Sample
from lumbung.imports.lines import Column, Fault, Faulty, Row
from lumbung.imports.models import Import
from lumbung.imports.revisions import Line, Revisions
from lumbung.measures.columns import DAY, PERIOD, PLACE, template
from lumbung.measures.forms import ClassesForm, parameters
from lumbung.measures.models import ClassScheme, PlaceClass, Run, RunCase
from lumbung.measures.place_reader import NoPeriod, PlaceReader, twice
from lumbung.places.models import Place

CLASS = Column("class", ("kelas", "warna", "status", "kategori", "class", "colour"))
COLUMNS = (*PLACE, PERIOD, CLASS, DAY)
FIELDS = ("of", "scheme", "place", "period", "code", "source", "row")


class ClassReader(PlaceReader):
    """Turns the rows of one file into classes of its territory's places."""

    def __init__(
        self, of: Import, header: Sequence[str], seats: Mapping[str, int]
    ) -> None:
        super().__init__(of, seats, Revisions(PlaceClass, FIELDS, ("code", "source")))
        self.scheme = ClassScheme.objects.get(code=of.parameters["scheme"])
        classes = self.scheme.named_classes()
        self.names = {code: name for code, (_, name) in classes.items()}
        self.codes: dict[str, str] = {
            key(word): code
            for code, name in self.names.items()
            for word in (code, name.id, name.en)
        }
        used = set(seats.values())
        self.unread = [i for i, title in enumerate(header) if title and i not in used]
        if "period" not in seats and not self.period:
            raise NoPeriod(
                Message("Nothing says which period the values are of."),
                mend=Message("Fill in the period above, or add a column “periode”."),
                field="period",
            )

    def take(self, row: Row) -> list[Line]:
        faults: list[Fault] = []
        found: list[Any] = []
        for ask in (
            self.places.find,
            self.period_in,
            self.class_of,
            self.sources.of,
        ):
            try:
                found.append(ask(row))
            except Faulty as faulty:
                faults += faulty.faults
        if faults:
            raise Faulty(*faults)
        spot, period, code, source = found
        touched = f"{self.scheme.code} {period}"
        first = self.first(period, touched, spot.pk, row.number)
        if first != row.number:
            raise twice("class", first)
        line = (self.of.pk, self.scheme.pk, spot.pk, period, code, source, row.number)
        return [line]

    def period_in(self, row: Row) -> str:
        return self.period_of(row, self.period)

    def class_of(self, row: Row) -> str:
        written = row.text("class")
        if key(written) in self.codes:
            return self.codes[key(written)]
        raise Faulty(
            Fault(
                "class",
                Message("“%(class)s” is no class of this scheme.", **{"class": written})
                if written
                else Message("Empty."),
                Message(
                    "Write one of: %(codes)s.",
                    codes=joined(self.names.values()),
                ),
            )
        )

    def sample(self, line: Line, before: Line | None) -> Sample:
        spot = self.places.spots[line[2]]
        return Sample(
            row=line[6],
            name=spot.name,
            code=spot.code,
            before=self.names[before[0]] if before and before[0] else None,
            after=self.names[line[4]],
        )


def blank(place: Place) -> tuple[Sequence[str], Any]:
    return template(place, "kelas")


def cases_opened(of: Import) -> list[Message]:
    """Cases that were opened because a run gave their places a red class."""
    count = RunCase.objects.filter(run__of=of).count()
    if not count:
        return []
    return [
        Plural(
            "%(count)s case was opened because of it.",
            "%(count)s cases were opened because of it.",
            count=count,
        )
    ]


def run_page(of: Import) -> str:
    """Classes that were computed are looked at on the page of their run."""
    run = Run.objects.filter(of=of).first()
    return reverse("runs:run", args=[run.uid]) if run else ""


IMPORTERS["classes"] = Importer(
    kind="classes",
    name=Message("Classes of villages"),
    help=Message("Which village is red, yellow or green, by a scheme from a pack."),
    form=ClassesForm,
    columns=COLUMNS,
    start=ClassReader,
    parameters=parameters,
    template=blank,
    model=PlaceClass,
    used=cases_opened,
    page=run_page,
)
