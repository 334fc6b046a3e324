"""Economic complexity beside bare linear algebra and PyPI `ecomplexity`."""

import contextlib
import io
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.linalg import eigh

from bench.table import Row, interleaved
from lumbung.core.complexity import COMPLEXITY, complexity, grid, present
from lumbung.engine import open_engine
from lumbung.measure.computation import Answer, Computation, Request, compute

AREAS, INDUSTRIES, YEARS = 514, 1700, 10
NAMES: dict[str, Any] = {"area": "area", "industry": "industry", "value": "value"}


def run() -> list[Row]:
    """ECI, PCI, density, outlook: 514 districts × 1,700 industries × 10 years.

    Ours and `ecomplexity` are given the ten years as one table in memory, the bare
    algebra its matrices. `ecomplexity` runs once: it takes most of a minute.
    """
    years = {2010 + year: economy(AREAS, INDUSTRIES, year) for year in range(YEARS)}
    matrices = [grid(table, **NAMES).values for table in years.values()]
    with tempfile.TemporaryDirectory() as folder:
        ten, one = Path(folder, "ten.parquet"), Path(folder, "one.parquet")
        labelled = [
            table.append_column("year", pa.array([year] * len(table)))
            for year, table in years.items()
        ]
        table = pa.concat_tables(labelled)
        pq.write_table(table, ten)
        pq.write_table(labelled[0], one)
        rows = interleaved(
            {
                "lumbung, ten years": lambda: by_year(table),
                "bare linear algebra, ten years, from matrices": lambda: [
                    bare(matrix) for matrix in matrices
                ],
                "lumbung, ten years, from matrices, one by one": lambda: [
                    complexity(present(matrix)) for matrix in matrices
                ],
                "lumbung, ten years, from a file, checked": lambda: measured(ten),
                "lumbung, one year, from a file, checked": lambda: measured(one),
            },
            ours="lumbung, ten years",
        )
        return [*rows, oracle(table, rows[0].seconds)]


def by_year(table: pa.Table, *, density: bool = False) -> dict[str, pa.Table]:
    """Return the tables of each year, without any check of the rows."""
    given = {**NAMES, "proximity": False, "density": density}
    request = Request(by=("year",), parameters=given)
    computation = Computation(None, COMPLEXITY, request, [])
    tables, _ = computation.group_by_group(table)
    return tables


def measured(path: Path) -> Answer:
    """Do what `lumbung measure complexity FILE --by year` does."""
    given = {**NAMES, "proximity": False, "density": False}
    with open_engine([str(path)]) as engine:
        table = engine.table(str(path), names=("area", "industry"))
        request = Request(by=("year",), parameters=given)
        return compute(engine, COMPLEXITY, table, request)


def economy(areas: int, industries: int, seed: int) -> pa.Table:
    """Return an invented economy in which able areas do more, and rarer, things."""
    random = np.random.default_rng(seed)
    able = np.sort(random.random(areas))[:, None]
    hard = np.sort(random.random(industries))[None, :]
    chance = 1 / (1 + np.exp(12 * (hard - able) + 1.5))
    values = random.lognormal(3, 1.5, (areas, industries)) * (
        random.random((areas, industries)) < chance
    )
    at, of = np.nonzero(values)
    return pa.table(
        {
            "area": pa.array([f"{a:04}" for a in range(areas)]).take(at),
            "industry": pa.array([f"{i:05}" for i in range(industries)]).take(of),
            "value": values[at, of],
        }
    )


def bare(values: Any) -> tuple[Any, ...]:
    """The same figures with nothing checked and nothing named, as one would type it."""
    here = values * values.sum() >= np.outer(values.sum(axis=1), values.sum(axis=0))
    done = here.astype(float)
    d, u = done.sum(axis=1), done.sum(axis=0)
    scaled = done / np.sqrt(np.outer(d, u))
    _, vectors = eigh(scaled @ scaled.T, subset_by_index=[len(d) - 2, len(d) - 1])
    kp = done.T @ (vectors[:, 0] / np.sqrt(d)) / u
    kc = done @ kp / d
    near = (done.T @ done) / np.maximum.outer(u, u)
    density = done @ near / near.sum(axis=0)
    gain = (density * (1 - done)) @ kp
    eci = (kc - kc.mean()) / kc.std()
    return eci, (kp - kc.mean()) / kc.std(), density, (gain - gain.mean()) / gain.std()


def oracle(table: pa.Table, taken_by_us: float) -> Row:
    """The same table by `ecomplexity`. The note says how far apart the figures are."""
    from ecomplexity import ecomplexity  # noqa: PLC0415  # a development extra

    columns = {"time": "year", "loc": "area", "prod": "industry", "val": "value"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        frame = table.to_pandas()
        begun = time.perf_counter()
        theirs = ecomplexity(frame, columns, check_logsupermodularity=False)
        taken = time.perf_counter() - begun
    apart = farthest(by_year(table, density=True), theirs)
    note = f"once; {taken / taken_by_us:.0f} x ours; figures within {apart:.1e}"
    return Row("PyPI ecomplexity, ten years", taken, note=note)


def farthest(ours: dict[str, pa.Table], theirs: pd.DataFrame) -> float:
    """Return the largest difference of any figure from theirs."""
    apart = []
    for table, names, figure, called in (
        ("areas", ["area"], "eci", "eci"),
        ("areas", ["area"], "outlook", "coi"),
        ("industries", ["industry"], "pci", "pci"),
        ("density", ["area", "industry"], "density", "density"),
    ):
        keys = ["year", *names]
        mine = ours[table].to_pandas().set_index(keys)[figure]
        other = theirs.groupby(keys)[called].first()
        apart.append(float((mine - other).abs().max(skipna=False)))
    return max(apart)
