"""Run benchmarks by name, or all of them: `python -m bench [name…]`.

A benchmark is a module in this folder with `run() -> list[Row]`: what was done,
the median of five in seconds, and what it is compared with.
"""

import argparse
import importlib
import inspect
import platform
from pathlib import Path

from bench.table import show

HERE = Path(__file__).parent


def names() -> list[str]:
    return sorted(p.stem for p in HERE.glob("*.py") if "\ndef run(" in p.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--rows", type=int, help="Rows, where a benchmark takes them")
    asked = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}")
    for name in asked.names or names():
        run = importlib.import_module(f"bench.{name}").run
        takes_rows = asked.rows and "rows" in inspect.signature(run).parameters
        print(f"\n{name}: {inspect.getdoc(run)}")
        show(run(rows=asked.rows) if takes_rows else run())


if __name__ == "__main__":
    main()
