"""`lumbung places update` and `follow`: they need users and cases, so they live here."""

import csv
from pathlib import Path

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.accounts.models import User
from lumbung.core.editions import Pair
from lumbung.desk import place_update
from lumbung.places.codes import resolve
from lumbung.places.commands import SHOWN, bar, places, refusals
from lumbung.places.editions import decisions, read
from lumbung.places.models import Place, Succession
from lumbung.places.plans import Plan, preview
from lumbung.words import number

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def who(_context: object, _parameter: object, username: str | None) -> User | None:
    if username is None:
        return None
    people: list[User] = list(User.objects.filter(username=username, is_active=True))
    if not people:
        raise click.BadParameter(_("Nobody signs in as %(name)s.") % {"name": username})
    return people[0]


BY = click.option("--by", callback=who, metavar="USERNAME", help="Who does it")


@places.command()
@click.argument("file", type=FILE)
@click.option("--decisions", "decided_in", type=FILE, help="CSV: before,after")
@click.option("--apply", "apply_it", is_flag=True, help="Do it, not only show it")
@BY
def update(
    file: Path, decided_in: Path | None, apply_it: bool, by: User | None
) -> None:
    """Show what a new edition of the list would change; with --apply, change it.

    FILE is an edition (lumbung/places/editions.py says how it looks). What no rule can
    tell is listed; answer in a CSV with the columns before,after: the same line as
    shown if it is the same place, an empty `after` if the place is gone.
    """
    with refusals():
        edition = read(file)
        decided = answers(decided_in)
        plan = preview(edition, decided)
        told(plan)
        if not apply_it:
            click.echo(_("Nothing was changed. Add --apply to do it."))
            return
        with bar(len(plan.opened), _("Updating places")) as progress:
            place_update.update_places(
                edition=edition,
                decided=decided,
                by=by,
                now=timezone.now(),
                progress=progress,
            )
    click.echo(_("Edition %(number)s is in force.") % {"number": edition.number})
    for place in place_update.unsettled()[:SHOWN]:
        waits = _("%(place)s has ended; its cases and mandates wait for a successor.")
        click.echo(waits % {"place": place})


def answers(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    with file.open(newline="", encoding="utf-8-sig") as rows:
        return dict(decisions(csv.DictReader(rows), file.name))


def told(plan: Plan) -> None:
    """Print a plan: its counts, then who is concerned, doubts last."""
    effects = place_update.effects(plan)
    counts = plan.counts()
    labels = {
        "gone": _("codes that are gone"),
        "new": _("codes that are new"),
        "new_villages": _("of them villages"),
        "new_subdistricts": _("of them sub-districts"),
        "moved": _("places that go on under another code"),
        "renamed": _("places renamed"),
        "respelled": _("places spelled another way"),
        "ended": _("places that end"),
        "opened": _("places that begin"),
        "split": _("places that gave villages to a new one"),
        "merged": _("places that took in one that ended"),
        "doubtful": _("places to decide"),
    }
    for name, label in labels.items():
        click.echo(f"{number(counts[name]):>8}  {label}")
    along = _("open cases that move along")
    click.echo(f"{number(effects.cases_moving):>8}  {along}")
    waiting = _("open cases and mandates at places that end")
    total = effects.cases_waiting + effects.mandates_waiting
    click.echo(f"{number(total):>8}  {waiting}")
    names = plan.edition.names
    listed(_("End:"), [f"{code} {plan.before[code]}" for code in plan.ended])
    listed(_("Begin:"), [f"{code} {names[code]}" for code in plan.opened])
    listed(_("Divided:"), [arrow(plan, pair) for pair in plan.comparison.split])
    listed(_("Taken in:"), [arrow(plan, pair) for pair in plan.comparison.merged])
    listed(_("To decide:"), [arrow(plan, pair) for pair in plan.doubtful])


def arrow(plan: Plan, pair: Pair) -> str:
    before, after = plan.before[pair.before], plan.edition.names[pair.after]
    return f"{pair.before},{pair.after}  {before} → {after}"


def listed(title: str, lines: list[str]) -> None:
    if not lines:
        return
    click.echo(title)
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        more = _("… and %(count)s more.") % {"count": len(lines) - SHOWN}
        click.echo(f"  {more}")


@places.command()
@click.argument("before", metavar="ENDED")
@click.argument("after", metavar="SUCCESSOR")
@click.option(
    "--kind",
    type=click.Choice(Succession.Kind.values),
    default=Succession.Kind.RECODED.value,
    show_default=True,
    help="Another code only, one of several parts, or joined with others",
)
@BY
def follow(before: str, after: str, kind: str, by: User | None) -> None:
    """Let open cases and mandates of a place that ended go over to its successor."""
    with refusals():
        old, new = ended(before), resolve(after)
        done = place_update.follow(
            before=old,
            after=new,
            kind=Succession.Kind(kind),
            by=by,
            now=timezone.now(),
        )
    counts = {"cases": len(done.cases), "mandates": len(done.mandates)}
    click.echo(_("%(cases)s cases and %(mandates)s mandates followed.") % counts)


def ended(code: str) -> Place:
    """A place by its last code; one that ended before one that has the code now."""
    gone = Place.objects.exclude(closed_in=None).filter(code=code).order_by("-pk")
    return gone.first() or resolve(code)
