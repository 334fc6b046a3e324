"""Where the bytes lie: once per content, under their digest.

A file is on the disk before a row speaks of it, so a crash between leaves at most
a file without a row, which `sweep` takes away. Uploading what is already there
does exactly the same work, so that nobody learns that it was.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from PIL import Image

from lumbung.core.message import Message
from lumbung.evidence.models import StoredFile
from lumbung.evidence.sniff import IMAGES, Found, look_into, orientation, refused
from lumbung.evidence.strip import without_metadata
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job

SMALL = ".small.webp"
# Uploads that are still between their file and their row are younger than this.
GRACE = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A file that lies safely on the disk and has no row yet."""

    sha256: str
    data: bytes
    name: str
    found: Found


def take_in(upload: "File[Any] | IO[bytes]", name: str = "") -> Kept:
    """Look into an upload and write it to the disk, or refuse it.

    Slow for large photos; call it before a transaction, not inside one.
    """
    limit = settings.EVIDENCE_MAX_BYTES
    upload.seek(0)
    data = upload.read(limit + 1)
    if len(data) > limit:
        raise refused(
            Message(
                "The file is larger than %(most)s MB.",
                most=limit // 1_000_000,
            ),
            Message("Send a smaller photo, or scan with a lower resolution."),
        )
    found = look_into(data)
    digest = hashlib.sha256(data).hexdigest()
    kept = Kept(digest, data, name or getattr(upload, "name", "") or "", found)
    write(kept)
    return kept


def write(kept: Kept) -> None:
    for name, data in files(kept).items():
        put(name, data)


def files(kept: Kept) -> dict[str, bytes]:
    """The file itself, and the small picture of a photo, by name."""
    whole = {path(kept.sha256): kept.data}
    if kept.found.thumbnail:
        whole[path(kept.sha256) + SMALL] = kept.found.thumbnail
    return whole


def put(name: str, data: bytes) -> None:
    saved = default_storage.save(name, ContentFile(data))
    if saved != name:  # a storage that never overwrites: ours was there already
        default_storage.delete(saved)


def path(sha256: str) -> str:
    """
    >>> path("ab12cd")
    'ab/ab12cd'
    """
    return f"{sha256[:2]}/{sha256}"


def row_of(kept: Kept) -> StoredFile:
    """The row of a kept file. Call it inside the transaction that uses it."""
    found = kept.found
    row, _ = StoredFile.objects.get_or_create(
        sha256=kept.sha256,
        defaults={
            "media_type": found.media_type,
            "size": len(kept.data),
            "width": found.width,
            "height": found.height,
            "pages": found.pages,
        },
    )
    # A sweep may have taken it between the writing and now; it cannot any more.
    if not all(default_storage.exists(name) for name in files(kept)):
        write(kept)
    return row


def read(file: StoredFile) -> bytes:
    with default_storage.open(path(file.sha256)) as opened:
        data: bytes = opened.read()
    return data


def original(file: StoredFile) -> "File[Any]":
    return default_storage.open(path(file.sha256))


def stripped(file: StoredFile) -> "File[Any]":
    """The file without its metadata: no place, no device, no name."""
    data = read(file)
    return ContentFile(without_metadata(data, file.media_type, way_up(data, file)))


def way_up(data: bytes, file: StoredFile) -> int:
    if file.media_type not in IMAGES:
        return 1
    with Image.open(io.BytesIO(data), formats=[IMAGES[file.media_type]]) as image:
        return orientation(image)


def small(file: StoredFile) -> "File[Any]":
    return default_storage.open(path(file.sha256) + SMALL)


def sweep(now: datetime) -> int:
    """Delete files that no row speaks of, and return how many; safe beside uploads."""
    count = 0
    for name in names():
        if default_storage.get_modified_time(name) < now - GRACE:
            count += drop_orphan(name)
    return count


def names() -> Iterator[str]:
    """The names of all files under their digest's first two letters."""
    if not default_storage.exists(""):
        return
    folders, _ = default_storage.listdir("")
    for folder in folders:
        if len(folder) == 2:
            yield from (
                f"{folder}/{name}" for name in default_storage.listdir(folder)[1]
            )


@transaction.atomic
def drop_orphan(name: str) -> bool:
    """Delete one file if it has no row.

    We write a row ourselves first: an upload of the same content then waits for
    this transaction, finds the file gone, and writes it again.
    """
    sha256 = name.split("/")[1].split(".", maxsplit=1)[0]
    row, created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"media_type": "", "size": 0}
    )
    if not created:
        return False
    default_storage.delete(name)
    row.delete()
    return True


def sweep_job(job: Job, progress: Progress) -> int:
    return sweep(timezone.now())


JOBS["evidence.sweep"] = JobKind(
    sweep_job,
    Message("Clear away files of unfinished uploads"),
    every=timedelta(days=1),
)
