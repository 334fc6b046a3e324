"""Rows into empty tables, quickly: indexes and constraints wait until all is there."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
from django.core.management.color import no_style
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error

from lumbung.archive.rows import Done
from lumbung.archive.schema import Model
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

PIECE = 5000
# Values that JSON and both databases have in common.
AS_THEY_ARE = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.AutoField,
    models.FloatField,
    models.BooleanField,
)


class Unfit(Refusal):
    """A row that this database cannot hold, or that contradicts another."""

    code = "archive_rows_unfit"
    status = 422


def unfit(label: str, error: Exception) -> Unfit:
    return Unfit(
        Message(
            "Rows of “%(table)s” do not fit into this database: %(why)s",
            table=label,
            why=str(error).strip().splitlines()[0],
        ),
        mend=Message(
            "Nothing is in use yet; the installation is still empty. Restore into the"
            " kind of database the backup came from, mend the row there, back up anew."
        ),
    )


def as_stored(
    field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper
) -> Callable[[Any], Any] | None:
    """What turns a line's value into the database's; None where it is the same."""
    kind: Any = field
    while kind.is_relation:
        kind = kind.target_field
    if isinstance(kind, models.JSONField):
        adapt = connection.ops.adapt_json_value
        return lambda value: (
            None if value is None and field.null else adapt(value, None)
        )
    if isinstance(kind, AS_THEY_ARE):
        return None
    return lambda value: kind.get_db_prep_save(kind.to_python(value), connection)


def load(
    model: Model,
    names: Sequence[str],
    rows: Iterable[list[Any]],
    connection: BaseDatabaseWrapper,
    done: Done,
) -> None:
    """Write all rows of a table. `names` are Django's names of its columns."""
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields: list[Any] = [by_name[name] for name in names]
    turning = [
        (index, turn)
        for index, field in enumerate(fields)
        if (turn := as_stored(field, connection))
    ]

    def turned() -> Iterator[list[Any]]:
        for row in rows:
            for index, turn in turning:
                row[index] = turn(row[index])
            yield row

    quote = connection.ops.quote_name
    listed = ", ".join(quote(field.column) for field in fields)
    into = f"{quote(model._meta.db_table)} ({listed})"
    write = {"sqlite": insert, "postgresql": copy}[connection.vendor]
    try:
        write(connection, into, len(fields), turned(), done)
    except (Error, sqlite3.Error, psycopg.Error, OverflowError) as error:
        raise unfit(model._meta.label_lower, error) from error


def insert(
    connection: BaseDatabaseWrapper,
    into: str,
    width: int,
    rows: Iterator[list[Any]],
    done: Done,
) -> None:
    marks = ", ".join("?" * width)
    sql = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608  # names from our models
    while piece := list(islice(rows, PIECE)):
        connection.connection.executemany(sql, piece)
        done(len(piece))


def copy(
    connection: BaseDatabaseWrapper,
    into: str,
    width: int,
    rows: Iterator[list[Any]],
    done: Done,
) -> None:
    raw = connection.connection.cursor()
    with raw, raw.copy(f"COPY {into} FROM STDIN") as copying:
        while piece := list(islice(rows, PIECE)):
            for row in piece:
                copying.write_row(row)
            done(len(piece))


INDEXES = {
    "sqlite": (
        "SELECT 'DROP INDEX \"' || name || '\"', sql FROM sqlite_master"
        " WHERE type = 'index' AND sql IS NOT NULL"
    ),
    "postgresql": (
        "SELECT format('DROP INDEX %I', c.relname), pg_get_indexdef(c.oid)"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)"
    ),
}
# Django's constraints between tables are checked row by row; checked at once, a table
# of millions takes seconds.
LEANS = (
    "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),"
    " format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,"
    " pg_get_constraintdef(oid)) FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)


@contextmanager
def all_at_once(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Load in one transaction, checked at its end.

    SQLite stops looking at references only outside a transaction, so that is first.
    """
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(),
        constraints_after(connection),
    ):
        yield


@contextmanager
def constraints_after(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take indexes and references away, and build and check them when all is loaded."""
    with connection.cursor() as cursor:
        again: list[str] = []
        kinds = [INDEXES[connection.vendor]]
        if connection.vendor == "postgresql":
            kinds.append(LEANS)
        for query in reversed(kinds):
            cursor.execute(query)
            for drop, make in cursor.fetchall():
                again.insert(0, make)
                cursor.execute(drop)
        yield
        try:
            for make in again:
                cursor.execute(make)
            connection.check_constraints()
        except Error as error:
            raise unfit("*", error) from error


def empty(models_: Iterable[Model], connection: BaseDatabaseWrapper) -> None:
    """Take out what migrations put into fresh tables: the archive has it too."""
    with connection.cursor() as cursor:
        for model in models_:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def count_on(models_: Iterable[Model], connection: BaseDatabaseWrapper) -> None:
    """Let the next row of each table get a key after the last one's."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), list(models_)):
            cursor.execute(sql)
