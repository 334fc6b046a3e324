"""Cases and what hangs on them, as the API says them."""

from datetime import date, datetime

from django.urls import reverse
from ninja import Schema

from lumbung.accounts.models import User
from lumbung.core.gates import Line, Verdict
from lumbung.core.message import from_json
from lumbung.evidence.models import Evidence
from lumbung.evidence.shapes import EvidenceShape, evidence_shape
from lumbung.pages.shapes import Person, Typed, Words, both, person, typed
from lumbung.programmes.models import (
    Case,
    Decision,
    DeclaredFact,
    StepEvidence,
    Transition,
)
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.rule_shapes import StepShape, outcomes, step_shape
from lumbung.programmes.verdicts import step_of, template_of, verdict
from lumbung.words import say


class CasePlaceShape(Schema):
    code: str
    name: str
    role: str


class StepName(Schema):
    id: str
    position: int
    name: Words


class CaseName(Schema):
    uid: str
    number: str


class CaseShape(Schema):
    """A dossier as lists say it. `due_on` is its last day before it is stuck."""

    uid: str
    number: str
    title: str
    is_example: bool
    programme: str
    template: str
    pack: str
    state: str
    step: StepName
    since: date
    due_on: date | None
    is_stuck: bool
    outcome: str
    responsible: Person
    places: list[CasePlaceShape]
    origin: CaseName | None
    opened_on: date
    moved_on: date
    version: int


class LineShape(Schema):
    """A condition or group, judged. What is unknown is not met, and says why."""

    met: bool
    fact: str
    sentence: str
    have: Typed | None
    source: str
    as_of: date | None
    help: str
    children: "list[LineShape]"


class VerdictShape(Schema):
    """A gate judged: met, or the lines that say what is missing."""

    met: bool
    lines: list[LineShape]


class CaseFull(CaseShape):
    """A dossier with its present step and what that step's gate says today."""

    rule: StepShape
    next: str | None
    outcomes: dict[str, Words]
    gate: VerdictShape


class TransitionShape(Schema):
    """One line of a case's history, with the gate as it was judged then."""

    uid: str
    kind: str
    from_step: str
    to_step: str
    on: date
    at: datetime
    by: Person
    reason: str
    outcome: str
    responsible: Person
    decision: str | None
    gate: VerdictShape | None


class LaidShape(Schema):
    """Evidence laid to a requirement of a step; `taken_back` says why, if it was."""

    uid: str
    step: str
    requirement: str
    evidence: EvidenceShape
    by: Person
    at: datetime
    taken_back: str | None


class AttendanceShape(Schema):
    """How many women and men of a sector were there."""

    sector: str
    women: int
    men: int


class DecisionShape(Schema):
    """What a body decided. `quorum_met` is null where no rule was set."""

    uid: str
    about: str
    step: str
    number: str
    body: str
    decided_on: date
    venue: str
    result: str
    reason: str
    invited: int | None
    attendance: list[AttendanceShape]
    quorum_met: bool | None
    minutes: EvidenceShape
    corrects: str | None
    corrected_by: str | None
    by: Person
    at: datetime


class DeclaredShape(Schema):
    """A fact as somebody declared it; the latest by `as_of` counts."""

    uid: str
    name: str
    value: Typed
    as_of: date
    evidence: EvidenceShape
    by: Person
    at: datetime


def case_shapes(cases: list[Case], viewer: User, *, on: date) -> list[CaseShape]:
    """Cases as lists say them. A copied case outside of one's territory is not named.

    Places, programme, responsible and origin of each should be at hand.
    """
    origins = {case.origin_id for case in cases if case.origin_id}
    seen = Case.objects.visible_to(viewer).filter(pk__in=origins)
    named = set(seen.values_list("pk", flat=True))
    return [case_shape(case, on=on, origin=case.origin_id in named) for case in cases]


