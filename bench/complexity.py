"""Economic complexity beside bare linear algebra and PyPI `ecomplexity`."""

import time
import warnings
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.linalg import eigh

from bench.table import Row, interleaved
from lumbung.core.complexity import complexity, compute, grid, present

AREAS, INDUSTRIES, YEARS = 514, 1700, 10
NAMES: dict[str, Any] = {"area": "area", "industry": "industry", "value": "value"}


def run() -> list[Row]:
    """ECI, PCI, density, outlook: 514 districts × 1,700 industries × 10 years."""
    tables = [economy(AREAS, INDUSTRIES, seed) for seed in range(YEARS)]
    matrices = [grid(table, **NAMES).values for table in tables]
    rows = interleaved(
        {
            "lumbung, from the long table": lambda: [
                compute(table, **NAMES) for table in tables
            ],
            "lumbung, from the matrix": lambda: [
                complexity(present(matrix)) for matrix in matrices
            ],
            "bare linear algebra, from the matrix": lambda: [
                bare(matrix) for matrix in matrices
            ],
            "lumbung, 1 year": lambda: compute(tables[0], **NAMES),
        },
        ours="lumbung, from the long table",
    )
    year = next(row.seconds for row in rows if row.name == "lumbung, 1 year")
    return [*rows, *oracle(tables[0], matrices[0], year)]


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


def oracle(table: pa.Table, matrix: Any, year: float) -> list[Row]:
    """One year in `ecomplexity`: ten take minutes. The note says how far apart."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ecomplexity import ecomplexity  # noqa: PLC0415  # a development extra
    except ImportError:
        return []
    frame = table.append_column("year", pa.array([2020] * len(table))).to_pandas()
    columns = {"time": "year", "loc": "area", "prod": "industry", "val": "value"}
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ecomplexity(
            frame, columns, verbose=False, check_logsupermodularity=False
        )
    taken = time.perf_counter() - begun
    ours = complexity(present(matrix))
    apart = max(
        np.abs(ours.eci - theirs.groupby("area")["eci"].first().to_numpy()).max(),
        np.abs(ours.pci - theirs.groupby("industry")["pci"].first().to_numpy()).max(),
        np.abs(ours.outlook - theirs.groupby("area")["coi"].first().to_numpy()).max(),
        np.abs(
            ours.density.ravel()
            - theirs.sort_values(["area", "industry"])["density"].to_numpy()
        ).max(),
    )
    note = f"once; {taken / year:.0f} x our year; all four figures within {apart:.1e}"
    return [Row("PyPI ecomplexity, 1 year", taken, note=note)]
