"""`lumbung init` and `lumbung serve`, as somebody at a terminal meets them."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import DatabaseError

from lumbung.accounts.models import Event, User
from lumbung.conftest import load_district
from lumbung.core.refusal import Refusal
from lumbung.desk import installation, server
from lumbung.desk.commands import district_called, init
from lumbung.programmes.models import PackVersion, Programme

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "rumah"
    settings.HOME = folder
    return folder


@pytest.fixture
def few_places(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One district stands for the 83,762 villages: loading them has its own test."""
    load_district("33.26")
    monkeypatch.setattr("lumbung.desk.commands.shipped", list)
    monkeypatch.setattr("lumbung.desk.commands.load_shipped", lambda **_: [])


def lumbung(*words: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LUMBUNG_HOME": str(home), **more}
    environment |= {"DJANGO_SETTINGS_MODULE": "lumbung.settings"}
    code = "from lumbung.cli import main; main()"
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-c", code, *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("unable to open database file", "database_unreachable"),
        ("connection failed: Connection refused", "database_unreachable"),
        ("no such table: places_place", "not_set_up"),
        ('relation "places_place" does not exist', "not_set_up"),
        ("no such column: places_place.colour", "older_tables"),
        ('column "colour" of relation "x" does not exist', "older_tables"),
        ("database is locked", "database_busy"),
        ('table "places_place" already exists', "database_unreachable"),
        ("deadlock detected", None),
    ],
)
def test_what_the_database_says_is_said_in_our_words(
    home: Path, words: str, code: str | None
) -> None:
    home.mkdir()
    home.joinpath("keys.json").write_text("{}")
    found = installation.refusal_of(DatabaseError(words))

    assert (found and found.code) == code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seen", "code", "command"),
    [
        (set(), "not_set_up", "lumbung init"),
        ({("places", "0001_initial")}, "older_tables", "lumbung upgrade"),
    ],
)
def test_it_serves_no_tables_of_another_version(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    seen: set[tuple[str, str]],
    code: str,
    command: str,
) -> None:
    """`lumbung init` would bring older tables up as well, but without a way back."""
    installation.prepare_home()
    monkeypatch.setattr("lumbung.archive.schema.applied", lambda connection: seen)
    with pytest.raises(Refusal) as refused:
        installation.refuse_unready()
    assert refused.value.code == code
    assert command in str(refused.value.mend)


def test_it_refuses_a_home_that_cannot_be_written(settings: Any) -> None:
    settings.HOME = Path("/proc/lumbung")
    with pytest.raises(installation.NotWritable) as refused:
        installation.prepare_home()
    assert refused.value.message.values["folder"] == "/proc/lumbung"


def test_keys_are_for_their_owner_only_and_stay(home: Path) -> None:
    installation.prepare_home()
    path = home / "keys.json"
    first = json.loads(path.read_text())
    installation.prepare_home()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert json.loads(path.read_text()) == first


def test_it_refuses_a_programme_it_does_not_know(db: None) -> None:
    with pytest.raises(installation.NoSuchProgramme) as refused:
        installation.load_packs(["lab", "pnpm"])
    assert refused.value.message.values["code"] == "pnpm"
    assert PackVersion.objects.count() == 0


def test_it_sets_up_what_was_asked_for_and_prints_a_link(
    home: Path, few_places: None
) -> None:
    words = ["--yes", "--district", "33.26", "--programme", "lab", "--admin", "bappeda"]
    said = CliRunner().invoke(init, words, catch_exceptions=False).output

    person = User.objects.get()
    mandate = person.mandates.get()
    assert (mandate.role.code, mandate.place.code) == ("administrator", "33.26")
    assert list(Programme.objects.values_list("code", flat=True)) == ["lab"]
    assert set(PackVersion.objects.values_list("code", flat=True)) == {
        "indonesia",
        "lab",
    }
    assert not person.has_usable_password()
    assert "/akun/tautan/" in said
    assert Event.objects.filter(verb="invite_user").exists()


def test_a_password_comes_from_standard_input(home: Path, few_places: None) -> None:
    words = ["--district", "ID", "--admin", "ani", "--password-stdin"]
    said = CliRunner().invoke(
        init, words, input="lumbung padi desa 2020\n", catch_exceptions=False
    )

    assert User.objects.get().check_password("lumbung padi desa 2020")
    assert "tautan" not in said.output
    assert "padi" not in said.output


def test_a_weak_password_is_refused_and_nobody_is_added(
    home: Path, few_places: None
) -> None:
    words = ["--admin", "ani", "--password-stdin"]
    said = CliRunner().invoke(init, words, input="1234\n")

    assert said.exit_code == 1
    assert User.objects.count() == 0


def test_again_it_adds_nobody_and_changes_nothing(home: Path, few_places: None) -> None:
    words = ["--yes", "--district", "33.26", "--admin", "bappeda"]
    CliRunner().invoke(init, words, catch_exceptions=False)
    before = [PackVersion.objects.count(), Programme.objects.count()]
    again = CliRunner().invoke(
        init, ["--yes", "--admin", "lain"], catch_exceptions=False
    )

    assert again.exit_code == 0
    assert [user.username for user in User.objects.all()] == ["bappeda"]
    assert [PackVersion.objects.count(), Programme.objects.count()] == before


def test_a_district_goes_by_code_or_by_a_name_that_is_its_own(db: None) -> None:
    load_district("33.26")
    load_district("33.75")

    assert district_called("33.26").code == "33.26"
    assert district_called("Kabupaten Pekalongan").code == "33.26"
    for unclear in ("Pekalongan", "99.99", "Qwxz"):
        with pytest.raises(Refusal):
            district_called(unclear)


def test_serve_says_in_words_what_is_wrong(tmp_path: Path) -> None:
    nothing = lumbung("serve", home=tmp_path / "kosong")
    assert (nothing.returncode, "lumbung init" in nothing.stderr) == (2, True)

    (tmp_path / "keys.json").write_text('{"django": "x"}')
    url = "postgresql://a:b@127.0.0.1:1/c"
    silent = lumbung("serve", home=tmp_path, DATABASE_URL=url)
    assert (silent.returncode, "DATABASE_URL" in silent.stderr) == (2, True)
    assert "Traceback" not in nothing.stderr + silent.stderr


def test_a_taken_port_is_refused_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(server.PortTaken) as refused:
            server.refuse_taken("127.0.0.1", port)
    assert refused.value.mend is not None
    assert refused.value.mend.values["port"] == str(port + 1)
    with pytest.raises(server.NoSuchAddress):
        server.refuse_taken("203.0.113.7", port)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, *, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):  # noqa: S310
                return True
        except urllib.error.HTTPError:
            return False
        except OSError:
            time.sleep(0.2)
    return False


def test_it_serves_works_and_ends_cleanly_with_its_helpers(tmp_path: Path) -> None:
    """An empty database with its tables is enough for a server to stand on."""
    environment = {**os.environ, "LUMBUNG_HOME": str(tmp_path), "DATABASE_URL": ""}
    environment |= {"DJANGO_SETTINGS_MODULE": "lumbung.settings"}
    prepare = (
        "from lumbung.cli import set_up_django; set_up_django();"
        "from lumbung.desk import installation as i; i.prepare_home(); i.make_tables()"
    )
    subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", prepare], env=environment, cwd=ROOT, check=True
    )
    port = free_port()
    code = f"from lumbung.cli import main; main(['serve', '--port', '{port}', '--workers', '1'])"
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert answers(port, within=60)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert f":{port}/" in out
    assert "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
