"""From a file to staged rows: in short transactions, unseen until accepted."""

import gc
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from lumbung.core.message import Message, to_json
from lumbung.core.refusal import Refusal
from lumbung.core.sheets import letter
from lumbung.imports.importers import (
    IMPORTERS,
    Counts,
    Finding,
    Reader,
    Sample,
)
from lumbung.imports.lines import (
    NOTHING_MERGED,
    Column,
    Fault,
    Faulty,
    LeftOut,
    Row,
)
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.reading import Line, Sheet, as_text, read
from lumbung.imports.revisions import purge
from lumbung.places.rows import analyse

VALUES = 1_000  # written at once: a few hundredths of a second on SQLite
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
    return folder() / str(of.uid)


def folder() -> Path:
    return Path(settings.HOME) / "imports"


@dataclass
class Tally:
    """How far a file is read."""

    counts: Counts = field(default_factory=Counts)
    rows: int = 0
    faulty: int = 0
    left_out: int = 0


def stage(of: Import, *, report: Callable[[int], None] = lambda done: None) -> Import:
    """Read the file of an import and write its good rows, unseen, and its faults.

    Starts from a clean state, so it may run twice. Each chunk is its own short
    transaction; the import turns `waiting` in the last one.
    """
    clear(of, report=report)
    try:
        sheet = read(file_of(of), sheet=of.sheet)
        of.sheet, of.header = sheet.name, list(sheet.header)
        seats = seated(sheet.header, IMPORTERS[of.kind].columns)
        reader = IMPORTERS[of.kind].start(of, sheet.header, seats)
        of.save(update_fields=["sheet", "header"])
        with seldom_collecting():
            tally = take_rows(of, sheet, seats, reader, report)
    except Refusal as refusal:
        clear(of, report=report)
        return fail(of, refusal)
    return ready(of, tally, reader, report)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let the collector of garbage look seldom: rows make none, and it costs a quarter.

    It belongs to the whole process, which bears it well: nothing is left uncollected.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def take_rows(
    of: Import,
    sheet: Sheet,
    seats: dict[str, int],
    reader: Reader,
    report: Callable[[int], None],
) -> Tally:
    """Stage chunk by chunk; what is written at once stays small for wide tables too."""
    tally, width = Tally(), len(sheet.header)
    for lines in chunks(filled(sheet), max(10, VALUES // reader.per_row)):
        rows = [row_of(line, seats, sheet) for line in lines]
        reader.prepare(rows)
        staged: list[Any] = []
        faults: list[ImportFault] = []
        for row in rows:
            try:
                if len(row.cells) > width:
                    refuse_overhang(row, width)
                staged += reader.take(row)
            except LeftOut:
                tally.left_out += 1
            except Faulty as fault:
                tally.faulty += 1
                if tally.faulty <= FAULTS_KEPT:
                    faults += faults_of(of, row, fault.faults)
        tally.rows += len(rows)
        with transaction.atomic():
            # First, so that a worker whose job was taken back writes nothing more.
            report(tally.rows)
            add(tally.counts, reader.write(staged))
            ImportFault.objects.bulk_create(faults)
    return tally


def clear(of: Import, *, report: Callable[[int], None] = lambda done: None) -> None:
    """Take away what an earlier, broken run left; in short transactions."""
    purge(IMPORTERS[of.kind].model, of, report=report)
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


def ready(
    of: Import, tally: Tally, reader: Reader, report: Callable[[int], None]
) -> Import:
    """All is read: look once more over it, and let the import wait for a decision."""
    counts, found = tally.counts, IMPORTERS[of.kind].review(of)
    of.state = Import.State.WAITING
    of.rows, of.faulty, of.left_out = tally.rows, tally.faulty, tally.left_out
    of.touched = sorted(reader.touched)
    of.new, of.revised, of.same = counts.new, counts.revised, counts.same
    of.sample = [said(sample) for sample in counts.samples[:SAMPLES]]
    of.unread = [f"{letter(seat)} {of.header[seat]}" for seat in reader.unread]
    of.doubts = [asdict(doubt) for doubt in reader.places.settled()]
    of.changes, of.totals = found.changes, found.totals
    of.findings = [as_json(finding) for finding in found.findings]
    with transaction.atomic():
        report(tally.rows)
        of.save(
            update_fields=[
                *("state", "rows", "faulty", "left_out", "touched"),
                *("new", "revised", "same", "sample", "unread", "doubts"),
                *("changes", "totals", "findings"),
            ]
        )
    analyse(IMPORTERS[of.kind].model, by_imports=True)
    return of


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON, its text and values typed."""
    typed = {name: getattr(finding, name) for name in ("text", "before", "after")}
    return vars(finding) | {name: to_json(value) for name, value in typed.items()}


def said(sample: Sample) -> dict[str, Any]:
    """A sample as JSON, its values typed: each reader's language says them."""
    before = None if sample.before is None else to_json(sample.before)
    return vars(sample) | {"before": before, "after": to_json(sample.after)}


def add(counts: Counts, more: Counts) -> None:
    counts.new += more.new
    counts.revised += more.revised
    counts.same += more.same
    counts.samples += more.samples[: SAMPLES - len(counts.samples)]


def filled(sheet: Sheet) -> Iterator[Line]:
    """Rows with anything in them."""
    return (line for line in sheet.rows if line[1].count(None) < len(line[1]))


def chunks(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while chunk := list(itertools.islice(lines, size)):
        yield chunk


def row_of(line: Line, seats: dict[str, int], sheet: Sheet) -> Row:
    number, cells = line
    width = len(sheet.header)
    if len(cells) < width:
        cells += [None] * (width - len(cells))
    merged = sheet.merged.get(number, NOTHING_MERGED) if sheet.merged else {}
    return Row(number, cells, seats, merged)


def refuse_overhang(row: Row, width: int) -> None:
    """More cells than titles: `38,2` without quotes makes two cells of one."""
    if len(row.cells) > width and any(cell is not None for cell in row.cells[width:]):
        raise Faulty(
            Fault(
                width,
                Message(
                    "The row has %(cells)s cells, the titles are %(titles)s.",
                    cells=len(row.cells),
                    titles=width,
                ),
                Message(
                    "If a decimal comma stands in a file parted by commas, write"
                    ' "38,2" in quotes, or part the cells by semicolons.'
                ),
            )
        )


def seated(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Where each known column stands; a required one that is not there is refused."""
    names = [tidy(title) for title in header]
    seats: dict[str, int] = {}
    for column in columns:
        found = [names.index(name) for name in column.names if name in names]
        double = any(names.count(names[seat]) > 1 for seat in found)
        if double or (len(found) > 1 and not column.first_counts):
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


def faults_of(of: Import, row: Row, faults: Sequence[Fault]) -> list[ImportFault]:
    shown = [as_text(cell) for cell in row.cells]
    return [
        ImportFault(
            of=of,
            row=row.number,
            column=fault.column
            if isinstance(fault.column, int)
            else row.seats.get(fault.column, len(shown)),
            message=to_json(fault.message),
            mend=to_json(fault.mend) if fault.mend else None,
            cells=shown,
        )
        for fault in faults
    ]
