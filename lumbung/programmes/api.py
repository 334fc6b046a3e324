"""Programmes and cases for programs: the same verbs as the pages, and no others."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status
from pydantic import StrictInt

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.evidence.attachments import serve
from lumbung.pages.cursors import Paging, Part, cut
from lumbung.pages.shapes import Body, Code, Day, Line, Moment, Person, Writing, person
from lumbung.places.codes import entered
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.checks import (
    BadDecision,
    BadSuccessor,
    main_place,
    must,
    people_at,
)
from lumbung.programmes.models import Case, Decision, Programme, Transition
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.papers import papers_of
from lumbung.programmes.rule_shapes import (
    ProgrammeFull,
    ProgrammeShape,
    programme_full,
    programme_shape,
)
from lumbung.programmes.shapes import (
    CaseFull,
    CaseShape,
    TransitionShape,
    case_full,
    case_shapes,
    transition_shape,
)

programmes_router = Router(tags=["programmes"])
router = Router(tags=["cases"])


class VersionMissing(Refusal):
    code = "version_missing"
    status = 428


@programmes_router.get("", response=Part[ProgrammeShape])
def programmes(request: SignedIn, paging: Query[Paging]) -> Part[ProgrammeShape]:
    """The programmes that run here, by the packs in force."""
    found, following = cut(request, Programme.objects.all(), paging, key="code")
    packs = [(row, pack_of(row.pack_id)) for row in found]
    items = [programme_shape(pack, pack.programmes[row.code]) for row, pack in packs]
    return Part(items=items, next=following)


@programmes_router.get("/{code}", response=ProgrammeFull)
def programme(request: SignedIn, code: Code) -> ProgrammeFull:
    """A programme with its templates, their steps, and what each step asks for."""
    row = get_object_or_404(Programme, code=code)
    pack = pack_of(row.pack_id)
    return programme_full(pack, pack.programmes[code])


class CasesAsked(Schema):
    """Which cases of those one may see. Each that is given must hold."""

    programme: Code | None = None
    template: Code | None = None
    state: Case.State | None = None
    step: Code | None = None
    place: Code | None = Field(None, description="Its main place lies in this one")
    stuck: bool | None = None
    responsible: UUID | None = None
    changed_since: Moment | None = Field(
        None, description="Something happened to it at or after this moment"
    )


@router.get("", response=Part[CaseShape])
def cases(
    request: SignedIn, asked: Query[CasesAsked], paging: Query[Paging]
) -> Part[CaseShape]:
    """Cases of one's territory, oldest first."""
    today = timezone.localdate()
    rows = Case.objects.visible_to(request.user)
    if asked.place:
        rows = rows.mainly_in(entered(asked.place, field="place"))
    if asked.stuck is not None:
        stuck = rows.stuck(today)
        rows = stuck if asked.stuck else rows.exclude(pk__in=stuck.values("pk"))
    if asked.changed_since:
        later = Transition.objects.filter(
            case=OuterRef("pk"), at__gte=asked.changed_since
        )
        rows = rows.filter(Exists(later))
    columns = {
        "programme__code": asked.programme,
        "template": asked.template,
        "state": asked.state,
        "step": asked.step,
        "responsible__uid": asked.responsible,
    }
    rows = rows.filter(**{name: v for name, v in columns.items() if v is not None})
    ready = rows.select_related("programme", "responsible", "origin")
    found, following = cut(request, ready.prefetch_related("places__place"), paging)
    items = case_shapes(found, request.user, on=today)
    return Part(items=items, next=following)


class Opening(Body):
    """A new case. `responsible` is oneself where nobody is named."""

    programme: Code
    template: Code
    place: Code
    also: list[Code] = Field(default=[], max_length=50)
    partners: list[Code] = Field(default=[], max_length=50)
    title: Line = ""
    responsible: UUID | None = None
    on: Day | None = None
    origin: UUID | None = Field(None, description="The case that it copies")


@router.post("", response={201: CaseFull})
def open_case(request: SignedIn, data: Opening) -> Status[CaseFull]:
    """Open a case at the first step of a template."""
    programme = get_object_or_404(Programme, code=data.programme)
    place = entered(data.place, field="place")
    visible = Case.objects.visible_to(request.user)
    responsible = request.user
    if data.responsible:
        responsible = somebody(data.responsible, place, programme, "responsible")
    case = actions.open_case(
        programme=programme,
        template=data.template,
        title=data.title,
        place=place,
        also=[entered(code, field="also") for code in data.also],
        partners=[entered(code, field="partners") for code in data.partners],
        responsible=responsible,
        on=data.on or timezone.localdate(),
        by=request.user,
        origin=get_object_or_404(visible, uid=data.origin) if data.origin else None,
    )
    return Status(201, shown(request, case))


@router.get("/{uuid:uid}", response=CaseFull)
def case(request: SignedIn, uid: UUID) -> CaseFull:
    """A case, its present step, and what its gate waits for today."""
    return shown(request, find(request, uid))


@router.get("/{uuid:uid}/transitions", response=Part[TransitionShape])
def transitions(
    request: SignedIn, uid: UUID, paging: Query[Paging]
) -> Part[TransitionShape]:
    """The history of a case, from its opening on."""
    rows = find(request, uid).transitions.select_related(
        "by", "responsible", "decision"
    )
    found, following = cut(request, rows, paging)
    return Part(items=[transition_shape(row) for row in found], next=following)


@router.get("/{uuid:uid}/people", response=list[Person])
def people(request: SignedIn, uid: UUID) -> list[Person]:
    """Who a case may be handed to: people with a mandate where it is."""
    case = find(request, uid)
    must(request.user, "case.hand_over", main_place(case), case.programme)
    found = people_at(main_place(case), case.programme)
    return [person(user) for user in found[:500]]


