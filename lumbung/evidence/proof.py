"""Proving the evidence: every row has its file, unchanged, and every file its row."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files.storage import default_storage

from lumbung.core.finding import Finding, Proof
from lumbung.core.message import Message, Plural
from lumbung.evidence.models import Evidence, StoredFile
from lumbung.evidence.sniff import IMAGES
from lumbung.evidence.store import GRACE, SMALL, names, path

CHUNK = 500
BLOCK = 1 << 20
Progress = Callable[[int], None]
FROM_BACKUP = Message("Put the file back from a backup: evidence/%(name)s.", name="…")


@dataclass
class Looked:
    """What the look at the files has seen so far."""

    files: int = 0
    size: int = 0
    leftovers: int = 0
    findings: list[Finding] = field(default_factory=list)


def check(
    *, now: datetime, quick: bool = False, progress: Progress = lambda done: None
) -> Proof:
    """Prove each stored file by its SHA-256; `quick` looks at sizes only."""
    looked = Looked()
    for row in StoredFile.objects.order_by("pk").iterator(chunk_size=CHUNK):
        fault = fault_of(row, quick=quick)
        looked.findings += [fault] if fault else []
        looked.files += 1
        looked.size += row.size
        progress(row.size)
    for finding in leftovers(now):
        looked.findings.append(finding)
        looked.leftovers += 1
    what = Plural(
        "%(count)s file, %(size)s MB.",
        "%(count)s files, %(size)s MB.",
        count=looked.files,
        size=-(-looked.size // 1_000_000),
    )
    counts: dict[str, int | str] = {
        "files": looked.files,
        "bytes": looked.size,
        "leftovers": looked.leftovers,
    }
    return Proof("evidence", what, looked.findings, counts)


def fault_of(row: StoredFile, *, quick: bool) -> Finding | None:
    name = path(row.sha256)
    if not default_storage.exists(name):
        return missing(row, name)
    if default_storage.size(name) != row.size:
        return changed(row, name)
    if not quick and digest(name) != row.sha256:
        return changed(row, name)
    if row.media_type in IMAGES and not default_storage.exists(name + SMALL):
        return missing(row, name + SMALL)
    return None


def digest(name: str) -> str:
    """The SHA-256 of a stored file, read block by block."""
    found = hashlib.sha256()
    with default_storage.open(name) as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def missing(row: StoredFile, name: str) -> Finding:
    return Finding(
        "evidence_missing",
        Message("The file of %(what)s is gone.", what=used_as(row)),
        Message(FROM_BACKUP.id, name=name),
    )


def changed(row: StoredFile, name: str) -> Finding:
    return Finding(
        "evidence_changed",
        Message(
            "The file of %(what)s is not the one that was put in.", what=used_as(row)
        ),
        Message(FROM_BACKUP.id, name=name),
    )


def used_as(row: StoredFile) -> Message:
    """The evidence that uses a file, by uid: whoever may see it finds it by that."""
    uses = (
        Evidence.objects.filter(file=row).order_by("pk").values_list("uid", flat=True)
    )
    uids = [str(uid) for uid in uses[:3]]
    if not uids:
        return Message("no evidence at all")
    return Message("evidence %(uids)s", uids=", ".join(uids))


def leftovers(now: datetime) -> Iterator[Finding]:
    """Files without a row, older than an upload takes. They hurt nothing."""
    found = names()
    while chunk := list(itertools.islice(found, CHUNK)):
        digests = {name: name.split("/")[1].split(".")[0] for name in chunk}
        known = set(
            StoredFile.objects.filter(sha256__in=set(digests.values())).values_list(
                "sha256", flat=True
            )
        )
        for name, sha256 in digests.items():
            if sha256 not in known and is_old(name, now):
                yield leftover(name)


def is_old(name: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < now - GRACE
    except FileNotFoundError:  # an upload has just ended
        return False


def leftover(name: str) -> Finding:
    return Finding(
        "evidence_left_over",
        Message("No row speaks of the file evidence/%(name)s.", name=name),
        Message("It is from an upload that broke off; a daily job clears it away."),
        note=True,
    )
