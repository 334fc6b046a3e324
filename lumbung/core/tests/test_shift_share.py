"""Shift-share: refused, as in a textbook, and whatever comes adds up."""

import csv
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lumbung.core.measure import BadInput
from lumbung.core.shift_share import SHIFT_SHARE
from lumbung.core.tests.test_quotients import NO_SHRINKING, SHARED
from lumbung.engine import open_engine
from lumbung.measure.computation import Answer, Request, compute

NAMES: dict[str, Any] = {
    "area": "area",
    "industry": "industry",
    "value": "value",
    "period": "year",
    "from": "1985",
    "to": "1995",
    "reference": None,
    "form": "classic",
}

# G. Krumme, University of Washington, Geography 350, "Shift & Share Table".
HOLUKULUKU = {
    "I": (500, 1000),
    "II": (100, 100),
    "III": (200, 250),
    "IV": (200, 280),
}
NATION = {
    "I": (1000, 1100),
    "II": (2000, 2400),
    "III": (4000, 5200),
    "IV": (3000, 4200),
}


def rows_of(areas: dict[str, dict[str, tuple[int, int]]]) -> list[dict[str, Any]]:
    return [
        {"area": area, "industry": industry, "year": year, "value": value}
        for area, cells in areas.items()
        for industry, ends in cells.items()
        for year, value in zip((1985, 1995), ends, strict=True)
    ]


TEXTBOOK = rows_of({"Holukuluku": HOLUKULUKU, "Nation": NATION})


def ask(
    rows: list[dict[str, Any]], *, by: tuple[str, ...] = (), **given: Any
) -> Answer:
    weight, strict = given.pop("weight", None), given.pop("strict", False)
    request = Request(by=by, weight=weight, strict=strict, parameters=NAMES | given)
    with open_engine([]) as engine:
        table = engine.hold(pa.Table.from_pylist(rows))
        return compute(engine, SHIFT_SHARE, table, request)


def by_area(answer: Answer) -> dict[str, dict[str, float]]:
    return {row.pop("area"): row for row in answer.tables["areas"].to_pylist()}


def by_cell(answer: Answer) -> dict[tuple[str, str], dict[str, float]]:
    return {
        (row.pop("area"), row.pop("industry")): row
        for row in answer.tables["cells"].to_pylist()
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": "1985"}, "to"),
        ({"from": "1984"}, "from"),
        ({"to": "2000"}, "to"),
        ({"reference": "World"}, "reference"),
        ({"form": "dynamic"}, "form"),
        ({"value": "area"}, "value"),
        ({"period": "month"}, "period"),
        ({"by": ("mix",)}, "by"),
        ({"weight": "minus"}, "weight"),
    ],
)
def test_it_refuses_and_names_the_parameter(change, field) -> None:
    rows = [row | {"mix": 1, "minus": -1} for row in TEXTBOOK]
    with pytest.raises(BadInput) as refused:
        ask(rows, **change)
    assert refused.value.field == field


def test_it_refuses_values_below_zero_and_missing_ones() -> None:
    for value in (-1, None):
        with pytest.raises(BadInput) as refused:
            ask([*TEXTBOOK, TEXTBOOK[0] | {"industry": "V", "value": value}])
        assert refused.value.field == "value"


def test_it_refuses_a_reference_that_had_nothing_of_an_industry() -> None:
    rows = rows_of({"A": {"I": (5, 6), "V": (1, 2)}, "Nation": {"I": (50, 60)}})
    with pytest.raises(BadInput, match="reference has nothing") as refused:
        ask(rows, reference="Nation")
    assert refused.value.field == "reference"
    assert "V" in repr(refused.value.message)


def test_the_table_of_a_course_in_economic_geography() -> None:
    """Printed there: growth 630, national 290, differential 420, composition -80."""
    found = by_area(ask(TEXTBOOK, reference="Nation"))
    assert found == {
        "Holukuluku": {
            "national": pytest.approx(290),
            "mix": pytest.approx(-80),
            "competitive": pytest.approx(420),
            "total": pytest.approx(630),
        }
    }
    cells = by_cell(ask(TEXTBOOK, reference="Nation"))
    printed = {"I": 450, "II": -20, "III": -10, "IV": 0}
    assert {i: round(row["competitive"], 9) for (_, i), row in cells.items()} == printed


def test_esteban_marquillas_by_hand() -> None:
    """I: the nation's share of 1,000 is 100; it grew 100 % against 10 %: 90 of 450."""
    answer = ask(TEXTBOOK, reference="Nation", form="esteban-marquillas")
    first = by_cell(answer)["Holukuluku", "I"]
    assert first["competitive"] == pytest.approx(100 * 0.9)
    assert first["allocation"] == pytest.approx(400 * 0.9)
    assert by_area(answer)["Holukuluku"]["competitive"] == pytest.approx(
        100 * 0.9 + 200 * -0.2 + 400 * -0.05 + 300 * 0
    )
    assert answer.tables["areas"].column_names == [
        *("area", "national", "mix", "competitive", "allocation", "total")
    ]


