"""What a run read and what it gave, kept as two Parquet files named by their digest.

The digest is of the rows, not of the file's bytes: another writer may pack the same
rows otherwise. A file is written whole or not at all, and before the row that names
it; rows that are the same are kept once. Nothing is ever written over.
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal


class SnapshotDamaged(Refusal):
    code = "snapshot_damaged"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One value that a run read, and where it came from.

    A place without any value has one row with an empty `indicator`. `within` is the
    code of the territory it was ranked in; `source` and `brought` are uids.
    """

    place: str
    code: str
    name: str
    within: str
    indicator: str = ""
    period: str = ""
    value: str = ""
    source: str = ""
    title: str = ""
    cut_off_on: str = ""
    is_example: str = ""
    brought: str = ""
    row: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What a run gave one place: its exact value and class, both '' for no data."""

    place: str
    code: str
    name: str
    value: str
    klass: str


Kept = TypeVar("Kept", ReadRow, Label)
UNIT, LINE = "\x1f", "\x1e"  # separate values and rows; no text has them


def digest(rows: Iterable[ReadRow] | Iterable[Label]) -> str:
    """SHA-256 of the rows in their order, each value as text."""
    lines = (UNIT.join(astuple_quick(row)) for row in rows)
    return hashlib.sha256(LINE.join(lines).encode()).hexdigest()


def astuple_quick(row: ReadRow | Label) -> tuple[str, ...]:
    """`dataclasses.astuple` copies deep; these are flat and come by the ten thousand."""
    return tuple(getattr(row, name) for name in row.__slots__)


def keep(rows: Sequence[ReadRow] | Sequence[Label]) -> str:
    """Write the rows to the disk and return their digest.

    A file that is there already is written again, whole: should it be damaged, this
    mends it.
    """
    name = digest(rows)
    kind = type(rows[0]) if rows else Label
    seats = [field.name for field in fields(kind)]
    columns = zip(*(astuple_quick(row) for row in rows), strict=True)
    table = pa.table(
        {
            seat: pa.array(column, pa.string())
            for seat, column in zip(seats, columns, strict=True)
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    storages["snapshots"].save(path_of(name), ContentFile(out.getvalue()))
    return name


def read(kind: type[Kept], name: str) -> list[Kept]:
    """The rows of a file, proven by their digest; or `SnapshotDamaged`."""
    try:
        with storages["snapshots"].open(path_of(name)) as file:
            table = pq.read_table(io.BytesIO(file.read()))
        columns = [table[field.name].to_pylist() for field in fields(kind)]
        rows = [kind(*values) for values in zip(*columns, strict=True)]
    except (OSError, pa.ArrowException, KeyError, TypeError) as fault:
        raise damaged(name) from fault
    if digest(rows) != name:
        raise damaged(name)
    return rows


def path_of(name: str) -> str:
    return f"{name[:2]}/{name}.parquet"


def damaged(name: str) -> SnapshotDamaged:
    return SnapshotDamaged(
        Message("The file of rows %(name)s is missing or damaged.", name=name[:16]),
        mend=Message("Bring it back from a backup: it lies in the folder snapshots."),
    )
