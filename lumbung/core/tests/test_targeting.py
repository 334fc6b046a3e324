"""Targeting: the ten people of the World Bank's book, and its laws."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.core.targeting import targeting
from lumbung.core.tests.tables import row, table

POOR = [True] * 4 + [False] * 6
POOREST = [True] * 2 + [False] * 8


def errors(
    selected: list[bool], deserving: list[bool]
) -> tuple[float | None, float | None]:
    found = row(targeting(table(s=selected, d=deserving), selected="s", deserving="d"))
    return found["exclusion_error"], found["inclusion_error"]


def one(*numbers: int) -> list[bool]:
    return [person in numbers for person in range(1, 11)]


def test_it_gives_the_errors_of_the_ten_person_economy() -> None:
    """Grosh and others (2022), Revisiting Targeting in Social Assistance, table 7.3."""
    assert errors(one(1, 2), POOR) == (0.5, 0.0)
    assert errors(one(1, 2), POOREST) == (0.0, 0.0)
    assert errors(one(2, 3), POOR) == (0.5, 0.0)
    assert errors(one(2, 3), POOREST) == (0.5, 0.5)
    assert errors(one(3, 4), POOREST) == (1.0, 1.0)


def test_nobody_selected_leaves_the_inclusion_error_empty() -> None:
    assert errors([False, False], [True, False]) == (1.0, None)


def test_weights_stand_for_rows() -> None:
    given = table(s=[True, False], d=[True, True], w=[1.0, 3.0])

    found = row(targeting(given, selected="s", deserving="d", weight="w"))

    assert found["exclusion_error"] == 0.75


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=15))
def test_it_equals_counting_by_hand_and_turns_round(
    rows: list[tuple[bool, bool]],
) -> None:
    selected, deserving = (list(column) for column in zip(*rows, strict=True))

    found = row(targeting(table(s=selected, d=deserving), selected="s", deserving="d"))
    turned = row(targeting(table(s=deserving, d=selected), selected="s", deserving="d"))

    let_in = rows.count((True, False))
    innocent = deserving.count(False)
    expected = let_in / innocent if innocent else None
    assert found["false_positive_rate"] == pytest.approx(expected)
    assert found["exclusion_error"] == turned["inclusion_error"]
