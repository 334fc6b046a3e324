"""Two officers at one case in the same moment: one wins, the other learns of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.places.models import Place
from lumbung.programmes import actions, checks
from lumbung.programmes.models import Case, Programme, Transition
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    decide,
    lay,
    move,
    opened,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run each deed on its own connection, all from the same moment."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=10)
            return deed()
        except checks.MovedMeanwhile as refused:
            return refused
        except checks.BadDecision as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_moves_and_the_other_is_told_by_whom(
    case: Case, ratna: User, slamet: User
) -> None:
    lay(case, ratna, "photo")
    outcomes = at_once(
        lambda: move(Case.objects.get(), ratna, "meeting", version=1),
        lambda: move(Case.objects.get(), slamet, "meeting", version=1),
    )

    [moved] = [each for each in outcomes if isinstance(each, Case)]
    [told] = [each for each in outcomes if isinstance(each, checks.MovedMeanwhile)]
    row = Transition.objects.get(kind="move")
    assert moved.step == "meeting"
    assert told.message.values["name"] == str(row.by)
    assert told.message.values["did"] == Message("moved this case")
    assert Case.objects.get().version == 2


def test_of_a_move_and_a_pause_one_comes_first(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")

    def pause() -> Case:
        return actions.pause_case(
            case=Case.objects.get(), reason=REASON, on=OPENED, by=ratna, version=1
        )

    outcomes = at_once(
        pause, lambda: move(Case.objects.get(), ratna, "meeting", version=1)
    )

    assert sorted(type(each).__name__ for each in outcomes) == [
        "Case",
        "MovedMeanwhile",
    ]
    assert Transition.objects.count() == 2


def test_ten_cases_opened_at_once_have_ten_numbers(
    lab: Programme, botosari: Place, ratna: User
) -> None:
    def open_one() -> Case:
        return opened(Programme.objects.get(), botosari, ratna)

    outcomes = at_once(*[open_one] * 10)

    assert sorted(case.number for case in outcomes) == [
        f"LK-2017-{count:03d}" for count in range(1, 11)
    ]


def test_a_decision_is_corrected_once(case: Case, ratna: User) -> None:
    wrong = decide(case, ratna)
    outcomes = at_once(
        *[lambda: decide(Case.objects.get(), ratna, corrects=fresh(wrong))] * 2
    )

    assert sum(isinstance(each, checks.BadDecision) for each in outcomes) == 1


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)
