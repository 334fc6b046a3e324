"""`lumbung backup` and `lumbung restore`."""

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.archive import actions, keeping, schema
from lumbung.archive.actions import Measure
from lumbung.archive.export_actions import note_backup, note_export
from lumbung.archive.manifest import Manifest
from lumbung.core.message import Message
from lumbung.places.codes import resolve
from lumbung.places.commands import refusals
from lumbung.running import alone
from lumbung.words import moment, number, say

STAGES = {
    "back_up": Message("Backing up"),
    "look": Message("Looking through it"),
    "files": Message("Files"),
    "rows": Message("Rows"),
    "prove": Message("Reading it back"),
}


@click.command()
@click.argument("dest", required=False, type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    help="Then remove older dated backups of this installation there, but for N.",
)
@click.option("--quiet", is_flag=True, help="Say nothing but what went wrong.")
def backup(dest: Path | None, keep: int | None, quiet: bool) -> None:
    """Write everything into one archive at DEST, while people go on working.

    An existing folder gets a file in it named by the moment; a name that ends in
    .zip is that file; any other name becomes a folder. Without DEST it goes to
    `backups` in the installation's folder: copy it to another machine!

    THE KEYS ARE NOT IN IT. Keep keys.json of the installation's folder in two safe
    places apart from your backups: without it what is encrypted is lost.

    \b
      lumbung backup                      # into LUMBUNG_HOME/backups
      lumbung backup /media/usb --keep 14
      lumbung backup /tmp/whole.zip

    Each night by cron: 30 1 * * * LUMBUNG_HOME=/srv/lumbung lumbung backup
    /mnt/nas --keep 30 --quiet. More: docs/how-to/backup.md
    """
    now = timezone.now()
    with refusals():
        to = keeping.destination(dest, now)
        contents = actions.back_up(
            to=to,
            now=now,
            seal=keeping.head(now),
            progress=telling(quiet=quiet)("back_up"),
        )
        if schema.is_current(connection):
            note_backup(to=to.absolute())
        dropped = keeping.prune(to.parent, keep) if keep else []
    for sha256 in contents.missing:
        text = _(
            "Evidence %(sha256)s is lost or broken: its row is kept, its file not."
        )
        click.echo(text % {"sha256": sha256}, err=True)
    if not quiet:
        said(to, contents, len(dropped))


def said(to: Path, contents: Manifest, dropped: int) -> None:
    counts = {"rows": number(contents.rows), "files": number(len(contents.files))}
    click.echo(_("%(rows)s rows and %(files)s files are in:") % counts)
    click.echo(f"  {to}")
    if dropped:
        click.echo(_("Older backups removed: %(count)s") % {"count": dropped})
    file = Path(settings.HOME) / "keys.json"
    click.echo(
        _("The keys are NOT in it. Keep %(file)s apart, in two safe places.")
        % {"file": file}
    )


@click.command()
@click.option("--place", "code", required=True, metavar="CODE", help="Whose: 33.26.09")
@click.argument("dest", required=False, type=click.Path(path_type=Path))
def export(code: str, dest: Path | None) -> None:
    """Take one territory's data out, in open formats with checksums.

    In it is what somebody with a mandate there sees: its cases with steps, decisions
    and evidence, its observations, people by name, and what these lean on. Not in it:
    anything of other territories, passwords, second factors, keys. An existing folder
    DEST gets a dated file in it.

    \b
      lumbung export --place 33.26.09 tirto.zip
      LUMBUNG_HOME=/new lumbung restore tirto.zip     # into an empty installation

    Nobody can sign in there at first: `lumbung user` makes a link.
    """
    now = timezone.now()
    with refusals():
        place = resolve(code)
        name = f"lumbung-{place.code}-{now:%Y-%m-%d-%H%M%S}.zip"
        to = dest / name if dest and dest.is_dir() else dest or Path(name)
        contents = actions.take_out(
            place=place, to=to, now=now, progress=telling()("back_up")
        )
        note_export(place=place)
    counts = {"rows": number(contents.rows), "files": number(len(contents.files))}
    click.echo(_("%(rows)s rows and %(files)s files are in:") % counts)
    click.echo(f"  {to}")


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--without-keys",
    is_flag=True,
    help="The keys are lost: go on, and what is encrypted stays unreadable.",
)
@click.option("--check", is_flag=True, help="Only look through it; change nothing.")
def restore(source: Path, without_keys: bool, check: bool) -> None:
    """Restore the backup SOURCE into an empty installation.

    \b
      LUMBUNG_HOME=/new lumbung restore lumbung-2026-11-23.zip
      DATABASE_URL=postgresql://… lumbung restore lumbung-2026-11-23.zip

    Put keys.json into the new folder first (mode 600). The backup may come from
    SQLite or PostgreSQL and from an older Lumbung. All of it is looked through
    before anything is written; an installation with data in it is refused.
    """
    progress = telling()
    with refusals():
        if check:
            contents = keeping.looked_through(source, progress("look"))
            click.echo(
                _("This archive is whole: %(rows)s rows, made %(at)s.")
                % {
                    "rows": number(contents.rows),
                    "at": moment(datetime.fromisoformat(contents.made_at)),
                }
            )
            return
        keeping.make_home()
        with alone(Path(settings.HOME)):
            contents = actions.restore(
                source=source, progress=progress, without_keys=without_keys
            )
            keeping.make_keys_anew()
    click.echo(
        _("Restored and read back: %(rows)s rows as of %(at)s.")
        % {
            "rows": number(contents.rows),
            "at": moment(datetime.fromisoformat(contents.made_at)),
        }
    )
    click.echo(_("What to do next:"))
    click.echo("  1. lumbung verify")
    click.echo("  2. lumbung serve")


def telling(*, quiet: bool = False) -> Callable[[str], Measure]:
    """A line for each stage that tells how far it is, where somebody looks on."""
    shown = not quiet and sys.stderr.isatty()

    def of(stage: str) -> Measure:
        last = [0.0]
        title = say(STAGES[stage])

        def tell(done: int, total: int) -> None:
            now = time.monotonic()
            if not shown or (done < total and now - last[0] < 0.2):
                return
            last[0] = now
            share = f"{done * 100 // max(total, 1):3} %"
            end = "\n" if done >= total else ""
            click.echo(f"\r{title}: {share} ({number(done)}){end}", err=True, nl=False)

        return tell

    return of
