"""Concentration: refused, by hand, against plain loops, and turned around."""

import warnings
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lumbung.core.concentration import CONCENTRATION
from lumbung.core.measure import BadInput
from lumbung.core.tests.test_quotients import (
    ABSENT,
    NAMES,
    NO_SHRINKING,
    rows_of,
)
from lumbung.engine import open_engine
from lumbung.measure.computation import Answer, Request, compute

# The example matrix of R's EconGeo (Balland), regions × industries.
EXAMPLE = {
    f"R{r}": {f"I{i}": value for i, value in enumerate(row, 1)}
    for r, row in enumerate(
        [
            [100, 0, 0, 0, 0],
            [0, 15, 5, 70, 10],
            [0, 20, 10, 20, 50],
            [0, 25, 30, 5, 40],
            [0, 40, 55, 5, 0],
        ],
        1,
    )
}


def ask(
    rows: list[dict[str, Any]], *, by: tuple[str, ...] = (), **given: Any
) -> Answer:
    for name in ("reference_file", "plant_herfindahl"):
        if name in given:
            given[name] = ibis.memtable(pa.Table.from_pylist(given[name]))
    parameters = NAMES | ABSENT | {"plant_herfindahl": None} | given
    with open_engine([]) as engine:
        table = engine.hold(pa.Table.from_pylist(rows))
        return compute(
            engine, CONCENTRATION, table, Request(by=by, parameters=parameters)
        )


def areas(answer: Answer) -> dict[str, dict[str, Any]]:
    return {row["area"]: row for row in answer.tables["areas"].to_pylist()}


def industries(answer: Answer) -> dict[str, dict[str, Any]]:
    return {row["industry"]: row for row in answer.tables["industries"].to_pylist()}


def as_matrix(rows: dict[str, dict[str, Any]]) -> Any:
    names = sorted({i for cells in rows.values() for i in cells})
    return names, np.array([[c.get(i, 0) for i in names] for c in rows.values()], float)


def gini_by_loops(part: Any, size: Any) -> float:
    """Half the mean difference of all pairs of quotients, weighted, over the mean."""
    y, x = part / part.sum(), size / size.sum()
    keep = x > 0
    quotient, weight = y[keep] / x[keep], x[keep]
    apart = np.abs(quotient[:, None] - quotient[None, :])
    return float((apart * weight[:, None] * weight[None, :]).sum() / 2)


@pytest.mark.parametrize(
    ("plants", "reason"),
    [
        ([{"industry": "I1"}], "no column"),
        ([{"industry": "I1", "herfindahl": 0.0}], "lies above 0"),
        ([{"industry": "I1", "herfindahl": 1.5}], "lies above 0"),
        ([{"industry": "I1", "herfindahl": 0.5}] * 2, "stand twice"),
        ([{"industry": "I1", "herfindahl": "half"}], "no number"),
    ],
)
def test_it_refuses_a_file_of_plants_that_is_none(plants, reason) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        ask(rows_of(EXAMPLE), plant_herfindahl=plants)
    assert refused.value.field == "plant_herfindahl"


def test_it_refuses_what_location_quotients_refuse() -> None:
    with pytest.raises(BadInput) as refused:
        ask(rows_of({"A": {"fish": -1}}))
    assert refused.value.field == "value"
    with pytest.raises(BadInput) as refused:
        ask(rows_of(EXAMPLE, hhi=1), by=("hhi",))
    assert refused.value.field == "by"


def test_the_example_by_hand() -> None:
    """Every region has 100 of 500, so S = 0.2 for I1, I2, I3, I4, I5 alike."""
    found = ask(rows_of(EXAMPLE))
    r1 = areas(found)["R1"]
    assert (r1["hhi"], r1["krugman"]) == (1.0, pytest.approx(1.6))
    r2 = areas(found)["R2"]
    assert r2["hhi"] == pytest.approx(0.0225 + 0.0025 + 0.49 + 0.01)
    assert r2["krugman"] == pytest.approx(0.2 + 0.05 + 0.15 + 0.5 + 0.1)
    i1 = industries(found)["I1"]
    assert (i1["hhi"], i1["gini_location"]) == (1.0, pytest.approx(0.8))
    # 0, 15, 20, 25, 40 of 100 in equal regions: 1 - (0+15+50+95+160)/500.
    assert industries(found)["I2"]["gini_location"] == pytest.approx(1 - 320 / 500)


def test_ellison_and_glaeser_is_what_farhauer_and_kroell_print() -> None:
    """Farhauer and Kröll (2014), Standorttheorien, as R `REAT` prints it: 0.05990628.

    Ten plants of one industry in three towns that have 500,000, 400,000 and 100,000
    workers in all.
    """
    plants = {
        "Wien": [200, 650, 12_000, 100, 50],
        "Linz": [16_000, 13_000, 1_500, 1_500],
        "Graz": [25_000],
    }
    workers = {"Wien": 500_000, "Linz": 400_000, "Graz": 100_000}
    here = {town: sum(each) for town, each in plants.items()}
    rows = {
        town: {"cars": here[town], "rest": workers[town] - here[town]}
        for town in plants
    }
    sizes = [size / sum(here.values()) for each in plants.values() for size in each]
    herfindahl = [{"industry": "cars", "herfindahl": sum(s * s for s in sizes)}]

    found = industries(ask(rows_of(rows), plant_herfindahl=herfindahl))["cars"]

    assert round(found["ellison_glaeser"], 8) == 0.05990628


