"""Each verb of `measures`, once, for the watcher of the trail."""

from typing import Any

from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.measures.figures.figure import address, certify
from lumbung.measures.models import Question, Run
from lumbung.measures.questions import actions as question_actions
from lumbung.measures.runs import actions
from lumbung.measures.tests import numbers
from lumbung.measures.tests.villages import (
    NOW,
    VALUES,
    found_district,
    observe,
    rule,
)
from tests.scenarios import Cast, Deed, scenario

TODAY = timezone.localdate()


def started(cast: Cast) -> Run:
    """A run of Pekalongan by Ratna that waits for a decision."""
    cast("ratna")
    found_district(cast("pekalongan"), cast("botosari"))
    observe(cast("ratna"), VALUES)
    return again(cast)


def again(cast: Cast) -> Run:
    """One more run of the same."""
    return actions.start_run(
        rule=rule(),
        place=cast("pekalongan"),
        period="2019",
        by=cast("ratna"),
        now=NOW,
    )


@scenario
def start_run(cast: Cast) -> Deed:
    cast("ratna")
    return lambda: started(cast)


@scenario
def repeat_run(cast: Cast) -> Deed:
    run = started(cast)
    return lambda: actions.repeat_run(run=run, by=cast("ratna"), now=NOW)


def asking(cast: Cast) -> dict[str, Any]:
    """Siti asks about a value of Botosari that Ratna imported."""
    siti = cast("siti")
    numbers.bring_in(cast)
    keys = {
        "tempat": "33.26.02.2008",
        "indikator": "decile_1_4_share",
        "periode": "2017",
    }
    figure = certify(address("nilai", keys), siti, TODAY)
    return {
        "figure": figure,
        "text": "Angka ini terlalu tinggi.",
        "by": siti,
        "now": NOW,
        "on": TODAY,
    }


def asked(cast: Cast) -> Question:
    return question_actions.ask_question(**asking(cast))


@scenario
def ask_question(cast: Cast) -> Deed:
    sent = asking(cast)
    return lambda: question_actions.ask_question(**sent)


@scenario
def answer_question(cast: Cast) -> Deed:
    question, by = asked(cast), cast("ratna")
    return lambda: question_actions.answer_question(
        question=question, state="stands", answer="Sudah diperiksa.", by=by, now=NOW
    )


@scenario
def pass_question(cast: Cast) -> Deed:
    question, by, to = asked(cast), cast("ratna"), cast("ani")
    return lambda: question_actions.pass_question(
        question=question, to=to, reason="Bukan angka kami.", by=by, now=NOW, on=TODAY
    )


@scenario
def inherit_question(cast: Cast) -> Deed:
    question, ratna = asked(cast), cast("ratna")
    cast("ani")
    User.objects.filter(pk=ratna.pk).update(is_active=False)
    return lambda: question_actions.inherit_question(
        question=question, now=NOW, on=TODAY
    )
