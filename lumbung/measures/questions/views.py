"""Doors of questions about figures: ask, list, read, answer, pass on."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message, from_json
from lumbung.imports.models import Import
from lumbung.measures.figures.figure import read
from lumbung.measures.figures.views import about, found
from lumbung.measures.models import Question
from lumbung.measures.questions import actions
from lumbung.measures.questions.forms import AnswerForm, AskForm, PassForm
from lumbung.pages.tables import Column, Table
from lumbung.words import say

STATES = {
    Question.State.OPEN: Message("Waits for an answer"),
    Question.State.CORRECTED: Message("Corrected"),
    Question.State.STANDS: Message("The number stands"),
}
COLUMNS = [
    Column(
        "figure",
        gettext_lazy("The number asked about"),
        lambda q: from_json(q.title),
        url=lambda q: reverse("measures:question", args=[q.uid]),
    ),
    Column("text", gettext_lazy("Question"), lambda q: q.text, wide=True),
    Column(
        "state",
        gettext_lazy("State"),
        lambda q: STATES[Question.State(q.state)],
        sort="state",
    ),
    Column(
        "place",
        gettext_lazy("Place"),
        lambda q: q.place.name,
        sort="place__path",
        wide=True,
    ),
    Column(
        "asked_by",
        gettext_lazy("Asked by"),
        lambda q: str(q.asked_by),
        sort="asked_by__name",
        wide=True,
    ),
    Column(
        "asked_at", gettext_lazy("Asked"), lambda q: q.asked_at, sort="pk", wide=True
    ),
    Column(
        "responsible",
        gettext_lazy("Responsible"),
        lambda q: str(q.responsible),
        sort="responsible__name",
        wide=True,
    ),
    Column(
        "answer_by",
        gettext_lazy("Until"),
        lambda q: q.answer_by,
        sort="answer_by",
        wide=True,
    ),
    Column("answer", gettext_lazy("Answer"), lambda q: q.answer, wide=True),
]


@login_required
def ask_question(request: SignedIn, kind: str) -> HttpResponse:
    """Say that the number at this address is wrong."""
    shown = found(request, kind)
    form = AskForm(request.POST if request.method == "POST" else None)
    asked = form.attempt(
        lambda: actions.ask_question(
            figure=shown,
            by=request.user,
            now=timezone.now(),
            on=timezone.localdate(),
            **form.cleaned_data,
        )
    )
    if asked:
        name = asked.responsible.name
        messages.success(request, _("Your question waits for %s.") % name)
        return redirect(shown.address.url)
    context = about(shown, request) | {"form": form, "asking": True}
    status = 422 if form.errors else 200
    return render(request, "measures/figure.html", context, status=status)


@login_required
def questions(request: SignedIn) -> HttpResponseBase:
    """Questions about numbers, those that wait first."""
    rows = Question.objects.visible_to(request.user)
    state, whose = request.GET.get("keadaan", ""), request.GET.get("siapa", "")
    if state in Question.State.values:
        rows = rows.filter(state=state)
    if whose == "saya":
        rows = rows.filter(asked_by=request.user)
    elif whose == "untuk-saya":
        rows = rows.filter(responsible=request.user)
    rows = rows.select_related("place", "asked_by", "responsible")
    table = Table(request, rows.order_by("-pk"), COLUMNS, name="pertanyaan")
    if table.wanted:
        return table.download()
    context = {
        "section": "questions",
        "table": table,
        "states": STATES.items(),
        "state": state,
        "whose": whose,
    }
    return render(request, "measures/questions.html", context)


def find(request: SignedIn, uid: UUID) -> Question:
    rows = Question.objects.visible_to(request.user)
    names = ("place", "asked_by", "responsible", "answered_by", "corrected_by")
    return get_object_or_404(rows.select_related(*names), uid=uid)


@login_required
def question(request: SignedIn, uid: UUID) -> HttpResponse:
    """One question with its history; the answer, for whom it waits."""
    asked = find(request, uid)
    asked.read_by(request.user, timezone.now())
    return page(request, asked)


def page(
    request: SignedIn,
    asked: Question,
    answer: AnswerForm | None = None,
    passing: PassForm | None = None,
) -> HttpResponse:
    address = read(asked.address)
    mine = asked.is_open and asked.responsible_id == request.user.pk
    faulty = bool(answer and answer.errors) or bool(passing and passing.errors)
    context: dict[str, Any] = {
        "section": "questions",
        "question": asked,
        "title": say(from_json(asked.title)),
        "value": from_json(asked.value),
        "state": STATES[Question.State(asked.state)],
        "address": address,
        "steps": asked.steps.select_related("by", "to").order_by("pk"),
        "mine": mine,
        "sees_import": asked.corrected_by
        and Import.objects.visible_to(request.user)
        .filter(pk=asked.corrected_by.pk)
        .exists(),
    }
    if faulty and not mine:  # it went to somebody else meanwhile
        context["refused"] = answer or passing
    if mine:
        context["answer_form"] = answer or answer_form(request, asked)
        context["pass_form"] = passing or pass_form(request, asked)
    return render(
        request, "measures/question.html", context, status=422 if faulty else 200
    )


def answer_form(request: SignedIn, asked: Question, data: Any = None) -> AnswerForm:
    """Offers the imports since the question that could have corrected the number."""
    imports = Import.objects.visible_to(request.user).accepted()
    imports = imports.filter(decided_at__gte=asked.asked_at).order_by("-pk")
    return AnswerForm(data, imports=imports)


def pass_form(request: SignedIn, asked: Question, data: Any = None) -> PassForm:
    takers = actions.takers(asked, timezone.localdate())
    return PassForm(data, takers=takers, prefix="pass")


@require_POST
@login_required
def answer_question(request: SignedIn, uid: UUID) -> HttpResponse:
    asked = find(request, uid)
    form = answer_form(request, asked, request.POST)
    if form.attempt(
        lambda: actions.answer_question(
            question=asked, by=request.user, now=timezone.now(), **form.cleaned_data
        )
    ):
        messages.success(request, _("Your answer stands beside the number."))
        return redirect("measures:question", uid=uid)
    return page(request, asked, answer=form)


@require_POST
@login_required
def pass_question(request: SignedIn, uid: UUID) -> HttpResponse:
    asked = find(request, uid)
    form = pass_form(request, asked, request.POST)
    if form.attempt(
        lambda: actions.pass_question(
            question=asked,
            by=request.user,
            now=timezone.now(),
            on=timezone.localdate(),
            **form.cleaned_data,
        )
    ):
        name = form.cleaned_data["to"].name
        messages.success(request, _("The question now waits for %s.") % name)
        return redirect("measures:question", uid=uid)
    return page(request, asked, passing=form)
