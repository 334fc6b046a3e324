"""A run at work: read, keep what was read, label, write the labels unseen."""

from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

from django.db import transaction

from lumbung.core.composite import read_composite
from lumbung.core.message import Message, Plural, Text
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import Counts, Sample
from lumbung.imports.models import Import
from lumbung.imports.staging import SAMPLES, clear, fail, said
from lumbung.measures.models import (
    ClassRule,
    Indicator,
    PlaceClass,
    Run,
    Source,
    named_classes,
)
from lumbung.measures.runs import snapshots
from lumbung.measures.runs.labels import labels_of, past_highest, tally
from lumbung.measures.runs.readings import Reading, read
from lumbung.measures.runs.snapshots import Label, ReadRow
from lumbung.places.models import Place
from lumbung.places.rows import analyse, insert
from lumbung.programmes.packs.pack import pack_of

KIND = "classes"  # its rows are classes like those that people bring
WRITTEN_AT_ONCE = 4_000  # about a tenth of a second on SQLite
SHOWN = 5
FIELDS = ("of", "scheme", "place", "period", "code", "source", "row")
Report = Callable[[int, int | None], None]


class NoData(Refusal):
    code = "no_data"


class ScoreOutside(Refusal):
    code = "score_outside"


class NotDone(Refusal):
    code = "run_not_done"


def program() -> str:
    return version("lumbung")


def quiet(done: int, total: int | None = None) -> None:
    """Report to nobody."""


def content_of(rule: ClassRule) -> dict[str, Any]:
    """The rule as the pack has it, with all words that its run's page will need."""
    pack = pack_of(rule.pack_id)
    item: dict[str, Any] = rule.content
    names = read_composite(item["value"]).indicators
    return item | {
        "scheme_classes": rule.scheme.classes,
        "indicators": {
            row.code: {"id": row.name_id, "en": row.name_en, "unit": row.unit}
            for row in Indicator.objects.filter(code__in=names)
        },
        "sources": [
            {"title": source.title, "url": source.url, "kind": source.kind}
            for source in pack.sources_of(tuple(item["source"]))
        ],
    }


def carry_out(run: Run, *, report: Report = quiet) -> Run:
    """Compute a run's labels and stage them; may be run twice.

    The files are on the disk before a row names them, and the import waits for a
    decision only when all is written. A refusal is kept with the import.
    """
    clear(run.of)
    try:
        reading = read_all(run)
        run.rows = snapshots.keep(reading.rows)
        labels = labels_of(
            reading.rows, run.content, period=run.period, method=run.method
        )
        run.labels, run.counts = snapshots.keep(labels), tally(labels)
        run.read, run.doubled = reading.read, reading.doubled
        counts = write(run, labels, reading, report)
        analyse(PlaceClass, by_imports=True)
    except Refusal as refusal:
        clear(run.of)
        fail(run.of, refusal)
        return run
    return ready(run, counts)


def read_all(run: Run) -> Reading:
    names = read_composite(run.content["value"]).indicators
    reading = read(run.place, run.content, names, period=run.period, only=run.only)
    if not reading.read:
        raise NoData(
            Message(
                "No place in %(place)s has a value for %(period)s.",
                place=run.place.name,
                period=run.period,
            ),
            mend=Message("Import the values first, or choose another period."),
            field="period",
        )
    if wrong := past_highest(reading.rows, run.content):
        raise ScoreOutside(
            Plural(
                "%(count)s score lies outside 0 and its highest.",
                "%(count)s scores lie outside 0 and their highest.",
                count=len(wrong),
            ),
            mend=Message("Import the corrected scores, then run again."),
            parts=tuple(map(outside_said, wrong[:SHOWN])),
        )
    return reading


def outside_said(row: ReadRow) -> Message:
    return Message(
        "%(place)s (%(code)s), %(indicator)s: %(value)s",
        place=row.name,
        code=row.code,
        indicator=row.indicator,
        value=row.value,
    )


def write(
    run: Run, labels: Sequence[Label], reading: Reading, report: Report
) -> Counts:
    """Write every label, unchanged ones too: each class then names its latest run.

    A place without data is written only to take away a class that stands.
    """
    source = source_of(run, reading.rows)
    standing = classes_standing(run)
    names = class_names(run)
    counts = Counts()
    total = len(labels)
    for start in range(0, total, WRITTEN_AT_ONCE):
        part = labels[start : start + WRITTEN_AT_ONCE]
        lines = []
        for number, label in enumerate(part, start=start + 1):
            place = reading.keys[label.place]
            before = standing.get(place, "")
            if not label.klass and not before:
                continue
            count(counts, number, label, before, names)
            line = (run.of_id, run.scheme_id, place, run.period, label.klass)
            lines.append((*line, source.pk, number))
        with transaction.atomic():
            report(start + len(part), total)
            insert(PlaceClass, FIELDS, lines)
    return counts


def count(
    counts: Counts, number: int, label: Label, before: str, names: dict[str, Text]
) -> None:
    if label.klass == before:
        counts.same += 1
        return
    counts.new += not before
    counts.revised += bool(before)
    if len(counts.samples) < SAMPLES:
        counts.samples.append(
            Sample(
                row=number,
                name=label.name,
                code=label.code,
                before=names[before] if before else None,
                after=names.get(label.klass, NO_DATA),
            )
        )


NO_DATA = Message("No data")


def class_names(run: Run) -> dict[str, Text]:
    classes = named_classes(run.content["scheme_classes"])
    return {code: name for code, (_, name) in classes.items()}


def classes_standing(run: Run) -> dict[int, str]:
    """The class that counts now for each place of the territory, by its key."""
    rows = PlaceClass.objects.accepted().filter(
        scheme=run.scheme_id,
        period=run.period,
        place__in=Place.objects.below(run.place).values("pk"),
    )
    return dict(rows.order_by("of").values_list("place", "code").iterator())


def source_of(run: Run, rows: Sequence[ReadRow]) -> Source:
    """What the classes of a run are said to come from.

    They are examples where the rule is one, or one of the values that were read.
    """
    days = [row.cut_off_on for row in rows if row.cut_off_on]
    invented = any(row.is_example == "yes" for row in rows)
    return Source.objects.get_or_create(
        title=f"{run.content['name']['id']} ({run.pack})",
        url="",
        cut_off_on=date.fromisoformat(max(days)) if days else None,
        is_example=invented or run.content["status"] == "example",
    )[0]


@transaction.atomic
def ready(run: Run, counts: Counts) -> Run:
    run.save(update_fields=["rows", "labels", "counts", "read", "doubled"])
    of = run.of
    of.state, of.sha256, of.rows = Import.State.WAITING, run.labels, run.places
    of.new, of.revised, of.same = counts.new, counts.revised, counts.same
    of.touched = [f"{run.scheme.code} {run.period}"]
    of.sample = [said(sample) for sample in counts.samples]
    of.save(
        update_fields=[
            *("state", "sha256", "rows", "touched"),
            *("new", "revised", "same", "sample"),
        ]
    )
    return run


def compute_again(run: Run) -> list[Label]:
    """The labels of a run, from the rows it kept and the rule it ran with."""
    if not run.labels:
        raise NotDone(Message("This run has not come to its labels."))
    rows = snapshots.read(ReadRow, run.rows)
    return labels_of(rows, run.content, period=run.period, method=run.method)
