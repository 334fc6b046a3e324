"""Quorum rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.quorum import QuorumFault, met, needed, parse

MAD = {"more_than": "1/2"}


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
    assert met({"at_least": "2/3"}, present, invited) == (3 * present >= 2 * invited)


@given(st.integers(0, 500), st.fractions(0, 1, max_denominator=60))
def test_fewer_than_needed_never_decide(invited: int, part: object) -> None:
    rule = {"at_least": str(part)}
    assert met(rule, needed(rule, invited), invited) == (invited > 0)
    assert not met(rule, needed(rule, invited) - 1, invited)


def test_nobody_invited_is_no_quorum() -> None:
    assert not met(MAD, 0, 0)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"half": "1/2"},
        {"at_least": "3/2"},
        {"at_least": "x"},
        {"at_least": "1/0"},
        {"at_least": 1, "more_than": 0},
    ],
)
def test_a_rule_that_counts_nothing_is_refused(raw: object) -> None:
    with pytest.raises(QuorumFault):
        parse(raw)
