"""A gate may ask for an indicator: the latest accepted value of the main place."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from lumbung.accounts.models import User
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Share
from lumbung.imports.tests.files import bring, decide, text
from lumbung.imports.tests.verbs import indonesia
from lumbung.measures.facts import indicator
from lumbung.places.models import Place
from lumbung.programmes.models import Case, CasePlace, PackVersion, Programme
from lumbung.programmes.packs.actions import load_pack
from lumbung.programmes.registry import FACTS
from lumbung.words import say

pytestmark = pytest.mark.django_db
SHARE = "decile_1_4_share"


@pytest.fixture
def case(roles: Any, ratna: User, botosari: Place, kampar: Place) -> Case:
    """A case in Botosari with a partner in Kampar."""
    pack = load_pack(folder=indonesia(), by=None)
    assert isinstance(pack, PackVersion)
    made = Case.objects.create(
        number="X-1",
        programme=Programme.objects.create(code="x", pack=pack),
        pack=pack,
        template="x",
        title="X",
        step="x",
        position=1,
        since=date(2019, 1, 1),
        responsible=ratna,
        opened_on=date(2019, 1, 1),
        moved_on=date(2019, 1, 1),
    )
    CasePlace.objects.create(case=made, place=kampar, role="partner")
    CasePlace.objects.create(case=made, place=botosari, role="main")
    return made


@pytest.fixture
def ratna_in(client: Client, ratna: User, case: Case) -> Client:
    client.force_login(ratna)
    return client


def import_value(client: Client, value: str, **changes: str) -> None:
    of = bring(client, text(f"kode_desa;nilai\n33.26.02.2008;{value}\n"), **changes)
    decide(client, of, "accept")


def ask(case: Case, on: date = date(2020, 2, 14)) -> Known | Unknown:
    return indicator([case], on, SHARE)[case.pk]


def test_it_is_unknown_and_not_zero_where_nothing_was_accepted(
    case: Case, ratna_in: Client
) -> None:
    bring(ratna_in, text("kode_desa;nilai\n33.26.02.2008;0,3\n"))  # waits only

    assert isinstance(ask(case), Unknown)


def test_it_is_the_latest_value_known_on_the_day(case: Case, ratna_in: Client) -> None:
    import_value(ratna_in, "0,481", period="2018", cut_off_on="2018-12-31")
    import_value(ratna_in, "0,382", period="2019", cut_off_on="2019-12-31")

    known = ask(case)
    assert isinstance(known, Known)
    assert known.value == Share(Fraction(382, 1000))
    assert known.as_of == date(2019, 12, 31)
    assert say(known.source) == "BDT 2019, 2019"
    earlier = ask(case, on=date(2019, 6, 1))
    assert isinstance(earlier, Known)
    assert earlier.value == Share(Fraction(481, 1000))


def test_an_invented_value_says_so(case: Case, ratna_in: Client) -> None:
    import_value(ratna_in, "0,382", cut_off_on="2019-12-31", is_example="on")

    known = ask(case)
    assert isinstance(known, Known)
    assert say(known.source).endswith("(contoh)")


def test_many_cases_are_asked_in_as_many_queries_as_one(
    case: Case, ratna_in: Client, django_assert_max_num_queries: Any
) -> None:
    import_value(ratna_in, "0,382", cut_off_on="2019-12-31")
    with django_assert_max_num_queries(2):
        indicator([case] * 50, date(2020, 2, 14), SHARE)


def test_the_registry_knows_it() -> None:
    assert FACTS["indicator"].takes == "indicator"
