"""Backup and restore at size, beside what the databases bring for it themselves."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bench.pages import databases
from bench.table import Row

ROOT = Path(__file__).parent.parent
OBSERVATIONS, CASES = 2_000_000, 20_000
BUILD = """
from lumbung.home import home, make_keys
make_keys(home())
import django; django.setup()
from bench.pages_data import build
build({cases})
from bench.archive_data import observe
observe({rows})
"""


def run(rows: int = OBSERVATIONS) -> list[Row]:
    """Two million observations and 20,000 cases: backed up, restored and read back.

    Beside it the database's own tools on the same rows: they are of one database and
    one version, and prove nothing. Each once: minutes swing less than milliseconds.
    """
    found: list[Row] = []
    for name, url in databases():
        with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as folder:
            found += measured(name, url, Path(folder), rows)
    subprocess.run([ROOT / ".ci/postgres", "stop"], check=False)
    return found


def measured(name: str, url: str, folder: Path, rows: int) -> list[Row]:
    first, second, whole = folder / "one", folder / "two", folder / "a.zip"
    source, other = (f"{url}_from", f"{url}_to") if url else ("", "")
    for each in filter(None, (source, other)):
        create(each)
    python(
        BUILD.format(cases=max(CASES * rows // OBSERVATIONS, 20), rows=rows),
        first,
        source,
    )
    took = {"backup": timed(lambda: lumbung(first, source, "backup", str(whole)))}
    second.mkdir()
    shutil.copy(first / "keys.json", second)
    took["restore"] = timed(lambda: lumbung(second, other, "restore", str(whole)))
    size = whole.stat().st_size / 1e6
    found = [
        Row(f"{name}: lumbung {verb}", seconds, ours=True, note=f"{size:.0f} MB")
        for verb, seconds in took.items()
    ]
    for tool, command in own_tools(first, folder, source):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
        found.append(Row(f"{name}: {tool}", seconds))
    return found


def own_tools(home: Path, folder: Path, url: str) -> list[tuple[str, list[str]]]:
    if url:
        return [("pg_dump -Fc", ["pg_dump", "-Fc", "-f", str(folder / "dump"), url])]
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('VACUUM INTO ?', [sys.argv[2]])"
    file = str(home / "lumbung.sqlite3")
    return [("VACUUM INTO", [sys.executable, "-c", code, file, str(folder / "vacuum")])]


def create(url: str) -> None:
    subprocess.run(
        [
            "psql",
            "-q",
            "-c",
            f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]}",
            "-c",
            f"CREATE DATABASE {urlsplit(url).path[1:]}",
            url.rpartition("_")[0],
        ],
        check=True,
    )


def timed(deed: Callable[[], None]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def lumbung(home: Path, url: str, *words: str) -> None:
    python("from lumbung.cli import main; main()", home, url, *words)


def python(code: str, home: Path, url: str, *words: str) -> None:
    environment = os.environ | {
        "LUMBUNG_HOME": str(home),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONDEVMODE": "",
    }
    subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
