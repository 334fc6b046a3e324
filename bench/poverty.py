"""Poverty by 514 districts: ours, the same SQL by hand, pandas, Polars streaming."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from bench.table import Row, interleaved
from lumbung.core.catalogue import find
from lumbung.engine import open_engine
from lumbung.measure.computation import Request, compute

LINE = 550_000
INDICATORS = 12
DISTRICTS = 514
# pandas holds everything in memory: it runs once, in a process of its own, and not
# with more rows than this.
PANDAS_MOST = 25_000_000
SPEC = {
    "k": "1/3",
    "members": "size",
    "dimensions": {
        "all": {
            f"d{i}": {"weight": "1/12", "column": f"d{i}"} for i in range(INDICATORS)
        }
    },
}
FGT = {
    "spending": "spends", "line": Fraction(LINE), "members": "size",
    "alpha": (Fraction(0), Fraction(1), Fraction(2)),
    "strata": None, "cluster": None, "lonely": "refuse",
}  # fmt: skip
MPI = {"spec": SPEC, "round": None, "strata": None, "cluster": None, "lonely": "refuse"}
DEPRIVED = " + ".join(f"d{i}::INT" for i in range(INDICATORS))
SQL_FGT = f"""
    SELECT district, count(*) n, sum(w * size) people,
      sum(CASE WHEN spends < {LINE} THEN w * size ELSE 0 END) / people p0,
      sum(CASE WHEN spends < {LINE} THEN w * size * ({LINE} - spends) / {LINE} ELSE 0
        END) / people p1,
      sum(CASE WHEN spends < {LINE} THEN w * size * (({LINE} - spends) / {LINE})
        * (({LINE} - spends) / {LINE}) ELSE 0 END) / people p2
    FROM '{{path}}' GROUP BY district ORDER BY district
"""  # noqa: S608  # our own constants
EACH = ", ".join(
    f"sum(CASE WHEN d{i} THEN w * size ELSE 0 END) / people u{i}, "
    f"sum(CASE WHEN d{i} AND score >= 4 THEN w * size ELSE 0 END) / people c{i}"
    for i in range(INDICATORS)
)
SQL_MPI = f"""
    SELECT district, count(*) n, sum(w * size) people,
      sum(CASE WHEN score >= 4 THEN w * size ELSE 0 END) / people h,
      sum(CASE WHEN score >= 4 THEN w * size * score ELSE 0 END) / people / 12 m0, {EACH}
    FROM (SELECT *, {DEPRIVED} score FROM '{{path}}') GROUP BY district ORDER BY district
