"""The village index: published villages, edges, and every row of three years."""

import csv
import gzip
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lumbung.core.measure import BadInput
from lumbung.core.tests.tables import row, rows, table
from lumbung.core.village_index import read_index, village_index

STATUSES = ["Sangat Tertinggal", "Tertinggal", "Berkembang", "Maju", "Mandiri"]
EDGES = ["0.4907", "0.5989", "0.7072", "0.8155"]


def spec(parts: dict[str, tuple[str, list[str]]], **changed: Any) -> dict[str, Any]:
    said = {
        name: {"highest": highest, "columns": columns}
        for name, (highest, columns) in parts.items()
    }
    return {"parts": said, "edges": EDGES, "statuses": STATUSES} | changed


ONE = {"one": ("10000", ["x"])}


@pytest.mark.parametrize(
    "said",
    [
        spec(ONE, edges=["0.5"]),
        spec(ONE, edges=list(reversed(EDGES))),
        spec({"one": ("0", ["x"])}),
        spec({"one": ("5", [])}),
        spec({}),
        {"parts": {"one": {"columns": ["x"]}}, "edges": EDGES, "statuses": STATUSES},
    ],
)
def test_it_refuses_a_specification_that_says_no_index(said: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read_index(said)


def test_the_upper_edge_belongs_to_the_lower_status() -> None:
    on_and_past = [4907, 4908, 5989, 5990, 7072, 7073, 8155, 8156]

    found = rows(village_index(table(x=on_and_past), spec=spec(ONE)))

    assert [r["status"] for r in found] == [
        s for pair in zip(STATUSES, STATUSES[1:], strict=False) for s in pair
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"edges": ["some"], "statuses": STATUSES[:2]},
        {"edges": ["1e400"], "statuses": STATUSES[:2]},
        {"edge": EDGES},
        {"parts": {"index": {"highest": "5", "columns": ["x"]}}},
        {"parts": {"one": {"highest": "5", "columns": ["x", "x"]}}},
        {"parts": {"one": {"highest": "5", "columns": ["x"], "weight": "1"}}},
    ],
)
def test_it_refuses_what_it_would_read_wrongly(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refusal:
        read_index(spec(ONE) | change)

    assert refusal.value.field == "spec"


def test_decimals_that_add_up_to_an_edge_lie_on_it() -> None:
    said = spec(
        {"one": ("1", ["x", "y"])}, edges=["0.15"], statuses=["behind", "ahead"]
    )

    found = rows(village_index(table(x=[0.1, 0.1], y=[0.2, 0.2000001]), spec=said))

    assert [r["status"] for r in found] == ["behind", "ahead"]


def test_an_edge_is_met_exactly_where_floats_would_pass_it() -> None:
    """7/10, 4/5 and 9/10 have the mean 8/10; floats add up to 0.8000000000000002."""
    parts = {n: ("10", [n]) for n in "abc"}
    said = spec(parts, edges=["0.8"], statuses=["behind", "ahead"])

    found = row(village_index(table(a=[7], b=[8], c=[9]), spec=said))

    assert (found["index"], found["status"]) == (0.8, "behind")


def test_it_gives_the_index_and_status_of_two_published_villages() -> None:
    """idm.kemendesa.go.id as quoted by two villages: parts to four decimals."""
    parts = {name: ("10000", [name]) for name in ("iks", "ike", "ikl")}
    villages = table(iks=[7257, 6868], ike=[5333, 7979], ikl=[6667, 7456])

    first, second = rows(village_index(villages, spec=spec(parts)))

    assert (round(first["index"], 4), first["status"]) == (0.6419, "Berkembang")
    assert (round(second["index"], 4), second["status"]) == (0.7434, "Maju")


def test_every_published_village_of_three_years_comes_out_as_printed(
    shared_data: Path,
) -> None:
    folder = shared_data / "village-index"
    columns = defaultdict(list)
    with (folder / "indicator_labels.csv").open(encoding="utf-8") as labels:
        for label in csv.DictReader(labels):
            columns[label["dimension"].lower()].append(label["column"])
    with gzip.open(
        folder / "idm_villages_2021_2023.csv.gz", "rt", encoding="utf-8"
    ) as file:
        published = list(csv.DictReader(file))
    scores = {
        name: [int(float(village[name])) for village in published]
        for names in columns.values()
        for name in names
    }
    said = spec({name: ("5", names) for name, names in columns.items()})

    found = village_index(table(**scores), spec=said).to_pyarrow().to_pylist()

    assert len(found) == len(published) == 7_508
    largest = 0.0
    for got, village in zip(found, published, strict=True):
        assert got["status"].upper() == village["status"].upper()
        for ours, theirs in (
            ("iks", "iks"),
            ("ike", "ike"),
            ("ikl", "ikl"),
            ("index", "idm"),
        ):
            largest = max(largest, abs(got[ours] - float(village[theirs])))
    assert largest < 1e-13  # the service prints fourteen decimals


def test_wholly_equal_parts_give_their_own_value() -> None:
    parts = {n: ("4", [n]) for n in "ab"}

    found = village_index(table(a=[1, 4], b=[1, 4]), spec=spec(parts))

    assert found.to_pyarrow()["index"].to_pylist() == [0.25, 1.0]
    assert found.to_pyarrow().schema.field("status").type == pa.string()
