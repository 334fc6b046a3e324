"""Loan schedules and portfolios of village funds."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from bench.table import Row, interleaved
from lumbung.core.portfolio import PORTFOLIO
from lumbung.core.schedule import Terms, schedule
from lumbung.engine import open_engine
from lumbung.measure.computation import Answer, Request, compute

AS_OF = date(2025, 12, 14)
LOANS = 1_000_000
TIMES = 200  # a schedule is too quick to be timed once
GIVEN: dict[str, Any] = {
    "as_of": AS_OF,
    "arrears_months": 3,
    "spec": None,
    "months": None,
    "income": None,
    "cost": None,
    "net_profit": None,
    "capital": None,
}
FORM = Terms(
    principal=5_000_000,
    rate=Fraction("0.015"),
    per="month",
    method="flat",
    instalments=24,
    start=date(2013, 1, 31),
    round_up=1000,
)


def run(rows: int = LOANS) -> list[Row]:
    """A schedule of 24 instalments; a portfolio at 1, 10 and 100 % of the loans."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {
            share: write_loans(Path(folder), rows * share // 100)
            for share in (1, 10, 100)
        }
        contenders: dict[str, Callable[[], object]] = {
            f"portfolio, {rows * share // 100:,} loans": partial(portfolio, path)
            for share, path in paths.items()
        }
        contenders |= {
            f"portfolio in hand-written SQL, {rows:,} loans": lambda: by_hand(
                paths[100]
            )
        }
        return [*schedules(), *interleaved(contenders, ours=list(contenders)[2])]


def schedules() -> list[Row]:
    """Return the median of five, in each of them the mean of many."""
    found = []
    for method in ("flat", "declining", "annuity", "bullet"):
        for day_count in ("30/360", "actual/actual"):
            terms = Terms(
                **{
                    **vars(FORM),
                    "method": method,
                    "day_count": day_count,
                    "round_up": 0,
                }
            )
            taken = statistics.median(mean_of(terms) for _ in range(5))
            found.append(Row(f"schedule of 24, {method}, {day_count}", taken))
    taken = statistics.median(mean_of(FORM) for _ in range(5))
    return [*found, Row("schedule of 24, flat, rounded up", taken)]


def mean_of(terms: Terms) -> float:
    begun = time.perf_counter()
    for _ in range(TIMES):
        schedule(terms)
    return (time.perf_counter() - begun) / TIMES


def write_loans(folder: Path, count: int) -> Path:
    """Write invented loans: one in five is late, by up to 400 days."""
    path = folder / f"loans-{count}.parquet"
    duckdb.connect().execute(
        f"""
        copy (
            select
                i as loan,
                'G' || (i // 7) as "group",
                date '2024-06-01' + (i % 150)::int as disbursed_on,
                1000000 + i % 5 * 500000 as principal,
                i * 7919 % 1000000 as balance,
                if(late, least(balance, 50000), 0) as overdue_principal,
                if(late, date '2025-12-14' - (i % 400)::int, null) as overdue_since,
                i % 97 = 0 as restructured,
            from (select range as i, range * 31 % 5 = 0 as late from range({count}))
        ) to '{path}' (format parquet)
        """  # noqa: S608  # a path and a number of ours
    )
    return path


def portfolio(path: Path) -> Answer:
    with open_engine([str(path)]) as engine:
        request = Request(parameters=GIVEN)
        return compute(engine, PORTFOLIO, engine.table(str(path)), request)


def by_hand(path: Path) -> list[Any]:
    """The five ratios and nothing else: no check, no class, no band."""
    connection = duckdb.connect()
    return connection.execute(
        f"""
        with loans as (
            select *, overdue_since <= date '2025-09-14' as risky,
                date '2025-12-14' - overdue_since as days
            from '{path}' where balance > 0
        ), groups as (
            select "group", sum(balance) as balance, bool_or(risky) as late,
                sum(balance) filter (risky) as par,
                sum(balance) filter (days > 30 or restructured) as par30,
                sum(balance) filter (days > 90 or restructured) as par90,
                sum(overdue_principal) filter (risky) as overdue
            from loans group by "group"
        )
        select count(*) filter (late) / count(*), sum(par) / sum(balance),
            sum(par30) / sum(balance), sum(par90) / sum(balance),
            1 - sum(overdue) / sum(balance)
        from groups
        """  # noqa: S608  # a path of ours
    ).fetchall()