def case_shape(case: Case, *, on: date, origin: bool) -> CaseShape:
    pack, step = pack_of(case.pack_id), step_of(case)
    copied = case.origin if origin else None
    return CaseShape(
        uid=str(case.uid),
        number=case.number,
        title=case.title,
        is_example=case.is_example,
        programme=case.programme.code,
        template=case.template,
        pack=f"{pack.code}@{pack.version}",
        state=case.state,
        step=StepName(id=step.id, position=step.position, name=both(step.name)),
        since=case.since,
        due_on=case.due_on,
        is_stuck=case.state == Case.State.RUNNING
        and case.due_on is not None
        and case.due_on < on,
        outcome=case.outcome,
        responsible=person(case.responsible),
        places=[
            CasePlaceShape(code=row.place.code, name=row.place.name, role=row.role)
            for row in case.places.all()
        ],
        origin=CaseName(uid=str(copied.uid), number=copied.number) if copied else None,
        opened_on=case.opened_on,
        moved_on=case.moved_on,
        version=case.version,
    )


def case_full(case: Case, viewer: User, *, on: date) -> CaseFull:
    template, step = template_of(case), step_of(case)
    following = template.after(step.id)
    [shape] = case_shapes([case], viewer, on=on)
    return CaseFull(
        **shape.model_dump(),
        rule=step_shape(pack_of(case.pack_id), step),
        next=following.id if following else None,
        outcomes={} if following else outcomes(template),
        gate=verdict_shape(verdict(case, on=on)),
    )


def verdict_shape(found: Verdict) -> VerdictShape:
    return VerdictShape(met=found.met, lines=[line_shape(line) for line in found.lines])


def line_shape(line: Line) -> LineShape:
    return LineShape(
        met=line.met,
        fact=line.fact,
        sentence=say(line.sentence),
        have=None if line.have is None else typed(line.have),
        source=say(line.source),
        as_of=line.as_of,
        help=say(line.help),
        children=[line_shape(child) for child in line.children],
    )


def transition_shape(row: Transition) -> TransitionShape:
    found = Verdict.from_json(row.verdict) if row.verdict else None
    return TransitionShape(
        uid=str(row.uid),
        kind=row.kind,
        from_step=row.from_step,
        to_step=row.to_step,
        on=row.on,
        at=row.at,
        by=person(row.by),
        reason=row.reason,
        outcome=row.outcome,
        responsible=person(row.responsible),
        decision=str(row.decision.uid) if row.decision else None,
        gate=verdict_shape(found) if found else None,
    )


def paper_shape(case: Case, paper: Evidence) -> EvidenceShape:
    """Evidence that hangs on a case: whoever sees the case may read its bytes there."""
    return evidence_shape(paper, reverse("api:case_file", args=[case.uid, paper.uid]))


def laid_shape(case: Case, row: StepEvidence) -> LaidShape:
    return LaidShape(
        uid=str(row.uid),
        step=row.step,
        requirement=row.requirement,
        evidence=paper_shape(case, row.evidence),
        by=person(row.by),
        at=row.at,
        taken_back=row.void_reason if row.voided_at else None,
    )


def decision_shape(case: Case, row: Decision) -> DecisionShape:
    later = getattr(row, "corrected_by", None)
    return DecisionShape(
        uid=str(row.uid),
        about=row.about,
        step=row.step,
        number=row.number,
        body=row.body,
        decided_on=row.decided_on,
        venue=row.venue,
        result=row.result,
        reason=row.reason,
        invited=row.invited,
        attendance=[
            AttendanceShape(sector=there.sector, women=there.women, men=there.men)
            for there in row.attendance.all()
        ],
        quorum_met=row.quorum_met,
        minutes=paper_shape(case, row.minutes),
        corrects=str(row.corrects.uid) if row.corrects else None,
        corrected_by=str(later.uid) if later else None,
        by=person(row.by),
        at=row.at,
    )


def declared_shape(case: Case, row: DeclaredFact) -> DeclaredShape:
    return DeclaredShape(
        uid=str(row.uid),
        name=row.name,
        value=typed(from_json(row.value)),
        as_of=row.as_of,
        evidence=paper_shape(case, row.evidence),
        by=person(row.by),
        at=row.at,
    )
