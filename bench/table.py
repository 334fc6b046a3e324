"""The table that a benchmark prints: medians, and the ratio to our own time."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line: `seconds` is a median; `ours` marks what the others divide by."""

    name: str
    seconds: float
    ours: bool = False
    note: str = ""


def interleaved(
    contenders: dict[str, Callable[[], object]], *, ours: str, times: int = 5
) -> list[Row]:
    """Run each contender in turn, `times` rounds; return their medians.

    Taking turns spreads a slow minute of the machine over all of them.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(times):
        for name, run in contenders.items():
            begun = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - begun)
    return [
        Row(name, statistics.median(seconds), ours=name == ours)
        for name, seconds in taken.items()
    ]


def show(rows: list[Row]) -> None:
    base = next((row.seconds for row in rows if row.ours), None)
    width = max(len(row.name) for row in rows)
    for row in rows:
        ratio = f"{row.seconds / base:8.2f} x" if base else ""
        print(
            f"{row.name:<{width}}  {row.seconds:12.6f} s {ratio}  {row.note}".rstrip()
        )
