"""Decisions: who was there, whether they were enough, and corrections of both."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Message, Share, Value
from lumbung.fields import AppendOnly
from lumbung.places.models import Place
from lumbung.programmes import checks
from lumbung.programmes.models import Case, Decision
from lumbung.programmes.registry import FACTS
from lumbung.programmes.tests.papers import (
    OPENED,
    at_meeting,
    at_result,
    decide,
    paper,
)


def fact(case: Case, name: str, on: date = OPENED) -> Known | Unknown:
    fresh = Case.objects.get(pk=case.pk)
    return FACTS[name].compute([fresh], on, "")[case.pk]


def have(case: Case, name: str, on: date = OPENED) -> Value:
    found = fact(case, name, on)
    assert isinstance(found, Known)
    return found.value


def test_it_refuses_who_has_no_mandate_for_it_here(
    case: Case, yusuf: User, budi: User, maria: User, tono: User, ratna: User
) -> None:
    minutes = paper(checks.main_place(case), ratna)
    for person in (yusuf, budi, maria, tono):
        with pytest.raises(checks.NotAllowed):
            decide(case, person, minutes=minutes)


def test_a_facilitator_records_one(case: Case, siti: User) -> None:
    assert decide(case, siti).by == siti


def test_it_refuses_a_day_to_come(case: Case, ratna: User) -> None:
    with pytest.raises(checks.BadDate) as refused:
        decide(case, ratna, decided_on=timezone.localdate() + timedelta(days=1))
    assert refused.value.field == "decided_on"


@pytest.mark.parametrize(
    "unsound",
    [
        {"attendance": {}},
        {"attendance": {"government": (0, 0)}},
        {"attendance": {"army": (3, 4)}},
        {"attendance": {"government": (3, -1)}},
        {"invited": 0},
        {"attendance": {"government": (3, 8)}, "invited": 10},
    ],
)
def test_it_refuses_unsound_attendance(
    case: Case, ratna: User, unsound: dict[str, object]
) -> None:
    with pytest.raises(checks.BadDecision):
        decide(case, ratna, **unsound)

    assert Decision.objects.count() == 0


def test_it_refuses_minutes_of_another_district_programme_or_withdrawn_ones(
    case: Case, ratna: User, kampar: Place, botosari: Place
) -> None:
    withdrawn = paper(botosari, ratna)
    withdrawn.voided_at = timezone.now()
    for minutes in (
        paper(kampar, ratna),
        paper(botosari, ratna, programme="kpel"),
        withdrawn,
    ):
        with pytest.raises(checks.BadEvidence):
            decide(case, ratna, minutes=minutes)


def test_minutes_of_the_whole_district_serve_a_village(
    case: Case, ratna: User, pekalongan: Place
) -> None:
    assert decide(case, ratna, minutes=paper(pekalongan, ratna, programme="")).pk


def test_what_passes_a_gate_or_stops_a_case_needs_a_reason(
    case: Case, ratna: User
) -> None:
    for about in ("override", "stop"):
        with pytest.raises(checks.ReasonTooShort):
            decide(case, ratna, about=about, reason="mendesak.")
    assert decide(case, ratna, reason="").reason == ""


@pytest.mark.parametrize(
    ("present", "invited", "met"),
    [
        (15, 30, False),
        (16, 30, True),
        (15, 29, True),
        (14, 29, False),
        (30, 30, True),
        (16, None, None),
    ],
)
def test_more_than_half_of_those_invited_must_be_there(
    case: Case, ratna: User, present: int, invited: int | None, met: bool | None
) -> None:
    case = at_meeting(case, ratna)
    decision = decide(
        case, ratna, attendance={"government": (1, present - 1)}, invited=invited
    )

    assert decision.quorum_met is met
    assert decision.quorum == {"more_than": "1/2"}


def test_a_step_without_a_quorum_rule_says_neither_yes_nor_no(
    case: Case, ratna: User
) -> None:
    decision = decide(case, ratna)

    assert (decision.quorum, decision.quorum_met) == (None, None)
    assert isinstance(fact(case, "decision:quorum"), Unknown)


def test_what_it_says_is_known_to_gates(case: Case, ratna: User) -> None:
    assert isinstance(fact(case, "decision:people"), Unknown)
    decide(
        case,
        ratna,
        attendance={"government": (2, 5), "community": (3, 6), "business": (0, 0)},
    )

    source = Message("Decision of %(body)s", body="TKPK")
    assert {name: fact(case, f"decision:{name}") for name in (
        "approved", "people", "women", "women_share", "sectors"
    )} == {
        "approved": Known("yes", source, OPENED),
        "people": Known(16, source, OPENED),
        "women": Known(5, source, OPENED),
        "women_share": Known(Share(5, 16), source, OPENED, whole=16),
        "sectors": Known(2, source, OPENED),
    }  # fmt: skip


def test_the_latest_by_its_day_counts_not_the_last_typed_in(
    case: Case, ratna: User
) -> None:
    later = OPENED + timedelta(days=3)
    decide(case, ratna, decided_on=later)
    decide(case, ratna, decided_on=OPENED, result="rejected")

    assert have(case, "decision:approved", later) == "yes"
    # Who moves the case as of an earlier day has the decision of that day.
    assert have(case, "decision:approved", OPENED) == "no"


def test_a_correction_replaces_what_it_names_and_both_stay(
    case: Case, ratna: User
) -> None:
    wrong = decide(case, ratna)
    right = decide(case, ratna, corrects=wrong, attendance={"community": (2, 2)})

    assert have(case, "decision:people") == 4
    assert Decision.objects.count() == 2
    with pytest.raises(checks.BadDecision):
        decide(case, ratna, corrects=wrong)
    assert decide(case, ratna, corrects=right).corrects == right


def test_a_correction_keeps_what_it_is_about_and_the_rule_of_its_step(
    case: Case, ratna: User
) -> None:
    override = decide(case, ratna, about="override")
    at_last = at_result(case, ratna)
    meeting = Decision.objects.get(step="meeting")
    about = decide(at_last, ratna, corrects=override)
    enough = decide(at_last, ratna, corrects=meeting, invited=40)

    assert (about.about, about.step) == ("override", "candidate")
    assert (enough.step, enough.quorum_met) == ("meeting", False)


def test_it_refuses_to_correct_a_decision_of_another_case(
    case: Case, ratna: User, paninggaran: Place
) -> None:
    other = Case.objects.get()
    other.pk, other.number = None, "LK-2017-777"
    other.uid = type(other.uid)(int=1)
    other.save()
    other.places.create(place=paninggaran, role="main")

    with pytest.raises(checks.BadDecision):
        decide(other, ratna, corrects=decide(case, ratna))


def test_withdrawn_minutes_prove_nothing(case: Case, ratna: User) -> None:
    decision = decide(case, ratna)
    decision.minutes.voided_at = timezone.now()
    decision.minutes.save(update_fields=["voided_at"])

    assert isinstance(fact(case, "decision:approved"), Unknown)


def test_it_is_never_changed(case: Case, ratna: User) -> None:
    decision = decide(case, ratna)
    assert isinstance(decision, AppendOnly)
    decision.result = "rejected"

    with pytest.raises(Exception, match="."):
        decision.save()
    assert Decision.objects.get().result == "approved"
