"""`lumbung verify`."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lumbung.accounts import actions, proof, seals
from lumbung.core.finding import Finding, Proof
from lumbung.core.message import Message, Plural
from lumbung.places.commands import refusals
from lumbung.verify.checks import Check, checks, trail_holds
from lumbung.words import say

SHOWN = 30
PATIENCE_SECONDS = 2.0


@click.command()
@click.option(
    "--since",
    default="",
    metavar="HEAD",
    help="Prove that the trail extends this head.",
)
@click.option(
    "--quick", is_flag=True, help="Batches and sizes only: no line, no digest."
)
@click.option(
    "--accept", is_flag=True, help="Say that an older copy was put back on purpose."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--language",
    type=click.Choice(["id", "en"]),
    default="id",
    show_default=True,
    help="Which language to answer in.",
)
def verify(since: str, quick: bool, accept: bool, as_json: bool, language: str) -> None:
    """Prove that what is stored is what was written, or name what is not.

    Looks at the database file, the sealed audit trail, the keys, every evidence file.
    Ends with 0 where all is proven and with 1 where something is wrong. New lines of
    the trail are sealed at the end.

    \b
      lumbung verify
      lumbung verify --since 12-0123456789abcdef0123
    """
    with translation.override(language), refusals():
        if since:
            proof.parse_head(since)
        if accept:
            actions.accept_history(now=timezone.now())
        report(since, quick=quick, as_json=as_json)


def report(since: str, *, quick: bool, as_json: bool) -> None:
    now = timezone.now()
    proofs = []
    for check in checks(now=now, since=since, quick=quick):
        proofs.append(run(check))
        if not as_json:
            show(check, proofs[-1])
    sealed = seals.seal(now) if trail_holds(proofs) else None
    if as_json:
        click.echo(json.dumps(for_programs(proofs, sealed), indent=1))
    else:
        show_end(proofs, sealed)
    if not all(each.holds for each in proofs):
        raise SystemExit(1)


def run(check: Check) -> Proof:
    with patient_bar(check) as progress:
        return check.run(progress)


@contextmanager
def patient_bar(check: Check) -> Iterator[Callable[[int], None]]:
    """A progress bar on the error stream, for whoever has waited two seconds."""
    began, waiting = time.monotonic(), 0
    total = check.total()
    bar: Any = click.progressbar(length=total, label=say(check.title), file=sys.stderr)
    shown = False

    def progress(done: int) -> None:
        nonlocal waiting, shown
        waiting += done
        if not shown and time.monotonic() - began < PATIENCE_SECONDS:
            return
        shown = True
        bar.update(waiting)
        waiting = 0

    try:
        yield progress
    finally:
        if shown:
            bar.update(waiting)
            bar.render_finish()


def show(check: Check, proof: Proof) -> None:
    wrong = [finding for finding in proof.findings if not finding.note]
    notes = [finding for finding in proof.findings if finding.note]
    verdict = Message("proven")
    if wrong:
        verdict = Plural("%(count)s fault", "%(count)s faults", count=len(wrong))
    mark = "✗" if wrong else "✓"
    click.echo(f"{mark} {say(check.title)}: {say(verdict)}. {say(proof.what)}")
    tell(wrong, "✗")
    tell(notes, "·")


def tell(findings: list[Finding], mark: str) -> None:
    for finding in findings[:SHOWN]:
        click.echo(f"  {mark} {say(finding.message)}")
        if finding.mend:
            click.echo(f"    {say(finding.mend)}")
    if len(findings) > SHOWN:
        more = len(findings) - SHOWN
        click.echo(
            "    " + _("… and %(count)s more (--json names all).") % {"count": more}
        )


def show_end(proofs: list[Proof], sealed: seals.Head | None) -> None:
    trail = next(each for each in proofs if each.part == "trail")
    unsealed = int(trail.counts["unsealed"])
    if unsealed and sealed:
        click.echo(say(waited(unsealed, int(trail.counts["oldest_unsealed_s"]))))
        click.echo(_("The head is now %(head)s.") % {"head": sealed})
    elif unsealed:
        click.echo(_("Nothing was sealed onto a trail that is not what it was."))
    if all(each.holds for each in proofs):
        click.echo(_("Everything is proven."))
    else:
        click.echo(_("Not everything is proven: see ✗ above."))


def waited(count: int, seconds: int) -> Message:
    age = Plural("%(count)s second", "%(count)s seconds", count=seconds)
    if seconds >= 7200:
        age = Plural("%(count)s hour", "%(count)s hours", count=seconds // 3600)
    elif seconds >= 120:
        age = Plural("%(count)s minute", "%(count)s minutes", count=seconds // 60)
    return Plural(
        "Sealed %(count)s new line; it had waited %(age)s.",
        "Sealed %(count)s new lines; the oldest had waited %(age)s.",
        count=count,
        age=age,
    )


def for_programs(proofs: list[Proof], sealed: seals.Head | None) -> dict[str, Any]:
    return {
        "holds": all(each.holds for each in proofs),
        "head": str(sealed) if sealed else None,
        "parts": [
            {
                "part": each.part,
                "holds": each.holds,
                **each.counts,
                "findings": [finding_as_json(finding) for finding in each.findings],
            }
            for each in proofs
        ],
    }


def finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "note": finding.note,
        "message": say(finding.message),
        "mend": say(finding.mend),
    }