def test_the_gini_is_that_of_the_hoover_curve() -> None:
    """EconGeo's example of `hoover_gini`: 0, 10, 10, 30, 50 % of the output by

    10, 15, 20, 25, 30 % of the people; trapezoids under the curve by hand.
    """
    rows = {
        f"R{n}": {"it": part, "rest": people - part}
        for n, (part, people) in enumerate(
            zip([0, 10, 10, 30, 50], [100, 150, 200, 250, 300], strict=True)
        )
    }
    found = industries(ask(rows_of(rows)))["it"]["gini_location"]
    # By quotient: 0/.10, .10/.20, .10/.15, .30/.25, .50/.30.
    under = 0 + 0.2 * 0.10 + 0.15 * 0.30 + 0.25 * 0.70 + 0.30 * 1.50
    assert found == pytest.approx(1 - under)


def test_equal_areas_give_the_plain_gini_of_inequality() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = pytest.importorskip("inequality.gini")
    found = industries(ask(rows_of(EXAMPLE)))
    names, matrix = as_matrix(EXAMPLE)
    for name, column in zip(names, matrix.T, strict=True):
        theirs = oracle.Gini(column).g
        assert found[name]["gini_location"] == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_plain_loops(seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.lognormal(2, 2, (7, 9)).round() * (random.random((7, 9)) < 0.6)
    matrix = matrix[matrix.sum(axis=1) > 0][:, matrix.sum(axis=0) > 0]
    rows = {
        f"a{a}": {f"i{i}": float(v) for i, v in enumerate(row) if v}
        for a, row in enumerate(matrix)
    }
    plants = random.uniform(0.01, 0.9, matrix.shape[1])
    found = ask(
        rows_of(rows),
        plant_herfindahl=[
            {"industry": f"i{i}", "herfindahl": h} for i, h in enumerate(plants)
        ],
    )
    share = matrix / matrix.sum(axis=1, keepdims=True)
    whole = matrix.sum(axis=0) / matrix.sum()
    for a, row in enumerate(areas(found).values()):
        assert row["hhi"] == pytest.approx((share[a] ** 2).sum())
        assert row["krugman"] == pytest.approx(np.abs(share[a] - whole).sum())
    size = matrix.sum(axis=1)
    x = size / size.sum()
    for i, row in enumerate(industries(found).values()):
        y = matrix[:, i] / matrix[:, i].sum()
        raw, even = ((y - x) ** 2).sum(), 1 - (x**2).sum()
        assert row["hhi"] == pytest.approx((y**2).sum())
        assert row["gini_location"] == pytest.approx(gini_by_loops(matrix[:, i], size))
        assert row["ellison_glaeser"] == pytest.approx(
            (raw - even * plants[i]) / (even * (1 - plants[i]))
        )


def test_one_plant_says_nothing_about_location() -> None:
    plants = [{"industry": f"I{i}", "herfindahl": 1.0} for i in range(1, 5)]
    found = ask(rows_of(EXAMPLE), plant_herfindahl=plants)
    assert {row["ellison_glaeser"] for row in industries(found).values()} == {None}
    assert "I5" in repr(found.warnings)


def test_industries_that_only_the_reference_has_count_as_missing_here() -> None:
    nation = {"fish": 50, "rice": 25, "tin": 25}
    found = ask(
        rows_of({"A": {"fish": 10}}),
        reference_file=[{"industry": i, "value": v} for i, v in nation.items()],
    )
    assert areas(found)["A"]["krugman"] == pytest.approx(0.5 + 0.25 + 0.25)


def test_a_suppressed_cell_leaves_its_area_and_industry_empty() -> None:
    rows = rows_of({"A": {"all": 10, "fish": 4}, "B": {"all": 10, "rice": 9}}, m="")
    rows += rows_of({"A": {"rice": 0}}, m="N")
    found = ask(rows, total="all", suppressed="m=N")
    assert areas(found)["A"] == {"area": "A", "hhi": None, "krugman": None}
    assert areas(found)["B"]["hhi"] == pytest.approx(0.81)
    assert areas(found)["B"]["krugman"] is None  # the reference lacks rice
    assert industries(found)["rice"]["hhi"] is None
    assert industries(found)["fish"] == {
        "industry": "fish",
        "hhi": 1.0,
        "gini_location": pytest.approx(0.5),
    }


def test_groups_are_apart() -> None:
    rows = rows_of(EXAMPLE, year=1) + rows_of({"A": {"x": 1}, "B": {"x": 3}}, year=2)
    found = ask(rows, by=("year",))
    alone = ask(rows_of(EXAMPLE))
    for name in ("areas", "industries"):
        table = found.tables[name]
        first = [r for r in table.to_pylist() if r.pop("year") == 1]
        expected = alone.tables[name].to_pylist()
        assert first == [pytest.approx(row) for row in expected]


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(
    st.lists(
        st.lists(st.integers(0, 1000), min_size=4, max_size=4), min_size=2, max_size=5
    )
)
def test_the_bounds_hold_and_the_unit_does_not_matter(matrix: list[list[int]]) -> None:
    assume(all(any(row) for row in matrix))
    rows = {
        f"a{a}": {f"i{i}": v for i, v in enumerate(row)} for a, row in enumerate(matrix)
    }
    found = ask(rows_of(rows))
    for row in areas(found).values():
        assert 0.25 - 1e-12 <= row["hhi"] <= 1 + 1e-12
        assert 0 <= row["krugman"] < 2
    for row in industries(found).values():
        assert 1 / len(matrix) - 1e-12 <= row["hhi"] <= 1 + 1e-12
        assert 0 <= row["gini_location"] < 1
    scaled = ask([r | {"value": r["value"] * 7} for r in rows_of(rows)])
    for name, figures in industries(scaled).items():
        assert figures["gini_location"] == pytest.approx(
            industries(found)[name]["gini_location"], abs=1e-12
        )
