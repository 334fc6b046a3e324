"""Declared facts: of the pack's type, dated, with proof, the latest counting."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Message, Rupiah, Share, Value, from_json
from lumbung.places.models import Place
from lumbung.programmes import actions, checks
from lumbung.programmes.declarations import BadValue
from lumbung.programmes.models import Case, DeclaredFact
from lumbung.programmes.registry import FACTS
from lumbung.programmes.tests.papers import OPENED, paper


def declare(
    case: Case, by: User, name: str, value: Value, as_of: date = OPENED
) -> DeclaredFact:
    return actions.declare_fact(
        case=case,
        name=name,
        value=value,
        as_of=as_of,
        evidence=paper(checks.main_place(case), by),
        by=by,
    )


def known(case: Case, name: str, on: date = OPENED) -> Known | Unknown:
    fresh = Case.objects.get(pk=case.pk)
    return FACTS["declared"].compute([fresh], on, name)[case.pk]


def have(case: Case, on: date = OPENED) -> Value:
    found = known(case, "families", on)
    assert isinstance(found, Known)
    return found.value


def test_it_refuses_who_has_no_mandate_for_it_here(
    case: Case, budi: User, maria: User, tono: User
) -> None:
    for person in (budi, maria, tono):
        with pytest.raises(checks.NotAllowed):
            declare(case, person, "families", 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unheard_of", 1),
        ("families", -1),
        ("families", True),
        ("families", "3"),
        ("families", Decimal(3)),
        ("families", Share(1, 2)),
        ("poor", Fraction(1, 2)),
        ("poor", Decimal("0.5")),
        ("poor", Share(101, 100)),
        ("poor", Share(-1, 100)),
        ("budget", 60_000_000),
        ("budget", Rupiah(-1)),
        ("colour", "blue"),
        ("colour", ""),
        ("agreed", "perhaps"),
        ("signed_on", "2020-01-31"),
        ("families", 10**15 + 1),
        ("budget", Rupiah(10**15 + 1)),
        ("poor", Share(1, 10**15 + 1)),
        ("weight", Decimal("1e999999")),
        ("weight", Decimal("1e-9999999")),
    ],
)
def test_it_refuses_a_value_that_is_not_of_the_facts_type(
    case: Case, ratna: User, name: str, value: Value
) -> None:
    with pytest.raises(BadValue):
        declare(case, ratna, name, value)

    assert DeclaredFact.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("families", 0),
        ("poor", Share(382, 1000)),
        ("poor", Share(1)),
        ("budget", Rupiah(60_000_000)),
        ("colour", "red"),
        ("agreed", "no"),
        ("signed_on", date(2019, 12, 18)),
    ],
)
def test_a_value_comes_back_as_it_was_written(
    case: Case, siti: User, name: str, value: Value
) -> None:
    row = declare(case, siti, name, value)

    stored = from_json(DeclaredFact.objects.get(pk=row.pk).value)
    assert (stored, type(stored)) == (value, type(value))
    source = Message("Declared by %(name)s", name="Siti Aminah")
    assert known(case, name) == Known(value, source, OPENED)


def test_it_refuses_a_day_to_come(case: Case, ratna: User) -> None:
    with pytest.raises(checks.BadDate):
        declare(case, ratna, "families", 3, timezone.localdate() + timedelta(days=1))


def test_it_refuses_the_proof_of_another_district(
    case: Case, ratna: User, kampar: Place
) -> None:
    with pytest.raises(checks.BadEvidence):
        actions.declare_fact(
            case=case,
            name="families",
            value=3,
            as_of=OPENED,
            evidence=paper(kampar, ratna),
            by=ratna,
        )


def test_the_latest_by_day_counts_and_earlier_ones_stay(
    case: Case, ratna: User
) -> None:
    assert isinstance(known(case, "families"), Unknown)
    declare(case, ratna, "families", 41, OPENED)
    declare(case, ratna, "families", 57, OPENED - timedelta(days=400))
    assert have(case) == 41
    declare(case, ratna, "families", 42, OPENED)
    assert have(case) == 42

    assert have(case, OPENED - timedelta(days=1)) == 57
    assert DeclaredFact.objects.count() == 3


def test_withdrawn_proof_proves_nothing(case: Case, ratna: User) -> None:
    declare(case, ratna, "families", 57, OPENED - timedelta(days=9))
    row = declare(case, ratna, "families", 41)
    row.evidence.voided_at = timezone.now()
    row.evidence.save(update_fields=["voided_at"])

    assert have(case) == 57
