"""Questions that wait: for who must answer, and answers for who asked."""

from collections.abc import Iterator
from datetime import date

from django.db.models import F, Q
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.message import Message, from_json
from lumbung.measures.models import Question
from lumbung.programmes.registry import WAITING, Waiting

MOST = 30
ANSWERS = {
    Question.State.CORRECTED: Message("Corrected"),
    Question.State.STANDS: Message("The number stands"),
}


def questions(user: User, on: date) -> Iterator[Waiting]:
    """What one must answer; then answers to one's own that one has not opened yet."""
    mine = Q(responsible=user, state=Question.State.OPEN)
    news = Q(asked_by=user, answered_at__isnull=False, seen=None)
    rows = Question.objects.filter(mine | news).select_related(
        "asked_by", "answered_by"
    )
    first = F("answered_at").desc(nulls_first=True)
    for question in rows.order_by(first, "answer_by", "pk")[:MOST]:
        if question.state == Question.State.OPEN:
            yield to_answer(question, on)
        else:
            yield answered(question)


def to_answer(question: Question, on: date) -> Waiting:
    late = question.answer_by < on
    return Waiting(
        title=Message("Is this wrong? %(figure)s", figure=from_json(question.title)),
        text=question.text,
        state=Message("An answer is overdue")
        if late
        else Message("Until %(day)s", day=question.answer_by),
        tone="late" if late else "waits",
        where=Message("asked by %(name)s", name=str(question.asked_by)),
        url=reverse("measures:question", args=[question.uid]),
        button=Message("Answer"),
        due_on=question.answer_by,
    )


def answered(question: Question) -> Waiting:
    return Waiting(
        title=Message("Answered: %(figure)s", figure=from_json(question.title)),
        text=question.answer,
        state=ANSWERS[Question.State(question.state)],
        tone="ready",
        where=Message("answered by %(name)s", name=str(question.answered_by)),
        url=reverse("measures:question", args=[question.uid]),
        button=Message("Read the answer"),
    )


WAITING.append(questions)
