"""`lumbung classify`: put places into classes, and compute a run again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.accounts.models import User
from lumbung.core.message import Message, from_json
from lumbung.imports.actions import STATES, accept_import
from lumbung.imports.models import Import
from lumbung.measures.models import ClassRule, Run
from lumbung.measures.runs import actions, rule_words
from lumbung.measures.runs.computing import Report
from lumbung.places.codes import addressed
from lumbung.places.commands import bar, refusals
from lumbung.words import moment, number, say


@click.group()
def classify() -> None:
    """Give places their classes by the rules of packs; repeat what was computed.

    \b
      lumbung classify rules
      lumbung classify run village_colour_cut_offs --place 33.26 --period 2025 --by ratna
      lumbung classify repeat 01a2…
    """


def who(_context: object, _parameter: object, username: str) -> User:
    people: list[User] = list(User.objects.filter(username=username, is_active=True))
    if not people:
        raise click.BadParameter(_("Nobody signs in as %(name)s.") % {"name": username})
    return people[0]


def rule_called(_context: object, _parameter: object, code: str) -> ClassRule:
    found = ClassRule.objects.select_related("scheme", "pack").filter(code=code).first()
    if found is None:
        known = ", ".join(
            ClassRule.objects.order_by("code").values_list("code", flat=True)
        )
        raise click.BadParameter(
            _("There is no rule %(code)s; there are: %(known)s.")
            % {"code": code, "known": known or "–"}
        )
    return found


@classify.command()
def rules() -> None:
    """List the rules that packs in force bring."""
    for rule in ClassRule.objects.select_related("pack", "scheme").order_by("code"):
        name = say(rule_words.name_of(rule.content))
        click.echo(f"{rule.code}  {name}  [{rule.content['status']}]  {rule.pack}")


@classify.command()
@click.argument("rule", callback=rule_called)
@click.option("--place", "place_code", required=True, help="The territory: 33.26, ID.")
@click.option("--period", required=True, help="Of the values: 2025 or 2025-07.")
@click.option("--by", callback=who, required=True, metavar="USERNAME", help="Who asks.")
@click.option("--accept", is_flag=True, help="Let the classes count at once.")
def run(rule: ClassRule, place_code: str, period: str, by: User, accept: bool) -> None:
    """Compute the classes of all places in a territory by RULE.

    Without --accept they wait, and a page shows what would change.
    """
    with refusals():
        with computing() as report:
            found = actions.start_run(
                rule=rule,
                place=addressed(place_code),
                period=period,
                by=by,
                now=timezone.now(),
                report=report,
            )
        if found.of.state == Import.State.FAILED:
            raise click.ClickException(say(from_json(found.of.failure)))
        tell(found)
        if accept:
            accept_import(of=found.of, by=by, now=timezone.now())
        click.echo(say(STATES[Import.State(found.of.state)]))


@contextmanager
def computing() -> Iterator[Report]:
    """A bar that grows with the places whose classes are written."""
    with bar(1, _("Computing")) as progress:
        seen = 0

        def report(done: int, total: int | None = None) -> None:
            nonlocal seen
            if total:
                progress((done - seen) / total)  # type: ignore[arg-type]
                seen = done

        yield report


def tell(found: Run) -> None:
    for each in rule_words.counted(found.content, found.counts):
        click.echo(f"  {say(each['name']):24} {number(each['count'])}")
    click.echo(f"{_('Run')}: {found.uid}")
    click.echo(f"{_('Digest')}: {found.labels}")


@classify.command("list")
def list_runs() -> None:
    """List the runs there are, the latest first."""
    for each in Run.objects.done().select_related("place", "of").order_by("-at")[:50]:
        state = say(STATES[Import.State(each.of.state)])
        click.echo(f"{each.uid}  {moment(each.at)}  {each}  {state}")


@classify.command()
@click.argument("uid", type=click.UUID)
def repeat(uid: UUID) -> None:
    """Compute the run UID once more from what it kept; ends with 1 if it is not the same."""
    found = Run.objects.select_related("place", "scheme", "of").filter(uid=uid).first()
    if found is None:
        raise click.BadParameter(_("There is no such run: lumbung classify list"))
    with refusals():
        repetition = actions.repeat_run(run=found, by=None, now=timezone.now())
    if repetition.same:
        click.echo(say(Message("The same labels, the same digest.")))
    else:
        click.echo(say(Message("OTHER labels came out.")), err=True)
    click.echo(f"{_('Digest')}: {repetition.labels}")
    sys.exit(0 if repetition.same else 1)
