"""Many rows at once, past the ORM: places come by the ten thousand.

`bulk_create` writes 29,000 rows a second here, these 100,000 and more. Values must be
what the column takes; constraints hold as always, signals and defaults do not run.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

CHUNK = 5_000  # about a tenth of a second on SQLite; others may write between


def insert(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert `rows`, each a transaction's worth at a time; returns how many."""
    columns = [column_of(model, name) for name in fields]
    count = 0
    for chunk in chunks(rows):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                copy(cursor, model._meta.db_table, columns, chunk)
            else:
                cursor.executemany(
                    f"INSERT INTO {quote(model._meta.db_table)}"  # noqa: S608
                    f" ({', '.join(map(quote, columns))})"
                    f" VALUES ({', '.join(['%s'] * len(columns))})",
                    [[plain(value) for value in row] for row in chunk],
                )
        count += len(chunk)
    return count


def update(
    model: type[models.Model], field: str, values: Iterable[tuple[Any, int]]
) -> None:
    """Set `field` of each row: pairs of a value and the row's key."""
    column = quote(column_of(model, field))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {column} = %s WHERE id = %s",  # noqa: S608
            [(plain(value), pk) for value, pk in values],
        )


def analyse(*tables: type[models.Model], by_imports: bool = False) -> None:
    """Let the database count anew after many rows came.

    PostgreSQL would find out by itself within a minute; until then it plans as if a
    table of 83,762 villages were empty, and one look-up of codes takes minutes.

    SQLite is told of tables only that fill `by_imports`: uncounted, it reads all rows
    of an import to find the few of a place. Told how many places there are, it would
    read them all to find none in tables that are empty.
    """
    is_sqlite = connection.vendor == "sqlite"
    if is_sqlite and not by_imports:
        return
    with connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute("PRAGMA analysis_limit = 1000")  # hundredths of a second
        for table in tables:
            cursor.execute(f"ANALYZE {quote(table._meta.db_table)}")


def copy(
    cursor: Any, table: str, columns: list[str], rows: list[Sequence[Any]]
) -> None:
    names = ", ".join(map(quote, columns))
    with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def column_of(model: type[models.Model], field: str) -> str:
    found = model._meta.get_field(field)
    assert isinstance(found, models.Field)
    assert found.column
    return found.column


def chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def plain(value: Any) -> Any:
    """SQLite keeps a UUID as 32 letters, as Django writes it."""
    if isinstance(value, UUID) and connection.vendor == "sqlite":
        return value.hex
    return value


def quote(name: str) -> str:
    return connection.ops.quote_name(name)
