"""What a run read and what it gave, kept as two Parquet files named by their digest.

The digest is of the rows, not of the file's bytes: another writer may pack the same
rows otherwise. A file is written whole or not at all, and before the row that names
it; rows that are the same are kept once. Nothing is ever written over.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, TypeVar

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


def digest(rows: Sequence[ReadRow] | Sequence[Label]) -> str:
    """SHA-256 of the rows in their order, each value as text."""
    return digest_of(list(map(values_of(rows), rows)))


def digest_of(tuples: Sequence[tuple[str, ...]]) -> str:
    return hashlib.sha256(LINE.join(map(UNIT.join, tuples)).encode()).hexdigest()


def values_of(rows: Sequence[ReadRow] | Sequence[Label]) -> Callable[[Any], Any]:
    """Takes the values of a row; `dataclasses.astuple` copies deep and is slow."""
    return attrgetter(*(field.name for field in fields(kind_of(rows))))


def kind_of(rows: Sequence[ReadRow] | Sequence[Label]) -> type[ReadRow] | type[Label]:
    return type(rows[0]) if rows else Label


def keep(rows: Sequence[ReadRow] | Sequence[Label]) -> str:
    """Write the rows to the disk and return their digest.

    A file that is there already is written again, whole: should it be damaged, this
    mends it.
    """
    tuples = list(map(values_of(rows), rows))
    name = digest_of(tuples)
    seats = [field.name for field in fields(kind_of(rows))]
    columns = [pa.array(column, pa.string()) for column in zip(*tuples, strict=True)]
    out = io.BytesIO()
    pq.write_table(pa.table(columns, names=seats), out, compression="zstd")
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
