"""Restoring gives the same rows on either database, or changes nothing at all."""

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from lumbung.accounts import seals
from lumbung.archive import keys, manifest
from lumbung.archive.actions import back_up, look_through
from lumbung.archive.container import Damaged, NotAnArchive, reading
from lumbung.archive.keys import KeysMissing
from lumbung.archive.manifest import TooNew
from lumbung.archive.schema import NewerTables, known_here
from lumbung.archive.target import MARK
from lumbung.archive.tests.homes import (
    contents,
    everything,
    lumbung,
    manage,
    rewritten,
    run,
    silent,
)
from lumbung.evidence.models import StoredFile
from lumbung.evidence.store import path as path_of
from lumbung.home import make_keys
from maintenance.empty_database import beside

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def backup(lived_in: Path, tmp_path: Path) -> Path:
    to = tmp_path / "backup.zip"
    seals.seal(NOW)  # as the command does; the next one finds nothing to seal
    back_up(to=to, now=NOW, progress=silent(""))
    return to


@pytest.fixture
def new_home(lived_in: Path, tmp_path: Path) -> Path:
    """An empty folder with the keys that were kept apart."""
    folder = tmp_path / "baru"
    folder.mkdir()
    shutil.copy(lived_in / "keys.json", folder)  # with its mode
    return folder


@pytest.fixture
def empty_database(new_home: Path) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped afterwards."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: DATABASE_URL")
    with beside(os.environ["DATABASE_URL"], "restored") as url:
        yield url


def look(path: Path) -> Any:
    with reading(path) as reader:
        return look_through(reader, silent(""))


def replaced(name: str, change: Callable[[bytes], bytes | None]) -> Any:
    return lambda each, data: change(data) if each == name else data


def in_manifest(**changes: Any) -> Any:
    """A manifest with other values, signed anew as its writer would."""

    def change(data: bytes) -> bytes:
        body = json.loads(data) | changes
        body["sha256"] = manifest.digest(body)
        return json.dumps(body).encode()

    return replaced("manifest.json", change)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99, 0.9999])
def test_it_refuses_a_backup_that_was_cut_off(backup: Path, part: float) -> None:
    data = backup.read_bytes()
    backup.write_bytes(data[: int(len(data) * part)])
    with pytest.raises((NotAnArchive, Damaged)):
        look(backup)


