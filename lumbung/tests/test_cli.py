"""The command line of somebody who has just installed it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {
        "LUMBUNG_HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    code = "from lumbung.cli import main; main()"
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", code, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [("pack", "list"), ("places", "search", "botosari")])
def test_before_init_it_says_what_to_run_first(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    tmp_path.joinpath("empty").mkdir()
    answer = run(tmp_path / "empty", *words)

    assert answer.returncode == 1
    assert "lumbung init" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_it_lists_its_commands_without_an_installation(tmp_path: Path) -> None:
    answer = run(tmp_path, "--help")

    assert answer.returncode == 0
    assert all(w in answer.stdout for w in ("demo", "init", "measure", "serve"))
