"""The cases that wait for a person, for their home page."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.gates import Verdict
from lumbung.core.message import Message, Plural
from lumbung.programmes.models import Case, CasePlace, CaseQuerySet
from lumbung.programmes.registry import WAITING, Waiting
from lumbung.programmes.verdicts import step_of, verdicts

MOST = 50
OTHERS = 10  # stuck cases of others on one home page


def cases(user: User, on: date) -> Iterator[Waiting]:
    """Own running cases, then stuck ones of others where one leads: ten at most."""
    rows = Case.objects.visible_to(user).running().filter(responsible=user)
    others = stuck(user, on)
    mine, first = (
        list(
            each.select_related("programme", "responsible").order_by("due_on", "pk")[
                :most
            ]
        )
        for each, most in ((rows, MOST), (others, OTHERS + 1))
    )
    shown = [*mine, *first[:OTHERS]]
    places = CasePlace.objects.select_related("place")
    prefetch_related_objects(shown, Prefetch("places", places))
    found = verdicts(shown, on=on)
    for case in shown:
        yield line(case, found[case.pk], on)
    if len(first) > OTHERS:
        yield further(others.count() - OTHERS)


def stuck(user: User, on: date) -> CaseQuerySet:
    """Stuck cases of others, for who leads there."""
    led = CasePlace.objects.filter(
        user.inside("path", "case__programme__code", ability="case.hold"),
        role=CasePlace.Role.MAIN,
    )
    rows = Case.objects.stuck(on).exclude(responsible=user)
    return rows.filter(pk__in=led.values("case"))


def further(count: int) -> Waiting:
    """How many stuck cases of others are not listed."""
    return Waiting(
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


WAITING.append(cases)
