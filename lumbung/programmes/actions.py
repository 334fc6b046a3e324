"""The verbs of a case: what may happen to a dossier. What refuses it is in `checks`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from lumbung.accounts import actions as accounts
from lumbung.accounts import audit
from lumbung.accounts.models import Mandate, User
from lumbung.core import quorum as quorum_rule
from lumbung.core.message import Message, Plural, Value, to_json
from lumbung.evidence.actions import ReasonMissing
from lumbung.evidence.models import Evidence
from lumbung.places.models import Place
from lumbung.programmes.checks import (
    BadDecision,
    BadEvidence,
    BadSuccessor,
    GateNotMet,
    NoSuchStep,
    able,
    belongs,
    case_places,
    check_attendance,
    decided,
    in_state,
    latest_of,
    locked,
    long_enough,
    main_place,
    may_leave,
    must,
    ready,
    refuse_future,
    sound_date,
)
from lumbung.programmes.declarations import checked_value
from lumbung.programmes.models import (
    Attendance,
    Case,
    CasePlace,
    Decision,
    DeclaredFact,
    Programme,
    StepEvidence,
    Transition,
)
from lumbung.programmes.packs.pack import Step, pack_of
from lumbung.programmes.verdicts import past_step, step_of, template_of, verdict

# What the trail calls what a line of history tells: the verb that wrote it.
VERBS = {
    Transition.Kind.OPEN: "open_case",
    Transition.Kind.MOVE: "move_case",
    Transition.Kind.OVERRIDE: "override_gate",
    Transition.Kind.CLOSE: "move_case",
    Transition.Kind.PAUSE: "pause_case",
    Transition.Kind.RESUME: "resume_case",
    Transition.Kind.STOP: "stop_case",
    Transition.Kind.REOPEN: "reopen_case",
    Transition.Kind.HAND_OVER: "hand_over_case",
    Transition.Kind.ADOPT: "take_up_pack",
}


@transaction.atomic
def open_case(
    *,
    programme: Programme,
    template: str,
    title: str,
    place: Place,
    also: Iterable[Place] = (),
    partners: Iterable[Place] = (),
    responsible: User,
    on: date,
    by: User,
    origin: Case | None = None,
    is_example: bool = False,
) -> Case:
    """Open a dossier at the first step of `template`, with its places.

    `origin` is the case it copies (replication). The number counts within the
    template's prefix and the year.
    """
    for here in (place, *also):
        must(by, "case.open", here, programme)
    refuse_future(on)
    form = pack_of(programme.pack_id).templates.get(template)
    if form is None or form.programme != programme.code:
        raise NoSuchStep(
            Message("The pack in force has no template “%(id)s”.", id=template)
        )
    places = case_places(place, also, partners)
    able(responsible, place, programme, field="responsible")
    # Two officers opening at once must not draw one number: the second waits here.
    Programme.objects.select_for_update().get(pk=programme.pk)
    case = Case.objects.create(
        number=next_number(form.prefix, on.year),
        programme=programme,
        pack_id=programme.pack_id,
        template=template,
        title=title.strip() or place.name,
        origin=origin,
        responsible=responsible,
        opened_on=on,
        is_example=is_example,
        step=form.first.id,
        position=1,
        since=on,
        due_on=due(form.first, on),
        moved_on=on,
    )
    CasePlace.objects.bulk_create(
        CasePlace(case=case, place=where, role=role, path=where.path)
        for where, role in places.items()
    )
    write(case, Transition.Kind.OPEN, to=case.step, on=on, by=by)
    return case


@transaction.atomic
def move_case(
    *, case: Case, to: str, on: date, by: User, version: int, reason: str = ""
) -> Case:
    """Move a case to the step `to`, if its gate is met; or back, with a reason.

    At the last step `to` is an outcome, and the case is closed. The facts with
    their sources are kept with the move. `version` is the one the mover saw.
    """
    case, step = ready(case, by, "case.move", version, on)
    may_leave(step, case, by)
    if to in step.returns:
        long_enough(reason)
        enter(case, template_of(case).step(to), on)
        return write(
            case,
            Transition.Kind.MOVE,
            from_step=step.id,
            to=to,
            on=on,
            by=by,
            reason=reason,
        )
    found = verdict(case, on=on)
    if not found.met:
        raise GateNotMet(
            Plural(
                "One thing is still missing before this step can be left.",
                "%(count)s things are still missing before this step can be left.",
                count=len(found.missing),
            ),
            mend=Message("Nothing was changed. Mend what is listed, then move again."),
            parts=tuple(line.sentence for line in found.missing),
        )
    return leave(case, to, on=on, by=by, verdict=found.to_json(), reason=reason)


@transaction.atomic
def override_gate(
    *, case: Case, to: str, decision: Decision, on: date, by: User, version: int
) -> Case:
    """Pass a gate that is not met, because a body decided so (`decision`)."""
    case, _ = ready(case, by, "override", version, on)
    decided(decision, case, Decision.About.OVERRIDE, on)
    found = verdict(case, on=on)
    if found.met:
        raise BadDecision(
            Message("Nothing is missing: move the case without an override.")
        )
    return leave(case, to, on=on, by=by, verdict=found.to_json(), decision=decision)


@transaction.atomic
def pause_case(*, case: Case, reason: str, on: date, by: User, version: int) -> Case:
    """Rest a case, with the reason; its days are not counted as stuck."""
    case, _ = ready(case, by, "case.hold", version, on)
    long_enough(reason)
    case.state, case.due_on = Case.State.PAUSED, None
    return write(case, Transition.Kind.PAUSE, to=case.step, on=on, by=by, reason=reason)


@transaction.atomic
def resume_case(*, case: Case, on: date, by: User, version: int) -> Case:
    """Take up a paused case where it rested; the step's days begin anew."""
    case = locked(case, version)
    must(by, "case.hold", main_place(case), case.programme)
    in_state(case, Case.State.PAUSED)
    sound_date(case, on)
    enter(case, step_of(case), on)
    return write(case, Transition.Kind.RESUME, to=case.step, on=on, by=by)


