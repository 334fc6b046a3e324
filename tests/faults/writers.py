"""People and programs that go on writing while the server is killed under them.

Each keeps a journal on its side: what it sent, and what was acknowledged. A program
whose line broke sends the same request again under the same key, until it is told.
"""

import io
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from PIL import Image

from tests.faults.house import House

BOUNDARY = "----lumbung-faults"
LARGE = 500_000  # bytes; the job of the loop reads it


@dataclass
class Journal:
    """What was acknowledged to whom; `sent` counts every try."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sent: int = 0
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, **facts: Any) -> None:
        with self.lock:
            self.acknowledged.append({"kind": kind} | facts)

    def complain(self, text: str) -> None:
        with self.lock:
            self.problems.append(text)


class Enough(Exception):  # noqa: N818  # nothing is wrong: the test is over
    """The writers were told to stop."""


@dataclass
class Writer:
    house: House
    journal: Journal
    world: dict[str, Any]
    number: int
    stop: threading.Event

    def __post_init__(self) -> None:
        self.dice = random.Random(self.number)  # noqa: S311  # no secret

    def run(self) -> None:
        with suppress(Enough):
            for count in range(10_000):
                self.work(count)

    def work(self, count: int) -> None:
        raise NotImplementedError

    def until_answered(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Send, and send again what broke off: the same request, the same key."""
        tries = 0
        while True:
            self.ready()
            with self.journal.lock:
                self.journal.sent += 1
                self.journal.again += tries > 0
            tries += 1
            try:
                return self.house.ask(method, path, body, headers)
            except (OSError, HTTPException):
                time.sleep(0.05)

    def ready(self) -> None:
        while not self.house.up.wait(0.1):
            if self.stop.is_set():
                raise Enough
        if self.stop.is_set():
            raise Enough


class Program(Writer):
    """Opens a case by the API, lays a photo, moves it, declares a fact; and the next."""

    def post(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self.world['tokens'][self.number]}",
            "Content-Type": kind,
            "Idempotency-Key": str(uuid.UUID(int=self.dice.getrandbits(128))),
        }
        status, _, said = self.until_answered("POST", f"/api/v1{path}", body, headers)
        if status not in {200, 201}:
            self.journal.complain(f"{path} {status} {said[:300]!r}")
            raise Enough
        found: dict[str, Any] = json.loads(said)
        return found

    def send(self, path: str, **values: Any) -> dict[str, Any]:
        return self.post(path, json.dumps(values).encode(), "application/json")

    def work(self, count: int) -> None:
        title = f"K{self.number}-{count}"
        code = self.dice.choice(self.world["villages"])
        case = self.send(
            "/cases", programme="lab", template="village", place=code, title=title
        )
        uid = case["uid"]
        self.journal.note("open", uid=uid, title=title)
        paper = self.lay(uid, title)
        moved = self.send(f"/cases/{uid}/move", to="meeting", version=case["version"])
        self.journal.note("move", uid=uid, step=moved["step"]["id"])
        value = self.dice.randint(1, 5000)
        fact = self.send(
            f"/cases/{uid}/facts",
            name="families",
            value=value,
            as_of="2020-02-14",
            evidence=paper,
        )
        self.journal.note("fact", uid=fact["uid"], case=uid, value=value)

    def lay(self, case: str, title: str) -> str:
        data = noise(self.dice)
        body = multipart({"requirement": "photo", "title": title}, "file", data)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        said = self.post(f"/cases/{case}/evidence", body, kind)
        uid: str = said["evidence"]["uid"]
        self.journal.note("lay", uid=uid, case=case, title=title, bytes=len(data))
        return uid


class Officer(Writer):
    """Imports classes of villages by the pages, as a person who looks what happened."""

    def page(
        self, method: str, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[int, str, str]:
        """One page, or an empty answer where the line broke: people look again."""
        secret = "A" * 32
        headers = {
            "Cookie": f"sessionid={self.world['session']}; csrftoken={secret}",
            "X-CSRFToken": secret,
            "Referer": f"http://127.0.0.1:{self.house.port}/",
        }
        if kind:
            headers["Content-Type"] = kind
        self.ready()
        with self.journal.lock:
            self.journal.sent += 1
        try:
            status, head, said = self.house.ask(method, path, body, headers)
        except (OSError, HTTPException):
            time.sleep(0.05)
            return 0, "", ""
        return status, head.get("location", ""), said.decode()

    def work(self, count: int) -> None:
        name = f"kelas-{count}.csv"
        period = f"{2000 + count // 12}-{count % 12 + 1:02}"
        file = self.table(large=count % 4 == 3)
        fields = {
            "place": "33.26",
            "scheme": "village_colour",
            "period": period,
            "source_title": name,
            "codes": "kemendagri",
        }
        body = multipart(fields, "upload", file, name, "text/csv")
        address = ""
        while not address:
            status, address, _ = self.page(
                "POST",
                "/impor/jenis/classes/",
                body,
                f"multipart/form-data; boundary={BOUNDARY}",
            )
            if status not in {0, 302}:
                self.journal.complain(f"import {status}")
                raise Enough
            address = address or self.found(name)
        self.journal.note("start", address=address, name=name)
        if self.accepted(address):
            self.journal.note("accept", address=address, name=name, period=period)

    def found(self, name: str) -> str:
        """Whether the file that broke off is in the list all the same."""
        while True:
            status, _, page = self.page("GET", "/impor/?urut=-at")
            if status == 200:
                break
        row = page.partition(f">{name}<")[0] if f">{name}<" in page else ""
        return row.rpartition('href="')[2].partition('"')[0] if row else ""

    def accepted(self, address: str) -> bool:
        """Accept and be told so. What a dead worker reads is left for later."""
        for _ in range(8):
            status, _, _ = self.page(
                "POST", address, b"choice=accept", "application/x-www-form-urlencoded"
            )
            if status == 302:
                return True
            _, _, page = self.page("GET", address)
            if "diterima" in page and "choice" not in page:
                return True
            time.sleep(0.05)
        return False

    def table(self, *, large: bool) -> bytes:
        padding = "x" * (LARGE // len(self.world["villages"]) if large else 3)
        rows = [
            f"{code};{self.dice.choice(['merah', 'kuning', 'hijau'])};{padding}"
            for code in self.world["villages"]
        ]
        return "\n".join(["kode_desa;kelas;catatan", *rows, ""]).encode()


def noise(dice: random.Random) -> bytes:
    """A photo like no other."""
    image = Image.frombytes("RGB", (48, 32), dice.randbytes(48 * 32 * 3))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def multipart(
    fields: dict[str, str],
    file: str,
    data: bytes,
    name: str = "foto.jpg",
    kind: str = "image/jpeg",
) -> bytes:
    return b"".join(parts(fields, file, data, name, kind))


def parts(
    fields: dict[str, str], file: str, data: bytes, name: str, kind: str
) -> Iterator[bytes]:
    for key, value in fields.items():
        yield (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data;"
            f' name="{key}"\r\n\r\n{value}\r\n'
        ).encode()
    yield (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data;"
        f' name="{file}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    ).encode()
    yield data + f"\r\n--{BOUNDARY}--\r\n".encode()