def test_it_refuses_a_backup_with_one_bit_turned_wherever_it_is(backup: Path) -> None:
    whole = backup.read_bytes()
    for spot in range(100, len(whole) - 100, len(whole) // 60):
        turned = bytearray(whole)
        turned[spot] ^= 4
        backup.write_bytes(turned)
        try:
            found = look(backup)
        except (NotAnArchive, Damaged):
            continue
        backup.write_bytes(whole)  # a bit of the zip's own that says nothing to us
        assert found == look(backup), spot


def test_it_refuses_a_file_whose_photo_was_exchanged(backup: Path) -> None:
    photo = f"evidence/{path_of(StoredFile.objects.get().sha256)}"
    other = rewritten(backup, replaced(photo, lambda data: b"x" * len(data)))
    with pytest.raises(Damaged) as refused:
        look(other)
    assert refused.value.message.values["name"] == photo


@pytest.mark.parametrize("name", ["tables/programmes.case.jsonl.gz", "manifest.json"])
def test_it_refuses_what_lacks_a_file(backup: Path, name: str) -> None:
    with pytest.raises((Damaged, NotAnArchive)):
        look(rewritten(backup, replaced(name, lambda data: None)))


def test_it_refuses_a_table_changed_by_hand(backup: Path) -> None:
    name = "tables/programmes.case.jsonl.gz"

    def change(data: bytes) -> bytes:
        text = gzip.decompress(data).replace(b"Botosari", b"Kutosari")
        return gzip.compress(text)

    with pytest.raises(Damaged):
        look(rewritten(backup, replaced(name, change)))


def test_it_refuses_something_else(tmp_path: Path, backup: Path) -> None:
    letter = tmp_path / "surat.zip"
    letter.write_bytes(b"PK\x03\x04 not a zip at all")
    empty = tmp_path / "kosong"
    empty.mkdir()
    theirs = rewritten(backup, in_manifest(format="another-programme"))
    for path in (letter, empty, theirs):
        with pytest.raises(NotAnArchive):
            look(path)


def test_it_refuses_names_that_lead_out_of_the_folder(backup: Path) -> None:
    for name in ("home/../../etc/passwd", "/etc/passwd", "home/keys.json/../x"):
        files = {name: {"size": 1, "sha256": "00"}}
        with pytest.raises(Damaged):
            look(rewritten(backup, in_manifest(files=files)))


def test_it_refuses_a_format_it_does_not_know(backup: Path) -> None:
    with pytest.raises(TooNew):
        look(rewritten(backup, in_manifest(format_version=2)))


def test_it_refuses_tables_of_a_newer_program(db: None) -> None:
    with pytest.raises(NewerTables) as refused:
        known_here(MigrationLoader(None), {("places", "0999_moons")})
    assert refused.value.message.values["name"] == "places.0999_moons"


@pytest.mark.slow
def test_the_command_refuses_and_touches_nothing(
    backup: Path, new_home: Path, tmp_path: Path
) -> None:
    data = backup.read_bytes()
    short = tmp_path / "short.zip"
    short.write_bytes(data[: len(data) // 2])
    newer = dict(contents(backup).migrations) | {"places": ("0999_moons",)}
    cases = {
        "short.zip": short,
        "0999_moons": rewritten(backup, in_manifest(migrations=newer)),
    }
    before = everything(new_home)
    for said, path in cases.items():
        ran = run("restore", path, home=new_home)
        assert ran.returncode == 2
        assert said in ran.stderr
        assert everything(new_home) == before


def test_it_refuses_a_folder_without_the_keys_or_with_others(
    backup: Path, new_home: Path
) -> None:
    wanted = contents(backup).keys
    keys.refuse_missing(wanted, new_home)
    (new_home / "keys.json").unlink()
    with pytest.raises(KeysMissing):
        keys.refuse_missing(wanted, new_home)
    make_keys(new_home)
    with pytest.raises(KeysMissing) as refused:
        keys.refuse_missing(wanted, new_home)
    assert refused.value.message.values["names"] == "django"


@pytest.mark.slow
def test_round_trip_over_sqlite(
    backup: Path, new_home: Path, lived_in: Path, tmp_path: Path
) -> None:
    left = new_home / ".lumbung.sqlite3.restoring"
    left.write_bytes(b"a restore that died: it never had the name of the database")

    lumbung("restore", backup, home=new_home)
    lumbung("backup", tmp_path / "again", home=new_home)

    assert not left.exists()

    assert contents(tmp_path / "again").digests() == contents(backup).digests()
    again, first = contents(tmp_path / "again"), contents(backup)
    assert without_tables(again.files) == without_tables(first.files)
    assert again.installation == first.installation
    for inner in ("evidence", "imports"):
        assert everything(new_home / inner) == everything(lived_in / inner)
    refused = run("restore", backup, home=new_home)
    assert "places_place: 5" in refused.stderr


def without_tables(files: Any) -> dict[str, Any]:
    return {name: file for name, file in files.items() if name[:6] != "tables"}


def test_round_trip_from_sqlite_to_postgresql_and_back(
    backup: Path, new_home: Path, empty_database: str, tmp_path: Path
) -> None:
    digests = contents(backup).digests()
    first = new_home.with_name("sqlite")
    last = new_home.with_name("sqlite-again")
    keys = (new_home / "keys.json").read_bytes()
    source = backup
    for number, (home, url) in enumerate(
        [(first, ""), (new_home, empty_database), (last, "")]
    ):
        home.mkdir(exist_ok=True)
        (home / "keys.json").write_bytes(keys)
        lumbung("restore", source, home=home, url=url)
        source = tmp_path / f"{number}.zip"
        lumbung("backup", source, home=home, url=url)
        assert contents(source).digests() == digests
        assert contents(source).database == ("postgresql" if url else "sqlite")


def test_the_next_row_gets_a_key_of_its_own(
    backup: Path, new_home: Path, empty_database: str
) -> None:
    """A sequence that begins at 1 again would refuse the first new case."""
    lumbung("restore", backup, home=new_home, url=empty_database)
    with psycopg.connect(empty_database) as database:
        ask = "SELECT max(id) FROM places_place"
        [last] = database.execute(ask).fetchone() or [0]
        ask = "SELECT nextval(pg_get_serial_sequence('places_place', 'id'))"
        assert database.execute(ask).fetchone() == (last + 1,)


def test_a_restore_that_died_is_refused_by_all_but_the_next_restore(
    backup: Path, new_home: Path, empty_database: str
) -> None:
    with psycopg.connect(empty_database, autocommit=True) as database:
        database.execute(f"CREATE TABLE {MARK} (backup text)")
        database.execute("CREATE TABLE places_place (half text)")
        database.execute("INSERT INTO places_place VALUES ('x')")
    for words in (["backup", "x.zip"], ["init", "--yes"], ["serve", "--port", "1"]):
        ran = run(*words, home=new_home, url=empty_database)
        assert ran.returncode == 2
        assert "restore" in ran.stderr
    lumbung("restore", backup, home=new_home, url=empty_database)


def test_a_way_back_that_died_goes_on_when_it_is_run_again(
    backup: Path, new_home: Path, empty_database: str
) -> None:
    """What was there is backed up already, and half of its tables are gone."""
    at: dict[str, Any] = {"home": new_home, "url": empty_database}
    lumbung("restore", backup, **at)
    manage("migrate", "measures", "0003", **at)
    lumbung("upgrade", "--no-packs", **at)
    undone = new_home / "backups" / "undone-upgrade-2026-11-23-040506.zip"
    undone.touch()
    with psycopg.connect(empty_database, autocommit=True) as database:
        database.execute(f"CREATE TABLE {MARK} (backup text)")
        database.execute("DROP TABLE programmes_case CASCADE")

    assert undone.name in lumbung("upgrade", "--back", **at)

    assert "[ ] 0004_questions" in manage("showmigrations", "measures", **at)
    lumbung("backup", new_home / "after.zip", **at)
    assert contents(new_home / "after.zip").rows == contents(backup).rows


@pytest.mark.slow
def test_rows_that_do_not_fit_leave_the_installation_empty(
    backup: Path, new_home: Path
) -> None:
    """A row that names a place which is not there: whole by its digest, but wrong."""
    name = "tables/programmes.caseplace.jsonl.gz"

    def lost(data: bytes) -> bytes:
        head, row, *rest = gzip.decompress(data).split(b"\n")
        values = json.loads(row)
        values[json.loads(head).index("place_id")] = 999_999
        text = b"\n".join([head, json.dumps(values).encode(), *rest])
        return gzip.compress(text)

    broken = resigned(rewritten(backup, replaced(name, lost)), name)
    ran = run("restore", broken, home=new_home)
    assert ran.returncode == 2
    assert "programmes_caseplace" in ran.stderr
    assert not (new_home / "lumbung.sqlite3").exists()


def resigned(path: Path, name: str) -> Path:
    """The archive as somebody would write it who knows the format."""
    with ZipFile(path) as zip:
        data = zip.read(name)
        body = json.loads(zip.read("manifest.json"))
    body["files"][name] = {"size": len(data), "sha256": sha256(data).hexdigest()}
    for table in body["tables"]:
        if name == f"tables/{table['label']}.jsonl.gz":
            table["sha256"] = sha256(gzip.decompress(data)).hexdigest()
    first = path.rename(path.with_name("unsigned.zip"))
    return rewritten(first, in_manifest(files=body["files"], tables=body["tables"]))


@pytest.mark.slow
def test_an_older_backup_is_loaded_as_it_was_and_migrated_on(
    backup: Path, new_home: Path, tmp_path: Path
) -> None:
    """The second migration of `accounts` has never run where the backup was made."""
    lumbung("restore", backup, home=new_home)
    manage("migrate", "accounts", "0001", home=new_home)
    older_file = tmp_path / "older.zip"
    lumbung("backup", older_file, home=new_home)
    older = contents(older_file)
    assert older.migrations["accounts"] == ("0001_initial",)
    later = tmp_path / "later"
    assert "--without-keys" in run("restore", older_file, home=later).stderr

    lumbung("restore", older_file, "--without-keys", home=later)

    lumbung("backup", tmp_path / "later.zip", home=later)
    now = contents(tmp_path / "later.zip")
    assert now.migrations == contents(backup).migrations
    changed = {
        label
        for label, digest in older.digests().items()
        if now.digests()[label] != digest
    }
    # New columns of the trail, and what Django writes for each model there is.
    assert changed <= {"accounts.event", "contenttypes.contenttype", "auth.permission"}