@transaction.atomic
def stop_case(
    *, case: Case, decision: Decision, on: date, by: User, version: int
) -> Case:
    """End a case before its goal. A body must have decided so."""
    case = locked(case, version)
    must(by, "case.hold", main_place(case), case.programme)
    in_state(case, Case.State.RUNNING, Case.State.PAUSED)
    sound_date(case, on)
    decided(decision, case, Decision.About.STOP, on)
    case.state, case.due_on = Case.State.STOPPED, None
    return write(
        case,
        Transition.Kind.STOP,
        to=case.step,
        on=on,
        by=by,
        reason=decision.reason,
        decision=decision,
    )


@transaction.atomic
def reopen_case(*, case: Case, reason: str, on: date, by: User, version: int) -> Case:
    """Take up a stopped or closed case again at the step where it ended."""
    case = locked(case, version)
    must(by, "case.hold", main_place(case), case.programme)
    in_state(case, Case.State.STOPPED, Case.State.CLOSED)
    sound_date(case, on)
    long_enough(reason)
    case.outcome = ""
    enter(case, step_of(case), on)
    return write(
        case, Transition.Kind.REOPEN, to=case.step, on=on, by=by, reason=reason
    )


@transaction.atomic
def hand_over_case(
    *, case: Case, to: User, reason: str, on: date, by: User, version: int
) -> Case:
    """Give a case to another responsible person who may see it."""
    case = locked(case, version)
    must(by, "case.hand_over", main_place(case), case.programme)
    sound_date(case, on)
    if to == case.responsible:
        raise BadSuccessor(
            Message("%(name)s is responsible already.", name=str(to)), field="to"
        )
    able(to, main_place(case), case.programme, field="to")
    case.responsible = to
    return write(
        case, Transition.Kind.HAND_OVER, to=case.step, on=on, by=by, reason=reason
    )


