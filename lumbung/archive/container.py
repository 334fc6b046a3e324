"""Where an archive's files lie: a folder, or one `.zip`; whole under its name, or not.

Both are written beside, under a name that starts with a dot, brought to the disk and
then renamed, so that a broken one never looks whole. Only their owner may read them.
"""

import hashlib
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.disk import sync
from lumbung.pages.space import is_full

CHUNK = 1 << 20
# What reading a damaged file may raise; RuntimeError is zipfile's for "encrypted".
UNREADABLE = (
    *(OSError, EOFError, ValueError, RuntimeError, OverflowError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)

ROOM = Message("Nothing half-written was left. Make room, then try again.")
ELSEWHERE = Message(
    "Nothing half-written was left. Name a folder that is there and may be written to."
)


class InTheWay(Refusal):
    code = "backup_in_the_way"


class NotWritten(Refusal):
    code = "backup_not_written"


class NotAnArchive(Refusal):
    """A file or folder that Lumbung did not write."""

    code = "not_an_archive"
    status = 422


class Damaged(Refusal):
    code = "archive_damaged"
    status = 422


@dataclass(frozen=True)
class Written:
    """What lies in an archive under one name."""

    size: int
    sha256: str


class Tally:
    """A file that is written through here, counted and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.hash.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()

    @property
    def written(self) -> Written:
        return Written(self.size, self.hash.hexdigest())


class Writer(Protocol):
    """An archive that is being written."""

    @property
    def files(self) -> dict[str, Written]: ...

    def open(self, name: str) -> "Any": ...


class FolderWriter:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, Written] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[Tally]:
        path = self.root / name
        for folder in reversed(path.relative_to(self.root).parents[:-1]):
            (self.root / folder).mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, private(), 0o600), "wb") as file:
            tally = Tally(file)
            yield tally
            file.flush()
            os.fsync(file.fileno())
        self.files[name] = tally.written

    def close(self) -> None:
        for folder, _, _ in os.walk(self.root):
            sync(Path(folder))

    def give_up(self) -> None:
        """Nothing is held open between two files."""


class ZipWriter:
    def __init__(self, root: Path) -> None:
        self.file = os.fdopen(os.open(root, private(), 0o600), "wb")
        # What is large is packed already: tables by gzip, photos by their own kind.
        self.zip = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED)
        self.files: dict[str, Written] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[Tally]:
        with self.zip.open(name, "w", force_zip64=True) as file:
            tally = Tally(file)
            yield tally
        self.files[name] = tally.written

    def close(self) -> None:
        self.zip.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def give_up(self) -> None:
        """Let go of the file, whatever is wrong with it."""
        for close in (self.zip.close, self.file.close):
            with suppress(OSError, ValueError):
                close()


def private() -> int:
    return os.O_WRONLY | os.O_CREAT | os.O_EXCL


def is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


@contextmanager
def writing(path: Path) -> Iterator[FolderWriter | ZipWriter]:
    """Give an archive to write into; it has its name only when all went well."""
    if path.exists():
        raise InTheWay(
            Message("%(path)s exists already.", path=str(path)),
            mend=Message("Choose another name, or a folder that exists."),
        )
    beside = path.parent / f".{path.name}.writing-{os.getpid()}"
    writer: FolderWriter | ZipWriter | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_zip(path):
            writer = ZipWriter(beside)
        else:
            beside.mkdir(mode=0o700)
            writer = FolderWriter(beside)
        yield writer
        writer.close()
        beside.rename(path)
        sync(path.parent)
    except OSError as error:
        clear_away(beside, writer)
        raise NotWritten(
            Message(
                "%(path)s could not be written: %(why)s.",
                path=str(path),
                why=error.strerror or str(error),
            ),
            mend=ROOM if is_full(error) else ELSEWHERE,
        ) from error
    except BaseException:
        clear_away(beside, writer)
        raise


def clear_away(beside: Path, writer: FolderWriter | ZipWriter | None) -> None:
    if writer:
        writer.give_up()
    discard(beside)


def discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    elif path.exists():
        path.unlink(missing_ok=True)


class Reader(Protocol):
    """An archive to read from."""

    path: Path

    def open(self, name: str) -> IO[bytes]: ...

    def size(self, name: str) -> int | None: ...


class FolderReader:
    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")

    def size(self, name: str) -> int | None:
        """Its size, or None where it is not there."""
        path = self.path / name
        return path.stat().st_size if path.is_file() else None


class ZipReader:
    def __init__(self, path: Path, zip: zipfile.ZipFile) -> None:
        self.path = path
        self.zip = zip

    def open(self, name: str) -> IO[bytes]:
        return self.zip.open(name)

    def size(self, name: str) -> int | None:
        try:
            info = self.zip.getinfo(name)
        except KeyError:
            return None
        # Ours are stored as they are: a file that unpacks to more is not ours.
        return info.file_size if info.compress_type == zipfile.ZIP_STORED else None


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open an archive, or say why this is none."""
    if path.is_dir():
        yield FolderReader(path)
        return
    try:
        zip = zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise foreign(path) from error
    with zip:
        yield ZipReader(path, zip)


def foreign(path: Path) -> NotAnArchive:
    return NotAnArchive(
        Message(
            "%(path)s is no whole archive of Lumbung: it was cut off, or it is"
            " something else.",
            path=str(path),
        ),
        mend=Message(
            "Nothing was changed. Give the .zip file or the folder that"
            " `lumbung backup` wrote, or fetch it again from where you keep it."
        ),
    )


def sha256_of(file: IO[bytes]) -> Written:
    """Read a file to its end."""
    digest, size = hashlib.sha256(), 0
    while data := file.read(CHUNK):
        digest.update(data)
        size += len(data)
    return Written(size, digest.hexdigest())
