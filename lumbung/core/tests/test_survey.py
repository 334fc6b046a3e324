"""Standard errors: R's published figures, the definition done densely, and `svy`."""

from math import sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from lumbung.core.poverty import fgt
from lumbung.core.survey import TABLED, Design, Lonely, ratios, with_t
from lumbung.core.tests.tables import row, rows, table

# The data set `fpc` of the R package survey (Lumley), as its reference page prints it.
FPC: dict[str, list[Any]] = {
    "stratum": [1, 1, 1, 1, 1, 2, 2, 2],
    "psu": [1, 2, 3, 4, 5, 1, 2, 3],
    "w": [3.0, 3.0, 3.0, 3.0, 3.0, 4.0, 4.0, 4.0],
    "x": [2.8, 4.1, 6.8, 6.8, 9.2, 3.7, 6.6, 4.2],
}
DRAWN = Design(strata="stratum", cluster="psu")


def test_it_gives_the_mean_and_error_that_r_prints() -> None:
    """`svymean(~x, withoutfpc)`: mean 5.4481, SE 0.7413 (reference page of `fpc`)."""
    sample = table(**FPC)

    found = row(ratios(sample, DRAWN, people=sample.w, parts={"x": sample.x}))

    assert round(found["x"], 4) == 5.4481
    assert round(found["se_x"], 4) == 0.7413


def test_a_domain_keeps_the_clusters_outside_it() -> None:
    """R's vignette on domains: the mean of x above 4 is 6.195, its SE 0.7555."""
    sample = table(**FPC).mutate(big=lambda t: t.x > 4)
    design = Design(strata="stratum", cluster="psu", domain="big")

    found = row(ratios(sample, design, people=sample.w, parts={"x": sample.x}))

    assert round(found["x"], 3) == 6.195
    assert round(found["se_x"], 4) == 0.7555


@pytest.mark.parametrize(
    "degrees", [1, 2, 7, 30, TABLED, TABLED + 1, 20_000, 5_000_000]
)
def test_students_t_is_right_where_it_is_looked_up_and_beyond(degrees: int) -> None:
    found = row(with_t(table(_df=[degrees])))

    assert found["_t"] == pytest.approx(student.ppf(0.975, degrees), rel=1e-12)


def test_a_lonely_stratum_gives_its_own_square_or_nothing() -> None:
    sample = table(s=[1, 1, 2], p=[1, 2, 1], w=[1.0, 1.0, 2.0], x=[0.0, 1.0, 1.0])

    def error(lonely: Lonely) -> float:
        design = Design(strata="s", cluster="p", lonely=lonely)
        found = row(ratios(sample, design, people=sample.w, parts={"x": sample.x}))
        return float(found["se_x"])

    # R = 3/4; z = -3/16, 1/16, 2/16: stratum 1 gives 2 × 2 × (1/8)², the lone 1/64.
    assert error("remove") == pytest.approx(sqrt(2 * 2 / 64))
    assert error("centre") == pytest.approx(sqrt(2 * 2 / 64 + 1 / 64))


def test_a_cell_of_few_rows_or_a_wide_error_is_marked() -> None:
    cells = {
        "few": ([0.0, 1.0] * 5),
        "many": [0.0, 1.0] * 500,
        "rare": [0.0] * 99 + [1.0],
    }
    g = [name for name, values in cells.items() for _ in values]
    x = [value for values in cells.values() for value in values]
    sample = table(g=g, x=x, p=list(range(len(g))))

    found = fgt(sample, spending="x", line=1, by=("g",), cluster="p")

    assert {r["g"]: r["mark_p0"] for r in rows(found)} == {
        "few": "n<30 cv>25%", "many": "", "rare": "",
    }  # fmt: skip


sampled = st.tuples(
    st.integers(1, 3), st.integers(1, 4), st.integers(0, 3), st.integers(0, 9),
    st.sampled_from("ab"), st.booleans(),
)  # fmt: skip


def dense_error(sample: list[tuple[Any, ...]], group: str) -> float | None:
    """The definition with every cluster in its place, zeros written out."""
    inside = [(w if g == group and d else 0.0) for _, _, w, _, g, d in sample]
    people = sum(inside)
    if not people:
        return None
    mean = (
        sum(v * x for v, (_, _, _, x, _, _) in zip(inside, sample, strict=True))
        / people
    )
    totals: dict[int, dict[int, float]] = {}
    for v, (s, p, _, x, _, _) in zip(inside, sample, strict=True):
        clusters = totals.setdefault(s, {})
        clusters[p] = clusters.get(p, 0.0) + v * (x - mean) / people
    variance = 0.0
    for clusters in totals.values():
        z = np.array(list(clusters.values()))
        if len(z) > 1:
            variance += len(z) / (len(z) - 1) * float(((z - z.mean()) ** 2).sum())
    return sqrt(variance)


@settings(max_examples=12, deadline=None)
@given(st.lists(sampled, min_size=2, max_size=40))
def test_it_equals_the_definition_with_every_zero_written_out(
    sample: list[tuple[Any, ...]],
) -> None:
    names = ("s", "p", "w", "x", "g", "d")
    columns = {
        n: list(v) for n, v in zip(names, zip(*sample, strict=True), strict=True)
    }
    drawn = table(**columns)
    design = Design(strata="s", cluster="p", lonely="remove", by=("g",), domain="d")

    found = rows(
        ratios(drawn, design, people=drawn.w * 1.0, parts={"x": drawn.x * 1.0})
    )

    for got in found:
        expected = dense_error(sample, got["g"])
        assert got["se_x"] == pytest.approx(expected, abs=1e-12)


def test_it_equals_svy_in_domains_and_strata() -> None:
    """`svy` is an independent library; its degrees of freedom are the domain's own."""
    import svy  # noqa: PLC0415  # slow to load, and only here

    random = np.random.default_rng(7)
    n = 400
    sample = {
        "s": random.integers(1, 6, n),
        "p": random.integers(1, 8, n),
        "w": random.uniform(0.5, 3.0, n).round(3),
        "x": random.uniform(20, 180, n).round(1),
        "g": random.choice(["a", "b", "c"], n),
    }
    poor = (sample["x"] < 100) * (100 - sample["x"]) / 100
    design = svy.Design(stratum="s", psu="p", wgt="w")
    theirs = svy.Sample(pl.DataFrame(sample | {"gap": poor}), design)
    estimated: Any = theirs.estimation.mean("gap", by="g")
    expected = {each.by_level[0]: each for each in estimated.estimates}

    found = fgt(
        table(**{name: list(values) for name, values in sample.items()}),
        spending="x", line=100, weight="w", by=("g",), strata="s", cluster="p",
    )  # fmt: skip

    for got in rows(found):
        assert got["p1"] == pytest.approx(expected[got["g"]].est, rel=1e-12)
        assert got["se_p1"] == pytest.approx(expected[got["g"]].se, rel=1e-10)
