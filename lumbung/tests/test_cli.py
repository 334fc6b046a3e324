"""The command line of somebody who has just installed it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lumbung.database import database
from lumbung.home import whole


def run(
    folder: Path,
    *words: str,
    code: str = "from lumbung.cli import main; main()",
    **settings: str,
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {
        "LUMBUNG_HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **settings,
    }
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

    assert answer.returncode == 2
    assert "lumbung init" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("no folder/at all", "", "lumbung init"),
        ("lumbung.sqlite3", "A letter, and no database at all.", "not a database"),
        ("keys.json", "A letter, and no keys at all.", "keys.json holds no keys"),
    ],
)
def test_of_a_folder_that_is_no_installation_it_says_so(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    folder = tmp_path / name
    if content:
        tmp_path.joinpath("keys.json").write_text('{"django": "x"}')
        folder.write_text(content)
        folder = tmp_path
    answer = run(folder, "places", "show", "33.26")

    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:p@localhost/x",
        "postgresql://u:p@[::1/x",
        "postgresql://u:p@localhost:abc/x",
        "postgresql://u:p@localhost/",
    ],
)
def test_an_address_of_no_database_of_ours_is_refused_in_words(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(SystemExit, match="Write sqlite:///FILE or postgresql://"):
        database(url, home=tmp_path)


@pytest.mark.parametrize("text", ["", "two", "-1", "1.5", "0"])
def test_a_setting_that_is_no_number_is_refused_by_its_name(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_SESSION_HOURS", text)
    with pytest.raises(SystemExit, match=r"LUMBUNG_SESSION_HOURS is .* from 1 on"):
        whole("LUMBUNG_SESSION_HOURS", 12, least=1)


@pytest.mark.parametrize(
    "setting", [{"LUMBUNG_SESSION_HOURS": "two"}, {"DATABASE_URL": "mysql://x/y"}]
)
def test_a_setting_that_cannot_be_read_ends_a_command_as_a_refusal(
    tmp_path: Path, setting: dict[str, str]
) -> None:
    answer = run(tmp_path, "user", "list", **setting)

    assert answer.returncode == 2
    assert next(iter(setting)) in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_there_is_no_port_past_the_last(tmp_path: Path, command: str) -> None:
    answer = run(tmp_path, command, "--port", "65536")

    assert answer.returncode == 2
    assert "1<=x<=65535" in answer.stderr


def test_it_lists_its_commands_without_an_installation(tmp_path: Path) -> None:
    answer = run(tmp_path, "--help")

    assert answer.returncode == 0
    assert all(w in answer.stdout for w in ("demo", "init", "measure", "serve"))


@pytest.mark.parametrize(
    ("words", "without"),
    [
        ("places --help", "ibis pandas scipy lumbung.engine"),
        ("measure fgt data.csv --spending s --line 2", "django openpyxl scipy"),
    ],
)
def test_a_command_loads_nothing_heavy_that_it_does_not_use(
    tmp_path: Path, words: str, without: str
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("s\n1\n3\n")
    code = (
        "import sys; from lumbung.cli import main; main(standalone_mode=False);"
        f" print('loaded', *set({without.split()}) & set(sys.modules))"
    )
    told = run(tmp_path, *words.replace("data.csv", str(data)).split(), code=code)

    assert told.stdout.splitlines()[-1:] == ["loaded"], told.stdout + told.stderr