@transaction.atomic
def record_decision(
    *,
    case: Case,
    body: str,
    decided_on: date,
    venue: str,
    result: str,
    reason: str,
    attendance: Mapping[str, tuple[int, int]],
    invited: int | None,
    minutes: Evidence,
    by: User,
    about: str = Decision.About.STEP,
    number: str = "",
    corrects: Decision | None = None,
) -> Decision:
    """Record what a body decided; `attendance` is sector id → (women, men).

    Whether the step's quorum rule is met is computed and kept with the decision.
    It is never changed: a correction is a new decision that names the old one, and
    is about the same thing at the same step.
    """
    case = locked(case, None)
    must(by, "decision.record", main_place(case), case.programme)
    in_state(case, Case.State.RUNNING, Case.State.PAUSED)
    refuse_future(decided_on, field="decided_on")
    check_attendance(case, attendance, invited)
    if about != Decision.About.STEP:
        long_enough(reason)
    belongs(minutes, case)
    latest_of(case, corrects)
    step = step_of(case)
    if corrects:
        step, about = past_step(case, corrects.step), corrects.about
    decision = Decision.objects.create(
        case=case,
        about=about,
        step=step.id,
        number=number,
        body=body,
        decided_on=decided_on,
        venue=venue,
        result=result,
        reason=reason,
        invited=invited,
        minutes=minutes,
        corrects=corrects,
        by=by,
        at=timezone.now(),
        **quorum_at(step, attendance, invited),
    )
    Attendance.objects.bulk_create(
        Attendance(decision=decision, sector=sector, women=women, men=men)
        for sector, (women, men) in attendance.items()
    )
    note("record_decision", case, by, on=decision, after={"result": result})
    return decision


def quorum_at(
    step: Step, attendance: Mapping[str, tuple[int, int]], invited: int | None
) -> dict[str, Any]:
    """The step's quorum rule as it stands, and whether it is met; empty without one."""
    if step.quorum is None:
        return {}
    present = sum(women + men for women, men in attendance.values())
    met = quorum_rule.met(step.quorum, present, invited) if invited else None
    return {"quorum": step.quorum.to_json(), "quorum_met": met}


@transaction.atomic
def attach_evidence(
    *, case: Case, requirement: str, evidence: Evidence, by: User
) -> StepEvidence:
    """Lay a piece of evidence to one requirement of the present step."""
    case = locked(case, None)
    must(by, "evidence.add", main_place(case), case.programme)
    in_state(case, Case.State.RUNNING, Case.State.PAUSED)
    belongs(evidence, case)
    step = step_of(case)
    if requirement not in {each.id for each in step.evidence}:
        raise BadEvidence(
            Message("This step does not ask for “%(id)s”.", id=requirement),
            field="requirement",
        )
    laid = case.evidence.filter(step__in=step.ids, requirement=requirement)
    if laid.filter(evidence=evidence, voided_at=None).exists():
        raise BadEvidence(
            Message("“%(title)s” lies here already.", title=evidence.title)
        )
    paper = StepEvidence.objects.create(
        case=case,
        step=case.step,
        requirement=requirement,
        evidence=evidence,
        by=by,
        at=timezone.now(),
    )
    note("attach_evidence", case, by, on=paper, after={"requirement": requirement})
    return paper


@transaction.atomic
def detach_evidence(*, paper: StepEvidence, reason: str, by: User) -> StepEvidence:
    """Take evidence back from a step it was laid to by mistake; the row stays."""
    case = locked(paper.case, None)
    must(by, "evidence.add", main_place(case), case.programme)
    in_state(case, Case.State.RUNNING, Case.State.PAUSED)
    if not reason.strip():
        raise ReasonMissing(Message("Say why it is taken back."), field="reason")
    paper = StepEvidence.objects.select_for_update().get(pk=paper.pk)
    if paper.voided_at:
        raise BadEvidence(Message("This evidence was taken back already."))
    if paper.step not in step_of(case).ids:
        raise BadEvidence(
            Message("The case has left the step that this evidence was laid to.")
        )
    paper.voided_by, paper.voided_at = by, timezone.now()
    paper.void_reason = reason.strip()[:300]
    paper.save(update_fields=["voided_by", "voided_at", "void_reason"])
    note("detach_evidence", case, by, on=paper, after={"reason": paper.void_reason})
    return paper


@transaction.atomic
def declare_fact(
    *, case: Case, name: str, value: Value, as_of: date, evidence: Evidence, by: User
) -> DeclaredFact:
    """Enter a fact that no package computes yet: typed, dated, with evidence."""
    case = locked(case, None)
    must(by, "fact.declare", main_place(case), case.programme)
    in_state(case, Case.State.RUNNING, Case.State.PAUSED)
    refuse_future(as_of, field="as_of")
    belongs(evidence, case)
    value = checked_value(pack_of(case.pack_id), name, value)
    fact = DeclaredFact.objects.create(
        case=case,
        name=name,
        value=to_json(value),
        as_of=as_of,
        evidence=evidence,
        by=by,
        at=timezone.now(),
    )
    note("declare_fact", case, by, on=fact, after={"name": name, "value": value})
    return fact


