"""What hangs on a case, for programs: evidence, decisions, declared facts."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, File, Form, Query, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import StrictInt, StrictStr

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message, Rupiah, Share, Value
from lumbung.core.refusal import Refusal
from lumbung.evidence import store
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.models import Evidence
from lumbung.evidence.shapes import EvidenceShape
from lumbung.pages.cursors import Paging, Part, cut
from lumbung.pages.preparing import prepared_by
from lumbung.pages.shapes import Body, Code, Day, Line, Writing, Written
from lumbung.programmes import actions
from lumbung.programmes.api import decision_of, find
from lumbung.programmes.checks import BadEvidence, main_place, must
from lumbung.programmes.models import Case, Decision, StepEvidence
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.papers import papers_of
from lumbung.programmes.shapes import (
    DecisionShape,
    DeclaredShape,
    LaidShape,
    decision_shape,
    declared_shape,
    laid_shape,
    paper_shape,
)
from lumbung.programmes.verdicts import requirement, step_of
from lumbung.words import say

router = Router(tags=["cases"])


@router.get("/{uuid:uid}/evidence", response=Part[LaidShape])
def laid(request: SignedIn, uid: UUID, paging: Query[Paging]) -> Part[LaidShape]:
    """Evidence laid to the steps of a case; what was taken back says so."""
    case = find(request, uid)
    rows = case.evidence.select_related(
        "by", "evidence__file", "evidence__place", "evidence__by"
    )
    found, following = cut(request, rows, paging)
    return Part(items=[laid_shape(case, row) for row in found], next=following)


class Laying(Body):
    """What a file is. Without `requirement` it is kept, to be named by its uid later."""

    requirement: Code | None = None
    title: Line = Field("", description="Left empty, the name of what is asked for")
    dated_on: Day | None = Field(None, description="The day on the paper")


class Kept(Schema):
    """A paper that was kept, and where it was laid, if it was."""

    evidence: EvidenceShape
    laid: LaidShape | None


def take_in(
    request: SignedIn, uid: UUID, file: UploadedFile, data: Laying
) -> dict[str, Any]:
    """Look into the file and write it to the disk, before the database is taken."""
    case = find(request, uid)
    must(request.user, "evidence.add", main_place(case), case.programme)
    try:
        return {"file": store.take_in(file)}
    except Refusal as refusal:
        refusal.field = "file"  # as the field is called here
        raise


@router.post("/{uuid:uid}/evidence", response={201: Kept})
@prepared_by(take_in)
def add_paper(
    request: SignedIn, uid: UUID, file: File[UploadedFile], data: Form[Laying]
) -> Status[Kept]:
    """Upload a photo or PDF and lay it to a requirement of the present step."""
    case = find(request, uid)
    asked = requirement(step_of(case), data.requirement or "")
    paper = add_evidence(
        upload=file,
        title=data.title or (say(asked.name) if asked else ""),
        place=main_place(case),
        programme=case.programme.code,
        dated_on=data.dated_on or timezone.localdate(),
        by=request.user,
    )
    row = lay(case, data.requirement, paper, request) if data.requirement else None
    shape = laid_shape(case, row) if row else None
    return Status(201, Kept(evidence=paper_shape(case, paper), laid=shape))


class LayingAgain(Body):
    """`evidence` is the uid of a paper that was kept before."""

    requirement: Code
    evidence: UUID


@router.post("/{uuid:uid}/evidence/lay", response={201: LaidShape})
def attach_evidence(
    request: SignedIn, uid: UUID, data: LayingAgain
) -> Status[LaidShape]:
    """Lay a paper that is here already to a requirement of the present step."""
    case = find(request, uid)
    paper = paper_of(request, case, data.evidence, "evidence")
    return Status(201, laid_shape(case, lay(case, data.requirement, paper, request)))


def lay(
    case: Case, requirement: str, paper: Evidence, request: SignedIn
) -> StepEvidence:
    return actions.attach_evidence(
        case=case, requirement=requirement, evidence=paper, by=request.user
    )


class TakingBack(Body):
    reason: Line = Field(min_length=1)


@router.post("/{uuid:uid}/evidence/{uuid:paper}/detach", response=LaidShape)
def detach_evidence(
    request: SignedIn, uid: UUID, paper: UUID, data: TakingBack
) -> LaidShape:
    """Take evidence back that was laid to the present step; `paper` is what was laid."""
    case = find(request, uid)
    row = get_object_or_404(case.evidence.select_related("evidence"), uid=paper)
    actions.detach_evidence(paper=row, reason=data.reason, by=request.user)
    row.refresh_from_db()
    return laid_shape(case, row)


@router.get("/{uuid:uid}/decisions", response=Part[DecisionShape])
def decisions(
    request: SignedIn, uid: UUID, paging: Query[Paging]
) -> Part[DecisionShape]:
    """What bodies decided about a case; a correction names the decision it corrects."""
    case = find(request, uid)
    rows = case.decisions.select_related(
        *("by", "corrects", "corrected_by", "minutes__file"),
        *("minutes__place", "minutes__by"),
    )
    found, following = cut(request, rows.prefetch_related("attendance"), paging)
    return Part(items=[decision_shape(case, row) for row in found], next=following)


class There(Body):
    women: StrictInt = Field(0, ge=0, le=9999)
    men: StrictInt = Field(0, ge=0, le=9999)


class Deciding(Body):
    """What a body decided. `minutes` is the uid of the signed minutes, uploaded before.

    `attendance` is by sector of the pack. `about` override or stop wants a reason of
    forty letters.
    """

    body: Line = Field(min_length=1)
    decided_on: Day
    venue: Line = Field(min_length=1)
    result: Decision.Result
    reason: Writing = Field(min_length=1)
    attendance: dict[Code, There] = Field(max_length=100)
    invited: StrictInt | None = Field(None, ge=1, le=99_999)
    minutes: UUID
    about: Decision.About = Decision.About.STEP
    number: Written = Field("", max_length=60)
    corrects: UUID | None = None


@router.post("/{uuid:uid}/decisions", response={201: DecisionShape})
def record_decision(
    request: SignedIn, uid: UUID, data: Deciding
) -> Status[DecisionShape]:
    """Record what a body decided at the present step, or correct what was recorded."""
    case = find(request, uid)
    row = actions.record_decision(
        case=case,
        body=data.body,
        decided_on=data.decided_on,
        venue=data.venue,
        result=data.result,
        reason=data.reason,
        attendance={
            sector: (there.women, there.men)
            for sector, there in data.attendance.items()
            if there.women + there.men
        },
        invited=data.invited,
        minutes=paper_of(request, case, data.minutes, "minutes"),
        by=request.user,
        about=data.about,
        number=data.number,
        corrects=decision_of(case, data.corrects, "corrects")
        if data.corrects
        else None,
    )
    return Status(201, decision_shape(case, row))


@router.get("/{uuid:uid}/facts", response=Part[DeclaredShape])
def facts(request: SignedIn, uid: UUID, paging: Query[Paging]) -> Part[DeclaredShape]:
    """Facts as people declared them, with who, when, and what proves each."""
    case = find(request, uid)
    rows = case.declared_facts.select_related(
        "by", "evidence__file", "evidence__place", "evidence__by"
    )
    found, following = cut(request, rows, paging)
    return Part(items=[declared_shape(case, row) for row in found], next=following)


class Declaring(Body):
    """A fact of the pack. `value` as its type: whole number, decimal text, ISO date,
    `yes` or `no`, the code of a choice. A share is 0 to 1. `evidence` proves it.
    """

    name: Code
    value: StrictInt | StrictStr
    as_of: Day
    evidence: UUID


@router.post("/{uuid:uid}/facts", response={201: DeclaredShape})
def declare_fact(
    request: SignedIn, uid: UUID, data: Declaring
) -> Status[DeclaredShape]:
    """Declare a fact that no package computes yet."""
    case = find(request, uid)
    fact = pack_of(case.pack_id).facts.get(data.name)
    row = actions.declare_fact(
        case=case,
        name=data.name,
        value=read(fact.type if fact else "", data.value),
        as_of=data.as_of,
        evidence=paper_of(request, case, data.evidence, "evidence"),
        by=request.user,
    )
    return Status(201, declared_shape(case, row))


def read(type: str, value: int | str) -> Value:
    """The value in the fact's own type; text of no such type is left for the verb."""
    text = str(value)
    if type == "rupiah" and isinstance(value, int):
        return Rupiah(value)
    if type in {"share", "number"} and re.fullmatch(r"-?\d{1,15}(\.\d{1,12})?", text):
        return Share(text) if type == "share" else Decimal(text)
    if type == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return day(text)
    return value if isinstance(value, int) else text


def day(text: str) -> Value:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def paper_of(request: SignedIn, case: Case, uid: UUID, field: str) -> Evidence:
    """Evidence of one's territory or of the case; any other is as if it were not."""
    papers = Evidence.objects.filter(
        Q(pk__in=Evidence.objects.visible_to(request.user).values("pk"))
        | Q(pk__in=papers_of(case).values("pk"))
    )
    found = papers.select_related("file", "place", "by").filter(uid=uid).first()
    if found is None:
        raise BadEvidence(
            Message("There is no evidence of this uid that you may see."),
            mend=Message("Upload it for this case first."),
            field=field,
        )
    return found
