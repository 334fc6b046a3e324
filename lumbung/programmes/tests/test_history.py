"""A case's history replays to its present state, whatever verbs came in which order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumbung.accounts.models import User
from lumbung.core.gates import Verdict
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.models import Case, Programme, Transition
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    decide,
    declare_poor,
    lay,
    opened,
)
from lumbung.programmes.verdicts import step_of, template_of

STEPS = {"candidate": (1, 30), "meeting": (2, 45), "result": (3, None)}


@dataclass(frozen=True)
class Standing:
    """Where a case stands, as its history tells it."""

    state: str
    step: str
    position: int
    since: date
    due_on: date | None
    outcome: str
    responsible: int
    moved_on: date
    version: int


def replay(rows: Iterable[Transition]) -> Standing:
    """Work out the present state from the history lines alone, in our own way."""
    now = None
    for count, row in enumerate(rows, start=1):
        position, days = STEPS[row.to_step]
        entered = row.kind in {"open", "move", "override", "resume", "reopen"}
        before = now or Standing(
            "running", row.to_step, 1, row.on, None, "", 0, row.on, 0
        )
        assert now is None or row.from_step in {"", before.step}
        now = replace(
            before,
            step=row.to_step,
            position=position,
            responsible=row.responsible_id,
            moved_on=row.on,
            version=count,
        )
        if entered:
            due_on = row.on + timedelta(days=days) if days else None
            now = replace(now, state="running", since=row.on, due_on=due_on, outcome="")
        elif row.kind in {"pause", "stop", "close"}:
            state = {"pause": "paused", "stop": "stopped", "close": "closed"}[row.kind]
            now = replace(now, state=state, due_on=None, outcome=row.outcome)
    assert now is not None
    return now


def standing(case: Case) -> Standing:
    return Standing(
        *(case.state, case.step, case.position, case.since, case.due_on),
        *(case.outcome, case.responsible_id, case.moved_on, case.version),
    )


def forward(case: Case, on: date, by: User, **more: Any) -> Any:
    """Do what the step asks for, then move on or, at the last step, close."""
    for requirement in step_of(case).evidence:
        lay(case, by, *[requirement.id] * requirement.at_least)
    decide(case, by)
    declare_poor(case, by)
    following = template_of(case).after(case.step)
    to = following.id if following else "graduated"
    return actions.move_case(case=case, to=to, on=on, by=by, version=case.version)


def hurry(case: Case, on: date, by: User, **more: Any) -> Any:
    """Move on without anything: mostly refused."""
    following = template_of(case).after(case.step)
    to = following.id if following else "continued"
    return actions.move_case(case=case, to=to, on=on, by=by, version=case.version)


def back(case: Case, on: date, by: User, **more: Any) -> Any:
    to = {"meeting": "candidate", "result": "meeting"}.get(case.step, "meeting")
    return actions.move_case(
        case=case, to=to, on=on, by=by, version=case.version, reason=REASON
    )


def override(case: Case, on: date, by: User, **more: Any) -> Any:
    following = template_of(case).after(case.step)
    return actions.override_gate(
        case=case,
        to=following.id if following else "continued",
        decision=decide(case, by, about="override"),
        on=on,
        by=by,
        version=case.version,
    )


def pause(case: Case, on: date, by: User, **more: Any) -> Any:
    return actions.pause_case(
        case=case, reason=REASON, on=on, by=by, version=case.version
    )


def resume(case: Case, on: date, by: User, **more: Any) -> Any:
    return actions.resume_case(case=case, on=on, by=by, version=case.version)


def stop(case: Case, on: date, by: User, **more: Any) -> Any:
    decision = decide(case, by, about="stop")
    return actions.stop_case(
        case=case, decision=decision, on=on, by=by, version=case.version
    )


def reopen(case: Case, on: date, by: User, **more: Any) -> Any:
    return actions.reopen_case(
        case=case, reason=REASON, on=on, by=by, version=case.version
    )


def hand_over(case: Case, on: date, by: User, other: User) -> Any:
    to = other if case.responsible_id == by.pk else by
    return actions.hand_over_case(
        case=case, to=to, reason="", on=on, by=by, version=case.version
    )


VERBS = [forward, hurry, back, override, pause, resume, stop, reopen, hand_over]
DEEDS = st.lists(
    st.tuples(st.sampled_from([*VERBS, forward, resume, reopen]), st.integers(-1, 9)),
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deeds=DEEDS)
def test_it_replays_to_the_present_state_and_no_gate_was_passed_unmet(
    deeds: list[tuple[Any, int]],
    lab: Programme,
    botosari: Place,
    ratna: User,
    siti: User,
) -> None:
    case = opened(lab, botosari, ratna)
    day = OPENED
    for verb, days in deeds:
        before = standing(Case.objects.get(pk=case.pk))
        try:
            verb(case=case, on=day + timedelta(days=days), by=ratna, other=siti)
        except Refusal:
            assert standing(Case.objects.get(pk=case.pk)) == before
        case = Case.objects.get(pk=case.pk)
        day = case.moved_on

        assert replay(case.transitions.order_by("pk")) == standing(case)
    assert_passed_by_right(case)


def assert_passed_by_right(case: Case) -> None:
    """Each step was left by a met gate, by a decision, or back with a reason."""
    for row in case.transitions.filter(kind__in=["move", "close", "override"]):
        if row.verdict is None:
            assert row.reason == REASON
            assert STEPS[row.to_step] < STEPS[row.from_step]
        elif not Verdict.from_json(row.verdict).met:
            assert row.decision is not None
            assert row.decision.about == "override"
            assert row.decision.step == row.from_step


def test_history_is_only_added_to(case: Case, ratna: User) -> None:
    row = Transition.objects.get()
    for change in (row.save, row.delete):
        with pytest.raises(AssertionError, match="Transition"):
            change()