def test_an_industry_new_to_the_area_is_wholly_its_own() -> None:
    rows = rows_of({"A": {"I": (10, 10)}, "B": {"I": (10, 10), "V": (5, 5)}})
    rows += [{"area": "A", "industry": "V", "year": 1995, "value": 4}]
    for form in ("classic", "esteban-marquillas"):
        new = by_cell(ask(rows, form=form))["A", "V"]
        assert (new["national"], new["mix"], new["competitive"]) == (0, 0, 4)
        assert new["total"] == 4
        assert new.get("allocation", 0) == 0


def test_a_missing_area_and_an_idle_industry_are_named() -> None:
    rows = rows_of({"A": {"I": (10, 12), "V": (0, 0)}})
    rows += [{"area": "B", "industry": "I", "year": 1985, "value": 4}]
    answer = ask(rows)
    assert set(by_cell(answer)) == {("A", "I"), ("B", "I")}
    said = repr(answer.warnings)
    assert "names='B'" in said
    assert "names='V'" in said
    with pytest.raises(BadInput):
        ask(rows, strict=True)


def test_other_periods_do_not_matter_and_groups_are_apart() -> None:
    other = [row | {"year": 1990, "value": 7} for row in TEXTBOOK]
    assert by_area(ask(TEXTBOOK + other)) == by_area(ask(TEXTBOOK))
    both = [row | {"sex": "f"} for row in TEXTBOOK]
    both += [row | {"sex": "m", "value": row["value"] * 2} for row in TEXTBOOK]
    rows = ask(both, by=("sex",), reference="Nation").tables["areas"].to_pylist()
    assert [row["sex"] for row in rows] == ["f", "m"]
    assert rows[1]["mix"] == pytest.approx(2 * rows[0]["mix"])


ENDS = st.tuples(st.integers(0, 10**12), st.integers(0, 10**12))
ECONOMIES = st.dictionaries(
    st.sampled_from("ABCD"),
    st.dictionaries(st.sampled_from("uvwxyz"), ENDS, min_size=1),
    min_size=1,
)


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(ECONOMIES, st.sampled_from(["classic", "esteban-marquillas"]))
def test_the_parts_add_up_to_the_last_unit(economy: Any, form: str) -> None:
    """In every cell and area; over all areas mix and competitive cancel out."""
    sums = [
        sum(x)
        for x in zip(*(e for a in economy.values() for e in a.values()), strict=True)
    ]
    assume(all(sums))
    answer = ask(rows_of(economy), form=form)
    for table in answer.tables.values():
        for row in table.to_pylist():
            parts = [row[p] for p in row if p not in ("area", "industry", "total")]
            # Parts of 10¹⁷ that cancel out carry units that a 64-bit float cannot.
            lost = 2e-15 * sum(map(abs, parts))
            assert abs(sum(parts) - row["total"]) < 0.5 + lost
    for (area, industry), row in by_cell(answer).items():
        start, end = economy[area][industry]
        assert row["total"] == end - start
    areas = by_area(answer).values()
    size = max(sums)
    own = sum(row["competitive"] + row.get("allocation", 0) for row in areas)
    newborn = sum(
        sum(cells[i][1] for cells in economy.values() if i in cells)
        for i in {i for cells in economy.values() for i in cells}
        if not sum(cells[i][0] for cells in economy.values() if i in cells)
    )
    # What nobody had at the start has no rate: mix misses it, competitive has it.
    carried = sum(
        abs(row["competitive"]) + abs(row.get("allocation", 0))
        for row in by_cell(answer).values()
    )
    assert abs(sum(row["mix"] for row in areas) + newborn) < 1e-9 * size
    assert abs(own - newborn) < 1e-9 * size + 2e-15 * carried


def test_the_districts_of_indonesia_add_up() -> None:
    """GRDP of 514 districts by 17 sectors, 2013 and 2020, beside the nation's row."""
    file = SHARED / "district-statistics" / "grdp_by_sector_district_2013_2020.csv"
    if not file.is_file():
        pytest.skip("The public data are not beside the project.")
    with file.open() as text:
        rows: list[dict[str, Any]] = [
            {
                "area": row["bps_code"],
                "industry": row["sector"],
                "year": row["year"],
                "value": float(row["grdp_constant2010_billion_idr"] or 0),
            }
            for row in csv.DictReader(text)
            if row["sector"] != "TOTAL"
            and (row["bps_code"] == "9999" or not row["bps_code"].endswith("00"))
        ]
    periods: dict[str, Any] = {"from": "2013", "to": "2020"}
    answer = ask(rows, reference="9999", **periods)
    areas = answer.tables["areas"].to_pylist()
    assert len(areas) == 514
    start = {row["area"]: 0.0 for row in areas}
    end = dict(start)
    for row in rows:
        if row["area"] != "9999" and row["year"] in ("2013", "2020"):
            ends = start if row["year"] == "2013" else end
            ends[row["area"]] += row["value"]
    for row in areas:
        change = end[row["area"]] - start[row["area"]]
        assert row["total"] == pytest.approx(change, abs=1e-6)
        parts = row["national"] + row["mix"] + row["competitive"]
        assert parts == pytest.approx(row["total"], abs=1e-6)
