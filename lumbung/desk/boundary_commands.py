"""`lumbung places boundaries`: outlines for the maps, from a GeoJSON file."""

import csv
from collections.abc import Iterable
from pathlib import Path

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.accounts.models import User
from lumbung.desk.boundaries import accept_boundaries
from lumbung.desk.place_commands import BY, FILE, listed
from lumbung.places.boundaries import About, BoundaryPlan, Patch, SheetPlan, preview
from lumbung.places.commands import bar, places, refusals
from lumbung.places.geojson import Fault, read_geojson
from lumbung.places.models import Level, PlaceCode
from lumbung.words import number, say

LEVELS = {
    "provinces": Level.PROVINCE,
    "districts": Level.DISTRICT,
    "subdistricts": Level.SUBDISTRICT,
    "villages": Level.VILLAGE,
}


@places.command()
@click.argument("file", type=FILE)
@click.option(
    "--level", type=click.Choice(list(LEVELS)), help="Of what, if not clear from it"
)
@click.option(
    "--codes",
    "scheme",
    type=click.Choice(PlaceCode.Scheme.values),
    default=PlaceCode.Scheme.KEMENDAGRI.value,
    show_default=True,
    help="Whose codes the file has",
)
@click.option("--decisions", type=FILE, help="CSV: feature,code")
@click.option("--source", default="", help="Where the boundaries come from")
@click.option("--licence", default="", help="On what terms they may be shown")
@click.option("--year", default="", help="Of which year they are")
@click.option(
    "--accept", is_flag=True, help="Draw the maps, not only say what would be"
)
@BY
def boundaries(
    file: Path,
    level: str | None,
    scheme: str,
    decisions: Path | None,
    accept: bool,
    by: User | None,
    **about: str,
) -> None:
    """Show what a GeoJSON FILE of boundaries would draw; with --accept, draw it.

    Each feature needs the place's code in a property such as “code” or “kode_desa”.
    Places of one level to a file; those at fault are left out and named by number.
    """
    with refusals():
        plan = preview(
            read_geojson(file),
            scheme=scheme,
            level=LEVELS[level] if level else None,
            decided=decided(decisions),
        )
        told(plan)
        if not accept:
            click.echo(_("Nothing was changed. Add --accept to draw the maps."))
            return
        if plan.is_same and plan.sheets:
            click.echo(_("These maps were drawn from this very file; drawn again."))
        total = sum(len(sheet.places) for sheet in plan.sheets)
        with bar(total, _("Drawing maps")) as progress:
            accept_boundaries(
                plan=plan,
                about=About(**{key: text.strip() for key, text in about.items()}),
                by=by,
                now=timezone.now(),
                progress=progress,
            )
    maps = {"maps": number(len(plan.sheets)), "places": number(len(plan.found))}
    click.echo(_("%(maps)s maps drawn of %(places)s places.") % maps)


def decided(file: Path | None) -> dict[int, str]:
    """What a person decided: the code of a feature, by its number in the file."""
    if file is None:
        return {}
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            found = list(csv.DictReader(lines))
        return {int(row["feature"]): row["code"].strip() for row in found}
    except (KeyError, ValueError, AttributeError, csv.Error) as error:
        text = _(
            "%(file)s: the columns must be “feature” and “code”, in a CSV of UTF-8."
        )
        raise click.ClickException(text % {"file": file.name}) from error


def told(plan: BoundaryPlan) -> None:
    """Print a plan: counts, maps, then everything that is not as it should be."""
    lines = [
        (plan.read.total, _("features in the file")),
        (len(plan.found), _("of them get an outline")),
        (len(plan.faults), _("faults, left out")),
        (len(plan.doubts), _("in doubt")),
        (len(plan.read.mended), _("boundaries mended")),
        (len(plan.overlaps), _("overlaps of a hectare or more")),
        (len(plan.gaps), _("gaps of a hectare or more")),
    ]
    for count, label in lines:
        click.echo(f"{number(count):>8}  {label}")
    listed(_("Maps:"), [sheet_said(sheet) for sheet in plan.sheets])
    scarce = _("%(place)s: only %(here)s of %(total)s places, not drawn")
    listed(
        _("No map:"),
        [
            scarce % {"place": place, "here": number(here), "total": number(total)}
            for place, here, total in plan.scarce
        ],
    )
    listed(_("Faults:"), faults_said(plan.faults))
    listed(_("In doubt:"), faults_said(plan.doubts))
    listed(_("Mended:"), faults_said(plan.read.mended))
    listed(_("Overlaps:"), [patch_said(each) for each in plan.overlaps])
    listed(_("Gaps:"), [patch_said(each) for each in plan.gaps])


def sheet_said(sheet: SheetPlan) -> str:
    said = _("%(place)s: %(here)s of %(total)s places") % {
        "place": sheet.territory,
        "here": number(len(sheet.places)),
        "total": number(sheet.total),
    }
    if sheet.before:
        said += ", " + _("instead of %(file)s") % {"file": sheet.before}
    if sheet.lost:
        said += ", " + _("%(count)s lose their outline") % {"count": sheet.lost}
    return said


def faults_said(faults: Iterable[Fault]) -> list[str]:
    found = []
    for fault in faults:
        where = _("Feature %(number)s, %(what)s") % {
            "number": fault.feature,
            "what": fault.what,
        }
        mend = f" {say(fault.mend)}" if fault.mend else ""
        found.append(f"{where}: {say(fault.message)}{mend}")
    return found


def patch_said(patch: Patch) -> str:
    hectares = number(round(patch.area_m2 / 10_000, 1))
    return f"{hectares} ha: {', '.join(patch.names)}"
