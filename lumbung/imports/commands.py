"""`lumbung import`: a file on its way in from the server itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.accounts.models import User
from lumbung.core.message import from_json
from lumbung.core.sheets import letter
from lumbung.imports import actions
from lumbung.imports.importers import IMPORTERS, Importer
from lumbung.imports.models import Import
from lumbung.places.codes import addressed
from lumbung.places.commands import refusals
from lumbung.words import number, say

SHOWN = 20
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def who(_context: object, _parameter: object, username: str) -> User:
    people: list[User] = list(User.objects.filter(username=username, is_active=True))
    if not people:
        raise click.BadParameter(_("Nobody signs in as %(name)s.") % {"name": username})
    return people[0]


@click.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--by", callback=who, required=True, metavar="USERNAME", help="Who does it."
)
@click.option(
    "--place", "place_code", required=True, help="The territory: 33.26, or ID."
)
@click.option("--source", required=True, help="Who published the numbers, and where.")
@click.option("--kind", default="observations", show_default=True, help="Or: classes.")
@click.option("--indicator", default="", help="Its code, unless the file names it.")
@click.option("--scheme", default="", help="For classes: the code of their scheme.")
@click.option("--period", default="", help="2021 or 2021-07, unless the file says so.")
@click.option("--codes", default="", help="Whose codes they are: kemendagri or bps.")
@click.option("--cut-off", default="", help="The day the numbers hold for: 2021-12-31.")
@click.option("--url", default="", help="Address of the source.")
@click.option("--per-cent", is_flag=True, help="Shares are written as 0 to 100.")
@click.option("--example", is_flag=True, help="The numbers are invented; mark them.")
@click.option("--sheet", default="", help="The first one with rows, if left out.")
@click.option("--accept", is_flag=True, help="Accept what is right, do not only look.")
def import_file(  # noqa: PLR0913  # one for each option
    file: Path,
    by: User,
    place_code: str,
    kind: str,
    sheet: str,
    accept: bool,
    **asked: str | bool,
) -> None:
    """Read a table (XLSX, XLS, ODS, CSV) of numbers or classes of places.

    Without --accept it stops at the preview: what would be new, what would change, and
    each faulty cell with how to mend it. The preview then waits on the page Imports,
    where names in doubt are decided too. For example:

    \b
      lumbung import idm.csv --place ID --codes kemendagri \\
          --source "Kemendesa, IDM 2021-2023" --by ani
      lumbung import miskin.xlsx --place 33.26 --indicator poor_share --period 2021 \\
          --per-cent --source "BPS Kabupaten Pekalongan" --by ratna --accept
    """
    if kind not in IMPORTERS:
        raise click.BadParameter(f"{kind}: {', '.join(IMPORTERS)}", param_hint="--kind")
    with refusals():
        parameters = answered(IMPORTERS[kind], asked)
        with file.open("rb") as opened, counted(file) as report:
            of = actions.start_import(
                kind=kind,
                upload=File(opened, name=file.name),
                sheet=sheet,
                parameters=parameters,
                place=addressed(place_code),
                by=by,
                now=timezone.now(),
                report=report,
            )
        preview(of)
        if of.state == Import.State.FAILED:
            raise SystemExit(2)
        if not accept:
            click.echo(_("Nothing counts yet. Add --accept, or decide on the page."))
            return
        actions.accept_import(of=of, by=by, now=timezone.now())
    click.echo(_("%(count)s values accepted.") % {"count": number(of.good)})


def answered(importer: Importer, asked: dict[str, str | bool]) -> dict[str, object]:
    """The options, judged by the form that the page asks with."""
    form = importer.form(
        {
            **{
                name: asked[name] for name in ("indicator", "scheme", "period", "codes")
            },
            "source_title": asked["source"],
            "source_url": asked["url"],
            "cut_off_on": asked["cut_off"],
            "per_cent": asked["per_cent"],
            "is_example": asked["example"],
        }
    )
    if not form.is_valid():
        faults = [
            f"{name}: {' '.join(map(str, said))}" for name, said in form.errors.items()
        ]
        raise click.UsageError("\n".join(faults))
    return importer.parameters(form.cleaned_data)


@contextmanager
def counted(file: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar by the lines of a text; a workbook does not tell its rows."""
    with file.open("rb") as opened:
        workbook = opened.read(2) == b"PK"
        total = 0 if workbook else sum(1 for _line in opened)
    if not total:
        yield actions.unheard
        return
    with click.progressbar(length=total, label=file.name) as progress:
        yield lambda done: progress.update(done - progress.pos)
        progress.update(total - progress.pos)


def preview(of: Import) -> None:
    """What the page shows of a preview, as lines."""
    if of.failure:
        click.echo(say(from_json(of.failure)), err=True)
        return
    said = {
        _("Rows"): of.rows,
        _("New values"): of.new,
        _("Revisions of old values"): of.revised,
        _("Unchanged"): of.same,
        _("Faulty"): of.faulty,
        _("Left out"): of.left_out,
        _("Names in doubt"): len(of.doubts),
        _("To be looked at"): of.changes,
        _("Totals unlike their sum"): of.totals,
    }
    for name, count in said.items():
        click.echo(f"{name}: {number(count)}")
    if of.unread:
        click.echo(
            _("Nothing is taken from these columns:") + " " + ", ".join(of.unread)
        )
    for fault in of.faults.order_by("row", "pk")[:SHOWN]:
        where = f"{letter(fault.column)}{fault.row}"
        mend = f" {say(from_json(fault.mend))}" if fault.mend else ""
        click.echo(f"{where}: {say(from_json(fault.message))}{mend}", err=True)
    if of.faulty > SHOWN:
        click.echo(_("… and %(count)s more.") % {"count": of.faulty - SHOWN}, err=True)
    for each in of.findings[:SHOWN]:
        before, after = (say(from_json(each[key])) for key in ("before", "after"))
        text = say(from_json(each["text"]))
        click.echo(f"{each['place']} ({each['code']}): {text}: {before} → {after}")
