"""Passing a gate that is not met: only because a body decided so, and once."""

from datetime import timedelta
from typing import Any

import pytest

from lumbung.accounts.models import User
from lumbung.core.gates import Verdict
from lumbung.programmes import actions, checks
from lumbung.programmes.models import Case, Decision, Transition
from lumbung.programmes.story import transitions
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_meeting,
    at_result,
    decide,
    lay,
    move,
    opened,
)

LATER = OPENED + timedelta(days=14)


def override(case: Case, by: User, decision: Decision, **more: Any) -> Case:
    values: dict[str, Any] = {
        "to": "meeting",
        "on": LATER,
        "version": case.version,
    } | more
    return actions.override_gate(case=case, decision=decision, by=by, **values)


def test_it_refuses_who_may_move_but_not_override(
    case: Case, ratna: User, slamet: User, budi: User
) -> None:
    decision = decide(case, ratna, about="override")
    for person in (slamet, budi):
        with pytest.raises(checks.NotAllowed):
            override(case, person, decision)


@pytest.mark.parametrize(
    "unfit",
    [
        {"about": "step"},
        {"about": "stop"},
        {"about": "override", "result": "rejected"},
        {"about": "override", "result": "deferred"},
    ],
)
def test_it_refuses_a_decision_that_is_not_exactly_this(
    case: Case, ratna: User, unfit: dict[str, str]
) -> None:
    decision = decide(case, ratna, **unfit)

    with pytest.raises(checks.BadDecision):
        override(case, ratna, decision)


def test_it_refuses_a_decision_of_another_case_step_or_an_older_version(
    case: Case, ratna: User
) -> None:
    other = opened(case.programme, checks.main_place(case), ratna, title="Another")
    elsewhere = decide(other, ratna, about="override")
    earlier = decide(case, ratna, about="override")
    wrong = decide(case, ratna, about="override")
    right = decide(case, ratna, corrects=wrong, result="rejected")
    for decision in (elsewhere, wrong, right):
        with pytest.raises(checks.BadDecision):
            override(case, ratna, decision)

    case = at_meeting(case, ratna)
    with pytest.raises(checks.BadDecision):
        override(case, ratna, earlier, to="result")


def test_it_refuses_withdrawn_minutes(case: Case, ratna: User) -> None:
    decision = decide(case, ratna, about="override")
    decision.minutes.voided_at = decision.minutes.at
    decision.minutes.save(update_fields=["voided_at"])

    with pytest.raises(checks.BadDecision):
        override(case, ratna, Decision.objects.get())


def test_it_refuses_where_nothing_is_missing(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    decision = decide(case, ratna, about="override")

    with pytest.raises(checks.BadDecision) as refused:
        override(case, ratna, decision)
    assert refused.value.message.id == (
        "Nothing is missing: move the case without an override."
    )


def test_it_moves_and_keeps_the_decision_and_what_was_missing(
    case: Case, ratna: User
) -> None:
    decision = decide(case, ratna, about="override", number="050/17/2018")
    case = override(case, ratna, decision)

    assert (case.step, case.since) == ("meeting", LATER)
    row = Transition.objects.latest("pk")
    assert (row.kind, row.from_step, row.to_step) == (
        "override",
        "candidate",
        "meeting",
    )
    assert row.decision == decision
    found = Verdict.from_json(row.verdict)
    assert [line.fact for line in found.missing] == ["evidence:photo"]


def test_a_decision_serves_once_also_after_the_case_came_back(
    case: Case, ratna: User
) -> None:
    decision = decide(case, ratna, about="override")
    case = override(case, ratna, decision)
    case = move(case, ratna, "candidate", reason=REASON)
    with pytest.raises(checks.BadDecision) as refused:
        override(case, ratna, decision)
    assert refused.value.message.id.startswith("This decision has been used already")

    corrected = decide(case, ratna, corrects=decision)
    with pytest.raises(checks.BadDecision):
        override(case, ratna, corrected)
    assert override(case, ratna, decide(case, ratna, about="override")).position == 2


def test_it_is_not_done_before_the_day_of_the_decision(case: Case, ratna: User) -> None:
    decision = decide(case, ratna, about="override", decided_on=LATER)
    stop = decide(case, ratna, about="stop", decided_on=LATER)
    early: dict[str, Any] = {"on": LATER - timedelta(days=1), "version": case.version}
    with pytest.raises(checks.BadDate):
        override(case, ratna, decision, **early)
    with pytest.raises(checks.BadDate):
        actions.stop_case(case=case, decision=stop, by=ratna, **early)

    assert override(case, ratna, decision, on=LATER).position == 2


def test_it_skips_no_step_either(case: Case, ratna: User) -> None:
    with pytest.raises(checks.NoSuchStep):
        override(case, ratna, decide(case, ratna, about="override"), to="result")


def test_at_the_last_step_it_closes_and_stands_out_in_the_story(
    case: Case, ratna: User
) -> None:
    case = at_result(case, ratna)
    decision = decide(case, ratna, about="override")
    case = override(case, ratna, decision, to="continued")

    assert (case.state, case.outcome) == ("closed", "continued")
    assert [line.tone for line in transitions(case, ratna)] == ["", "", "", "over"]
