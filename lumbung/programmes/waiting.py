"""The cases that wait for a person, for their home page."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.gates import Verdict
from lumbung.core.message import Message, Plural
from lumbung.programmes.models import Case, CasePlace
from lumbung.programmes.registry import WAITING, Waiting
from lumbung.programmes.verdicts import step_of, verdicts

MOST = 50
OTHERS = 10  # stuck cases of others on one home page


def cases(user: User, on: date) -> Iterator[Waiting]:
    """Running cases this person is responsible for, the latest first."""
    mine = list(
        Case.objects.visible_to(user)
        .running()
        .filter(responsible=user)
        .select_related("programme")
        .with_places()
        .order_by("due_on", "pk")[:MOST]
    )
    found = verdicts(mine, on=on)
    for case in mine:
        yield line(case, found[case.pk], on)


def stuck(user: User, on: date) -> Iterator[Waiting]:
    """Stuck cases of others, for who leads there: at most ten, and how many more."""
    led = CasePlace.objects.filter(
        user.inside("path", "case__programme__code", ability="case.hold"),
        role=CasePlace.Role.MAIN,
    )
    rows = Case.objects.stuck(on).exclude(responsible=user)
    rows = rows.filter(pk__in=led.values("case"))
    first = list(
        rows.select_related("programme", "responsible")
        .with_places()
        .order_by("due_on", "pk")[: OTHERS + 1]
    )
    found = verdicts(first[:OTHERS], on=on)
    for case in first[:OTHERS]:
        yield line(case, found[case.pk], on)
    if len(first) > OTHERS:
        count = rows.count() - OTHERS
        yield Waiting(
            title=Plural(
                "%(count)s more stuck case in your territory",
                "%(count)s more stuck cases in your territory",
                count=count,
            ),
            text=Message("The boards of the programmes show them first."),
            state=Message("Stuck"),
            tone="late",
            where="",
            url=reverse("desk:programmes"),
            button=Message("To the programmes"),
        )


def line(case: Case, verdict: Verdict, on: date) -> Waiting:
    step = step_of(case)
    late = case.due_on is not None and case.due_on < on
    state, tone = Message("Waits"), "waits"
    if case.due_on:
        state = Message("Until %(day)s", day=case.due_on)
    if verdict.met:
        state, tone = Message("Ready to be moved"), "ready"
    if late:
        days = (on - case.due_on).days if case.due_on else 0
        state = Plural(
            "Stuck for %(count)s day", "Stuck for %(count)s days", count=days
        )
        tone = "late"
    return Waiting(
        title=Message("%(title)s: %(step)s", title=case.title, step=step.name),
        text=summary(verdict),
        state=state,
        tone=tone,
        where=Message(
            "Step %(number)s, %(step)s", number=step.position, step=step.name
        ),
        url=reverse("desk:case", args=[case.uid]),
        button=Message("Decide") if verdict.met else Message("Open the case"),
        due_on=case.due_on,
    )


def summary(verdict: Verdict) -> Message:
    """The first thing that is missing, and how many more there are."""
    if verdict.met:
        return Message("All conditions are met. Only your decision is missing.")
    first, *others = (each.sentence for each in verdict.missing)
    if not others:
        return first
    return Plural(
        "%(first)s And %(count)s more.",
        "%(first)s And %(count)s more.",
        count=len(others),
        first=first,
    )


WAITING += [cases, stuck]
