"""The files of an installation: evidence by its rows, and what else its folder holds."""

import json
import shutil
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage

from lumbung.archive.container import CHUNK, Reader, Writer
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.disk import write_whole
from lumbung.evidence.store import SMALL, path

EVIDENCE = "evidence/"
HOME = "home/"
INSTALLATION = "installation.json"
STORED = "evidence.storedfile"
# What of the folder is not kept: keys by principle, the database because its rows are,
# the rest because it can be made again. A folder that is not here is kept.
NOT_KEPT = (
    *("keys", "lumbung.sqlite3", "evidence", "cache", "static"),
    *("backups", "exports", "serving", "logs"),
    "audit-head",  # goes with the rows, in the manifest
)


class NoRoom(Refusal):
    code = "no_room"
    status = 507


def refuse_no_room(needed: int, folder: Path) -> None:
    """Refuse where fewer than `needed` bytes are free on the disk of `folder`."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(
            Message(
                "This needs about %(needed)s MB on the disk of %(folder)s; %(free)s MB"
                " are free.",
                needed=needed // 1_000_000 + 1,
                free=free // 1_000_000,
                folder=str(folder),
            ),
            mend=Message("Make room, then try again. Nothing was changed."),
        )


def is_kept(name: str) -> bool:
    return not name.startswith((".", *NOT_KEPT))


def installation(home: Path, now: datetime) -> str:
    """The id of this installation; it is given one the first time it is asked."""
    if known := known_installation(home):
        return known
    fresh = {"id": str(uuid4()), "since": now.isoformat()}
    put(home / INSTALLATION, [json.dumps(fresh).encode()])
    return fresh["id"]


def known_installation(home: Path) -> str:
    """The id of this installation; '' where it has none yet."""
    try:
        return str(UUID(json.loads((home / INSTALLATION).read_text())["id"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ""


def put(path: Path, chunks: Iterable[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, chunks)


def of_home(home: Path) -> Iterator[Path]:
    """The files of the folder that a backup keeps."""
    for top in sorted(home.iterdir()) if home.is_dir() else []:
        if not is_kept(top.name):
            continue
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                yield file


def keep_home(home: Path, writer: Writer, only: Container[str] | None = None) -> None:
    """Copy the files of the folder that a backup keeps; `only` some, by their names."""
    for file in of_home(home):
        name = file.relative_to(home).as_posix()
        if only is not None and name not in only:
            continue
        try:
            opened = file.open("rb")
        except FileNotFoundError:  # its job is done and cleared it away
            continue
        with opened:
            copy(opened, writer, HOME + name)


def keep_evidence(digests: Iterable[str], writer: Writer) -> Iterator[str]:
    """Copy the files of stored evidence; yields the digests of those not whole."""
    for sha256 in digests:
        name = path(sha256)
        if not default_storage.exists(name):
            yield sha256
            continue
        with default_storage.open(name) as file:
            copy(file, writer, EVIDENCE + name)
        if writer.files[EVIDENCE + name].sha256 != sha256:
            yield sha256
        if default_storage.exists(name + SMALL):
            with default_storage.open(name + SMALL) as file:
                copy(file, writer, EVIDENCE + name + SMALL)


def copy(file: "IO[bytes] | File[Any]", writer: Writer, name: str) -> None:
    with writer.open(name) as target:
        while data := file.read(CHUNK):
            target.write(data)


def bring_back(reader: Reader, names: Iterable[str], home: Path) -> Iterator[str]:
    """Lay an archive's files where they belong, one after the other."""
    for name in names:
        if name.startswith(EVIDENCE):
            inner = name.removeprefix(EVIDENCE)
            if not default_storage.exists(inner):
                with reader.open(name) as file:
                    default_storage.save(inner, File(file))
        elif name.startswith(HOME) and is_kept(name.removeprefix(HOME)):
            with reader.open(name) as file:
                put(home / name.removeprefix(HOME), iter(lambda: file.read(CHUNK), b""))
        yield name


def is_here(sha256: str) -> bool:
    return bool(default_storage.exists(path(sha256)))
