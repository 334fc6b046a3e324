"""Where a backup is restored to: a database that is empty, and stays so until the end.

SQLite: a file beside, renamed when it is whole. PostgreSQL: the tables themselves,
with one that says that they are half restored until they are whole; nothing serves
them meanwhile, and the next restore begins anew.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from lumbung.archive.schema import is_table
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.disk import sync

MARK = "lumbung_half_restored"
# What Django itself writes into fresh tables.
BY_ITSELF = {"django_migrations", "django_content_type", "auth_permission"}
SHOWN = 5  # the largest


class NotEmpty(Refusal):
    """Somebody's data lies where a backup was to be restored."""

    code = "restore_not_empty"


class HalfRestored(Refusal):
    code = "half_restored"
    status = 503


def refuse_half_restored() -> None:
    """Refuse to work with tables that a restore has not finished."""
    if is_marked(connection):
        raise HalfRestored(
            Message("A restore into this database was broken off in the middle."),
            mend=Message("Run `lumbung restore` again: it begins anew."),
        )


def is_marked(connection: BaseDatabaseWrapper) -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [MARK])
        return cursor.fetchone()[0] is not None


def refuse_data(connection: BaseDatabaseWrapper) -> None:
    """Refuse a database that holds anything, and name what it holds."""
    if is_marked(connection):
        return
    if holds := [said for _, said in sorted(held(connection), key=largest_first)]:
        raise NotEmpty(
            Message("This installation is not empty; nothing was touched."),
            mend=Message(
                "Restore into a new folder (LUMBUNG_HOME=/new lumbung restore …) or"
                " into a new, empty database (DATABASE_URL=postgresql://…)."
            ),
            parts=tuple(holds[:SHOWN]),
        )


def largest_first(holding: tuple[int, Message]) -> int:
    return -holding[0]


def held(connection: BaseDatabaseWrapper) -> Iterator[tuple[int, Message]]:
    """What lies in the database, and how much: rows, and tables that are not ours."""
    if is_absent(connection):
        return
    ours = {m._meta.db_table for m in every_model()} | BY_ITSELF
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in ours:
                said = Message("A table that is not Lumbung's: %(table)s", table=table)
                yield sys.maxsize, said
            elif table not in BY_ITSELF:
                quoted = connection.ops.quote_name(table)
                cursor.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608
                count = cursor.fetchone()[0]
                if count:
                    said = Message("%(table)s: %(rows)s rows", table=table, rows=count)
                    yield count, said


def every_model() -> list[type[Model]]:
    return [m for m in apps.get_models(include_auto_created=True) if is_table(m)]


def is_absent(connection: BaseDatabaseWrapper) -> bool:
    """Whether there is no SQLite file yet: looking would make one."""
    if connection.vendor != "sqlite":
        return False
    name = file_of(connection)
    return not name.exists() or name.stat().st_size == 0


def file_of(connection: BaseDatabaseWrapper) -> Path:
    return Path(str(connection.settings_dict["NAME"]))


@contextmanager
def fresh_tables(connection: BaseDatabaseWrapper, label: str) -> Iterator[None]:
    """Make `connection` lead to a database without any tables while one restores.

    Whatever was there is replaced when the block ends well; otherwise it is as it
    was (SQLite), or marked (PostgreSQL).
    """
    chosen = {"sqlite": beside, "postgresql": marked}[connection.vendor]
    with chosen(connection, label):
        yield


@contextmanager
def beside(connection: BaseDatabaseWrapper, label: str) -> Iterator[None]:
    name = file_of(connection)
    other = name.with_name(f".{name.name}.restoring")
    drop(other)
    connection.close()
    connection.settings_dict["NAME"] = str(other)
    try:
        os.close(os.open(other, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")  # it is thrown away if we die
            cursor.execute("PRAGMA foreign_keys=OFF")
        yield
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        sync(other)
        for old in (f"{name}-wal", f"{name}-shm"):
            Path(old).unlink(missing_ok=True)
        other.rename(name)
        sync(name.parent)
    except BaseException:
        connection.close()
        drop(other)
        raise
    finally:
        connection.settings_dict["NAME"] = str(name)


def drop(file: Path) -> None:
    for name in (str(file), f"{file}-wal", f"{file}-shm"):
        Path(name).unlink(missing_ok=True)


@contextmanager
def marked(connection: BaseDatabaseWrapper, label: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {MARK} (backup text)")
        cursor.execute(f"DELETE FROM {MARK}")  # noqa: S608
        cursor.execute(f"INSERT INTO {MARK} VALUES (%s)", [label])  # noqa: S608
        for table in connection.introspection.table_names(cursor):
            if table != MARK:
                quoted = connection.ops.quote_name(table)
                cursor.execute(f"DROP TABLE IF EXISTS {quoted} CASCADE")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {MARK}")
