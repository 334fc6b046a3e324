"""Whether the database itself is whole: pages, indexes, keys that lead somewhere."""

from collections.abc import Iterator

from django.db import connection

from lumbung.core.finding import Finding, Proof
from lumbung.core.message import Message, Plural

SHOWN = 20
FROM_BACKUP = Message(
    "Put the newest backup back, or ask somebody who knows databases."
)


def check(*, quick: bool = False) -> Proof:
    """SQLite looks over its own file; PostgreSQL does so as it reads and writes."""
    tables = connection.introspection.table_names()
    findings = list(sqlite(quick=quick)) if connection.vendor == "sqlite" else []
    what = Plural("%(count)s table.", "%(count)s tables.", count=len(tables))
    return Proof("tables", what, findings, {"tables": len(tables)})


def sqlite(*, quick: bool) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA quick_check(20)" if quick else "PRAGMA integrity_check(20)"
        )
        said = [text for (text,) in cursor.fetchall() if text != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        loose = cursor.fetchmany(SHOWN)
    for text in said:
        yield Finding(
            "database_damaged",
            Message("SQLite finds its file damaged: %(said)s", said=text),
            FROM_BACKUP,
        )
    for table, row, parent, _ in loose:
        yield Finding(
            "key_leads_nowhere",
            Message(
                "Row %(row)s of %(table)s names a row of %(parent)s that is not there.",
                row=str(row),
                table=table,
                parent=parent,
            ),
            FROM_BACKUP,
        )
