"""From a file to staged rows: in short transactions, unseen until accepted."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from lumbung.core.message import Message, to_json
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import (
    IMPORTERS,
    Column,
    Counts,
    Fault,
    Faulty,
    Reader,
    Row,
    Sample,
)
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.reading import Sheet, as_text, read

CHUNK = 250
FAULTS_KEPT = 1000
SAMPLES = 5


class MissingColumns(Refusal):
    code = "missing_columns"
    status = 422


class DoubleColumn(Refusal):
    code = "double_column"
    status = 422


def file_of(of: Import) -> Path:
    """Where the uploaded file waits until it is decided about."""
    return Path(settings.HOME) / "imports" / str(of.uid)


@dataclass
class Tally:
    """How far a file is read."""

    counts: Counts = field(default_factory=Counts)
    rows: int = 0
    faulty: int = 0


def stage(of: Import, *, report: Callable[[int], None] = lambda done: None) -> Import:
    """Read the file of an import and write its good rows, unseen, and its faults.

    Starts from a clean state, so it may run twice. Each chunk is its own short
    transaction; the import turns `waiting` in the last one.
    """
    clear(of)
    try:
        sheet = read(file_of(of), sheet=of.sheet)
        seats = seated(sheet.header, IMPORTERS[of.kind].columns)
        of.sheet, of.header = sheet.name, list(sheet.header)
        reader = IMPORTERS[of.kind].start(of, sheet.header)
        of.save(update_fields=["sheet", "header"])
        tally = take_rows(of, sheet, seats, reader, report)
    except Refusal as refusal:
        clear(of)
        return fail(of, refusal)
    return ready(of, tally, reader)


def take_rows(
    of: Import,
    sheet: Sheet,
    seats: dict[str, int],
    reader: Reader,
    report: Callable[[int], None],
) -> Tally:
    """Stage chunk by chunk; what is written at once stays small for wide tables too."""
    tally = Tally()
    for chunk in chunks(filled(sheet), max(10, CHUNK // reader.per_row)):
        rows = [row_of(number, cells, seats, sheet.header) for number, cells in chunk]
        reader.prepare(rows)
        staged: list[Any] = []
        faults: list[ImportFault] = []
        for row, (number, cells) in zip(rows, chunk, strict=True):
            try:
                staged += reader.take(row)
            except Faulty as fault:
                tally.faulty += 1
                if tally.faulty <= FAULTS_KEPT:
                    faults += faults_of(of, number, cells, fault.faults, seats)
        tally.rows += len(rows)
        with transaction.atomic():
            # First, so that a worker whose job was taken back writes nothing more.
            report(tally.rows)
            add(tally.counts, reader.write(staged))
            ImportFault.objects.bulk_create(faults)
    return tally


def clear(of: Import) -> None:
    """Take away what an earlier, broken run left."""
    IMPORTERS[of.kind].purge(of)
    of.faults.all().delete()


def fail(of: Import, refusal: Refusal) -> Import:
    """The file as a whole cannot be read: say why, keep nothing."""
    message = refusal.message
    if refusal.mend:
        message = Message("%(what)s %(mend)s", what=message, mend=refusal.mend)
    of.state, of.failure = Import.State.FAILED, to_json(message)
    of.save(update_fields=["state", "failure"])
    file_of(of).unlink(missing_ok=True)
    return of


def ready(of: Import, tally: Tally, reader: Reader) -> Import:
    counts = tally.counts
    of.state = Import.State.WAITING
    of.rows, of.faulty, of.touched = tally.rows, tally.faulty, sorted(reader.touched)
    of.new, of.revised, of.same = counts.new, counts.revised, counts.same
    of.sample = [said(sample) for sample in counts.samples[:SAMPLES]]
    of.save(
        update_fields=[
            *("state", "rows", "faulty", "touched"),
            *("new", "revised", "same", "sample"),
        ]
    )
    return of


def said(sample: Sample) -> dict[str, Any]:
    """A sample as JSON, its values typed: each reader's language says them."""
    before = None if sample.before is None else to_json(sample.before)
    return vars(sample) | {"before": before, "after": to_json(sample.after)}


def add(counts: Counts, more: Counts) -> None:
    counts.new += more.new
    counts.revised += more.revised
    counts.same += more.same
    counts.samples += more.samples[: SAMPLES - len(counts.samples)]


def filled(sheet: Sheet) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows with anything in them."""
    return (row for row in sheet.rows if any(cell is not None for cell in row[1]))


def chunks(
    rows: Iterator[tuple[int, Sequence[Any]]], size: int
) -> Iterator[list[tuple[int, Sequence[Any]]]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


def seated(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Where each known column stands; a required one that is not there is refused."""
    names = [tidy(title) for title in header]
    seats: dict[str, int] = {}
    for column in columns:
        found = [i for i, name in enumerate(names) if name in column.names]
        if len(found) > 1:
            raise DoubleColumn(
                Message(
                    "Two columns are called “%(name)s”.", name=str(header[found[0]])
                ),
                mend=Message("Rename or remove one."),
            )
        if found:
            seats[column.key] = found[0]
    missing = [c.names[0] for c in columns if c.required and c.key not in seats]
    if missing:
        raise MissingColumns(
            Message(
                "These columns are missing: %(names)s. The file has: %(found)s.",
                names=", ".join(missing),
                found=", ".join(title for title in header if title) or "–",
            ),
            mend=Message("Rename the titles in the first row, or use the template."),
        )
    return seats


def tidy(title: str) -> str:
    """`Kode Desa `, `kode_desa` and `Kode Desa (Kemendagri)` are one title.

    >>> tidy("Persen (%)"), tidy("Kode-Desa ")
    ('persen', 'kode_desa')
    """
    words = re.sub(r"\(.*?\)|[-_.]", " ", title.lower()).split()
    return "_".join(words)


def row_of(
    number: int, cells: Sequence[Any], seats: dict[str, int], header: Sequence[str]
) -> Row:
    padded = [*cells, *([None] * (len(header) - len(cells)))]
    taken = set(seats.values())
    return Row(
        number=number,
        cells={key: padded[seat] for key, seat in seats.items()},
        extra={
            title: padded[seat]
            for seat, title in enumerate(header)
            if title and seat not in taken
        },
    )


def faults_of(
    of: Import,
    number: int,
    cells: Sequence[Any],
    faults: Sequence[Fault],
    seats: dict[str, int],
) -> list[ImportFault]:
    shown = [as_text(cell) for cell in cells]
    return [
        ImportFault(
            of=of,
            row=number,
            column=seats.get(fault.column, extra_seat(of, fault.column, len(shown))),
            message=to_json(fault.message),
            mend=to_json(fault.mend) if fault.mend else None,
            cells=shown,
        )
        for fault in faults
    ]


def extra_seat(of: Import, title: str, end: int) -> int:
    """The seat of a column that no key claims, by its own title."""
    return of.header.index(title) if title in of.header else end
