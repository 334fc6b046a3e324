"""The verbs of archives: back up, look through, restore."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from lumbung.accounts import seals
from lumbung.archive import files, keys, loading, manifest, rows, schema, target
from lumbung.archive.container import (
    UNREADABLE,
    Reader,
    Writer,
    reading,
    sha256_of,
    writing,
)
from lumbung.archive.manifest import Manifest, TableEntry, damaged
from lumbung.archive.rows import Done
from lumbung.archive.snapshot import snapshot
from lumbung.archive.territory import Territory
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import IMPORTERS
from lumbung.places.models import Place
from lumbung.places.rows import analyse

# Who adds to a manifest what only a higher or another package knows.
Measure = Callable[[int, int], None]


class Incomplete(Refusal):
    """Evidence that neither the backup nor this installation has."""

    code = "archive_without_evidence"
    status = 422


class Unequal(Refusal):
    """What was restored is not what was backed up. This must never be seen."""

    code = "restored_unequal"
    status = 500


def back_up(
    *,
    to: Path,
    now: datetime,
    progress: Measure,
    seal: dict[str, Any] | None = None,
    with_evidence: bool = True,
) -> Manifest:
    """Write all rows and files of this installation into an archive at `to`.

    Rows are those of one moment, while others go on saving; flat in memory.
    `progress(done, total)` counts rows. Keys are not written, only their ids.
    """
    home = Path(settings.HOME)
    target.refuse_half_restored()
    with snapshot() as alias, writing(to) as writer:
        installation = files.installation(home, now)
        loader = MigrationLoader(connections[alias])
        nodes = schema.known_here(loader, schema.applied(connections[alias]))
        models = schema.tables(loader, nodes)
        tables, counted = [], Counted(count_all(models, alias), progress)
        for model in models:
            tables.append(write_table(model, alias, writer, counted.add))
        missing = write_files(models, alias, home, writer, with_evidence=with_evidence)
        contents = Manifest(
            kind="installation",
            made_at=now.isoformat(),
            installation=installation,
            migrations=by_application(nodes),
            tables=tuple(tables),
            files=dict(writer.files),
            keys=keys.ids(home),
            seal=seal,
            evidence="included" if with_evidence else "left out",
            missing=tuple(missing),
            left_out=tuple(schema.left_out()),
            database=connections[alias].vendor,
        )
        manifest.write(contents, writer)
    return contents


def take_out(*, place: Place, to: Path, now: datetime, progress: Measure) -> Manifest:
    """Write one territory's data into an archive at `to`, as of one moment.

    In it is what the rule of territories shows of `place`, and nothing else; see
    `territory.py`. `restore` puts it into an empty installation.
    """
    home = Path(settings.HOME)
    target.refuse_half_restored()
    with snapshot() as alias, writing(to) as writer:
        loader = MigrationLoader(connections[alias])
        nodes = schema.known_here(loader, schema.applied(connections[alias]))
        if not schema.is_current(connections[alias]):
            raise schema.older_tables()
        found = Territory(place, alias)
        total = sum(len(part.keys) for part in found.parts.values())
        counted = Counted(total, progress)
        tables = []
        for model in schema.tables(loader, nodes):
            label = model._meta.label_lower
            if label in found.parts:
                names = schema.columns(model)
                lines = found.rows(found.parts[label], names)
                with writer.open(f"tables/{label}.jsonl.gz") as file:
                    tables.append(rows.write(label, names, lines, file, counted.add))
        files.keep_home(home, writer, only=set(found.home_files()))
        missing = list(files.keep_evidence(found.evidence(), writer))
        contents = Manifest(
            kind="territory",
            place=place.code,
            made_at=now.isoformat(),
            installation=files.known_installation(home),
            migrations=by_application(nodes),
            tables=tuple(tables),
            files=dict(writer.files),
            keys={},
            missing=tuple(missing),
            database=connections[alias].vendor,
        )
        manifest.write(contents, writer)
    return contents


class Counted:
    """How far something is, told to whoever looks on."""

    def __init__(self, total: int, tell: Measure) -> None:
        self.done, self.total, self.tell = 0, total, tell

    def add(self, more: int) -> None:
        self.done += more
        self.tell(self.done, self.total)


def count_all(models: list[schema.Model], alias: str) -> int:
    return sum(model._base_manager.using(alias).count() for model in models)


def write_table(
    model: schema.Model, alias: str, writer: Writer, done: Done
) -> TableEntry:
    label = model._meta.label_lower
    with writer.open(f"tables/{label}.jsonl.gz") as file:
        return rows.write(
            label, schema.columns(model), rows.read(model, alias), file, done
        )


def write_files(
    models: list[schema.Model],
    alias: str,
    home: Path,
    writer: Writer,
    *,
    with_evidence: bool,
) -> list[str]:
    """Copy evidence and the folder's files; returns evidence that is lost or broken."""
    files.keep_home(home, writer)
    stored = [m for m in models if m._meta.label_lower == files.STORED]
    if not with_evidence or not stored:
        return []
    digests = stored[0]._base_manager.using(alias).order_by("pk")
    names = digests.values_list("sha256", flat=True).iterator(chunk_size=1000)
    return list(files.keep_evidence(names, writer))