"""  # noqa: S608  # our own constants


def run(rows: int = 20_000_000) -> list[Row]:
    """Households in Parquet; validation on in ours; ratios are to ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/households.parquet"
        generate(path, rows)
        parts = {share: f"{folder}/{share}.parquet" for share in (1, 10)}
        for share, part in parts.items():
            generate(part, rows * share // 100)
        found = []
        for name, parameters, sql in (("fgt", FGT, SQL_FGT), ("mpi", MPI, SQL_MPI)):
            contenders: dict[str, Callable[[], object]] = {
                f"{name}: ours": lambda n=name, p=parameters: ours(n, p, path),
                f"{name}: SQL by hand": lambda s=sql: by_hand(s, path),
                f"{name}: Polars streaming": lambda n=name: polars(n, path),
            } | {
                f"{name}: ours, {share} % of the rows": (
                    lambda n=name, p=parameters, part=part: ours(n, p, part)
                )
                for share, part in parts.items()
            }
            timed = interleaved(contenders, ours=f"{name}: ours")
            base = timed[0].seconds
            if rows <= PANDAS_MOST:
                seconds, megabytes = alone(f"pandas_{name}", path)
                timed.append(
                    Row(f"{name}: pandas", seconds, note=f"{megabytes:,.0f} MB, once")
                )
            _, mine = alone(f"ours_{name}", path)
            found += [
                Row(r.name, r.seconds, note=f"{r.seconds / base:.2f} x ours {r.note}")
                for r in timed
            ]
            found.append(Row(f"{name}: our memory", 0.0, note=f"{mine:,.0f} MB"))
    return found


def generate(path: str, rows: int) -> None:
    """Write invented households: 514 districts, 12 deprivations, no gaps."""
    deprivations = ", ".join(
        f"hash(i, {n}) % 100 < {5 + 4 * n} d{n}" for n in range(INDICATORS)
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT (1000 + hash(i) % {DISTRICTS})::INT district,
            (100000 + hash(i, 77) % 2900000)::DOUBLE spends,
            (1 + hash(i, 78) % 7)::INT size, 50 + (hash(i, 79) % 1000) / 10.0::DOUBLE w,
            {deprivations} FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"""  # noqa: S608
        )


def ours(name: str, parameters: dict[str, Any], path: str) -> pa.Table:
    measure = find(name)
    request = Request(by=("district",), weight="w", parameters=parameters)
    with open_engine([path]) as engine:
        return compute(engine, measure, engine.table(path), request).tables[""]


def by_hand(sql: str, path: str) -> object:
    with duckdb.connect() as connection:
        return connection.sql(sql.format(path=path)).to_arrow_table()


def polars(name: str, path: str) -> object:
    people = pl.col("w") * pl.col("size")
    frame = pl.scan_parquet(path)
    if name == "fgt":
        gap = pl.when(pl.col("spends") < LINE).then((LINE - pl.col("spends")) / LINE)
        sums = [(people * gap.is_not_null()).sum().alias("p0")]
        sums += [(people * gap**k).sum().alias(f"p{k}") for k in (1, 2)]
    else:
        score = pl.sum_horizontal(
            [pl.col(f"d{i}").cast(pl.Int32) for i in range(INDICATORS)]
        )
        poor = score >= 4
        sums = [
            (people * poor).sum().alias("h"),
            (people * poor * score).sum().alias("m0"),
        ]
        for i in range(INDICATORS):
            sums.append((people * pl.col(f"d{i}")).sum().alias(f"u{i}"))
            sums.append((people * (poor & pl.col(f"d{i}"))).sum().alias(f"c{i}"))
    grouped = frame.group_by("district").agg(
        pl.len(), people.sum().alias("people"), *sums
    )
    return grouped.sort("district").collect(engine="streaming")


def pandas_fgt(path: str) -> object:
    frame = pd.read_parquet(path, columns=["district", "spends", "size", "w"])
    people = frame["w"] * frame["size"]
    gap = ((LINE - frame["spends"]) / LINE).clip(lower=0)
    sums = pd.DataFrame({"district": frame["district"], "people": people})
    sums["p0"] = people * (frame["spends"] < LINE)
    sums["p1"], sums["p2"] = people * gap, people * gap * gap
    totals = sums.groupby("district").sum()
    return totals[["p0", "p1", "p2"]].div(totals["people"], axis=0)


def pandas_mpi(path: str) -> object:
    names = [f"d{i}" for i in range(INDICATORS)]
    frame = pd.read_parquet(path, columns=["district", "size", "w", *names])
    people = frame["w"] * frame["size"]
    score = frame[names].sum(axis=1)
    poor = people * (score >= 4)
    sums = pd.DataFrame({"district": frame["district"], "people": people, "h": poor})
    sums["m0"] = poor * score / 12
    for name in names:
        sums[f"u_{name}"], sums[f"c_{name}"] = people * frame[name], poor * frame[name]
    totals = sums.groupby("district").sum()
    return totals.div(totals["people"], axis=0)


ALONE: dict[str, Callable[[str], object]] = {
    "pandas_fgt": pandas_fgt,
    "pandas_mpi": pandas_mpi,
    "ours_fgt": lambda path: ours("fgt", FGT, path),
    "ours_mpi": lambda path: ours("mpi", MPI, path),
}


def alone(name: str, path: str) -> tuple[float, float]:
    """Run in a fresh process; return its seconds and its largest memory in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.poverty", name, path],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


if __name__ == "__main__":
    begun = time.perf_counter()
    ALONE[sys.argv[1]](sys.argv[2])
    spent = time.perf_counter() - begun
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
