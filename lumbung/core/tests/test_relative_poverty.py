"""Relative poverty against the same done over person by person."""

from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.core.measure import BadInput
from lumbung.core.relative_poverty import faults, relative_poverty
from lumbung.core.tests.tables import row, rows, table

people = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 60), st.integers(1, 3)),
    min_size=1,
    max_size=12,
)


def test_it_refuses_a_share_of_nothing() -> None:
    with pytest.raises(BadInput, match="share"):
        faults(table(x=[1]), income="x", share=Fraction(0))


def test_a_line_for_each_group_differs_from_one_for_all() -> None:
    incomes = table(g=["a", "a", "a", "b", "b", "b"], x=[1, 10, 10, 100, 100, 100])

    one = rows(relative_poverty(incomes, income="x", by=("g",)))
    each = rows(relative_poverty(incomes, income="x", by=("g",), line_by="group"))

    assert [r["rate"] for r in one] == [1.0, 0.0]  # all below 60 % of 55
    assert [(r["threshold"], r["rate"]) for r in each] == [(6.0, 1 / 3), (60.0, 0.0)]
    assert each[1]["median_gap"] is None


def test_who_has_exactly_the_share_is_not_below_it() -> None:
    """0.55 × 100 is 55.000000000000007 in floats."""
    incomes = table(x=[55, 100, 100])

    found = row(relative_poverty(incomes, income="x", share=Fraction("0.55")))

    assert (found["threshold"], found["rate"]) == (55.0, 0.0)


def test_the_mean_is_another_line_than_the_median() -> None:
    incomes = table(x=[1, 2, 9])

    assert row(relative_poverty(incomes, income="x", of="mean"))["threshold"] == 2.4
    assert row(relative_poverty(incomes, income="x"))["threshold"] == 1.2


@settings(max_examples=12, deadline=None)
@given(people)
def test_it_equals_the_same_person_by_person(
    households: list[tuple[str, int, int]],
) -> None:
    everyone = [value for _, value, weight in households for _ in range(weight)]
    line = 0.5 * median(everyone)
    g, x, w = (list(column) for column in zip(*households, strict=True))

    found = rows(
        relative_poverty(
            table(g=g, x=x, w=w),
            income="x",
            by=("g",),
            weight="w",
            share=Fraction(1, 2),
        )
    )

    for got in found:
        mine = [
            v
            for group, v, weight in households
            if group == got["g"]
            for _ in range(weight)
        ]
        poor = [value for value in mine if value < line]
        assert got["threshold"] == line
        assert got["rate"] == pytest.approx(len(poor) / len(mine))
        gaps = sum((line - value) / line for value in poor) / len(mine)
        assert got["p1"] == pytest.approx(gaps, abs=1e-12)
        gap = (line - median(poor)) / line if poor else None
        assert got["median_gap"] == pytest.approx(gap)


@settings(max_examples=6, deadline=None)
@given(people, st.integers(2, 500))
def test_rates_do_not_depend_on_the_currency(
    households: list[tuple[str, int, int]], factor: int
) -> None:
    _, x, w = (list(column) for column in zip(*households, strict=True))

    before = row(relative_poverty(table(x=x, w=w), income="x", weight="w"))
    scaled = table(x=[value * factor for value in x], w=w)
    after = row(relative_poverty(scaled, income="x", weight="w"))

    for name in ("rate", "median_gap", "p1"):
        assert after[name] == pytest.approx(before[name], abs=1e-9)


def test_it_equals_numpy_s_median_where_cumulated_weights_equal_one_half() -> None:
    """Hyndman and Fan (1996), definition 2: NumPy's `averaged_inverted_cdf`."""
    random = np.random.default_rng(11)
    for _ in range(20):
        x, w = random.integers(0, 30, 9), random.integers(1, 4, 9)
        everyone = np.repeat(x, w)
        middle = float(np.quantile(everyone, 0.5, method="averaged_inverted_cdf"))
        line = 3 * middle / 5
        poor = everyone[everyone < line]

        found = row(
            relative_poverty(table(x=x.tolist(), w=w.tolist()), income="x", weight="w")
        )

        assert found["threshold"] == pytest.approx(line, rel=1e-15)
        assert found["rate"] == pytest.approx(len(poor) / len(everyone))
        if len(poor):
            half = float(np.quantile(poor, 0.5, method="averaged_inverted_cdf"))
            assert found["median_gap"] == pytest.approx((line - half) / line)


def test_it_equals_svy() -> None:
    """`svy` is an independent library: its weighted median and means in domains."""
    import svy  # noqa: PLC0415  # slow to load, and only here

    random = np.random.default_rng(5)
    people = pl.DataFrame(
        {
            "x": random.lognormal(3, 0.8, 500),
            "w": random.uniform(0.5, 3.0, 500),
            "g": random.choice(["a", "b", "c"], 500),
        }
    )
    design = svy.Design(wgt="w")

    def estimated(frame: pl.DataFrame, what: str, of: str) -> dict[str, float]:
        found: Any = getattr(svy.Sample(frame, design).estimation, what)(of, by="g")
        return {each.by_level[0]: each.est for each in found.estimates}

    whole: Any = svy.Sample(people, design).estimation.median("x")
    line = 0.6 * whole.estimates[0].est
    people = people.with_columns(
        poor=(pl.col("x") < line).cast(pl.Float64),
        gap=pl.max_horizontal(1 - pl.col("x") / line, 0.0),
    )
    rate, p1 = estimated(people, "mean", "poor"), estimated(people, "mean", "gap")
    half = estimated(people.filter(pl.col("poor") == 1), "median", "x")

    ours = relative_poverty(
        table(**{name: people[name].to_list() for name in ("x", "w", "g")}),
        income="x",
        weight="w",
        by=("g",),
    )

    for got in rows(ours):
        group = got["g"]
        assert got["threshold"] == pytest.approx(line, rel=1e-15)
        assert got["rate"] == pytest.approx(rate[group], rel=1e-12)
        assert got["p1"] == pytest.approx(p1[group], rel=1e-12)
        assert got["median_gap"] == pytest.approx(1 - half[group] / line, rel=1e-12)
