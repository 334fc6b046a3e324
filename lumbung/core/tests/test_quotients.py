"""Location quotients: refused, then as published, then whatever comes."""

import csv
import gzip
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from lumbung.core.measure import BadInput
from lumbung.core.quotients import LOCATION_QUOTIENT
from lumbung.engine import open_engine
from lumbung.measure.computation import Answer, Request, compute

SHARED = Path(
    os.environ.get("LUMBUNG_SHARED_DATA")
    or Path(__file__).parents[4] / "shared" / "data"
)
ABSENT: dict[str, Any] = {
    "total": None,
    "reference": None,
    "reference_file": None,
    "suppressed": None,
}
# Each example opens an engine: looking for a smaller one would take minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
NAMES: dict[str, Any] = {"area": "area", "industry": "industry", "value": "value"}


def rows_of(matrix: dict[str, dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return [
        {"area": area, "industry": industry, "value": value} | more
        for area, cells in matrix.items()
        for industry, value in cells.items()
    ]


def ask(
    rows: list[dict[str, Any]], *, by: tuple[str, ...] = (), **given: Any
) -> Answer:
    weight, strict = given.pop("weight", None), given.pop("strict", False)
    drop = given.pop("drop_missing", False)
    if "reference_file" in given:
        given["reference_file"] = ibis.memtable(
            pa.Table.from_pylist(given["reference_file"])
        )
    request = Request(
        by=by,
        weight=weight,
        strict=strict,
        drop_missing=drop,
        parameters=NAMES | ABSENT | given,
    )
    with open_engine([]) as engine:
        table = engine.hold(pa.Table.from_pylist(rows))
        return compute(engine, LOCATION_QUOTIENT, table, request)


def quotients(answer: Answer) -> dict[tuple[str, str], float | None]:
    return {(r["area"], r["industry"]): r["lq"] for r in answer.tables[""].to_pylist()}


FISH = {"A": {"fish": 30, "rice": 10}, "B": {"fish": 30, "rice": 130}}


@pytest.mark.parametrize(
    ("rows", "given", "field"),
    [
        (rows_of({"A": {"fish": -1, "rice": 2}}), {}, "value"),
        (rows_of({"A": {"fish": None, "rice": 2}}), {}, "value"),
        (rows_of({"A": {"fish": "many", "rice": "2"}}), {}, "value"),
        (rows_of({"A": {"fish": float("inf"), "rice": 2.0}}), {}, "value"),
        (rows_of({"A": {"fish": 1}}, w=-1), {"weight": "w"}, "weight"),
        (rows_of(FISH), {"total": "all"}, "total"),
        (rows_of(FISH), {"reference": "C"}, "reference"),
        (rows_of(FISH), {"area": "place"}, "area"),
        (rows_of(FISH), {"by": ("lq",)}, "by"),
        (rows_of(FISH), {"by": ("area",)}, "by"),
        (rows_of(FISH), {"suppressed": "mark"}, "suppressed"),
        (rows_of(FISH), {"suppressed": "mark=N"}, "suppressed"),
        (rows_of(FISH, mark="N"), {"suppressed": "mark=N"}, "total"),
        (
            rows_of({"A": {"all": 9, "fish": None}}, mark=""),
            {"suppressed": "mark=N", "total": "all"},
            "value",
        ),
        (
            rows_of({"A": {"all": 9, "fish": 4}, "B": {"fish": 3}}),
            {"total": "all"},
            "total",
        ),
        (rows_of(FISH), {"reference_file": [{"industry": "fish"}]}, "reference_file"),
        (
            rows_of(FISH),
            {"reference_file": [{"industry": "fish", "value": "x"}]},
            "reference_file",
        ),
        (
            rows_of(FISH),
            {"reference_file": [{"industry": "fish", "value": -1}]},
            "reference_file",
        ),
        (
            rows_of(FISH),
            {"reference_file": [{"industry": "fish", "value": 1}], "reference": "A"},
            "reference_file",
        ),
        (
            rows_of({"A": {"fish": 0, "rice": 2}, "B": {"fish": 0, "rice": 1}}),
            {"strict": True},
            "DATA",
        ),
    ],
)
def test_it_refuses_and_names_the_parameter(rows, given, field) -> None:
    rows = [row | {"lq": 1} for row in rows]
    with pytest.raises(BadInput) as refused:
        ask(rows, **given)
    assert refused.value.field == field


def test_an_industry_zero_everywhere_is_dropped_and_named() -> None:
    answer = ask(rows_of({"A": {"fish": 1, "zinc": 0}, "B": {"fish": 1, "zinc": 0}}))
    assert quotients(answer) == {("A", "fish"): 1.0, ("B", "fish"): 1.0}
    [warning] = answer.warnings
    assert warning.values["names"] == "zinc"


def test_the_table_of_a_course_in_economic_geography() -> None:
    """G. Krumme, University of Washington, Geography 350, "Shift & Share Table":

    regional shares 50, 10, 20, 20 % beside national 10, 20, 40, 30 %.
    """
    region = {"I": 500, "II": 100, "III": 200, "IV": 200}
    nation = {"I": 1000, "II": 2000, "III": 4000, "IV": 3000}
    answer = ask(rows_of({"Holukuluku": region, "Nation": nation}), reference="Nation")
    printed = {"I": 5, "II": 0.5, "III": 0.5, "IV": 0.667}
    assert quotients(answer) == {
        ("Holukuluku", industry): pytest.approx(lq, abs=5e-4)
        for industry, lq in printed.items()
    }


def test_a_reference_file_gives_what_a_reference_area_gives() -> None:
    nation = {"fish": 100, "rice": 300, "tin": 7}
    by_area = ask(rows_of(FISH | {"Nation": nation}), reference="Nation")
    by_file = ask(
        rows_of(FISH),
        reference_file=[{"industry": i, "value": v} for i, v in nation.items()],
    )
    assert quotients(by_area) == quotients(by_file)
    assert quotients(by_area)["A", "fish"] == pytest.approx((30 / 40) / (100 / 407))


def test_a_total_row_is_taken_and_not_summed() -> None:
    # The areas have more than the two industries listed.
    areas = {a: cells | {"all": 400} for a, cells in FISH.items()}
    answer = ask(rows_of(areas), total="all")
    assert quotients(answer)["A", "fish"] == pytest.approx((30 / 400) / (60 / 800))
    assert {industry for _, industry in quotients(answer)} == {"fish", "rice"}


def test_a_suppressed_cell_is_unknown_and_so_is_what_needs_it() -> None:
    rows = rows_of({"A": {"all": 40}, "B": {"all": 160}}, mark="")
    rows += rows_of({"A": {"fish": 0}}, mark="N")
    rows += rows_of({"B": {"fish": 30}, "A": {"rice": 10}}, mark="")
    rows += rows_of({"B": {"rice": 90}}, mark=None)
    answer = ask(rows, total="all", suppressed="mark=N")
    assert quotients(answer) == {
        ("A", "fish"): None,  # hidden
        ("B", "fish"): None,  # the sum over areas lacks the hidden part
        ("A", "rice"): pytest.approx((10 / 40) / (100 / 200)),
        ("B", "rice"): pytest.approx((90 / 160) / (100 / 200)),
    }
    known = ask(
        rows,
        total="all",
        suppressed="mark=N",
        reference_file=[
            {"industry": "all", "value": 1000},
            {"industry": "fish", "value": 100},
            {"industry": "rice", "value": 500},
        ],
    )
    assert quotients(known)["B", "fish"] == pytest.approx((30 / 160) / (100 / 1000))
    assert quotients(known)["A", "fish"] is None


def test_missing_values_can_be_dropped_where_nothing_is_suppressed() -> None:
    rows = rows_of({"A": {"fish": 30, "rice": 10}, "B": {"fish": 30, "rice": None}})
    answer = ask(rows, drop_missing=True)
    assert (answer.read, answer.used, answer.dropped) == (4, 3, 1)


def test_groups_are_apart() -> None:
    rows = rows_of(FISH, year=1) + rows_of({"A": {"fish": 1}, "B": {"fish": 9}}, year=2)
    table = ask(rows, by=("year",)).tables[""]
    assert table.column_names == ["year", "area", "industry", "value", "lq"]
    first = [r["lq"] for r in table.to_pylist() if r["year"] == 1]
    assert first == [r["lq"] for r in ask(rows_of(FISH)).tables[""].to_pylist()]
    assert [r["lq"] for r in table.to_pylist() if r["year"] == 2] == [1.0, 1.0]


def test_people_with_weights_count_as_many_and_doubled_rows_are_told() -> None:
    one = rows_of({"A": {"fish": 3, "rice": 1}, "B": {"fish": 3, "rice": 13}}, w=10)
    assert quotients(ask(one, weight="w")) == pytest.approx(
        quotients(ask(rows_of(FISH)))
    )
    halves = [row | {"value": row["value"] / 2} for row in rows_of(FISH)] * 2
    answer = ask(halves)
    assert quotients(answer) == quotients(ask(rows_of(FISH)))
    assert [w.values["count"] for w in answer.warnings] == [4]


def test_an_area_with_nothing_is_left_empty_and_named() -> None:
    answer = ask(rows_of(FISH | {"C": {"fish": 0}}))
    assert quotients(answer)["C", "fish"] is None
    assert "C" in repr(answer.warnings)


AMOUNTS = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(0, 10**6), min_size=1),
    min_size=1,
)


