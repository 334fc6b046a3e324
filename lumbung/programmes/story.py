"""What a case tells of itself: transitions, decisions, evidence, declared facts."""

from collections.abc import Iterator
from operator import attrgetter

from django.db.models import Prefetch

from lumbung.accounts.models import User
from lumbung.core.message import Message, from_json
from lumbung.programmes.models import (
    Case,
    Decision,
    DeclaredFact,
    StepEvidence,
    Transition,
)
from lumbung.programmes.registry import STORY, StoryLine
from lumbung.programmes.verdicts import (
    past_fact,
    past_step,
    requirement,
    template_of,
)

RESULTS = {
    Decision.Result.APPROVED: Message("approved"),
    Decision.Result.REJECTED: Message("rejected"),
    Decision.Result.DEFERRED: Message("deferred"),
}


# All that hangs on a case, for a page that shows it whole: one query a table.
WHOLE = (
    Prefetch(
        "transitions",
        Transition.objects.select_related("by", "responsible").order_by("on", "pk"),
    ),
    Prefetch(
        "decisions",
        Decision.objects.select_related("by", "corrects", "minutes").order_by("pk"),
    ),
    "decisions__attendance",
    Prefetch(
        "evidence",
        StepEvidence.objects.select_related("evidence__file", "by").order_by("pk"),
    ),
    Prefetch(
        "declared_facts",
        DeclaredFact.objects.select_related("by", "evidence").order_by("pk"),
    ),
)


# Each part is put in order here, whether or not the caller has read it by `WHOLE`:
# PostgreSQL gives rows back as they lie.


def transitions(case: Case, viewer: User) -> Iterator[StoryLine]:
    for row in sorted(case.transitions.all(), key=attrgetter("on", "pk")):
        yield StoryLine(
            on=row.on,
            kind="step",
            title=title_of(row, case),
            text=row.reason,
            tone="over" if passed_by_decision(row) else "",
            anchor=f"t{row.pk}",
            by=row.by,
        )


def passed_by_decision(row: Transition) -> bool:
    """Whether a gate that was not met was passed; at the last step that closes."""
    leaving = row.kind in {Transition.Kind.OVERRIDE, Transition.Kind.CLOSE}
    return leaving and row.decision_id is not None


def title_of(row: Transition, case: Case) -> Message:
    form = template_of(case)
    step = past_step(case, row.to_step)
    here: dict[str, Message] = {
        Transition.Kind.OPEN: Message("Case opened"),
        Transition.Kind.MOVE: Message(
            "Moved to step %(number)s, %(step)s", number=step.position, step=step.name
        ),
        Transition.Kind.OVERRIDE: Message(
            "Gate passed by decision: to step %(number)s, %(step)s",
            number=step.position,
            step=step.name,
        ),
        Transition.Kind.PAUSE: Message("Case paused"),
        Transition.Kind.RESUME: Message("Case taken up again"),
        Transition.Kind.STOP: Message("Case stopped"),
        Transition.Kind.REOPEN: Message("Case reopened"),
        Transition.Kind.HAND_OVER: Message(
            "Handed over to %(name)s", name=str(row.responsible)
        ),
        Transition.Kind.ADOPT: Message(
            "Newer rules in force: at step %(number)s, %(step)s",
            number=step.position,
            step=step.name,
        ),
    }
    if row.kind == Transition.Kind.CLOSE:
        return Message(
            "Case closed: %(outcome)s", outcome=form.outcome(row.outcome).name
        )
    return here[row.kind]


def decisions(case: Case, viewer: User) -> Iterator[StoryLine]:
    for row in sorted(case.decisions.all(), key=attrgetter("pk")):
        title = Message(
            "%(body)s: %(result)s",
            body=row.body,
            result=RESULTS[Decision.Result(row.result)],
        )
        if row.corrects:
            title = Message(
                "%(body)s: %(result)s, corrects the decision of %(day)s",
                **title.values,
                day=row.corrects.decided_on,
            )
        yield StoryLine(
            on=row.decided_on,
            kind="meeting",
            title=title,
            text=row.reason,
            anchor=f"d{row.pk}",
            url=f"keputusan/{row.uid}/",
            by=row.by,
        )


def evidence(case: Case, viewer: User) -> Iterator[StoryLine]:
    for row in sorted(case.evidence.all(), key=attrgetter("pk")):
        asked = requirement(past_step(case, row.step), row.requirement)
        title = Message("Evidence: %(title)s", title=row.evidence.title)
        if row.voided_at:
            title = Message("Evidence taken back: %(title)s", title=row.evidence.title)
        yield StoryLine(
            on=row.evidence.dated_on,
            kind="evidence",
            title=title,
            text=row.void_reason or (asked.name if asked else ""),
            url="" if row.voided_at else f"arsip/{row.evidence.uid}/",
            by=row.by,
        )


def declared_facts(case: Case, viewer: User) -> Iterator[StoryLine]:
    for row in sorted(case.declared_facts.all(), key=attrgetter("pk")):
        fact = past_fact(case, row.name)
        yield StoryLine(
            on=row.as_of,
            kind="fact",
            title=Message(
                "%(fact)s: %(value)s",
                fact=fact.name,
                value=fact.said(from_json(row.value)),
            ),
            by=row.by,
        )


STORY += [transitions, decisions, evidence, declared_facts]
