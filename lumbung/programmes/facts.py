"""Facts that a case knows about itself: its evidence, decisions, days, declarations."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter

from django.db.models import Prefetch

from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Message, Share, from_json
from lumbung.programmes.models import (
    Case,
    CasePlace,
    Decision,
    DeclaredFact,
    StepEvidence,
)
from lumbung.programmes.registry import FACTS, Compute, FactKind
from lumbung.programmes.verdicts import step_of

Answer = Known | Unknown
NO_DECISION = Unknown(Message("No decision has been recorded at this step yet."))


def of_each(answer: Callable[[Case, date, str], Answer]) -> Compute:
    """Turn a rule about one case into one about many."""

    def compute(cases: Sequence[Case], on: date, argument: str) -> Mapping[int, Answer]:
        return {case.pk: answer(case, on, argument) for case in cases}

    return compute


def evidence(case: Case, on: date, requirement: str) -> Answer:
    """How many standing papers lie to one requirement of the present step.

    One photo laid twice is one photo; of a later day it proves nothing about `on`.
    """
    ids = step_of(case).ids
    papers = [
        paper
        for paper in case.evidence.all()
        if paper.step in ids
        and paper.requirement == requirement
        and paper.voided_at is None
        and paper.evidence.voided_at is None
        and paper.evidence.dated_on <= on
    ]
    latest = max((paper.evidence.dated_on for paper in papers), default=None)
    different = {paper.evidence.file_id for paper in papers}
    return Known(len(different), Message("Evidence of this case"), latest)


def standing(case: Case, on: date) -> Decision | None:
    """The present step's latest decision until `on` that no later one corrects.

    Withdrawn minutes prove nothing, so the decision does not count.
    """
    corrected = {decision.corrects_id for decision in case.decisions.all()}
    ids = step_of(case).ids
    here = [
        decision
        for decision in case.decisions.all()
        if decision.step in ids
        and decision.about == Decision.About.STEP
        and decision.decided_on <= on
        and decision.pk not in corrected
        and decision.minutes.voided_at is None
    ]
    return max(here, key=attrgetter("decided_on", "pk"), default=None)


def from_decision(read: Callable[[Decision], Answer]) -> Compute:
    def answer(case: Case, on: date, argument: str) -> Answer:
        decision = standing(case, on)
        return read(decision) if decision else NO_DECISION

    return of_each(answer)


def known(
    decision: Decision, value: int | Share | str, whole: int | None = None
) -> Known:
    source = Message("Decision of %(body)s", body=decision.body)
    return Known(value, source, decision.decided_on, whole)


def women(decision: Decision) -> int:
    return sum(row.women for row in decision.attendance.all())


def people(decision: Decision) -> int:
    return sum(row.women + row.men for row in decision.attendance.all())


def women_share(decision: Decision) -> Answer:
    total = people(decision)
    if not total:
        return Unknown(Message("The decision has no attendance list."))
    return known(decision, Share(women(decision), total), whole=total)


def sectors(decision: Decision) -> Answer:
    return known(
        decision, sum(row.women + row.men > 0 for row in decision.attendance.all())
    )


def is_approved(decision: Decision) -> Answer:
    return known(decision, yes_or_no(decision.result == Decision.Result.APPROVED))


def quorum(decision: Decision) -> Answer:
    if decision.quorum_met is None:
        return Unknown(Message("The decision does not say how many were invited."))
    return known(decision, yes_or_no(decision.quorum_met))


def yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def declared(case: Case, on: date, name: str) -> Answer:
    """The latest declaration, with standing proof, of a fact no package computes."""
    lines = [
        fact
        for fact in case.declared_facts.all()
        if fact.name == name and fact.as_of <= on and fact.evidence.voided_at is None
    ]
    if not lines:
        return Unknown(Message("Nobody has declared this yet."))
    latest = max(lines, key=attrgetter("as_of", "pk"))
    source = Message("Declared by %(name)s", name=str(latest.by))
    return Known(from_json(latest.value), source, latest.as_of)


def days_in_step(case: Case, on: date, argument: str) -> Answer:
    return Known((on - case.since).days, Message("Calendar"), on)


def days_open(case: Case, on: date, argument: str) -> Answer:
    return Known((on - case.opened_on).days, Message("Calendar"), on)


def places(case: Case, on: date, argument: str) -> Answer:
    own = [p for p in case.places.all() if p.role != CasePlace.Role.PARTNER]
    return Known(len(own), Message("Places of this case"))


def origin(case: Case, on: date, argument: str) -> Answer:
    return Known(yes_or_no(case.origin_id is not None), Message("The case it copies"))


PAPERS = (Prefetch("evidence", StepEvidence.objects.select_related("evidence")),)
DECISIONS = (
    Prefetch("decisions", Decision.objects.select_related("minutes")),
    "decisions__attendance",
)
DECLARED = (Prefetch("declared_facts", DeclaredFact.objects.select_related("by")),)
FACTS |= {
    "evidence": FactKind(
        "count", of_each(evidence), takes="requirement", prefetch=PAPERS
    ),
    "decision:approved": FactKind(
        "yesno", from_decision(is_approved), prefetch=DECISIONS
    ),
    "decision:quorum": FactKind("yesno", from_decision(quorum), prefetch=DECISIONS),
    "decision:people": FactKind(
        "count", from_decision(lambda d: known(d, people(d))), prefetch=DECISIONS
    ),
    "decision:women": FactKind(
        "count", from_decision(lambda d: known(d, women(d))), prefetch=DECISIONS
    ),
    "decision:women_share": FactKind(
        "share", from_decision(women_share), prefetch=DECISIONS
    ),
    "decision:sectors": FactKind("count", from_decision(sectors), prefetch=DECISIONS),
    "declared": FactKind(
        "declared",
        of_each(declared),
        takes="declared",
        prefetch=DECLARED,
    ),
    "days:in_step": FactKind("count", of_each(days_in_step)),
    "days:open": FactKind("count", of_each(days_open)),
    "places": FactKind("count", of_each(places), prefetch=("places",)),
    "case:origin": FactKind("yesno", of_each(origin)),
}
