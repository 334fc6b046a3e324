"""`lumbung places`: the official list of places, and what people ask of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.places import actions, crosswalk
from lumbung.places.codes import resolve
from lumbung.places.editions import read, shipped
from lumbung.places.models import Level, Place, PlaceCode
from lumbung.places.search import Hit, ancestors, search
from lumbung.words import day, number, say

SHOWN = 30


@click.group()
def places() -> None:
    """Provinces, districts, sub-districts and villages: load, look up, update."""


@contextmanager
def refusals() -> Iterator[None]:
    """Say a refusal as the end of the command: what, which parts, how to mend it."""
    try:
        yield
    except Refusal as refusal:
        lines = [say(refusal.message), *(f"  - {say(part)}" for part in refusal.parts)]
        lines += [say(refusal.mend)] if refusal.mend else []
        raise click.ClickException("\n".join(lines)) from refusal


@places.command()
def load() -> None:
    """Load the list of places that comes with Lumbung. Run again, it changes nothing."""
    if Place._meta.db_table not in connection.introspection.table_names():
        raise click.ClickException(_("There is no database yet. Run: lumbung init"))
    total = sum(
        len(edition.names)
        for edition in map(read, shipped())
        if actions.waiting(edition)
    )
    with refusals(), bar(total, _("Loading places")) as progress:
        loaded = actions.load_shipped(now=timezone.now(), progress=progress)
    for edition in loaded:
        click.echo(_("Edition %(number)s is in force.") % {"number": edition.number})
    click.echo(say(census()))


@contextmanager
def bar(total: int, label: str) -> Iterator[Callable[[int], None]]:
    """A progress bar, where there is something to wait for."""
    if not total:
        yield actions.no_progress
        return
    with click.progressbar(length=total, label=label) as progress:
        yield progress.update
        progress.update(total)


def census() -> Message:
    """How many places are in force, by level."""
    here = Place.objects.in_force()
    counts = {level: here.filter(level=level).count() for level in Level}
    return Message(
        "%(provinces)s provinces, %(districts)s districts, %(subdistricts)s "
        "sub-districts, %(villages)s villages; %(countries)s countries.",
        provinces=counts[Level.PROVINCE],
        districts=counts[Level.DISTRICT],
        subdistricts=counts[Level.SUBDISTRICT],
        villages=counts[Level.VILLAGE],
        countries=counts[Level.COUNTRY],
    )


@places.command()
@click.argument("what", nargs=-1, required=True, metavar="CODE|NAME")
@click.option("--scheme", type=click.Choice(PlaceCode.Scheme.values), help="Whose code")
def show(what: tuple[str, ...], scheme: str | None) -> None:
    """Show one place by its code (old ones too) or name: codes, names, what it holds."""
    asked = " ".join(what)
    with refusals():
        if any(letter.isdigit() for letter in asked) or scheme:
            describe(resolve(asked, scheme))
            return
    hits = search(asked)
    if hits and sum(hit.score == hits[0].score for hit in hits) == 1:
        describe(hits[0].place)
    elif hits:
        click.echo(_("Several places fit:"))
        listed(hits)
    else:
        raise click.ClickException(_("Nothing is called like that."))


def describe(place: Place) -> None:
    click.echo(f"{place.name} · {place.kind} · {place.code}")
    for above in ancestors(place):
        click.echo(f"  {above.name} ({above.code})")
    if place.time_zone:
        click.echo(_("Time zone: %(zone)s") % {"zone": place.time_zone})
    for row in place.codes.order_by("scheme", "valid_from"):
        since = day(row.valid_from) if row.valid_from else ""
        until = day(row.valid_to) if row.valid_to else ""
        click.echo(f"  {row.scheme} {row.code}  {since} – {until}".rstrip(" –"))
    for former in place.former_names.select_related("until"):
        names = {"name": former.name, "number": former.until.number}
        click.echo(_("Until edition %(number)s: %(name)s") % names)
    if place.closed_in:
        ended = {"number": place.closed_in.number}
        click.echo(_("Ended with edition %(number)s.") % ended)
    for succession in place.successions.select_related("after"):
        click.echo(_("Continues as %(place)s.") % {"place": succession.after})
    below = Place.objects.in_force().below(place).count() - (not place.closed_in)
    if below:
        text = ngettext("Holds %(count)s place.", "Holds %(count)s places.", below)
        click.echo(text % {"count": number(below)})


@places.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--in", "within", metavar="CODE", help="Only inside this place")
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, show_default=True)
def search_places(words: tuple[str, ...], within: str | None, limit: int) -> None:
    """Find places by name, with typing errors forgiven, or by the start of a code."""
    with refusals():
        territory = resolve(within) if within else None
    hits = search(" ".join(words), within=territory, limit=limit)
    if not hits:
        raise click.ClickException(_("Nothing is called like that."))
    listed(hits)


def listed(hits: list[Hit]) -> None:
    for hit in hits:
        former = f" ({hit.former})" if hit.former else ""
        click.echo(f"{hit.place.code:14} {hit.place.name}{former} · {hit.where}")


@places.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--scheme", type=click.Choice(["bps"]), required=True, help="Whose codes they are"
)
@click.option("--accept", is_flag=True, help="Leave faulty rows out and write the rest")
def codes(file: Path, scheme: str, accept: bool) -> None:
    """Add codes of another list from a CSV: kode_bps, kode_dagri, nama_dagri."""
    with refusals():
        read_file = crosswalk.read_crosswalk(file, PlaceCode.Scheme(scheme))
        for fault in read_file.faults[:SHOWN]:
            place = {"row": fault.row, "column": fault.column}
            where = _("Row %(row)s, %(column)s") % place
            click.echo(f"{where}: {say(fault.message)}", err=True)
        more = len(read_file.faults) - SHOWN
        if more > 0:
            click.echo(_("… and %(count)s more.") % {"count": more}, err=True)
        added = crosswalk.add_codes(read_file, accept_faults=accept)
    known = {"new": number(added), "same": number(read_file.same)}
    click.echo(_("%(new)s codes added, %(same)s known before.") % known)
