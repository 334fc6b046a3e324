"""One moment of the database, held while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections

ALIAS = "archive"
BEGIN = {
    "sqlite": "BEGIN",  # in WAL a reader sees one moment and holds nobody up
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


@contextmanager
def snapshot() -> Iterator[str]:
    """Give the alias of a connection that sees the database as it is now, to the end.

    It is one of its own, so that a job can say how far it is meanwhile. Inside a
    transaction (as in tests) that transaction is the moment.
    """
    if connection.in_atomic_block:
        yield connection.alias
        return
    own = connection.copy(ALIAS)
    connections[ALIAS] = own
    try:
        with own.cursor() as cursor:
            cursor.execute(BEGIN[own.vendor])
            # The moment is that of the first look; without tables this fails.
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        yield ALIAS
        with own.cursor() as cursor:
            cursor.execute("ROLLBACK")
    finally:
        own.close()
        del connections[ALIAS]
