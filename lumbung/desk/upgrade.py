"""An installation taken to this version of Lumbung, with a way back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from lumbung.archive import actions, files, keeping, schema, target
from lumbung.archive.actions import Measure
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.desk import installation
from lumbung.programmes.models import PackVersion, Programme
from lumbung.programmes.packs.actions import find_base, load_pack, order, shipped
from lumbung.programmes.packs.adoption_actions import offered, to_follow
from lumbung.programmes.packs.check import check
from lumbung.programmes.packs.difference import changes, standings, text
from lumbung.programmes.packs.pack import pack_of
from lumbung.running import alone
from lumbung.words import say

BEFORE, UNDONE = "before-upgrade", "undone-upgrade"


class NoWayBack(Refusal):
    code = "no_way_back"


def needs_migrations() -> bool:
    return not schema.is_current(connection)


def is_due(*, packs: bool) -> bool:
    """Whether there is anything to do, so that there is something to go back from."""
    return needs_migrations() or (packs and any(newer_packs()))


@contextmanager
def ready() -> Iterator[None]:
    """Refuse what cannot be upgraded now: nothing here, newer tables, served, no room.

    A server of the older version would go on with tables that it does not know, so
    nobody else is let in while tables change.
    """
    home = Path(settings.HOME)
    if not (home / "keys.json").exists():
        raise installation.not_set_up()
    installation.reach_database()
    schema.known_here(MigrationLoader(None), schema.applied(connection))
    with alone(home) if needs_migrations() else nullcontext():
        files.refuse_no_room(size_of_database() * 2, home)
        yield


def size_of_database() -> int:
    """In bytes. A backup of it is smaller, a migration may write it once more."""
    if connection.vendor == "sqlite":
        return target.file_of(connection).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def back_up(name: str, now: datetime, progress: Measure) -> Path:
    """Write the rows as they are, beside the evidence, which no upgrade touches."""
    to = keeping.default_folder() / f"{name}-{now:%Y-%m-%d-%H%M%S}.zip"
    actions.back_up(
        to=to,
        now=now,
        progress=progress,
        seal=keeping.head(now),
        with_evidence=False,
    )
    return to


def newer_packs() -> Iterator[Path]:
    """Folders of shipped packs that are newer than what is loaded of them here."""
    for folder in shipped():
        content = check(folder, find=find_base).content
        if content is None:
            continue
        loaded = PackVersion.objects.filter(code=content["code"])
        versions = [
            order(number) for number in loaded.values_list("version", flat=True)
        ]
        if versions and order(content["version"]) > max(versions):
            yield folder


def load_newer_packs() -> list[PackVersion]:
    """Load them. A programme with cases changes only when somebody adopts one."""
    return [load_pack(folder=folder, by=None) for folder in list(newer_packs())]


def differences() -> Iterator[str]:
    """For each programme that newer rules are offered to, what they would change."""
    for programme in Programme.objects.select_related("pack").order_by("code"):
        for version in offered(programme)[:1]:
            yield f"{programme.code}: {programme.pack} → {version}"
            yield from difference(programme, version)


def difference(programme: Programme, version: PackVersion) -> Iterator[str]:
    """What `version` changes: its steps, then each open case, line by line."""
    old, new = pack_of(programme.pack_id), pack_of(version.pk)
    for template in old.templates_of(programme.code):
        if template.id in new.templates:
            for change in changes(template, new.templates[template.id]):
                yield f"  {say(change.said)}"
    for found in standings(to_follow(programme, version), version):
        yield f"  {text(found)}"


def way_back() -> Path:
    """The backup that the last upgrade made."""
    made = kept(BEFORE)
    if not made:
        raise NoWayBack(
            Message("No upgrade was made here: there is nothing to go back to."),
            mend=Message("Another backup is restored with: lumbung restore FILE"),
        )
    return made[-1]


def kept(name: str) -> list[Path]:
    """The backups of one kind, the latest last."""
    return sorted(keeping.default_folder().glob(f"{name}-*.zip"))


def go_back(*, now: datetime, progress: Callable[[str], Measure]) -> Path:
    """Put the rows of before the last upgrade in the place of those here now.

    What is here is backed up first; returns where. Tables are those of the older
    version, so that it can serve them. Broken off on PostgreSQL, it goes on when it
    is run again: what was here is backed up already.
    """
    source = way_back()
    with alone(Path(settings.HOME)):
        if target.is_marked(connection) and kept(UNDONE):
            undone = kept(UNDONE)[-1]
        else:
            undone = back_up(UNDONE, now, progress("back_up"))
        actions.restore(source=source, progress=progress, replacing=True, stay=True)
        source.rename(source.with_name(f"taken-{source.name}"))
    return undone
