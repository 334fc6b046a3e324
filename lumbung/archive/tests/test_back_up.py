"""A backup holds all rows of one moment and all files but keys; whole, or not there."""

import os
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from lumbung.accounts.models import KeptAnswer, User
from lumbung.archive import keeping, schema
from lumbung.archive.actions import back_up
from lumbung.archive.container import InTheWay, NotWritten
from lumbung.archive.rows import read
from lumbung.archive.snapshot import snapshot
from lumbung.archive.target import MARK, HalfRestored
from lumbung.archive.tests.homes import contents, silent
from lumbung.evidence import store
from lumbung.evidence.models import StoredFile
from lumbung.home import keys
from lumbung.places.models import Edition
from lumbung.programmes.models import Case

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)


def write(to: Path) -> Path:
    back_up(to=to, now=NOW, progress=silent(""))
    return to


def test_it_refuses_a_name_that_is_taken(lived_in: Path, tmp_path: Path) -> None:
    taken = tmp_path / "a.zip"
    taken.write_bytes(b"mine")
    with pytest.raises(InTheWay):
        write(taken)
    assert taken.read_bytes() == b"mine"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no mark")
def test_it_refuses_tables_that_are_half_restored(
    lived_in: Path, tmp_path: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {MARK} (backup text)")
    with pytest.raises(HalfRestored):
        write(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["a.zip", "folder"])
def test_a_full_disk_leaves_nothing_under_the_name(
    lived_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The disk is the outside world: it fails at the last file."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    before = set(tmp_path.iterdir())
    with pytest.raises(NotWritten):
        write(tmp_path / name)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["a.zip", "folder"])
def test_only_its_owner_can_read_it(lived_in: Path, tmp_path: Path, name: str) -> None:
    written = write(tmp_path / name)
    for path in [written, *written.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_no_key_is_in_it_only_its_id(lived_in: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "folder")
    [secret] = keys(lived_in).values()
    for path in folder.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()
    assert list(contents(folder).keys) == ["django"]
    assert "NOT" in (folder / "manifest.json").read_text()


def test_sessions_and_kept_answers_are_left_out(
    lived_in: Path, tmp_path: Path, ratna: User
) -> None:
    SessionStore().create()
    KeptAnswer.objects.create(user=ratna, key="k", digest="d", made_at=timezone.now())
    labels = {table.label for table in contents(write(tmp_path / "a.zip")).tables}
    assert labels & {"sessions.session", "accounts.keptanswer"} == set()


def test_every_other_table_is_in_it_whoever_made_it(
    lived_in: Path, tmp_path: Path
) -> None:
    """A model that says nothing about backups is kept: nobody has to remember."""
    found = contents(write(tmp_path / "a.zip"))
    with connection.cursor() as cursor:
        every = set(connection.introspection.table_names(cursor))
    kept = {apps.get_model(table.label)._meta.db_table for table in found.tables}
    left = {apps.get_model(label)._meta.db_table for label in found.left_out}
    assert kept | left | {"django_migrations"} == every
    assert found.table("programmes.case").rows == Case.objects.count() == 1  # type: ignore[union-attr]


def test_what_others_lean_on_comes_first(lived_in: Path, tmp_path: Path) -> None:
    labels = [table.label for table in contents(write(tmp_path / "a.zip")).tables]
    assert labels.index("places.place") < labels.index("programmes.caseplace")
    assert labels.index("accounts.user") < labels.index("programmes.case")


def test_a_file_and_a_folder_hold_the_same(lived_in: Path, tmp_path: Path) -> None:
    file, folder = write(tmp_path / "a.zip"), write(tmp_path / "folder")
    assert contents(file).tables == contents(folder).tables
    with zipfile.ZipFile(file) as zip:
        names = set(zip.namelist())
    inside = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert names == inside


def test_files_of_the_home_are_kept_but_for_what_can_be_made_again(
    lived_in: Path, tmp_path: Path
) -> None:
    sha256 = StoredFile.objects.get().sha256
    names = {n for n in contents(write(tmp_path / "a.zip")).files if n[:6] != "tables"}
    assert names == {
        f"evidence/{store.path(sha256)}",
        f"evidence/{store.path(sha256)}{store.SMALL}",
        "home/imports/waiting",
        "home/installation.json",
    }


def test_evidence_that_is_lost_or_broken_is_named(
    lived_in: Path, tmp_path: Path
) -> None:
    sha256 = StoredFile.objects.get().sha256
    assert contents(write(tmp_path / "a.zip")).missing == ()
    file = lived_in / "evidence" / store.path(sha256)
    file.write_bytes(b"another photo")
    assert contents(write(tmp_path / "b.zip")).missing == (sha256,)
    file.unlink()
    assert contents(write(tmp_path / "c.zip")).missing == (sha256,)


def test_the_same_installation_has_the_same_id_each_time(
    lived_in: Path, tmp_path: Path
) -> None:
    one, two = write(tmp_path / "a.zip"), write(tmp_path / "b.zip")
    assert contents(one).installation == contents(two).installation != ""


@pytest.fixture
def editions(transactional_db: None) -> Iterator[None]:
    for number in ("1", "2"):
        Edition.objects.create(number=number, valid_from=NOW.date())
    yield
    Edition.objects.all().delete()


def test_what_is_saved_meanwhile_is_not_in_it_and_does_not_wait(
    editions: None, home: Path
) -> None:
    with snapshot() as alias:
        Edition.objects.create(number="3", valid_from=NOW.date())
        assert sum(1 for _ in read(Edition, alias)) == 2
    assert Edition.objects.count() == 3


def test_a_dated_file_goes_into_a_folder_that_exists(tmp_path: Path) -> None:
    assert keeping.destination(tmp_path, NOW).name == "lumbung-2026-11-23-040506.zip"
    assert keeping.destination(tmp_path / "x.zip", NOW) == tmp_path / "x.zip"


def test_keeping_two_removes_the_older_dated_ones_of_this_installation(
    lived_in: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    days = [NOW + timedelta(days=n) for n in range(4)]
    ours = [write(keeping.destination(folder, day)) for day in days]
    named = write(folder / "before-the-flood.zip")
    os.rename(lived_in / "installation.json", lived_in / "other.json")
    theirs = write(keeping.destination(folder, NOW - timedelta(days=9)))
    os.rename(lived_in / "other.json", lived_in / "installation.json")
    broken = folder / "lumbung-2020-01-01-000000.zip"
    broken.write_bytes(b"PK not ours")

    assert keeping.prune(folder, 2) == ours[:2]
    assert set(folder.iterdir()) == {*ours[2:], named, theirs, broken}


def test_models_that_are_left_out_say_so_themselves() -> None:
    assert schema.left_out() == [
        "accounts.keptanswer",
        "sessions.session",
        "usersessions.usersession",
    ]
