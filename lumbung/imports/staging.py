"""From a file to staged rows: in short transactions, unseen until accepted."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from lumbung.core.message import Message, to_json
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import IMPORTERS, Column, Counts, Fault, Faulty, Row
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.reading import Sheet, as_text, read

CHUNK = 500
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


def stage(of: Import, *, report: Callable[[int], None] = lambda done: None) -> Import:
    """Read the file of an import and write its good rows, unseen, and its faults.

    Starts from a clean state, so it may run twice. Each chunk is its own short
    transaction; the import turns `waiting` in the last one.
    """
    clear(of)
    try:
        sheet = read(file_of(of), sheet=of.sheet)
        seats = seated(sheet.header, IMPORTERS[of.kind].columns)
        reader = IMPORTERS[of.kind].start(of, sheet.header)
    except Refusal as refusal:
        return fail(of, refusal)
    of.sheet, of.header = sheet.name, list(sheet.header)
    of.save(update_fields=["sheet", "header"])
    counts, total, faulty = Counts(), 0, 0
    for chunk in chunks(filled(sheet)):
        staged: list[Any] = []
        faults: list[ImportFault] = []
        for number, cells in chunk:
            total += 1
            try:
                staged += reader.take(row_of(number, cells, seats, sheet.header))
            except Faulty as fault:
                faulty += 1
                faults += faults_of(of, number, cells, fault.faults, seats)
        with transaction.atomic():
            add(counts, reader.write(staged))
            kept = max(0, FAULTS_KEPT - faulty + len(faults))
            ImportFault.objects.bulk_create(faults[:kept])
        report(total)
    return ready(of, counts, total, faulty)


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


def ready(of: Import, counts: Counts, total: int, faulty: int) -> Import:
    of.state = Import.State.WAITING
    of.rows, of.faulty = total, faulty
    of.new, of.revised, of.same = counts.new, counts.revised, counts.same
    of.sample = [vars(sample) for sample in counts.samples[:SAMPLES]]
    of.save(
        update_fields=["state", "rows", "faulty", "new", "revised", "same", "sample"]
    )
    return of


def add(counts: Counts, more: Counts) -> None:
    counts.new += more.new
    counts.revised += more.revised
    counts.same += more.same
    counts.samples += more.samples[: SAMPLES - len(counts.samples)]


def filled(sheet: Sheet) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows with anything in them."""
    return (row for row in sheet.rows if any(cell is not None for cell in row[1]))


def chunks(
    rows: Iterator[tuple[int, Sequence[Any]]],
) -> Iterator[list[tuple[int, Sequence[Any]]]]:
    while chunk := list(itertools.islice(rows, CHUNK)):
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
    """`Kode Desa ` and `kode_desa` are one title."""
    return "_".join(title.lower().replace("-", " ").replace("_", " ").split())


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
            cells=shown,
        )
        for fault in faults
    ]


def extra_seat(of: Import, title: str, end: int) -> int:
    """The seat of a column that no key claims, by its own title."""
    return of.header.index(title) if title in of.header else end
