"""Questions about figures for programs: ask, read, answer, pass on."""

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import parse_qsl
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message, from_json
from lumbung.core.refusal import Refusal
from lumbung.fields import below
from lumbung.imports.models import Import
from lumbung.measures.figures import figure as figures
from lumbung.measures.figures.api import typed_class
from lumbung.measures.models import Question, QuestionStep
from lumbung.measures.questions import actions
from lumbung.pages.cursors import Paging, Part, cut
from lumbung.pages.shapes import (
    Body,
    Code,
    Person,
    Typed,
    Words,
    Writing,
    Written,
    both,
    person,
    refuse_unknown,
)
from lumbung.places.codes import entered

router = Router(tags=["questions"])
Address = Annotated[
    Written,
    Field(max_length=500, description="Its `address`, as `GET /figures/…` says it"),
]


class NoSuchFigure(Refusal):
    code = "no_such_figure"
    status = 422


class QuestionShape(Schema):
    """A question about a number. `value` is what the number was when it was asked."""

    uid: str
    figure: str
    title: Words
    value: Typed
    place: str
    programme: str
    text: str
    believed: str
    evidence_url: str
    asked_by: Person
    asked_at: datetime
    answer_by: date
    state: str
    responsible: Person
    answer: str
    answered_by: Person | None
    answered_at: datetime | None
    corrected_by: str | None
    page: str


class StepShape(Schema):
    """One line of a question's history: asked, passed or answered; `to` has it then."""

    kind: str
    by: Person
    to: Person | None
    reason: str
    at: datetime


class QuestionFull(QuestionShape):
    """A question with its history."""

    steps: list[StepShape]


class QuestionsAsked(Schema):
    """Which questions of those one may see. Each that is given must hold."""

    state: Question.State | None = None
    figure: Address | None = None
    place: Code | None = Field(None, description="The number is of this place or below")
    asked_by: UUID | None = None
    responsible: UUID | None = None


@router.get("", response=Part[QuestionShape])
def questions(
    request: SignedIn, asked: Query[QuestionsAsked], paging: Query[Paging]
) -> Part[QuestionShape]:
    """Questions about published numbers, and about counts of one's own territory."""
    rows = rows_for(request)
    if asked.place:
        rows = rows.filter(
            below("place__path", entered(asked.place, field="place").path)
        )
    columns = {
        "state": asked.state,
        "address": asked.figure,
        "asked_by__uid": asked.asked_by,
        "responsible__uid": asked.responsible,
    }
    rows = rows.filter(**{name: v for name, v in columns.items() if v is not None})
    found, following = cut(request, rows, paging)
    seen = imports_seen(found, request.user)
    return Part(items=[shape(row, seen) for row in found], next=following)


class Asking(Body):
    """What does not fit about a number. Everyone who sees it may read this."""

    figure: Address
    text: Writing
    believed: Written = Field("", max_length=100, description="What it should be")
    evidence_url: Written = Field(
        "", max_length=500, description="Web address of a proof"
    )


@router.post("", response={201: QuestionFull})
def ask_question(request: SignedIn, data: Asking) -> Status[QuestionFull]:
    """Say that a number is wrong; somebody must answer within seven days."""
    today = timezone.localdate()
    address = address_of(data.figure)
    figure = figures.certify(address, request.user, today) if address else None
    if figure is None:
        raise NoSuchFigure(
            Message("There is no number at this address that you may see."),
            mend=Message("Send the `address` of a figure, whole."),
            field="figure",
        )
    question = actions.ask_question(
        figure=figure,
        text=data.text,
        believed=data.believed,
        evidence_url=data.evidence_url,
        by=request.user,
        now=timezone.now(),
        on=today,
    )
    return Status(201, full(question, request.user))


@router.get("/{uuid:uid}", response=QuestionFull)
def question(request: SignedIn, uid: UUID) -> QuestionFull:
    """One question with its history."""
    return full(find(request, uid), request.user)


@router.get("/{uuid:uid}/people", response=list[Person])
def takers(request: SignedIn, uid: UUID) -> list[Person]:
    """Whom one may pass a question on to, if it waits for oneself; nearest first."""
    asked = find(request, uid)
    today = timezone.localdate()
    actions.refuse_others(asked, request.user, today)
    return [person(each) for each in actions.takers(asked, today)]


