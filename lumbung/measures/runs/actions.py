"""The verbs of a run: start it, repeat it, open cases for what came out worst."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core import cells
from lumbung.core.classification import LATEST, edges_for
from lumbung.core.message import Message, to_json
from lumbung.core.refusal import Refusal
from lumbung.imports.actions import WAITS, must
from lumbung.imports.models import Import
from lumbung.measures.models import ClassRule, Repetition, Run, Source
from lumbung.measures.runs import snapshots
from lumbung.measures.runs.computing import (
    KIND,
    Report,
    carry_out,
    compute_again,
    content_of,
    program,
    quiet,
)
from lumbung.measures.runs.readings import level_of, places_of
from lumbung.measures.runs.red_places import open_one, reachable
from lumbung.places.models import Place
from lumbung.programmes.models import Programme
from lumbung.work.models import Job
from lumbung.work.queue import enqueue

AT_ONCE = 1_000  # places; more are classed by a job


class NoSuchPeriod(Refusal):
    code = "no_such_period"
    status = 422


class TooSmall(Refusal):
    code = "territory_too_small"
    status = 422


class NotInForce(Refusal):
    code = "run_not_in_force"


class NothingRed(Refusal):
    code = "nothing_red"


def start_run(
    *,
    rule: ClassRule,
    place: Place,
    period: str,
    by: User,
    now: datetime,
    only: Source | None = None,
    report: Report | None = None,
) -> Run:
    """Put the places in `place` into classes: at once if they are few, else by a job.

    The classes wait until `accept_import` takes them. `period` is written as people
    write it; `only` reads the values of one source. With `report` the caller waits
    for it, however many they are, and no job computes the same beside it.
    """
    must(by, place)
    period = sound_period(rule, period)
    large_enough(rule, place)
    count = places_of(place, level_of(rule.content["level"])).count()
    by_job = report is None and count > AT_ONCE
    of = Import(
        kind=KIND,
        file_name=f"{rule.name_id} {period}",
        parameters={"rule": rule.code, "scheme": rule.scheme.code, "period": period},
        place=place,
        by=by,
        at=now,
        expires_on=(now + WAITS).date(),
    )
    run = Run(
        of=of,
        rule=rule.code,
        pack_id=rule.pack_id,
        content=content_of(rule),
        method=LATEST,
        program=program(),
        scheme=rule.scheme,
        place=place,
        period=period,
        only=only,
        by=by,
        at=now,
    )
    with transaction.atomic():
        of.save()
        run.save()
        after = {"rule": rule.code, "pack": rule.pack, "period": period}
        audit.record("start_run", by=by, on=run, place=place, after=after)
        if by_job:
            enqueue("measures.classify", {"run": str(run.uid)}, by=by, key=key_of(run))
    return run if by_job else carry_out(run, report=report or quiet)


def key_of(run: Run) -> str:
    return f"measures.classify {run.uid}"


def sound_period(rule: ClassRule, written: str) -> str:
    try:
        period = cells.period(written)
    except cells.CellFault as fault:
        raise NoSuchPeriod(fault.message, mend=fault.mend, field="period") from fault
    if edges_for(rule.content, period) is None:
        raise NoSuchPeriod(
            Message("This rule says nothing of %(period)s.", period=period),
            mend=Message("Choose a period that the rule names."),
            field="period",
        )
    return period


def large_enough(rule: ClassRule, place: Place) -> None:
    """Ranks are taken among all places of a territory, never among a part of them."""
    least = level_of(rule.content.get("within", rule.content["level"]))
    if place.level > least:
        raise TooSmall(
            Message("%(place)s is too small for this rule.", place=place.name),
            mend=Message(
                "The rule looks at a whole %(level)s: choose one, or a larger place.",
                level=LEVELS[least],
            ),
            field="place",
        )


LEVELS = (
    Message("country"),
    Message("province"),
    Message("district"),
    Message("sub-district"),
    Message("village"),
)


def repeat_run(*, run: Run, by: User | None, now: datetime) -> Repetition:
    """Compute a run once more from what it kept, and write down whether it is the same.

    Reads only the run's own files and its own copy of the rule: neither later
    revisions nor packs nor the values in force have a say.
    """
    labels = snapshots.digest(compute_again(run))
    with transaction.atomic():
        repetition = Repetition.objects.create(
            run=run,
            by=by,
            at=now,
            program=program(),
            labels=labels,
            same=labels == run.labels,
        )
        after = {"labels": labels[:16], "same": repetition.same}
        audit.record("repeat_run", by=by, on=run, place=run.place, after=after)
    return repetition


@dataclass
class Opened:
    """What came of opening cases: how many, how many had one, and who was refused."""

    opened: int = 0
    had: int = 0
    refused: list[Message] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return vars(self) | {"refused": [to_json(each) for each in self.refused]}


def ask_for_cases(
    *, run: Run, programme: Programme, template: str, on: date, by: User
) -> Job:
    """Let a job open a case for each place of the worst classes that has none.

    Asked twice, it is one job as long as that one has not ended.
    """
    in_force(run)
    if not reachable(run, programme, by):
        raise NothingRed(
            Message("Where you may open cases, no place is red by this run."),
            mend=Message("There is nothing to open."),
        )
    payload = {
        "run": str(run.uid),
        "programme": programme.code,
        "template": template,
        "on": on.isoformat(),
    }
    waiting = Job.objects.filter(
        kind="measures.open_cases", asked_by=by, payload=payload
    )
    again = waiting.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).first()
    return again or enqueue("measures.open_cases", payload, by=by)


def in_force(run: Run) -> None:
    if run.of.state != Import.State.ACCEPTED:
        raise NotInForce(
            Message("The classes of this run are not accepted."),
            mend=Message("Accept them first."),
        )


def open_cases(
    *,
    run: Run,
    programme: Programme,
    template: str,
    on: date,
    by: User,
    report: Report = quiet,
) -> Opened:
    """Open a case for each red place that has none, each in a transaction of its own.

    Only where `by` may open cases. Run again, it goes on where it ended: a place with
    an open case is passed over. A refusal for one place leaves the others alone.
    """
    in_force(run)
    outcome = Opened()
    rows = reachable(run, programme, by)
    total = len(rows)
    for done, row in enumerate(rows, start=1):
        try:
            opened = open_one(run, row, programme, template, on, by)
        except Refusal as refusal:
            outcome.refused.append(
                Message("%(place)s: %(why)s", place=str(row.place), why=refusal.message)
            )
        else:
            outcome.opened += opened
            outcome.had += not opened
        report(done, total)
    return outcome
