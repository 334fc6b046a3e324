"""The measures of economies and funds give the same on Spark, over 100,000 rows."""

import math
import shutil
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lumbung.core.catalogue import find
from lumbung.engine import EngineName, open_engine
from lumbung.measure.computation import Answer, Request, compute
from lumbung.tests.invented import economy, loans

pytestmark = [
    pytest.mark.skipif(
        not find_spec("pyspark") or not shutil.which("java"),
        reason="Spark is an optional extra: it needs pyspark and Java 17.",
    ),
    # PySpark and pandas warn of each other; nothing of ours.
    pytest.mark.filterwarnings("ignore"),
]
CELLS = {"area": "area", "industry": "industry", "value": "value"}
COMPARED: dict[str, Any] = {
    "total": "all",
    "reference": None,
    "reference_file": None,
    "suppressed": "mark=N",
}
ASKED: list[tuple[str, str, tuple[str, ...], dict[str, Any]]] = [
    ("location-quotient", "economy", ("year",), CELLS | COMPARED),
    (
        "concentration",
        "economy",
        ("year",),
        CELLS | COMPARED | {"total": None, "suppressed": None, "reference": "A001"},
    ),
    (
        "shift-share",
        "economy",
        (),
        CELLS
        | {"period": "year", "from": "2015", "to": "2018", "reference": None}
        | {"form": "esteban-marquillas"},
    ),
    (
        "portfolio",
        "loans",
        ("kecamatan",),
        {"as_of": date(2025, 12, 14), "arrears_months": 3, "spec": None},
    ),
]


def answers(engine: EngineName, paths: dict[str, str]) -> list[Answer]:
    with open_engine(list(paths.values()), engine) as opened:
        return [
            compute(
                opened,
                find(name),
                opened.table(paths[data]),
                Request(by=by, parameters=parameters),
            )
            for name, data, by, parameters in ASKED
        ]


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        math.isclose(value, other[key], rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(value, float) and other[key] is not None
        else value == other[key]
        for key, value in one.items()
    )


def test_every_figure_is_the_same_on_spark(tmp_path: Path) -> None:
    paths = {}
    for name, rows in (("economy", economy(100_000)), ("loans", loans(100_000))):
        paths[name] = str(tmp_path / f"{name}.parquet")
        pq.write_table(rows, paths[name])
    for here, there in zip(
        answers("duckdb", paths), answers("spark", paths), strict=True
    ):
        assert repr(here.warnings) == repr(there.warnings)
        for name, table in here.tables.items():
            theirs = there.tables[name].to_pylist()
            for one, other in zip(table.to_pylist(), theirs, strict=True):
                assert same(one, other), (name, one, other)
