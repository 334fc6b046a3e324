"""The disk is full: everybody hears so, nothing is half there, and it passes.

A real small disk (tmpfs) holds the whole installation. Programs and an officer write on
it while it has no block left, and again when it has.
"""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.house import House
from tests.faults.small_disk import SmallDisk
from tests.faults.writers import (
    BOUNDARY,
    Journal,
    Officer,
    Program,
    multipart,
    noise,
)

FORM = f"multipart/form-data; boundary={BOUNDARY}"
MEGABYTES = 64


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "home"
    folder.mkdir()
    try:
        made = SmallDisk(folder, MEGABYTES)
    except OSError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path, disk: SmallDisk) -> Iterator[House]:
    made = House(tmp_path / "home", prefix=disk.prefix)
    yield made
    made.close()


class Sender:
    """Sends to a house as one program, and remembers what was acknowledged."""

    def __init__(self, house: House, world: dict[str, Any]) -> None:
        self.world = world
        self.journal = Journal()
        stop = threading.Event()
        self.program = Program(house, self.journal, world, 0, stop)
        self.officer = Officer(house, self.journal, world, 0, stop)

    def api(self, path: str, key: str, **values: Any) -> tuple[int, dict[str, Any]]:
        return self.post(path, key, json.dumps(values).encode(), "application/json")

    def post(
        self, path: str, key: str, body: bytes, kind: str
    ) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": f"Bearer {self.world['tokens'][0]}",
            "Content-Type": kind,
            "Idempotency-Key": key,
        }
        status, _, said = self.program.house.ask(
            "POST", f"/api/v1{path}", body, headers
        )
        return status, json.loads(said)

    def lay(self, case: str, key: str, data: bytes) -> tuple[int, dict[str, Any]]:
        body = multipart({"requirement": "photo", "title": f"Foto {key}"}, "file", data)
        return self.post(f"/cases/{case}/evidence", key, body, FORM)

    def bring(self, name: str, *, large: bool) -> tuple[int, str, str]:
        fields = {
            "place": "33.26",
            "scheme": "village_colour",
            "period": "2019",
            "source_title": name,
            "codes": "kemendagri",
        }
        file = self.officer.table(large=large)
        body = multipart(fields, "upload", file, name, "text/csv")
        return self.officer.page("POST", "/impor/jenis/classes/", body, FORM)


def fill(disk: SmallDisk) -> None:
    """Fill the disk, the room that SQLite's log keeps for itself included."""
    with sqlite3.connect(disk.inside / "lumbung.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    disk.fill()


def test_a_full_disk_is_said_and_nothing_is_acknowledged_falsely(
    house: House, disk: SmallDisk
) -> None:
    world = house.furnish(1)
    house.start("--no-work")
    sender = Sender(house, world)
    sender.program.work(0)
    opened = sender.api("/cases", "k1", **opening(world, "Penuh"))[1]
    uid, photo = opened["uid"], noise(sender.program.dice) * 4

    ready = sender.api("/cases", "k5", **opening(world, "Siap"))[1]
    assert sender.lay(ready["uid"], "k6", noise(sender.program.dice))[0] == 201
    move = f"/cases/{ready['uid']}/move"

    # A job that reads a file waits; then the last block is taken.
    status, large, _ = sender.bring("besar.csv", large=True)
    assert status == 302
    fill(disk)

    tries = [
        partial(sender.lay, uid, "k2", photo),
        partial(sender.api, move, "k3", to="meeting", version=ready["version"]),
        partial(sender.api, "/cases", "k4", **opening(world, "Lain")),
    ]
    hear_that_it_is_full(house, sender, [each() for each in tries])

    # What is there can be read, and nothing half-written lies beside it.
    for path in ("/", f"/berkas/{uid}/", "/wilayah/33.26/", "/impor/", "/jejak/"):
        assert sender.officer.page("GET", path)[0] == 200, path
    assert half_written(disk) == []

    # With space again, the same requests under the same keys are done, once.
    disk.clear()
    answers = [each() for each in tries]
    assert [status for status, _ in answers] == [201, 200, 201], answers
    (_, laid), (_, moved), (_, other) = answers
    house.lumbung("work", "--once")
    assert sender.officer.accepted(large)
    paper = laid["evidence"]["uid"]
    prove(
        house,
        *sender.journal.acknowledged,
        {"kind": "open", "uid": uid, "title": "Penuh"},
        {"kind": "move", "uid": moved["uid"], "step": "meeting"},
        {"kind": "open", "uid": other["uid"], "title": "Lain"},
        {"kind": "lay", "uid": paper, "case": uid, "bytes": len(photo)},
        {"kind": "start", "address": large, "name": "besar.csv"},
        {"kind": "accept", "address": large, "period": "2019"},
    )


def hear_that_it_is_full(
    house: House, sender: Sender, refused: list[tuple[int, dict[str, Any]]]
) -> None:
    """Programs, people and the command line, each in their way."""
    assert [status for status, _ in refused] == [507, 507, 507], refused
    assert {said["code"] for _, said in refused} == {"storage_full"}
    status, _, page = sender.bring("kecil.csv", large=False)
    assert (status, "Penyimpanan penuh" in page) == (507, True)
    assert "Penyimpanan server penuh" in house.lumbung("work", "--once", fails=True)
    assert "Penyimpanan server penuh" in house.lumbung("verify", fails=True)


def prove(house: House, *journal: dict[str, Any]) -> None:
    file = house.home.parent / "journal.json"
    file.write_text(json.dumps(journal))
    assert json.loads(house.python("-m", "tests.faults.reckon", str(file))) == []
    assert json.loads(house.lumbung("verify", "--json"))["holds"]


def opening(world: dict[str, Any], title: str) -> dict[str, str]:
    place = world["villages"][0]
    return {"programme": "lab", "template": "village", "place": place, "title": title}


def half_written(disk: SmallDisk) -> list[str]:
    known = {"ballast", "static", "cache"}
    return [
        str(path)
        for path in disk.inside.rglob("*")
        if path.name.startswith((".writing-", "tmp")) and path.parts[-2] not in known
    ] + [str(path) for path in (disk.inside / "imports").glob("*") if not full(path)]


def full(path: Path) -> bool:
    return path.stat().st_size > 100_000 and uuid.UUID(path.name).version == 7
