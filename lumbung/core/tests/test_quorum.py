"""Quorum rules."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.quorum import QuorumFault, met, needed, parse

MAD = parse({"more_than": "1/2"})
TWO_THIRDS = parse({"at_least": "2/3"})


@pytest.mark.parametrize(
    ("invited", "fewest"), [(1, 1), (2, 2), (30, 16), (31, 16), (60, 31)]
)
def test_an_inter_village_meeting_needs_half_of_the_delegates_and_one(
    invited: int, fewest: int
) -> None:
    assert met(MAD, fewest, invited)
    assert not met(MAD, fewest - 1, invited)


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_two_thirds_compare_exactly(invited: int, present: int) -> None:
    assert met(TWO_THIRDS, present, invited) == (3 * present >= 2 * invited)


@given(st.integers(1, 500), st.fractions(Fraction(1, 60), 1, max_denominator=60))
def test_fewer_than_needed_never_decide(invited: int, part: Fraction) -> None:
    rule = parse({"at_least": str(part)})
    assert met(rule, needed(rule, invited), invited)
    assert not met(rule, needed(rule, invited) - 1, invited)


def test_nobody_invited_is_no_quorum() -> None:
    assert not met(MAD, 0, 0)
    assert not met(TWO_THIRDS, 0, 0)


@pytest.mark.parametrize("rule", [MAD, TWO_THIRDS, parse({"at_least": "60 %"})])
def test_a_rule_is_stored_and_read_back(rule: object) -> None:
    assert parse(rule.to_json()) == rule  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"half": "1/2"},
        {"at_least": "3/2"},
        {"at_least": "x"},
        {"at_least": "1/0"},
        {"at_least": 0},
        {"more_than": 1},
        {"at_least": "1/2", "more_than": 0},
    ],
)
def test_a_rule_that_counts_nothing_is_refused(raw: object) -> None:
    with pytest.raises(QuorumFault):
        parse(raw)
