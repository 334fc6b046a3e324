"""What waits for a person on their home page, and in which words."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lumbung.accounts.models import Role, User
from lumbung.conftest import give, make_user
from lumbung.core.message import Message, Text
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.models import Case
from lumbung.programmes.registry import WAITING
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_meeting,
    decide,
    declare_poor,
    lay,
)
from lumbung.programmes.waiting import cases

SOON = OPENED + timedelta(days=20)


def test_it_is_registered() -> None:
    assert cases in WAITING


def test_others_see_nothing_of_what_waits_for_ratna(
    case: Case, siti: User, budi: User, maria: User, tono: User
) -> None:
    for person in (siti, budi, maria, tono):
        assert list(cases(person, SOON)) == []


def test_nothing_waits_once_the_mandate_ended(case: Case, ratna: User) -> None:
    ratna.mandates.update(ends_on=OPENED)
    fresh = User.objects.get(pk=ratna.pk)

    assert list(cases(fresh, SOON)) == []


def test_it_says_what_is_missing_and_until_when(case: Case, ratna: User) -> None:
    [line] = cases(ratna, SOON)

    assert line.title == Message(
        "%(title)s: %(step)s", title="Botosari", step=Text("Calon lokus", "Candidate")
    )
    assert line.text == Message("%(name)s: none yet.", name=Text("Foto", "Photo"))
    assert line.state == Message("Until %(day)s", day=OPENED + timedelta(days=30))
    assert (line.tone, line.due_on) == ("waits", OPENED + timedelta(days=30))
    assert line.url == f"/berkas/{case.uid}/"


def test_it_names_the_first_and_counts_the_others(case: Case, ratna: User) -> None:
    at_meeting(case, ratna)
    [line] = cases(ratna, SOON)

    assert isinstance(line.text, Message)
    assert line.text.id == "%(first)s And %(count)s more."
    assert line.text.values["count"] == 5


def test_it_says_when_only_a_decision_is_missing(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    [line] = cases(ratna, SOON)

    assert (line.state, line.tone) == (Message("Ready to be moved"), "ready")
    assert line.button == Message("Decide")


@pytest.mark.parametrize(("days", "tone"), [(30, "waits"), (31, "late")])
def test_it_is_stuck_from_the_day_after_the_last(
    case: Case, ratna: User, days: int, tone: str
) -> None:
    [line] = cases(ratna, OPENED + timedelta(days=days))

    assert line.tone == tone
    if tone == "late":
        assert line.state.values["count"] == 1


def test_what_was_paused_does_not_wait(case: Case, ratna: User) -> None:
    actions.pause_case(case=case, reason=REASON, on=OPENED, by=ratna, version=1)

    assert list(cases(ratna, SOON)) == []


def test_three_cases_ask_the_database_as_often_as_one(case: Case, ratna: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(cases(ratna, SOON))
        return len(queries)

    at_meeting(case, ratna)
    decide(Case.objects.get(), ratna)
    declare_poor(case, ratna)
    once = count()
    for title in ("A", "B"):
        other = actions.open_case(
            programme=case.programme,
            template="village",
            title=title,
            place=case.places.get().place,
            responsible=ratna,
            on=OPENED,
            by=ratna,
        )
        at_meeting(other, ratna)
    assert count() == once
    assert len(list(cases(ratna, SOON))) == 3


def test_a_stuck_case_waits_for_who_leads_there_too(
    case: Case,
    roles: dict[str, Role],
    jawa_tengah: Place,
    ratna: User,
    siti: User,
    budi: User,
    maria: User,
) -> None:
    endang = make_user("Endang Purwanti")
    give(endang, roles["provincial_officer"], jawa_tengah)
    late = OPENED + timedelta(days=31)

    assert len(list(cases(ratna, late))) == 1  # her own, once
    for person in (siti, budi, maria):
        assert list(cases(person, late)) == []
    assert list(cases(endang, late - timedelta(days=1))) == []
    assert [line.url for line in cases(endang, late)] == [f"/berkas/{case.uid}/"]
