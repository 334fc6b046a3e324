"""Questions that wait: for who must answer, and answers for who asked."""

from collections.abc import Iterator
from datetime import date

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


def to_answer(user: User, on: date) -> Iterator[Waiting]:
    rows = user.to_answer.open().select_related("place", "asked_by")
    for question in rows.order_by("answer_by", "pk")[:MOST]:
        late = question.answer_by < on
        yield Waiting(
            title=Message(
                "Is this wrong? %(figure)s", figure=from_json(question.title)
            ),
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


def answered(user: User, on: date) -> Iterator[Waiting]:
    """Answers that their asker has not opened yet."""
    rows = user.questions.filter(answered_at__isnull=False, seen=None)
    for question in rows.select_related("answered_by").order_by("-answered_at")[:MOST]:
        yield Waiting(
            title=Message("Answered: %(figure)s", figure=from_json(question.title)),
            text=question.answer,
            state=ANSWERS[Question.State(question.state)],
            tone="ready",
            where=Message("answered by %(name)s", name=str(question.answered_by)),
            url=reverse("measures:question", args=[question.uid]),
            button=Message("Read the answer"),
        )


WAITING += [to_answer, answered]
