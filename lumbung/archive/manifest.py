"""An archive's table of contents: what is in it, of which program, with digests."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from typing import Any

from lumbung.archive.container import (
    UNREADABLE,
    Damaged,
    Reader,
    Writer,
    Written,
    foreign,
)
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

NAME = "manifest.json"
FORMAT = "lumbung-archive"
FORMAT_VERSION = 1
KEYS_NOTE = (
    "The keys are NOT in this archive, only their ids. Keep keys.json of the"
    " installation's folder apart from it, in two safe places: without it what is"
    " encrypted stays unreadable for good."
)
# No absolute path, no way up: names lead only into the folder they are unpacked to.
SOUND_NAME = re.compile(r"^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][\w.-]*$")


class TooNew(Refusal):
    code = "archive_too_new"
    status = 422


@dataclass(frozen=True)
class TableEntry:
    """One table: its model's label, columns, and the digest of its lines.

    `sha256` is of the unpacked lines, which are the same from every database.
    """

    label: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def file(self) -> str:
        return f"tables/{self.label}.jsonl.gz"


@dataclass(frozen=True)
class Manifest:
    """See docs/how-to/backup.md for what each means."""

    kind: str
    made_at: str
    installation: str
    migrations: Mapping[str, tuple[str, ...]]
    tables: tuple[TableEntry, ...]
    files: Mapping[str, Written]
    keys: Mapping[str, str]
    seal: Mapping[str, Any] | None = None
    evidence: str = "included"
    missing: tuple[str, ...] = ()
    place: str = ""
    left_out: tuple[str, ...] = ()
    database: str = ""
    program: str = field(default_factory=lambda: version("lumbung"))

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def nodes(self) -> set[tuple[str, str]]:
        """Its migrations as Django names them."""
        return {(app, name) for app, names in self.migrations.items() for name in names}

    def table(self, label: str) -> TableEntry | None:
        return next((t for t in self.tables if t.label == label), None)

    def digests(self) -> dict[str, str]:
        return {table.label: table.sha256 for table in self.tables}


def write(manifest: Manifest, writer: Writer) -> None:
    body = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "keys_note": KEYS_NOTE,
        **asdict(manifest),
    }
    body["sha256"] = digest(body)
    with writer.open(NAME) as file:
        file.write(json.dumps(body, indent=1, ensure_ascii=False).encode())


def digest(body: Mapping[str, Any]) -> str:
    """The digest of a manifest's own text, but for where it is written itself."""
    plain = {key: value for key, value in body.items() if key != "sha256"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(reader: Reader) -> Manifest:
    """Read the table of contents, or refuse what is foreign, damaged or too new."""
    if reader.size(NAME) is None:
        raise foreign(reader.path)
    try:
        with reader.open(NAME) as file:
            body = json.loads(file.read())
    except UNREADABLE as error:
        raise damaged(NAME) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise foreign(reader.path)
    if body.get("format_version") != FORMAT_VERSION:
        raise TooNew(
            Message(
                "This archive was written by a newer Lumbung (%(version)s).",
                version=str(body.get("program")),
            ),
            mend=Message("Install that version or a later one, then try again."),
        )
    if body.get("sha256") != digest(body):
        raise damaged(NAME)
    try:
        return build(body)
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(NAME) from error


def build(body: dict[str, Any]) -> Manifest:
    known = {each.name for each in fields(Manifest)}
    values = {key: value for key, value in body.items() if key in known}
    values["files"] = {name: Written(**f) for name, f in body["files"].items()}
    values["tables"] = tuple(
        TableEntry(**(table | {"columns": tuple(table["columns"])}))
        for table in body["tables"]
    )
    values["migrations"] = {a: tuple(n) for a, n in body["migrations"].items()}
    values["missing"] = tuple(body["missing"])
    values["left_out"] = tuple(body["left_out"])
    for name in values["files"]:
        if not SOUND_NAME.match(name):
            raise damaged(NAME)
    return Manifest(**values)


def damaged(name: str) -> Damaged:
    return Damaged(
        Message("“%(name)s” in this archive is damaged or missing.", name=name),
        mend=Message(
            "Nothing was changed. Take another backup, or fetch this one again from"
            " where you keep it."
        ),
    )
