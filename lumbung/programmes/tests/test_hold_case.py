"""Pausing, resuming, stopping, reopening, handing over."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts.models import Role, User
from lumbung.conftest import give, make_place, make_user
from lumbung.core.message import Message
from lumbung.places.models import Place
from lumbung.programmes import actions, checks
from lumbung.programmes.models import Case, Transition
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_result,
    decide,
    lay,
    move,
    opened,
)

LATER = OPENED + timedelta(days=14)
MUCH_LATER = LATER + timedelta(days=300)


def pause(case: Case, by: User, **more: Any) -> Case:
    values: dict[str, Any] = {
        "reason": REASON,
        "on": LATER,
        "version": case.version,
    } | more
    return actions.pause_case(case=case, by=by, **values)


def resume(case: Case, by: User, **more: Any) -> Case:
    values: dict[str, Any] = {"on": MUCH_LATER, "version": case.version} | more
    return actions.resume_case(case=case, by=by, **values)


def stop(case: Case, by: User, decision: Any, **more: Any) -> Case:
    values: dict[str, Any] = {"on": LATER, "version": case.version} | more
    return actions.stop_case(case=case, by=by, decision=decision, **values)


def reopen(case: Case, by: User, **more: Any) -> Case:
    values: dict[str, Any] = {
        "reason": REASON,
        "on": MUCH_LATER,
        "version": case.version,
    } | more
    return actions.reopen_case(case=case, by=by, **values)


def hand_over(case: Case, by: User, to: User, **more: Any) -> Case:
    values: dict[str, Any] = {"reason": "", "on": LATER, "version": case.version} | more
    return actions.hand_over_case(case=case, by=by, to=to, **values)


def test_they_refuse_who_has_no_mandate_for_it_here(
    case: Case, ratna: User, slamet: User, siti: User, budi: User, maria: User
) -> None:
    decision = decide(case, ratna, about="stop")
    for person in (slamet, siti, budi, maria):
        with pytest.raises(checks.NotAllowed):
            pause(case, person)
        with pytest.raises(checks.NotAllowed):
            stop(case, person, decision)
        with pytest.raises(checks.NotAllowed):
            hand_over(case, person, siti)
    case = pause(case, ratna)
    for person in (slamet, siti, budi, maria):
        with pytest.raises(checks.NotAllowed):
            resume(case, person)


def test_a_stale_page_is_refused_by_each(case: Case, ratna: User, siti: User) -> None:
    decision = decide(case, ratna, about="stop")
    hand_over(case, ratna, siti)
    stale: list[Callable[[], Case]] = [
        lambda: pause(case, ratna, version=1),
        lambda: resume(case, ratna, version=1),
        lambda: stop(case, ratna, decision, version=1),
        lambda: reopen(case, ratna, version=1),
        lambda: hand_over(case, ratna, siti, version=1),
    ]
    for verb in stale:
        with pytest.raises(checks.MovedMeanwhile) as refused:
            verb()
        assert refused.value.message.values["did"] == Message("handed this case over")


def test_a_paused_case_is_not_stuck_and_goes_nowhere(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    assert list(Case.objects.stuck(MUCH_LATER)) == [case]
    with pytest.raises(checks.ReasonTooShort):
        pause(case, ratna, reason="hujan")
    case = pause(case, ratna)

    assert (case.state, case.due_on, case.since) == ("paused", None, OPENED)
    assert list(Case.objects.stuck(MUCH_LATER)) == []
    with pytest.raises(checks.WrongState) as refused:
        move(case, ratna, "meeting")
    assert refused.value.message.values["state"] == Message("paused")
    with pytest.raises(checks.WrongState):
        pause(case, ratna)


def test_resuming_lets_the_days_of_the_step_begin_anew(case: Case, ratna: User) -> None:
    with pytest.raises(checks.WrongState):
        resume(case, ratna)
    case = resume(pause(case, ratna), ratna)

    assert (case.state, case.step) == ("running", "candidate")
    assert (case.since, case.due_on) == (MUCH_LATER, MUCH_LATER + timedelta(days=30))


def test_no_verb_takes_a_day_before_the_last_or_one_to_come(
    case: Case, ratna: User, siti: User
) -> None:
    case = pause(case, ratna)
    decision = decide(case, ratna, about="stop")
    tomorrow = timezone.localdate() + timedelta(days=1)
    for on in (OPENED, tomorrow):
        with pytest.raises(checks.BadDate):
            resume(case, ratna, on=on)
        with pytest.raises(checks.BadDate):
            stop(case, ratna, decision, on=on)
        with pytest.raises(checks.BadDate):
            hand_over(case, ratna, siti, on=on)


def test_stopping_needs_a_decision_about_stopping_and_serves_once(
    case: Case, ratna: User
) -> None:
    for about in ("step", "override"):
        with pytest.raises(checks.BadDecision):
            stop(case, ratna, decide(case, ratna, about=about))
    decision = decide(case, ratna, about="stop")
    case = stop(case, ratna, decision)

    assert (case.state, case.due_on) == ("stopped", None)
    row = Transition.objects.latest("pk")
    assert (row.decision, row.reason) == (decision, REASON)
    case = reopen(case, ratna)
    with pytest.raises(checks.BadDecision):
        stop(case, ratna, decision, on=MUCH_LATER)


def test_a_paused_case_may_be_stopped(case: Case, ratna: User) -> None:
    case = pause(case, ratna)

    assert stop(case, ratna, decide(case, ratna, about="stop")).state == "stopped"


def test_nothing_is_laid_decided_or_declared_on_a_stopped_case(
    case: Case, ratna: User
) -> None:
    case = stop(case, ratna, decide(case, ratna, about="stop"))

    with pytest.raises(checks.WrongState):
        lay(case, ratna, "photo")
    with pytest.raises(checks.WrongState):
        decide(case, ratna)


def test_reopening_needs_an_end_and_a_reason_and_takes_back_the_outcome(
    case: Case, ratna: User
) -> None:
    with pytest.raises(checks.WrongState):
        reopen(case, ratna)
    case = at_result(case, ratna)
    case = move(case, ratna, "graduated", on=date(2018, 2, 1))
    with pytest.raises(checks.ReasonTooShort):
        reopen(case, ratna, reason="keliru")
    case = reopen(case, ratna)

    assert (case.state, case.step, case.outcome) == ("running", "result", "")
    assert case.since == MUCH_LATER


def test_a_case_goes_only_to_somebody_else_who_may_see_it(
    case: Case, ratna: User, siti: User, budi: User, tono: User
) -> None:
    siti.is_active = False
    siti.save(update_fields=["is_active"])
    for person in (ratna, budi, tono, siti):
        with pytest.raises(checks.BadSuccessor) as refused:
            hand_over(case, ratna, person)
        assert refused.value.field == "to"


def test_who_only_reads_cases_is_neither_offered_nor_taken_as_responsible(
    case: Case,
    client: Client,
    ratna: User,
    siti: User,
    maria: User,
    ani: User,
    hendra: User,
) -> None:
    client.force_login(ratna)
    page = client.get(reverse("programmes:hand_over_case", args=[case.uid]))
    assert re.findall(r'<option value="([^"]+)"', page.content.decode()) == [
        str(siti.uid)
    ]
    for person in (maria, ani, hendra):
        with pytest.raises(checks.BadSuccessor):
            hand_over(case, ratna, person)


def test_handing_over_changes_who_is_responsible_and_nothing_else(
    case: Case, ratna: User, siti: User
) -> None:
    case = hand_over(case, ratna, siti)

    assert (case.responsible, case.step, case.since, case.version) == (
        siti,
        "candidate",
        OPENED,
        2,
    )
    assert Transition.objects.latest("pk").responsible == siti


def test_open_cases_of_a_mandate_follow_its_successor(
    case: Case, ratna: User, siti: User, roles: dict[str, Role], paninggaran: Place
) -> None:
    case = hand_over(case, ratna, siti)
    closed = opened(
        case.programme, paninggaran, ratna, title="Stopped", responsible=siti
    )
    stop(closed, ratna, decide(closed, ratna, about="stop"))
    doro = make_place("33.26.06", "Doro", paninggaran.parent)
    give(siti, roles["facilitator"], doro)
    siti = User.objects.get(pk=siti.pk)
    opened(case.programme, doro, ratna, title="Elsewhere", responsible=siti)
    wati = make_user("Wati Lestari")
    give(wati, roles["facilitator"], doro)
    actions.hand_over_mandate(
        mandate=siti.mandates.get(place=paninggaran),
        to=wati,
        reason="moved away",
        by=ratna,
        now=timezone.now(),
    )

    assert {m.place for m in wati.mandates.all()} == {doro, paninggaran}
    assert set(Case.objects.values_list("title", "responsible__username")) == {
        ("Botosari", "wati"),
        ("Stopped", "siti"),
        ("Elsewhere", "siti"),
    }


def test_of_a_mandate_within_one_programme_only_its_cases_follow(
    case: Case, ratna: User, siti: User, roles: dict[str, Role], paninggaran: Place
) -> None:
    hand_over(case, ratna, siti)
    mandate = give(siti, roles["facilitator"], paninggaran, programme="kpel")

    assert list(actions.open_cases_of(mandate)) == []