@settings(max_examples=15, deadline=None, phases=NO_SHRINKING)
@given(AMOUNTS, st.integers(2, 1000))
def test_quotients_average_to_one_and_ignore_the_unit(
    matrix: dict[str, dict[str, int]], unit: int
) -> None:
    """Σ over areas of (area's share of all) × lq = 1 for every industry."""
    whole = sum(sum(cells.values()) for cells in matrix.values())
    assume(whole)
    found = quotients(ask(rows_of(matrix)))
    for industry in {i for _, i in found}:
        mean = sum(
            Fraction(sum(cells.values()), whole) * Fraction(found[area, industry] or 0)
            for area, cells in matrix.items()
            if industry in cells
        )
        assert float(mean) == pytest.approx(1)
    scaled = {a: {i: v * unit for i, v in c.items()} for a, c in matrix.items()}
    assert quotients(ask(rows_of(scaled))) == pytest.approx(found)


def test_every_quotient_of_a_statistical_office_as_printed() -> None:
    """QCEW, New Jersey, 2016 Q1: 21 counties, employment of March.

    The office prints two decimals; the US shares are those that all its
    quotients agree on, so each of ours must round to what is printed.
    """
    folder = SHARED / "qcew"
    if not folder.is_dir():
        pytest.skip("The public data are not beside the project.")
    with gzip.open(folder / "qcew_nj_counties_2016q1.csv.gz", "rt") as text:
        printed = list(csv.DictReader(text))
    with (folder / "implied_us_share_2016q1_month3.csv").open() as text:
        shares = {
            f"{r['own_code']}-{r['industry_code']}": (
                float(r["us_share_low"]),
                float(r["us_share_high"]),
            )
            for r in csv.DictReader(text)
        }
    rows = [
        {
            "area": row["area_fips"],
            "industry": f"{row['own_code']}-{row['industry_code']}",
            "value": int(row["month3_emplvl"]),
            "mark": row["disclosure_code"],
        }
        for row in printed
    ]
    nation = [{"industry": i, "value": sum(ends) / 2} for i, ends in shares.items()]
    nation = [n for n in nation if n["industry"] != "0-10"]
    answer = ask(
        rows,
        total="0-10",
        suppressed="mark=N",
        reference_file=[*nation, {"industry": "0-10", "value": 1.0}],
    )
    found = quotients(answer)
    compared = 0
    for row in printed:
        key = row["area_fips"], f"{row['own_code']}-{row['industry_code']}"
        if key[1] == "0-10":
            continue
        if row["disclosure_code"] == "N":
            assert found[key] is None
        elif key[1] in shares and row["lq_disclosure_code"] != "N":
            low, high = shares[key[1]]
            # The share is known to this much, and printed with nine decimals.
            slack = (found[key] or 0) * (high - low + 1e-9) / (high + low)
            assert abs((found[key] or 0) - float(row["lq_month3_emplvl"])) <= (
                0.005 + slack + 1e-9
            )
            compared += 1
    assert compared > 5000
