"""How long it takes to put all villages of the country into classes, on both databases."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.pages import ROOT, databases
from bench.table import Row

BUILD = """
from lumbung.home import home, make_keys
make_keys(home())
import django; django.setup()
from bench.classification import measured
measured()
"""
PERIODS, TIMES = 8, 3


def run() -> list[Row]:
    """A run over every village: read, compute, keep both files, write all labels.

    Eight periods of the indicator are there, one is read; median of three. The note
    has the longest write transaction. pandas reads the same values from a CSV, cuts
    them into classes and writes a CSV: no exactness, no source, nothing to repeat.
    """
    found: list[Row] = []
    for name, url in databases():
        with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as home:
            environment = os.environ | {
                "LUMBUNG_HOME": home,
                "DJANGO_SETTINGS_MODULE": "lumbung.settings",
                "PYTHONPATH": str(ROOT),
                "PYTHONDEVMODE": "",
            }
            if url:
                environment["DATABASE_URL"] = own_database(url)
            out = subprocess.check_output(
                [sys.executable, "-c", BUILD], env=environment, cwd=ROOT, text=True
            )
        took = json.loads(out.strip().splitlines()[-1])
        for rule in ("cut_offs", "ranks"):
            each = took[rule]
            note = (
                f"{took['villages']} villages; longest write transaction"
                f" {each['longest']:.2f} s; repeated in {each['repeat']:.2f} s"
            )
            found.append(Row(f"{name}: {rule}", each["run"], note=note))
        found.append(Row(f"{name}: one district", took["district"]))
        found.append(Row(f"pandas, CSV to CSV ({name})", took["pandas"]))
    return found


def own_database(url: str) -> str:
    name = "lumbung_bench_classes"
    server = url.rsplit("/", 1)[0]
    for statement in (f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"):
        subprocess.run(["psql", "-q", url, "-c", statement], check=True)
    return f"{server}/{name}"


def measured() -> None:
    """Build an installation and print what was measured, as JSON."""
    from bench import classification_data as data  # noqa: PLC0415  # after django.setup()

    officer, values = data.build(PERIODS)
    took: dict[str, Any] = {"villages": len(values)}
    for rule in ("cut_offs", "ranks"):
        times = [
            data.classify(officer, f"village_colour_{rule}", "ID") for _ in range(TIMES)
        ]
        seconds, longest, last = sorted(times, key=lambda each: each[0])[TIMES // 2]
        begun = time.perf_counter()
        assert data.repeat(last)
        took[rule] = {
            "run": seconds,
            "longest": longest,
            "repeat": time.perf_counter() - begun,
        }
    took["district"] = data.classify(officer, "village_colour_cut_offs", "33.26")[0]
    took["pandas"] = data.by_pandas(values, Path(os.environ["LUMBUNG_HOME"]))
    print(json.dumps(took))
