"""Installations to back up and to restore into, each in a folder of its own."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lumbung.archive import manifest
from lumbung.archive.container import reading
from lumbung.archive.manifest import Manifest
from lumbung.running import NAME as LOCK

ROOT = Path(__file__).parents[3]


def lumbung(*words: object, home: Path, url: str = "") -> str:
    """Run the command line in an installation and return what it says."""
    ran = run(*words, home=home, url=url)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def manage(*words: object, home: Path, url: str = "") -> str:
    """Run one of Django's own commands in an installation."""
    code = "from django.core.management import execute_from_command_line as e; e()"
    ran = run(*words, home=home, url=url, code=code)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def run(
    *words: object,
    home: Path,
    url: str = "",
    code: str = "from lumbung.cli import main; main()",
) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {
        "LUMBUNG_HOME": str(home),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONDEVMODE": "",
    }
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-c", code, *map(str, words)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def contents(path: Path) -> Manifest:
    with reading(path) as reader:
        return manifest.read(reader)


def silent(stage: str) -> Callable[[int, int], None]:
    return lambda done, total: None


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of a `.zip` with its files changed; None leaves one out."""
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return other


def everything(folder: Path) -> dict[str, Any]:
    """What lies in a folder, to see that it was not touched; a lock holds nothing."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
        if p.name != LOCK
    }