class Change(Body):
    """A change of a case. `version` is the one that was seen, or send `If-Match`."""

    on: Day | None = Field(None, description="The day it happened; today if left out")
    version: StrictInt | None = Field(None, ge=1, le=2**31 - 1)

    def when(self) -> date:
        return self.on or timezone.localdate()


class Move(Change):
    """`to` is the next step, an earlier one to return to, or at the last an outcome."""

    to: Code
    reason: Writing = ""


class ByDecision(Change):
    """`decision` is the uid of one that approves exactly this."""

    decision: UUID


class Overriding(ByDecision):
    to: Code


class Reasoned(Change):
    reason: Writing


class HandingOver(Change):
    to: UUID
    reason: Writing = ""


@router.post("/{uuid:uid}/move", response=CaseFull)
def move_case(request: SignedIn, uid: UUID, data: Move) -> CaseFull:
    """Move on where the gate is met; or back, with a reason; or close."""
    case = actions.move_case(
        case=find(request, uid),
        to=data.to,
        on=data.when(),
        by=request.user,
        version=seen(request, data),
        reason=data.reason,
    )
    return shown(request, case)


@router.post("/{uuid:uid}/override", response=CaseFull)
def override_gate(request: SignedIn, uid: UUID, data: Overriding) -> CaseFull:
    """Pass a gate that is not met, because a body decided so."""
    case = find(request, uid)
    moved = actions.override_gate(
        case=case,
        to=data.to,
        decision=decision_of(case, data.decision),
        on=data.when(),
        by=request.user,
        version=seen(request, data),
    )
    return shown(request, moved)


@router.post("/{uuid:uid}/pause", response=CaseFull)
def pause_case(request: SignedIn, uid: UUID, data: Reasoned) -> CaseFull:
    """Rest a case, with the reason."""
    return hold(request, uid, data, actions.pause_case)


@router.post("/{uuid:uid}/resume", response=CaseFull)
def resume_case(request: SignedIn, uid: UUID, data: Change) -> CaseFull:
    """Take up a paused case where it rested."""
    case = actions.resume_case(
        case=find(request, uid),
        on=data.when(),
        by=request.user,
        version=seen(request, data),
    )
    return shown(request, case)


@router.post("/{uuid:uid}/reopen", response=CaseFull)
def reopen_case(request: SignedIn, uid: UUID, data: Reasoned) -> CaseFull:
    """Take up a stopped or closed case at the step where it ended."""
    return hold(request, uid, data, actions.reopen_case)


@router.post("/{uuid:uid}/stop", response=CaseFull)
def stop_case(request: SignedIn, uid: UUID, data: ByDecision) -> CaseFull:
    """End a case before its goal, because a body decided so."""
    case = find(request, uid)
    stopped = actions.stop_case(
        case=case,
        decision=decision_of(case, data.decision),
        on=data.when(),
        by=request.user,
        version=seen(request, data),
    )
    return shown(request, stopped)


@router.post("/{uuid:uid}/hand-over", response=CaseFull)
def hand_over_case(request: SignedIn, uid: UUID, data: HandingOver) -> CaseFull:
    """Give a case to another responsible person."""
    case = find(request, uid)
    to = somebody(data.to, main_place(case), case.programme, "to")
    given = actions.hand_over_case(
        case=case,
        to=to,
        reason=data.reason,
        on=data.when(),
        by=request.user,
        version=seen(request, data),
    )
    return shown(request, given)


@router.get("/{uuid:uid}/files/{uuid:paper}", url_name="case_file")
def case_file(request: SignedIn, uid: UUID, paper: UUID) -> HttpResponseBase:
    """The bytes of evidence, minutes or proof that hangs on this case."""
    papers = papers_of(find(request, uid))
    return serve(request, get_object_or_404(papers, uid=paper))


def find(request: SignedIn, uid: UUID) -> Case:
    """The case, if this person may see it; else it is not there."""
    cases = Case.objects.visible_to(request.user)
    ready = cases.select_related("programme", "responsible", "origin")
    return get_object_or_404(ready.prefetch_related("places__place"), uid=uid)


def shown(request: SignedIn, case: Case) -> CaseFull:
    return case_full(case, request.user, on=timezone.localdate())


def hold(
    request: SignedIn, uid: UUID, data: Reasoned, verb: Callable[..., Case]
) -> CaseFull:
    case = verb(
        case=find(request, uid),
        reason=data.reason,
        on=data.when(),
        by=request.user,
        version=seen(request, data),
    )
    return shown(request, case)


def seen(request: SignedIn, data: Change) -> int:
    """The version that the sender saw: in the body, else in `If-Match`."""
    header = request.headers.get("If-Match", "").strip().strip('"')
    if data.version is not None:
        return data.version
    if re.fullmatch(r"[0-9]{1,9}", header):
        return int(header)
    raise VersionMissing(
        Message("Say which version of the case you saw."),
        mend=Message("Send its `version` in the body, or in If-Match."),
        field="version",
    )


def somebody(uid: UUID, place: Place, programme: Programme, field: str) -> User:
    """The person of this uid; people without a mandate here are not told apart."""
    found = people_at(place, programme).filter(uid=uid).first()
    if found is None:
        raise BadSuccessor(
            Message("Nobody of this uid has a mandate in %(place)s.", place=place.name),
            mend=Message("Give a mandate first, or choose somebody else."),
            field=field,
        )
    return found


def decision_of(case: Case, uid: UUID, field: str = "decision") -> Decision:
    found: Decision | None = case.decisions.filter(uid=uid).first()
    if found is None:
        raise BadDecision(
            Message("This case has no decision of this uid."), field=field
        )
    return found
