"""FGT: figures that were published, the formula done over in Python, and its laws."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.core.measure import BadInput
from lumbung.core.poverty import faults, fgt
from lumbung.core.tests.tables import row, rows, table

HALF = Fraction(1, 2)
money = st.integers(0, 300)
household = st.tuples(
    st.sampled_from("ab"), money, st.integers(50, 150), st.integers(0, 4)
)


def test_it_refuses_a_line_or_a_power_below_zero() -> None:
    people = table(x=[1])

    with pytest.raises(BadInput, match="line"):
        faults(
            people, spending="x", line=Fraction(-1), members=None, alpha=(Fraction(0),)
        )
    with pytest.raises(BadInput, match="power"):
        faults(
            people, spending="x", line=Fraction(1), members=None, alpha=(Fraction(-1),)
        )


def test_it_gives_the_figures_of_the_world_banks_handbook() -> None:
    """Haughton and Khandker (2009), Handbook on Poverty and Inequality, pp. 70, 72."""
    found = row(fgt(table(x=[100, 110, 150, 160]), spending="x", line=125))

    assert found["p0"] == 0.5
    assert found["p1"] == pytest.approx(0.08, abs=1e-15)
    assert found["p2"] == pytest.approx(0.0136, abs=1e-15)


def test_a_household_on_the_line_is_not_poor() -> None:
    assert row(fgt(table(x=[99, 100]), spending="x", line=100))["p0"] == 0.5


def test_a_line_of_zero_leaves_nobody_poor() -> None:
    found = row(fgt(table(x=[0, 5]), spending="x", line=0))

    assert (found["p0"], found["p1"], found["p2"]) == (0.0, 0.0, 0.0)


def test_a_group_of_no_people_is_empty_not_zero() -> None:
    people = table(g=["a", "b"], x=[1, 1], w=[0, 2])

    empty, _ = rows(fgt(people, spending="x", line=2, by=("g",), weight="w"))

    assert empty == {"g": "a", "n": 1, "population": 0.0} | dict.fromkeys(
        ("p0", "p1", "p2")
    )


@settings(max_examples=12, deadline=None)
@given(st.lists(household, min_size=1, max_size=30))
def test_it_equals_the_formula_done_over_row_by_row(
    households: list[tuple[str, int, int, int]],
) -> None:
    names = ("g", "x", "z", "w")
    columns = {
        n: list(v) for n, v in zip(names, zip(*households, strict=True), strict=True)
    }
    alpha = (Fraction(0), HALF, Fraction(1), Fraction(3))

    found = rows(
        fgt(
            table(**columns), spending="x", line="z", weight="w", by=("g",), alpha=alpha
        )
    )

    for got in found:
        mine = [(x, z, w) for g, x, z, w in households if g == got["g"]]
        people = sum(w for _, _, w in mine)
        assert (got["n"], got["population"]) == (len(mine), people)
        for power, name in zip(alpha, ("p0", "p0_5", "p1", "p3"), strict=True):
            gaps = sum(w * ((z - x) / z) ** float(power) for x, z, w in mine if x < z)
            expected = gaps / people if people else None
            assert got[name] == pytest.approx(expected, abs=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.lists(household, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_scaling_copying_and_shuffling_change_nothing(
    households: list[tuple[str, int, int, int]], shuffle: object
) -> None:
    plain = [(x, z, w + 1) for _, x, z, w in households]
    changed = [(x * 1000, z * 1000, w) for x, z, w in plain] * 3
    shuffle.shuffle(changed)  # type: ignore[attr-defined]

    def figures(people: list[tuple[int, int, int]]) -> list[float]:
        x, z, w = (list(column) for column in zip(*people, strict=True))
        found = row(fgt(table(x=x, z=z, w=w), spending="x", line="z", weight="w"))
        return [found["p0"], found["p1"], found["p2"]]

    assert figures(changed) == pytest.approx(figures(plain), abs=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.lists(household, min_size=1, max_size=30))
def test_the_whole_is_the_mean_of_its_groups_by_people(
    households: list[tuple[str, int, int, int]],
) -> None:
    g, x, z, w = (list(column) for column in zip(*households, strict=True))
    people = table(g=g, x=x, z=z, w=[each + 1 for each in w])
    asked = {"spending": "x", "line": "z", "weight": "w"}

    whole = row(fgt(people, **asked))  # type: ignore[arg-type]
    groups = rows(fgt(people, by=("g",), **asked))  # type: ignore[arg-type]

    for name in ("p0", "p1", "p2"):
        parts = sum(group[name] * group["population"] for group in groups)
        assert parts / whole["population"] == pytest.approx(whole[name], abs=1e-12)
