"""Gates that ask for a class, a period, a change, and the share of red villages."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Share
from lumbung.imports.actions import accept_import
from lumbung.measures.runs.actions import start_run
from lumbung.measures.tests.villages import VALUES, found_district, observe, rule
from lumbung.places.models import Place
from lumbung.programmes.models import Case, CasePlace
from lumbung.programmes.registry import FACTS
from lumbung.words import say

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
BOTOSARI = "33.26.02.2008"


@pytest.fixture
def district(ratna: User, pekalongan: Place, case: Case) -> Place:
    """Two years of values; Botosari goes from the red line to 0.3."""
    found = found_district(pekalongan, case.main_place)
    observe(ratna, VALUES)
    observe(
        ratna,
        {BOTOSARI: "0.3"},
        period="2020",
        title="BDT 2020",
        cut_off_on="2020-12-31",
    )
    return found


def ask(fact: str, case: Case, on: date = TODAY) -> Known | Unknown:
    name, _, argument = fact.partition(":")
    return FACTS[name].compute([case], on, argument)[case.pk]


def known(fact: str, case: Case, on: date = TODAY) -> Any:
    found = ask(fact, case, on)
    assert isinstance(found, Known), say(found.why)
    return found.value


def classed(ratna: User, district: Place, *periods: str) -> None:
    for period in periods:
        run = start_run(
            rule=rule(), place=district, period=period, by=ratna, now=timezone.now()
        )
        accept_import(of=run.of, by=ratna, now=timezone.now())


def test_without_classes_it_is_unknown_and_not_green(
    case: Case, district: Place
) -> None:
    for fact in ("class:village_colour", "red_below:village_colour", "class:tiada"):
        assert isinstance(ask(fact, case), Unknown)


def test_the_class_is_the_latest_known_or_that_of_a_period(
    case: Case, district: Place, ratna: User
) -> None:
    classed(ratna, district, "2019", "2020")

    assert known("class:village_colour", case) == "yellow"
    assert known("class:village_colour@2019", case) == "red"
    assert known("class:village_colour", case, on=date(2020, 6, 1)) == "red"
    assert isinstance(ask("class:village_colour", case, date(2019, 6, 1)), Unknown)
    assert isinstance(ask("class:village_colour@2018", case), Unknown)


def test_an_example_rule_is_said_with_the_fact(
    case: Case, district: Place, ratna: User
) -> None:
    classed(ratna, district, "2019")

    found = ask("class:village_colour", case)
    assert isinstance(found, Known)
    assert say(found.source).endswith("(contoh)")


def test_an_indicator_of_a_period(case: Case, district: Place) -> None:
    assert known("indicator:decile_1_4_share", case) == Share(3, 10)
    assert known("indicator:decile_1_4_share@2019", case) == Share(4, 10)
    assert isinstance(ask("indicator:decile_1_4_share@2018", case), Unknown)


def test_a_change_needs_as_many_periods_as_it_spans(
    case: Case, district: Place
) -> None:
    assert known("fall:decile_1_4_share", case) == Share(1, 10)
    assert known("rise:decile_1_4_share@1", case) == Share(-1, 10)
    assert isinstance(ask("fall:decile_1_4_share@2", case), Unknown)
    assert isinstance(ask("fall:decile_1_4_share", case, on=date(2020, 6, 1)), Unknown)


def test_the_share_of_red_villages_counts_those_that_have_a_class(
    case: Case, district: Place, ratna: User
) -> None:
    classed(ratna, district, "2019")
    CasePlace.objects.filter(case=case, role="main").update(
        place=district, path=district.path
    )

    found = ask("red_below:village_colour", case)
    assert isinstance(found, Known)
    assert (found.value, found.whole) == (Share(2, 5), 5)


def test_many_cases_are_asked_in_as_many_queries_as_one(
    case: Case, district: Place, ratna: User, django_assert_max_num_queries: Any
) -> None:
    classed(ratna, district, "2019")
    for name in ("class:village_colour", "fall:decile_1_4_share"):
        kind, _, argument = name.partition(":")
        with django_assert_max_num_queries(2):
            FACTS[kind].compute([case] * 50, TODAY, argument)
    with django_assert_max_num_queries(4):
        FACTS["red_below"].compute([case] * 50, TODAY, "village_colour")