@transaction.atomic
def hand_over_mandate(
    *, mandate: Mandate, to: User, reason: str, by: User, now: datetime
) -> Mandate:
    """Give a mandate to a successor, who becomes responsible for its open cases too.

    Whoever may hand the mandate over may hand these cases over with it.
    """
    cases = list(open_cases_of(mandate))
    successor = accounts.hand_over_mandate(
        mandate=mandate, to=to, reason=reason, by=by, now=now
    )
    for case in cases:
        fresh = locked(case, None)
        fresh.responsible = to
        write(
            fresh,
            Transition.Kind.HAND_OVER,
            to=fresh.step,
            on=max(timezone.localdate(now), fresh.moved_on),
            by=by,
            reason=reason,
        )
    return successor


def open_cases_of(mandate: Mandate) -> "QuerySet[Case]":
    """Open cases of a mandate's holder whose main place lies in its territory."""
    cases = Case.objects.filter(
        responsible=mandate.user, state__in=[Case.State.RUNNING, Case.State.PAUSED]
    ).mainly_in(mandate.place)
    if mandate.programme:
        cases = cases.filter(programme__code=mandate.programme)
    return cases.order_by("pk")


def leave(case: Case, to: str, *, on: date, by: User, **kept: Any) -> Case:
    """Go on from the present step: to the next one, or at the last to an outcome."""
    form, step = template_of(case), step_of(case)
    kind = Transition.Kind.OVERRIDE if kept.get("decision") else Transition.Kind.MOVE
    following = form.after(step.id)
    if following is not None:
        if to != following.id:
            raise NoSuchStep(
                Message(
                    "From “%(here)s” a case goes on to “%(next)s”.",
                    here=step.name,
                    next=following.name,
                ),
                field="to",
            )
        enter(case, following, on)
        return write(case, kind, from_step=step.id, to=to, on=on, by=by, **kept)
    if to not in {outcome.id for outcome in form.outcomes}:
        raise NoSuchStep(
            Message("This is the last step: choose how the case ends."), field="to"
        )
    case.state, case.due_on, case.outcome = Case.State.CLOSED, None, to
    return write(
        case,
        Transition.Kind.CLOSE,
        from_step=step.id,
        to=step.id,
        on=on,
        by=by,
        outcome=to,
        **kept,
    )


def enter(case: Case, step: Step, on: date) -> None:
    """Let the case stand at `step` from `on`; its days there begin to count."""
    case.state = Case.State.RUNNING
    case.step, case.position = step.id, step.position
    case.since, case.due_on = on, due(step, on)


def due(step: Step, on: date) -> date | None:
    """The last day in a step before its case is stuck."""
    return on + timedelta(days=step.expected_days) if step.expected_days else None


def write(case: Case, kind: str, *, to: str, on: date, by: User, **kept: Any) -> Case:
    """Keep the case as it now stands, its history line and its audit event."""
    if kind != Transition.Kind.OPEN:
        case.version += 1
        case.moved_on = on
        case.save(
            update_fields=[
                *("state", "step", "position", "since", "due_on", "outcome"),
                *("responsible", "moved_on", "version"),
            ]
        )
    Transition.objects.create(
        case=case,
        kind=kind,
        to_step=to,
        on=on,
        at=timezone.now(),
        by=by,
        responsible=case.responsible,
        **kept,
    )
    passed = kind == Transition.Kind.CLOSE and kept.get("decision")
    note(
        "override_gate" if passed else VERBS[Transition.Kind(kind)],
        case,
        by,
        on=case,
        before={"step": kept["from_step"]} if "from_step" in kept else None,
        after={
            "step": case.step,
            "state": case.state,
            "responsible": case.responsible,
            "on": on,
        },
    )
    return case


def note(
    verb: str,
    case: Case,
    by: User,
    *,
    on: Any,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an audit event under the case's place and programme."""
    audit.record(
        verb,
        by=by,
        on=on,
        place=main_place(case),
        programme=case.programme.code,
        before=before,
        after={"case": case.number, **(after or {})},
    )


def next_number(prefix: str, year: int) -> str:
    """The next free number of a prefix in a year, such as `LK-2017-001`."""
    stem = f"{prefix}-{year}-"
    taken = Case.objects.filter(number__startswith=stem)
    last = taken.order_by(Length("number").desc(), "-number").first()
    count = int(last.number.removeprefix(stem)) if last else 0
    return f"{stem}{count + 1:03d}"
