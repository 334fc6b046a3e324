"""Sealing the trail: batches of events, each with the digest of the batch before.

Writing an event waits for nothing: a job seals every few minutes what is not sealed
yet, and so do `lumbung verify` and a backup. The newest batch's number and digest are
the *head*. Whoever has written a head down can prove later that the history they saw
is still all there (`docs/decisions/0014-audit-sealed.md`).
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from lumbung.accounts.batches import Seal
from lumbung.accounts.models import Event
from lumbung.core.seal import (
    VERSION,
    Leaf,
    batch_digest,
    content_digest,
    moment,
)
from lumbung.disk import write_whole

logger = logging.getLogger("lumbung.accounts")

# A batch takes some 40 ms to digest and write: nobody who saves a page waits long.
BATCH = 1000
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Head:
    """The newest batch: it stands for every event up to it, `total` in all."""

    number: int
    digest: str
    sealed_at: datetime
    total: int

    def __str__(self) -> str:
        """What people copy: 80 bits of the digest are enough to recognise it."""
        return f"{self.number}-{self.digest[:20]}"


def head() -> Head | None:
    """The newest batch; None where nothing was ever sealed."""
    newest = Seal.objects.without_leaves().last()
    return head_of(newest) if newest else None


def head_of(seal: Seal) -> Head:
    return Head(seal.number, seal.digest, seal.sealed_at, seal.total)


def seal(now: datetime, progress: Progress = lambda done: None) -> Head | None:
    """Seal every event that is not sealed yet, and return the head.

    Events whose transaction is not over stay for the next time. May run beside
    itself: the second waits for the first, batch by batch.
    """
    while count := seal_batch(now):
        progress(count)
    newest = head()
    if newest:
        advance_file(newest)
    return newest


def seal_batch(now: datetime) -> int:
    """Seal up to `BATCH` events, oldest first, and return how many."""
    try:
        with transaction.atomic():
            return close_batch(now)
    except IntegrityError:
        # Two made the very first batch at once; now there is one to wait at.
        with transaction.atomic():
            return close_batch(now)


def close_batch(now: datetime) -> int:
    # One stable row to wait at, where several seal at once.
    Seal.objects.select_for_update().order_by("number").only("pk").first()
    last = head()
    number, before = (last.number + 1, last.digest) if last else (1, "")
    events = list(lines(Event.objects.unsealed().order_by("pk")[:BATCH]))
    if not events:
        return 0
    leaves = [str(leaf(event)) for event in events]
    made = Seal.objects.create(
        number=number,
        version=VERSION,
        sealed_at=now,
        count=len(leaves),
        total=(last.total if last else 0) + len(leaves),
        before=before,
        leaves="\n".join(leaves),
        digest=batch_digest(number=number, before=before, sealed_at=now, leaves=leaves),
    )
    Event.objects.filter(pk__in=[event.pk for event in events]).update(seal=made)
    return len(leaves)


class Line(NamedTuple):
    """An event as it is digested: people and places by uid, not by key."""

    pk: int
    seal_id: int | None
    uid: UUID
    at: datetime
    by: UUID | None
    door: str
    verb: str
    table: str
    row: UUID | None
    place: UUID | None
    programme: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    salt: str


COLUMNS = (
    *("pk", "seal_id", "uid", "at", "by__uid", "door", "verb", "table", "row"),
    *("place__uid", "programme", "before", "after", "salt"),
)


def lines(events: Any) -> Iterable[Line]:
    return (Line(*values) for values in events.values_list(*COLUMNS))


def leaf(line: Line) -> Leaf:
    return Leaf(line.uid, line.pk, digest(line))


def digest(line: Line) -> str:
    fixed = {
        "at": moment(line.at),
        "by": line.by,
        "door": line.door,
        "verb": line.verb,
        "table": line.table,
        "row": line.row,
        "place": line.place,
        "programme": line.programme,
    }
    return content_digest(fixed, before=line.before, after=line.after, salt=line.salt)


def file() -> Path:
    """Where the head is kept outside the database: a second witness of its end."""
    return Path(settings.HOME) / "audit-head.json"


def kept_head() -> Head | None:
    """The head in the installation's folder; None where there is none to be read."""
    try:
        found = json.loads(file().read_text())
        return Head(
            number=int(found["number"]),
            digest=str(found["digest"]),
            sealed_at=datetime.fromisoformat(found["sealed_at"]),
            total=int(found["total"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def keep_head(newest: Head) -> None:
    """Write the head into the installation's folder, whatever stood there.

    `lumbung restore` calls it: from here on the restored history counts.
    """
    body = {
        "number": newest.number,
        "digest": newest.digest,
        "sealed_at": moment(newest.sealed_at),
        "total": newest.total,
    }
    file().parent.mkdir(parents=True, exist_ok=True)
    write_whole(file(), [json.dumps(body, indent=1).encode() + b"\n"])


def forget_kept_head() -> None:
    """Put the kept head aside, where an auditor still finds it."""
    kept = kept_head()
    aside = f"audit-head.{kept.number if kept else 'x'}.json"
    file().replace(file().with_name(aside))


def advance_file(newest: Head) -> None:
    """Let the kept head follow, but only along the history that it knows.

    Where the database is another or an older one than the file remembers, the file
    stays: it is the only witness, and `lumbung verify` says what it saw.
    """
    if kept_head() == newest:
        return
    if agrees_with_file():
        keep_head(newest)
    else:
        logger.warning("The history is not the one that %s remembers", file().name)


def agrees_with_file() -> bool:
    """Whether the kept head, where there is one, is part of the database's history."""
    kept = kept_head()
    return kept is None or is_in_history(kept.number, kept.digest)


def is_in_history(number: int, digest: str) -> bool:
    """Whether batch `number` has the digest that begins with `digest`."""
    return Seal.objects.filter(number=number, digest__startswith=digest).exists()
