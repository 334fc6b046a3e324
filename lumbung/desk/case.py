"""The page of a case: what it waits for, where it stands, its whole story."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message, Text, from_json
from lumbung.desk import classes
from lumbung.programmes.checks import STATES, main_place
from lumbung.programmes.models import Case, CasePlace, StepEvidence, Transition
from lumbung.programmes.packs.pack import Step, Template, pack_of
from lumbung.programmes.registry import STORY, StoryLine
from lumbung.programmes.story import WHOLE
from lumbung.programmes.verdicts import step_of, template_of, verdict

SHOWN = 12
LEAVING = (Transition.Kind.MOVE, Transition.Kind.OVERRIDE, Transition.Kind.CLOSE)
KINDS = {
    "step": Message("Steps"),
    "meeting": Message("Meetings"),
    "evidence": Message("Evidence"),
    "fact": Message("Facts"),
}


@dataclass(frozen=True)
class StepLine:
    """One step as the side list shows it."""

    step: Step
    state: str  # done, over, now, todo
    on: date | None
    anchor: str = ""


@login_required
def case(request: SignedIn, uid: UUID) -> HttpResponse:
    found = shown(request, uid)
    whole = Case.objects.visible_to(request.user).filter(pk=found.pk).exists()
    prefetch_related_objects([found], *WHOLE)
    today = timezone.localdate()
    form, step, place = template_of(found), step_of(found), main_place(found)
    lines = story(found, request.user)
    if not whole:
        lines = [without_papers(line) for line in lines if line.kind != "evidence"]
    kind = request.GET.get("cerita", "")
    chosen = [line for line in lines if kind in {"", line.kind}]
    told = chosen if "semua" in request.GET else chosen[:SHOWN]
    context = {
        "section": "programmes",
        "case": found,
        "state": STATES[Case.State(found.state)],
        "place": place,
        "other_places": other_places(found),
        "origin": model_of(found, request.user),
        "copies": copies_of(found, request.user),
        "template": form,
        "step": step,
        "steps": list(step_lines(found, form)),
        "following": form.after(step.id),
        "verdict": verdict(found, on=today),
        "days": (today - found.since).days,
        "late": days_late(found, today),
        "papers": papers(found) if whole else [],
        "whole": whole,
        "facts": declared(found),
        "klass": classes.latest([place.pk]).get(place.pk),
        "pack": pack_of(found.pack_id),
        "newer": newer_pack(found),
        "story": by_year(told),
        "total": len(chosen),
        "hidden": len(chosen) - len(told),
        "kinds": KINDS.items(),
        "kind": kind,
        "today": today,
        "may": may(found, request.user),
    }
    return render(request, "desk/case.html", context)


def shown(request: SignedIn, uid: UUID) -> Case:
    """The case, where this person may see it or funds it; else it is not there."""
    cases = Case.objects.shown_to(request.user)
    rows = cases.select_related("programme", "responsible").with_places()
    return get_object_or_404(rows, uid=uid)


def model_of(case: Case, viewer: User) -> Case | None:
    """The case that this one copies, where the viewer may see it."""
    if case.origin_id is None:
        return None
    return Case.objects.shown_to(viewer).filter(pk=case.origin_id).first()


def copies_of(case: Case, viewer: User) -> list[Case]:
    """The cases that copy this one and that the viewer may see, the newest first."""
    rows = Case.objects.shown_to(viewer).filter(origin=case)
    return list(rows.order_by("-opened_on", "-pk"))


def without_papers(line: StoryLine) -> StoryLine:
    """A line of the story without its way to minutes and proofs."""
    return replace(line, url="")


def may(case: Case, user: User) -> dict[str, bool]:
    """Which buttons make sense for this person; the verbs check it again."""
    place, programme = main_place(case), case.programme.code
    abilities = {
        "move": "case.move",
        "override": "override",
        "decide": "decision.record",
        "add": "evidence.add",
        "declare": "fact.declare",
        "hold": "case.hold",
        "hand_over": "case.hand_over",
    }
    return {key: user.may(each, place, programme) for key, each in abilities.items()}


def days_late(case: Case, today: date) -> int:
    """How many days a case is over its step's limit; 0 if it is not."""
    if case.due_on is None or case.due_on >= today:
        return 0
    return (today - case.due_on).days


def story(case: Case, viewer: User) -> list[StoryLine]:
    """All that happened, from every package, the newest first."""
    lines = [line for tell in STORY for line in tell(case, viewer)]
    order = sorted(enumerate(lines), key=lambda pair: (pair[1].on, pair[0]))
    return [line for _, line in reversed(order)]


def by_year(lines: list[StoryLine]) -> list[tuple[int, list[StoryLine]]]:
    return [(year, list(group)) for year, group in groupby(lines, lambda s: s.on.year)]


def step_lines(case: Case, form: Template) -> Iterator[StepLine]:
    """Each step with the day it was left, or entered for the present one."""
    left: dict[str, Transition] = {}
    for row in case.transitions.all():
        if row.kind in LEAVING:
            left[row.from_step] = row
    closed = case.state == Case.State.CLOSED
    for step in form.steps:
        row = next((left[id] for id in step.ids if id in left), None)
        if step.id == case.step and not closed:
            yield StepLine(step, "now", case.since)
        elif row and (step.position < case.position or closed):
            over = row.kind == Transition.Kind.OVERRIDE
            yield StepLine(step, "over" if over else "done", row.on, f"t{row.pk}")
        else:
            yield StepLine(step, "todo", None)


def papers(case: Case) -> list[StepEvidence]:
    """Standing evidence of the present step."""
    ids = step_of(case).ids
    here = [p for p in case.evidence.all() if p.step in ids and not p.voided_at]
    return sorted(here, key=lambda paper: paper.evidence.dated_on, reverse=True)


def declared(case: Case) -> list[dict[str, Any]]:
    """Declared facts asked for so far, each with its latest value or none."""
    pack = pack_of(case.pack_id)
    latest: dict[str, Any] = {}
    for row in sorted(case.declared_facts.all(), key=attrgetter("as_of", "pk")):
        latest[row.name] = row
    asked = [
        name
        for step in template_of(case).steps[: case.position]
        for name in step.declares
    ]
    return [
        {
            "fact": pack.facts[name],
            "row": latest.get(name),
            "value": said(pack.facts[name], latest.get(name)),
            "asked_now": name in step_of(case).declares,
        }
        for name in dict.fromkeys([*asked, *latest])
        if name in pack.facts
    ]


def said(fact: Any, row: Any) -> Text | Message | None:
    return fact.said(from_json(row.value)) if row else None


def other_places(case: Case) -> list[CasePlace]:
    rows = [p for p in case.places.all() if p.role != CasePlace.Role.MAIN]
    return sorted(rows, key=lambda row: (row.role, row.place.code))


def newer_pack(case: Case) -> Any:
    """The version new cases start on, where this case runs on an older one."""
    programme = case.programme
    return programme.pack if programme.pack_id != case.pack_id else None