def by_application(nodes: set[schema.Node]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for application, name in sorted(nodes):
        found.setdefault(application, []).append(name)
    return {application: tuple(names) for application, names in found.items()}


def look_through(reader: Reader, progress: Measure) -> Manifest:
    """Read an archive from end to end and refuse it where it is not as written."""
    contents = manifest.read(reader)
    listed = {table.file for table in contents.tables}
    if not listed <= contents.files.keys():
        raise damaged(manifest.NAME)
    counted = Counted(contents.rows, progress)
    for name, written in contents.files.items():
        if reader.size(name) != written.size:
            raise damaged(name)
        try:
            with reader.open(name) as file:
                whole = sha256_of(file) == written
        except UNREADABLE as error:
            raise damaged(name) from error
        if not whole:
            raise damaged(name)
    for table in contents.tables:
        with reader.open(table.file) as file:
            rows.check(table, file, counted.add)
    return contents


def restore(
    *,
    source: Path,
    progress: Callable[[str], Measure],
    without_keys: bool = False,
    replacing: bool = False,
    stay: bool = False,
) -> Manifest:
    """Restore the archive `source` into this installation, which must be empty.

    All of the archive is looked through before the first write. `progress(stage)`
    gives what to tell. `replacing` puts it in the place of what is here, which the
    caller has backed up; `stay` leaves the tables at the archive's own version.
    """
    home = Path(settings.HOME)
    with reading(source) as reader:
        contents = look_through(reader, progress("look"))
        nodes = schema.known_here(MigrationLoader(None), contents.nodes)
        if not without_keys:
            keys.refuse_missing(contents.keys, home)
        if not replacing:
            target.refuse_data(connection)
        refuse_no_room(contents, home)
        refuse_incomplete(reader, contents)
        laid = Counted(len(contents.files), progress("files"))
        for _ in files.bring_back(reader, contents.files, home):
            laid.add(1)
        with target.fresh_tables(connection, contents.made_at):
            migrate_to(nodes)
            fill(reader, contents, progress("rows"))
            prove(contents, progress("prove"))
            if not stay:
                call_command("migrate", verbosity=0, interactive=False)
    witness()
    return contents


def witness() -> None:
    """From here on the trail that was restored is the one that counts."""
    newest = seals.head() if schema.is_current(connection) else None
    if newest:
        seals.keep_head(newest)
    else:
        seals.file().unlink(missing_ok=True)


def refuse_no_room(contents: Manifest, home: Path) -> None:
    """Refuse where the disk would be full before the end: three times the archive."""
    needed = sum(f.size for n, f in contents.files.items() if n.startswith("tables/"))
    needed = needed * 12 + sum(f.size for f in contents.files.values())
    files.refuse_no_room(needed, next(p for p in (home, *home.parents) if p.exists()))


def refuse_incomplete(reader: Reader, contents: Manifest) -> None:
    """Refuse a backup without evidence where the evidence is not here either."""
    if contents.evidence == "included":
        return
    entry = contents.table(files.STORED)
    if entry is None:
        return
    column = entry.columns.index("sha256")
    with reader.open(entry.file) as packed:
        named = [row[column] for row in rows.unpacked(packed)]
    absent = [name for name in named if not files.is_here(name)]
    if absent:
        raise Incomplete(
            Message(
                "This backup was made without evidence, and %(count)s files of it are"
                " not here.",
                count=len(absent),
            ),
            mend=Message(
                "Copy the folder “evidence” of where it was made into this one first,"
                " or take a backup with them."
            ),
        )


def migrate_to(nodes: set[schema.Node]) -> None:
    """Make the tables as the migrations `nodes` leave them, and no later ones."""
    executor = MigrationExecutor(connection)
    executor.migrate(schema.ends(executor.loader, nodes))


def fill(reader: Reader, contents: Manifest, progress: Measure) -> None:
    models = {
        model._meta.label_lower: model
        for model in schema.tables(MigrationLoader(connection), contents.nodes)
    }
    unknown = [t.label for t in contents.tables if t.label not in models]
    assert not unknown, f"no tables for {unknown}"
    counted = Counted(contents.rows, progress)
    loading.empty(reversed(models.values()), connection)
    with loading.all_at_once(connection):
        for table in contents.tables:
            with reader.open(table.file) as packed:
                loading.load(
                    models[table.label],
                    table.columns,
                    rows.unpacked(packed),
                    connection,
                    counted.add,
                )
    loading.count_on(models.values(), connection)
    analyse(*models.values())
    filled = {each.model._meta.label_lower for each in IMPORTERS.values()}
    analyse(*(models[label] for label in filled & models.keys()), by_imports=True)


def prove(contents: Manifest, progress: Measure) -> None:
    """Read all rows back and compare their digests with those of the archive."""
    counted = Counted(contents.rows, progress)
    for model in schema.tables(MigrationLoader(connection), contents.nodes):
        table = contents.table(model._meta.label_lower)
        if table is None:
            continue
        if rows.digest_of(model, connection.alias, counted.add) != (
            table.rows,
            table.sha256,
        ):
            raise Unequal(
                Message(
                    "“%(table)s” read back is not what the archive holds.",
                    table=table.label,
                ),
                mend=Message(
                    "The installation was left empty. Tell who maintains Lumbung."
                ),
            )
