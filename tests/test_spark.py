"""Every table measure over 100,000 rows: Spark gives DuckDB's figures.

Needs the extra `spark` and Java; where either is absent the tests skip and say so.
A new table measure must be added to `ASKED`: the first test sees to it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lumbung.core.catalogue import MEASURES, find
from lumbung.engine import Engine, open_engine
from lumbung.measure.command import read_parameters
from lumbung.measure.computation import Request, compute

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if not shutil.which("java"):
    pytest.skip("Spark needs Java", allow_module_level=True)

# Spark and Py4J leave sockets and their own old calls behind.
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROWS = 100_000
# Compared in `tests/test_spark_economies.py`.
ECONOMIES = {"location-quotient", "concentration", "shift-share", "portfolio"}
SPEC = {
    "k": "1/3",
    "missing": "not-deprived",
    "dimensions": {
        "living": {
            "water": {"weight": "1/3", "column": "water"},
            "poor": {"weight": "1/3", "expression": "spends < 90"},
            "school": {
                "weight": "1/3",
                "expression": "score < 2",
                "applies": "size > 2",
            },
        }
    },
}
INDEX = {
    "parts": {
        "social": {"highest": "5", "columns": ["score", "size"]},
        "economic": {"highest": "5", "columns": ["score"]},
    },
    "edges": ["0.4907", "0.5989"],
    "statuses": ["behind", "developing", "ahead"],
}
DESIGN = {"strata": "stratum", "cluster": "cluster", "lonely": "centre"}
FGT = {"spending": "spends", "line": "line", "members": "size"}
ASKED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("fgt", FGT, {"weight": "w"}),
    ("fgt", {**FGT, "alpha": "0,1/2,2"} | DESIGN, {"weight": "w", "where": "age > 20"}),
    ("relative-poverty", {"income": "spends"}, {"weight": "w"}),
    ("relative-poverty", {"income": "spends", "line_by": "group", "of": "mean"}, {}),
    ("inequality", {"value": "spends"}, {"weight": "w"}),
    ("mpi", {"spec": SPEC}, {"weight": "w"}),
    ("mpi", {"spec": SPEC, "round": "year"} | DESIGN, {"weight": "w"}),
    ("targeting", {"selected": "water", "deserving": "got"}, {"weight": "w"}),
    ("village-index", {"spec": INDEX}, {"by": ("row", "district")}),
]


def households() -> pa.Table:
    random = np.random.default_rng(2026)
    return pa.table(
        {
            "row": np.arange(ROWS),
            "district": random.integers(1, 60, ROWS).astype(str),
            "year": random.integers(2021, 2024, ROWS),
            "spends": random.lognormal(4.6, 0.6, ROWS).round(2),
            "line": random.choice([80.0, 95.5], ROWS),
            "size": random.integers(0, 6, ROWS),
            "age": random.integers(0, 90, ROWS),
            "w": random.uniform(0.5, 400, ROWS).round(3),
            "score": random.integers(0, 6, ROWS),
            "water": random.random(ROWS) < 0.3,
            "got": random.choice(["ya", "tidak"], ROWS),
            "stratum": random.integers(1, 30, ROWS),
            "cluster": random.integers(1, 40, ROWS),
        }
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("spark") / "households.parquet"
    pq.write_table(households(), path)
    return str(path)


@pytest.fixture(scope="module")
def spark(data: str) -> Iterator[Engine]:
    with open_engine([data], "spark") as engine:
        yield engine


def test_no_table_measure_is_left_out() -> None:
    table_measures = {name for name in MEASURES if find(name).kind == "table"}

    assert table_measures == {name for name, _, _ in ASKED} | ECONOMIES


@pytest.mark.parametrize(("name", "parameters", "request_"), ASKED)
def test_spark_gives_the_figures_of_duckdb(
    spark: Engine,
    data: str,
    name: str,
    parameters: dict[str, Any],
    request_: dict[str, Any],
) -> None:
    measure = find(name)
    typed = {k: v for k, v in parameters.items() if isinstance(v, dict)}
    written = {p.name: p.default for p in measure.parameters} | parameters
    given, _ = read_parameters(
        measure, {k: v for k, v in written.items() if k not in typed}
    )
    request = Request(**{"by": ("district",)} | request_, parameters=given | typed)

    theirs = compute(spark, measure, spark.table(data), request)
    with open_engine([data]) as engine:
        ours = compute(engine, measure, engine.table(data), request)

    assert (theirs.read, theirs.used, theirs.dropped) == (
        ours.read,
        ours.used,
        ours.dropped,
    )
    for key, table in ours.tables.items():
        assert same(table, theirs.tables[key], request.by) <= 1e-9


def same(ours: pa.Table, theirs: pa.Table, by: tuple[str, ...]) -> float:
    """Return the largest relative difference; text and gaps must be alike."""
    assert ours.column_names == theirs.column_names
    order = [(name, "ascending") for name in ours.column_names[: len(by) + 1]]
    ours, theirs = ours.sort_by(order), theirs.sort_by(order)
    largest = 0.0
    for name in ours.column_names:
        left, right = ours[name], theirs[name]
        if not pa.types.is_floating(left.type):
            assert left.to_pylist() == right.to_pylist(), name
            continue
        assert left.is_null().to_pylist() == right.is_null().to_pylist(), name
        a, b = left.drop_null().to_numpy(), right.drop_null().to_numpy()
        scale = np.maximum(np.maximum(abs(a), abs(b)), 1e-6)
        largest = max(largest, float(np.max(abs(a - b) / scale, initial=0.0)))
    return largest
