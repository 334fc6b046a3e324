"""The verbs of questions: ask about a figure, answer, pass on to somebody else."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core.message import Message, to_json
from lumbung.core.refusal import Refusal
from lumbung.imports.models import Import
from lumbung.measures.figures.figure import Figure
from lumbung.measures.models import Question, QuestionStep
from lumbung.measures.questions.duty import (
    IMPORTING,
    LEADING,
    holds,
    nearest,
    officers,
    responsible,
)
from lumbung.places.models import Place

ANSWERED_WITHIN = timedelta(days=7)
SHORTEST = 10
LONGEST = 4000
WEB_ADDRESS = URLValidator(schemes=["http", "https"])
MOST_OPEN = 20  # questions of one person at a time
MOST_A_DAY = 30


class TooShort(Refusal):
    code = "too_short"
    status = 422


class TooLong(Refusal):
    code = "too_long"
    status = 422


class BadProof(Refusal):
    code = "bad_proof"
    status = 422


class AskedAlready(Refusal):
    code = "asked_already"


class TooManyQuestions(Refusal):
    code = "too_many_questions"
    status = 429


class NobodyToAsk(Refusal):
    code = "nobody_to_ask"


class NotYours(Refusal):
    code = "not_yours"
    status = 403


class AnsweredAlready(Refusal):
    code = "answered_already"


class NoCorrection(Refusal):
    code = "no_correction"
    status = 422


class NotResponsible(Refusal):
    code = "not_responsible"
    status = 422


@transaction.atomic
def ask_question(
    *,
    figure: Figure,
    text: str,
    believed: str = "",
    evidence_url: str = "",
    by: User,
    now: datetime,
    on: date,
) -> Question:
    """Say that a figure is wrong. Somebody else must answer within seven days."""
    text = text.strip()
    refuse_length(text, "text")
    refuse_proof(evidence_url.strip())
    refuse_repeat(figure, by, now)
    place = place_of(figure, by)
    answering = responsible(figure, place, asker=by, on=on)
    if answering is None:
        raise NobodyToAsk(
            Message(
                "Nobody is in office who could answer for %(place)s.", place=place.name
            ),
            mend=Message("Tell the administrator of this installation."),
        )
    question = Question.objects.create(
        address=str(figure.address),
        title=to_json(figure.title),
        value=to_json(figure.value),
        is_reference=figure.is_reference,
        place=place,
        programme=figure.programme,
        text=text,
        believed=believed.strip(),
        evidence_url=evidence_url.strip(),
        asked_by=by,
        asked_at=now,
        answer_by=on + ANSWERED_WITHIN,
        responsible=answering,
    )
    note(question, QuestionStep.Kind.ASKED, by, now, to=answering)
    record("ask_question", question, by, after={"question": text, "person": answering})
    return question


@transaction.atomic
def answer_question(
    *,
    question: Question,
    state: str,
    answer: str,
    corrected_by: Import | None = None,
    by: User,
    now: datetime,
) -> Question:
    """Answer: the number was corrected by an import, or it stands, and why."""
    question = taken(question, by, timezone.localdate(now))
    answer = answer.strip()
    refuse_length(answer, "answer")
    if state == Question.State.CORRECTED and question.is_reference:
        refuse_correction(question, corrected_by, by)
    question.state, question.answer = Question.State(state), answer
    question.answered_by, question.answered_at = by, now
    question.corrected_by = corrected_by if state == Question.State.CORRECTED else None
    question.save(
        update_fields=["state", "answer", "answered_by", "answered_at", "corrected_by"]
    )
    note(question, QuestionStep.Kind.ANSWERED, by, now, reason=answer)
    record(
        "answer_question",
        question,
        by,
        before={"state": "open"},
        after={"state": question.state, "answer": answer},
    )
    return question


@transaction.atomic
def pass_question(
    *, question: Question, to: User, reason: str, by: User, now: datetime, on: date
) -> Question:
    """Hand a question to somebody else who is responsible there, and say why."""
    question = taken(question, by, on)
    reason = reason.strip()
    refuse_length(reason, "reason")
    if to.pk not in {person.pk for person in takers(question, on)}:
        raise NotResponsible(
            Message(
                "%(name)s is not responsible for numbers of %(place)s.",
                name=to.name,
                place=question.place.name,
            ),
            mend=Message("Choose one of the people offered."),
            field="to",
        )
    question.responsible = to
    question.save(update_fields=["responsible"])
    note(question, QuestionStep.Kind.PASSED, by, now, to=to, reason=reason)
    record(
        "pass_question",
        question,
        by,
        before={"person": by},
        after={"person": to, "reason": reason},
    )
    return question


@transaction.atomic
def inherit_question(*, question: Question, now: datetime, on: date) -> Question:
    """Let the nearest in office take over what waits for somebody who left."""
    question = Question.objects.select_for_update().get(pk=question.pk)
    to = heir(question, on)
    if to is None:
        raise NobodyToAsk(
            Message("%(name)s answers this.", name=question.responsible.name)
        )
    left, question.responsible = question.responsible, to
    question.save(update_fields=["responsible"])
    note(question, QuestionStep.Kind.PASSED, left, now, to=to)
    record(
        "inherit_question",
        question,
        None,
        before={"person": left},
        after={"person": to},
    )
    return question


def heir(question: Question, on: date) -> User | None:
    """Who should answer instead; None where it waits for the right person, or closed."""
    ability = ability_for(question)
    if not question.is_open or holds(question.responsible, ability, question.place, on):
        return None
    asker, programme = question.asked_by, question.programme
    found = nearest(ability, question.place, programme, asker=asker, on=on)
    return None if found == question.responsible else found


def ability_for(question: Question) -> str:
    return IMPORTING if question.is_reference else LEADING


def takers(question: Question, on: date) -> list[User]:
    """Who else could answer: whoever holds the duty over the place, nearest first.

    Not who asked: what came to somebody else is not for them to answer.
    """
    ability = ability_for(question)
    found = officers(ability, question.place, question.programme, on)
    besides = {question.asked_by_id, question.responsible_id}
    return [person for person in found if person.pk not in besides]


def place_of(figure: Figure, by: User) -> Place:
    """Where a figure is; of a count without a place, where its reader works."""
    if figure.place is not None:
        return figure.place
    if by.mandates_in_force:
        return by.mandates_in_force[0].place
    return Place.objects.in_force().filter(parent=None).order_by("code")[0]


def refuse_length(text: str, field: str) -> None:
    if len(text) < SHORTEST:
        raise TooShort(
            Message("Write at least %(least)s letters.", least=SHORTEST), field=field
        )
    if len(text) > LONGEST:
        raise TooLong(
            Message("Write at most %(most)s letters.", most=LONGEST), field=field
        )


def refuse_proof(url: str) -> None:
    """What others are shown as a link leads to a page, and does nothing else."""
    try:
        if url:
            WEB_ADDRESS(url)
    except ValidationError as fault:
        raise BadProof(
            Message("This is no web address."),
            mend=Message("Write it whole, such as https://example.org/list.pdf."),
            field="evidence_url",
        ) from fault


def refuse_repeat(figure: Figure, by: User, now: datetime) -> None:
    """One open question about one figure; and no flood."""
    mine = Question.objects.filter(asked_by=by)
    if mine.open().about(str(figure.address)).exists():
        raise AskedAlready(
            Message("You have asked about this number, and it waits for an answer."),
        )
    today = mine.filter(asked_at__gt=now - timedelta(days=1)).count()
    if mine.open().count() >= MOST_OPEN or today >= MOST_A_DAY:
        raise TooManyQuestions(
            Message("%(most)s of your questions wait for an answer.", most=MOST_OPEN),
            mend=Message("Ask again when some are answered."),
        )


def refuse_correction(question: Question, of: Import | None, by: User) -> None:
    """What was corrected came in by an import later than the question."""
    seen = Import.objects.visible_to(by).accepted()
    if (
        of is None
        or not seen.filter(pk=of.pk, decided_at__gte=question.asked_at).exists()
    ):
        raise NoCorrection(
            Message("Nothing says which import corrected the number."),
            mend=Message(
                "Import the right value first, then choose that import here; or say"
                " that the number stands."
            ),
            field="corrected_by",
        )


def taken(question: Question, by: User, on: date) -> Question:
    """The question, held until the verb is done; for whom it waits, and only once.

    A job passes on what waits for who is no longer in office; until it does, they are
    refused.
    """
    question = Question.objects.select_for_update().get(pk=question.pk)
    refuse_others(question, by, on)
    return question


def refuse_others(question: Question, by: User, on: date) -> None:
    """Only for whom it waits, and only while it does."""
    if not question.is_open:
        raise AnsweredAlready(
            Message(
                "%(name)s has answered this already.", name=str(question.answered_by)
            )
        )
    if question.responsible_id != by.pk:
        raise NotYours(
            Message("This question waits for %(name)s.", name=question.responsible.name)
        )
    if not holds(by, ability_for(question), question.place, on):
        raise NotYours(
            Message(
                "You are no longer responsible for numbers of %(place)s.",
                place=question.place.name,
            ),
            mend=Message("The question goes to whoever is, within the hour."),
        )


def note(
    question: Question,
    kind: str,
    by: User,
    now: datetime,
    *,
    to: User | None = None,
    reason: str = "",
) -> None:
    QuestionStep.objects.create(
        question=question, kind=kind, by=by, to=to, reason=reason, at=now
    )


def record(
    verb: str, question: Question, by: User | None, **changes: dict[str, object]
) -> None:
    audit.record(
        verb,
        by=by,
        on=question,
        place=question.place,
        programme=question.programme,
        before=changes.get("before"),
        after=changes.get("after"),
    )
