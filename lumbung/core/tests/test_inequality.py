"""Inequality: published figures, two other programs' formulas, and its laws."""

from fractions import Fraction
from math import exp, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.core.distribution import quantiles
from lumbung.core.inequality import COLUMNS, inequality
from lumbung.core.tests.tables import row, rows, table

people = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 4)), min_size=1, max_size=8
)
# Many small populations in one table: an engine's call costs more than their sums.
populations = st.lists(people, min_size=1, max_size=25)
Population = list[tuple[int, int]]
SHARES = {"p10": Fraction(1, 10), "p50": Fraction(1, 2), "p90": Fraction(9, 10)}


def figures(values: list[Any], weights: list[Any] | None = None) -> dict[str, Any]:
    given = table(x=values, w=weights or [1] * len(values))
    return row(inequality(given, value="x", weight="w"))


def test_it_gives_the_gini_of_two_published_examples() -> None:
    """R package SciencesPo, help of `Atkinson`: Gini 0.360000 of 80 60 10 20 30,
    concentration coefficient (n/(n-1) of it) 0.450000."""
    found = figures([80, 60, 10, 20, 30])

    assert found["gini"] == pytest.approx(0.36, abs=1e-15)
    assert found["gini_sample"] == pytest.approx(0.45, abs=1e-15)


def test_it_gives_the_figures_of_r_for_its_ten_incomes() -> None:
    """R package ineq (A. Zeileis), the ten incomes of its help, printed to 7 places."""
    found = figures([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261])

    printed = {
        "gini": 0.4620911,
        "gini_sample": 0.5134346,
        "theil_t": 0.3623412,
        "theil_l": 0.4335946,
        "atkinson_0_5": 0.1796591,
        "atkinson_1": 0.3518251,
        "atkinson_2": 0.6290111,
    }
    assert {name: round(found[name], 7) for name in printed} == printed


def test_theil_and_gini_equal_pysal() -> None:
    from inequality.gini import Gini  # noqa: PLC0415  # slow to load, and only here
    from inequality.theil import Theil  # noqa: PLC0415

    values = np.random.default_rng(3).lognormal(3, 1, 500).round(2)

    found = figures(list(values))

    assert found["gini"] == pytest.approx(Gini(values).g, rel=1e-12)
    assert found["theil_t"] == pytest.approx(Theil(values).T, rel=1e-12)


def test_equal_people_have_none() -> None:
    found = figures([7, 7, 7, 7, 7])

    assert [found[name] for name in COLUMNS] == pytest.approx(
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0.25], abs=1e-15
    )


def test_zeros_empty_theil_l_and_the_strict_atkinsons_only() -> None:
    found = figures([0, 1, 3])

    empty = {name for name, value in found.items() if value is None}
    assert empty == {"theil_l", "atkinson_1", "atkinson_2", "s80s20", "p90p10"} & empty
    assert {"theil_l", "atkinson_1", "atkinson_2"} <= empty
    assert found["theil_t"] is not None


def test_nobody_having_anything_gives_nothing_rather_than_nan() -> None:
    found = figures([0, 0])

    assert set(found.values()) == {None}


def test_one_row_has_no_sample_gini() -> None:
    found = figures([5])

    assert (found["gini"], found["gini_sample"]) == (0.0, None)


def test_shares_split_the_row_on_the_boundary() -> None:
    """Three people: the lowest fifth is 0.6 of the first, the upper 0.6 of the last."""
    found = figures([1, 2, 5])

    assert found["s80s20"] == pytest.approx(5.0, abs=1e-15)
    # Upper tenth: 0.3 of 5; lowest 40 %: 1 and 0.2 of 2.
    assert found["palma"] == pytest.approx(1.5 / 1.4, abs=1e-15)


def test_a_median_on_the_boundary_is_the_mean_of_two() -> None:
    found = row(
        quantiles(table(x=[1, 2, 3, 9]), value="x", by=(), weight=None, shares=SHARES)
    )

    assert found == {"p10": 1.0, "p50": 2.5, "p90": 9.0}


def spread_out(many: list[Population]) -> dict[str, list[int]]:
    cells = [(g, x, w) for g, each in enumerate(many) for x, w in each]
    return dict(zip("gxw", (list(c) for c in zip(*cells, strict=True)), strict=True))


def everyone(population: Population) -> list[int]:
    return sorted(value for value, weight in population for _ in range(weight))


@settings(max_examples=8, deadline=None)
@given(populations)
def test_quantiles_equal_those_of_the_people_written_out(
    many: list[Population],
) -> None:
    asked = {"value": "x", "by": ("g",), "weight": "w", "shares": SHARES}

    found = rows(quantiles(table(**spread_out(many)), **asked))  # type: ignore[arg-type]

    for got in found:
        each = everyone(many[got["g"]])
        for name, share in SHARES.items():
            place = share * len(each)
            first, on = each[int(place)], place.denominator == 1
            assert got[name] == ((each[int(place) - 1] + first) / 2 if on else first)


def written_out(each: list[int]) -> dict[str, float | None]:
    """The textbook formulas over every person."""
    n, mean = len(each), sum(each) / len(each)
    parts = [value / mean for value in each]
    differences = sum(abs(a - b) for a in each for b in each)
    positive = all(each)
    return {
        "gini": differences / (2 * n * n * mean),
        "theil_t": sum(p * log(p) for p in parts if p) / n,
        "theil_l": -sum(log(p) for p in parts) / n if positive else None,
        "ge_2": (sum(p * p for p in parts) / n - 1) / 2,
        "atkinson_0_5": 1 - (sum(p**0.5 for p in parts) / n) ** 2,
        "atkinson_1": 1 - exp(sum(log(p) for p in parts) / n) if positive else None,
        "atkinson_2": 1 - n / sum(1 / p for p in parts) if positive else None,
    }


@settings(max_examples=8, deadline=None)
@given(populations)
def test_it_equals_the_formulas_over_every_person(many: list[Population]) -> None:
    given = table(**spread_out(many))

    for got in rows(inequality(given, value="x", weight="w", by=("g",))):
        each = everyone(many[got["g"]])
        if not any(each):
            continue
        for name, expected in written_out(each).items():
            assert got[name] == pytest.approx(expected, abs=1e-12), name


@settings(max_examples=6, deadline=None)
@given(populations, st.integers(2, 1000))
def test_scaling_and_copying_change_nothing(
    many: list[Population], factor: int
) -> None:
    copied = [[(x * factor, w * 3) for x, w in each] * 2 for each in many]
    before, after = (
        rows(inequality(table(**spread_out(each)), value="x", weight="w", by=("g",)))
        for each in (many, copied)
    )

    for old, new in zip(before, after, strict=True):
        for name in set(COLUMNS) - {"gini_sample"}:
            if old[name] is None:
                assert new[name] is None
            else:
                assert new[name] == pytest.approx(old[name], rel=1e-9, abs=1e-12), name


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(1, 50)), min_size=2, max_size=12
    )
)
def test_theil_t_is_the_sum_of_within_and_between(
    households: list[tuple[str, int]],
) -> None:
    g, x = (list(column) for column in zip(*households, strict=True))
    total = sum(x)

    whole = row(inequality(table(x=x), value="x"))["theil_t"]
    groups = rows(inequality(table(g=g, x=x), value="x", by=("g",)))

    sums = 0.0
    for group in groups:
        mine = [value for name, value in households if name == group["g"]]
        share, people_share = sum(mine) / total, len(mine) / len(x)
        sums += share * (group["theil_t"] + log(share / people_share))
    assert whole == pytest.approx(sums, abs=1e-12)
