"""Rows as lines of JSON that are the same from every database.

A table is one line with the names of its columns and one line for each row, by
primary key: numbers and text as they are; moments in UTC; JSON with sorted keys.
The digest of a table is that of all its lines.
"""

import base64
import gzip
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import IO, Any
from uuid import UUID

from django.db import connections, models
from django.db.models import F
from django.db.models.functions import Collate
from django.utils.duration import duration_iso_string

from lumbung.archive.container import UNREADABLE
from lumbung.archive.manifest import TableEntry, damaged
from lumbung.archive.schema import Model, columns

Row = Sequence[Any]
Done = Callable[[int], None]
LINES = 2000


def plain(value: Any) -> Any:
    """A value that JSON does not know, as text that `Field.to_python` reads."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case UUID() | Decimal():
            return str(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration_iso_string(value)
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case _:
            raise TypeError(f"{type(value).__name__} has no line")


encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain
).encode


def line(row: Row) -> str:
    """
    >>> line([1, "Botosari", None, {"b": 1, "a": 1e20}, UUID(int=7)])
    '[1,"Botosari",null,{"a":100000000000000000000,"b":1},"00000000-0000-0000-0000-000000000007"]'
    """
    text = encode(row)
    if "e+" in text or "-0.0" in text:
        return encode([same(value) for value in row])
    return text


def same(value: Any) -> Any:
    """Numbers inside JSON as PostgreSQL gives them back: no 1e+20, no -0.0."""
    match value:
        case dict():
            return {key: number(inner) for key, inner in value.items()}
        case list() | tuple():
            return [number(inner) for inner in value]
        case _:
            return value


def number(value: Any) -> Any:
    if isinstance(value, float) and math.isfinite(value):
        if value == 0:
            return 0.0
        return int(value) if abs(value) >= 1e16 else value
    return same(value)


def read(model: Model, alias: str) -> Iterator[Row]:
    """All rows of a table by primary key, a few at a time."""
    key: Any = model._meta.pk
    order: Any = key.attname
    text = isinstance(key.target_field if key.is_relation else key, models.CharField)
    if text and connections[alias].vendor == "postgresql":
        order = Collate(F(key.attname), "C")
    rows = model._base_manager.using(alias).order_by(order)
    return rows.values_list(*columns(model)).iterator(chunk_size=LINES)


def lines(names: Sequence[str], rows: Iterable[Row]) -> Iterator[tuple[int, bytes]]:
    """A table's text by pieces, with the number of rows in each."""
    yield 0, encode(list(names)).encode() + b"\n"
    rows = iter(rows)
    while piece := [line(row) for row in islice(rows, LINES)]:
        yield len(piece), ("\n".join(piece) + "\n").encode()


def write(
    label: str,
    names: Sequence[str],
    rows: Iterable[Row],
    file: Any,
    done: Done,
) -> TableEntry:
    """Write a table into `file` and say what was written."""
    digest, count = hashlib.sha256(), 0
    with gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed:
        for number_of, piece in lines(names, rows):
            digest.update(piece)
            packed.write(piece)
            count += number_of
            done(number_of)
    return TableEntry(label, tuple(names), count, digest.hexdigest())


def digest_of(model: Model, alias: str, done: Done) -> tuple[int, str]:
    """How many rows a table has, and the digest of its lines."""
    digest, count = hashlib.sha256(), 0
    for number_of, piece in lines(columns(model), read(model, alias)):
        digest.update(piece)
        count += number_of
        done(number_of)
    return count, digest.hexdigest()


def check(table: TableEntry, packed: IO[bytes], done: Done) -> None:
    """Refuse a table whose lines are not those that were written."""
    digest, count = hashlib.sha256(), 0
    try:
        with gzip.GzipFile(fileobj=packed) as file:
            head = file.readline()
            digest.update(head)
            while piece := file.read(1 << 20):
                digest.update(piece)
                found = piece.count(b"\n")
                count += found
                done(found)
    except UNREADABLE as error:
        raise damaged(table.file) from error
    whole = (count, digest.hexdigest()) == (table.rows, table.sha256)
    if not whole or head != encode(list(table.columns)).encode() + b"\n":
        raise damaged(table.file)


def unpacked(packed: IO[bytes]) -> Iterator[list[Any]]:
    """The rows of a table that was written with `write`."""
    with gzip.GzipFile(fileobj=packed) as file:
        file.readline()
        for text in file:
            yield json.loads(text)