class Answering(Body):
    """How it ends. A corrected number names the import that corrected it: it stands as
    `came_in.uid` of the figure.
    """

    state: Literal["stands", "corrected"]
    answer: Writing
    corrected_by: UUID | None = None


@router.post("/{uuid:uid}/answer", response=QuestionFull)
def answer_question(request: SignedIn, uid: UUID, data: Answering) -> QuestionFull:
    """Answer a question that waits for oneself: the number stands, or was corrected."""
    seen = Import.objects.visible_to(request.user)
    answered = actions.answer_question(
        question=find(request, uid),
        state=data.state,
        answer=data.answer,
        corrected_by=seen.filter(uid=data.corrected_by).first()
        if data.corrected_by
        else None,
        by=request.user,
        now=timezone.now(),
    )
    return full(answered, request.user)


class Passing(Body):
    """`to` is one of `people`."""

    to: UUID
    reason: Writing


@router.post("/{uuid:uid}/pass", response=QuestionFull)
def pass_question(request: SignedIn, uid: UUID, data: Passing) -> QuestionFull:
    """Hand a question on to somebody else who could answer it, and say why."""
    asked = find(request, uid)
    today = timezone.localdate()
    actions.refuse_others(asked, request.user, today)
    known = {each.uid: each for each in actions.takers(asked, today)}
    if data.to not in known:
        raise actions.NotResponsible(
            Message(
                "Nobody of this uid is responsible for numbers of %(place)s.",
                place=asked.place.name,
            ),
            mend=Message("Choose one of the people offered."),
            field="to",
        )
    passed = actions.pass_question(
        question=asked,
        to=known[data.to],
        reason=data.reason,
        by=request.user,
        now=timezone.now(),
        on=today,
    )
    return full(passed, request.user)


def address_of(text: str) -> figures.Address | None:
    """The address that a text writes; of a misspelt key more rows would come."""
    found = figures.read(text)
    if found:
        sent = dict(parse_qsl(text.partition("?")[2]))
        refuse_unknown(sent, figures.FIGURES[found.kind].keys)
    return found


def rows_for(request: SignedIn) -> QuerySet[Question]:
    names = ("place", "asked_by", "responsible", "answered_by", "corrected_by")
    return Question.objects.visible_to(request.user).select_related(*names)


def find(request: SignedIn, uid: UUID) -> Question:
    return get_object_or_404(rows_for(request), uid=uid)


def imports_seen(found: list[Question], user: User) -> set[int]:
    """Of the imports that corrected these, those of one's own territory."""
    named = {row.corrected_by_id for row in found if row.corrected_by_id}
    if not named:
        return set()
    seen = Import.objects.visible_to(user).filter(pk__in=named)
    return set(seen.values_list("pk", flat=True))


def shape(row: Question, seen: set[int]) -> QuestionShape:
    corrected = row.corrected_by if row.corrected_by_id in seen else None
    return QuestionShape(
        uid=str(row.uid),
        figure=row.address,
        title=both(from_json(row.title)),
        value=typed_class(from_json(row.value)),
        place=row.place.code,
        programme=row.programme,
        text=row.text,
        believed=row.believed,
        evidence_url=row.evidence_url,
        asked_by=person(row.asked_by),
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        state=row.state,
        responsible=person(row.responsible),
        answer=row.answer,
        answered_by=person(row.answered_by) if row.answered_by else None,
        answered_at=row.answered_at,
        corrected_by=str(corrected.uid) if corrected else None,
        page=reverse("measures:question", args=[row.uid]),
    )


def full(row: Question, user: User) -> QuestionFull:
    steps = row.steps.select_related("by", "to").order_by("pk")
    return QuestionFull(
        **shape(row, imports_seen([row], user)).model_dump(),
        steps=[step_shape(each) for each in steps],
    )


def step_shape(row: QuestionStep) -> StepShape:
    return StepShape(
        kind=row.kind,
        by=person(row.by),
        to=person(row.to) if row.to else None,
        reason=row.reason,
        at=row.at,
    )
