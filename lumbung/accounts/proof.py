"""Proving the trail: what is stored is what was sealed, or which lines are not.

Reads the batches in order and the events of each, a thousand at a time, so that a
trail of millions needs no more memory than a short one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min

from lumbung.accounts import seals
from lumbung.accounts.audit import VERBS
from lumbung.accounts.batches import Seal
from lumbung.accounts.models import Event
from lumbung.accounts.seals import Head, Line, Progress
from lumbung.core.finding import Finding, Proof
from lumbung.core.message import Message, Plural, Value
from lumbung.core.refusal import Refusal
from lumbung.core.seal import VERSION, Leaf, batch_digest, leaf_of

# A trail where nothing fits any more is told by its first thousand lines.
SUSPECTS_KEPT = 1000
SHORTEST_DIGEST = 16


class NoHead(Refusal):
    code = "not_a_head"
    status = 422


@dataclass(frozen=True)
class Suspect:
    """A leaf whose event is not there, or not as it was sealed."""

    batch: int
    leaf: Leaf
    line: Line | None
    digest: str


@dataclass
class Walk:
    """What the walk over the batches has seen so far."""

    findings: list[Finding] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    more: int = 0
    seen: int = 0
    marked: int = 0
    batches: int = 0
    last: Seal | None = None

    def suspect(self, found: Suspect) -> None:
        if len(self.suspects) < SUSPECTS_KEPT:
            self.suspects.append(found)
        else:
            self.more += 1


def check(
    *,
    now: datetime,
    since: str = "",
    quick: bool = False,
    progress: Progress = lambda done: None,
) -> Proof:
    """Prove the trail up to the newest batch; with `since`, that it extends that head.

    `quick` proves the chain of batches and leaves the events themselves out.
    """
    wanted = parse_head(since) if since else None
    walk = Walk()
    for seal in Seal.objects.order_by("number").iterator(chunk_size=10):
        check_batch(walk, seal)
        if not quick:
            check_events(walk, seal)
        progress(seal.count)
    findings = [
        *walk.findings,
        *named(walk.suspects),
        *([many_more(walk.more)] if walk.more else []),
        *([] if quick else strangers(walk)),
        *against_file(walk.last),
        *(against(wanted, walk.last) if wanted else []),
    ]
    return Proof("trail", summary(walk), findings, counts(walk, now))


def parse_head(text: str) -> tuple[int, str]:
    """The number and the beginning of the digest of a head, as people copy it."""
    number, _, digest = "".join(text.split()).partition("-")
    digest = digest.lower()
    hexadecimal = bool(digest) and set(digest) <= set("0123456789abcdef")
    if not number.isdecimal() or not hexadecimal or len(digest) < SHORTEST_DIGEST:
        raise NoHead(
            Message("“%(text)s” is not a head.", text=text[:100]),
            mend=Message(
                "Write it as the trail shows it, such as 12-0123456789abcdef0123."
            ),
        )
    return int(number), digest


def check_batch(walk: Walk, seal: Seal) -> None:
    """The batch as such: its number follows, its digest is right, the chain holds."""
    expected = walk.last.number + 1 if walk.last else 1
    if seal.number != expected:
        walk.findings.append(batches_gone(expected, seal.number - 1))
    leaves = seal.leaves.split("\n")
    right = batch_digest(
        number=seal.number, before=seal.before, sealed_at=seal.sealed_at, leaves=leaves
    )
    follows = seal.number != expected or seal.before == (
        walk.last.digest if walk.last else ""
    )
    total = (walk.last.total if walk.last else 0) + len(leaves)
    counted = (
        seal.version == VERSION
        and seal.count == len(leaves)
        and (seal.total == total or seal.number != expected)
    )
    if seal.digest != right or not follows or not counted:
        walk.findings.append(batch_changed(seal))
    walk.last = seal
    walk.batches += 1


def check_events(walk: Walk, seal: Seal) -> None:
    """Each leaf of the batch has its event, unchanged."""
    leaves = readable(seal)
    here = Event.objects.filter(pk__in=[leaf.row for leaf in leaves])
    found = {line.pk: line for line in seals.lines(here)}
    for leaf in leaves:
        line = found.get(leaf.row)
        digest = digest_of(line) if line else ""
        is_marked = line is not None and line.seal_id == seal.pk
        walk.marked += is_marked
        if line and digest == leaf.digest and line.uid == leaf.uid:
            walk.seen += 1
            if is_marked:
                continue
        walk.suspect(Suspect(seal.number, leaf, line, digest))


def digest_of(line: Line) -> str:
    """The digest of a line; '' where a hand wrote into it what no line of ours holds."""
    try:
        return seals.digest(line)
    except (AttributeError, TypeError, ValueError):
        return ""


def readable(seal: Seal) -> list[Leaf]:
    """The leaves that can be read; a batch with others was found changed already."""
    leaves = []
    for text in seal.leaves.split("\n"):
        try:
            leaves.append(leaf_of(text))
        except ValueError:
            continue
    return leaves


def named(suspects: list[Suspect]) -> Iterator[Finding]:
    """What happened to each: swapped with another, edited, deleted."""
    whose = {suspect.leaf.digest: suspect for suspect in suspects}
    told: set[UUID] = set()
    for suspect in suspects:
        if suspect.leaf.uid in told:
            continue
        other = whose.get(suspect.digest)
        if other and other is not suspect and other.digest == suspect.leaf.digest:
            told.add(other.leaf.uid)
            yield swapped(suspect, other)
        else:
            yield single(suspect)


def single(suspect: Suspect) -> Finding:
    leaf, line = suspect.leaf, suspect.line
    if line is None:
        elsewhere = Event.objects.filter(uid=leaf.uid).exists()
        return moved(suspect) if elsewhere else deleted(suspect)
    if suspect.digest == leaf.digest and line.uid == leaf.uid:
        return remarked(suspect)
    return edited(suspect)


MEND_EVENT = Message(
    "Look it up in a backup, and find out who could write to the database."
)


def edited(suspect: Suspect) -> Finding:
    line = suspect.line
    assert line is not None
    return Finding(
        "event_edited",
        Message(
            "Line %(uid)s of batch %(batch)s was edited after it was sealed."
            " It now reads: %(at)s, %(verb)s.",
            uid=str(suspect.leaf.uid),
            batch=suspect.batch,
            at=line.at,
            verb=VERBS.get(line.verb, line.verb),
        ),
        MEND_EVENT,
    )


def deleted(suspect: Suspect) -> Finding:
    return Finding(
        "event_deleted",
        Message(
            "Line %(uid)s of batch %(batch)s was deleted. It was written on %(at)s.",
            uid=str(suspect.leaf.uid),
            batch=suspect.batch,
            at=written_at(suspect.leaf.uid),
        ),
        MEND_EVENT,
    )


def swapped(one: Suspect, other: Suspect) -> Finding:
    return Finding(
        "events_swapped",
        Message(
            "Lines %(one)s (batch %(batch)s) and %(other)s (batch %(other_batch)s)"
            " were swapped.",
            one=str(one.leaf.uid),
            batch=one.batch,
            other=str(other.leaf.uid),
            other_batch=other.batch,
        ),
        MEND_EVENT,
    )


def moved(suspect: Suspect) -> Finding:
    return Finding(
        "event_moved",
        Message(
            "Line %(uid)s of batch %(batch)s was given another place in the order.",
            uid=str(suspect.leaf.uid),
            batch=suspect.batch,
        ),
        MEND_EVENT,
    )


def remarked(suspect: Suspect) -> Finding:
    return Finding(
        "event_remarked",
        Message(
            "Line %(uid)s is marked as if it were not sealed in batch %(batch)s.",
            uid=str(suspect.leaf.uid),
            batch=suspect.batch,
        ),
        MEND_EVENT,
    )


def many_more(count: int) -> Finding:
    return Finding(
        "events_more",
        Plural(
            "%(count)s more line is not as it was sealed.",
            "%(count)s more lines are not as they were sealed.",
            count=count,
        ),
    )


def batch_changed(seal: Seal) -> Finding:
    return Finding(
        "batch_changed",
        Message(
            "Batch %(number)s of %(at)s is not what was sealed: it was changed itself.",
            number=seal.number,
            at=seal.sealed_at,
        ),
        Message("Compare it with the table of seals in a backup made since."),
    )


def batches_gone(first: int, last: int) -> Finding:
    if first < last:
        message = Message(
            "Batches %(first)s to %(last)s are gone.", first=first, last=last
        )
    else:
        message = Message("Batch %(first)s is gone.", first=first)
    return Finding("batch_deleted", message, MEND_EVENT)


def written_at(uid: UUID) -> datetime:
    """When a uid was made: a UUIDv7 begins with the millisecond."""
    return datetime.fromtimestamp((uid.int >> 80) / 1000, tz=UTC)


def strangers(walk: Walk) -> Iterator[Finding]:
    """Events that say they were sealed and are in no batch: put in afterwards.

    They are looked for only where the numbers do not agree.
    """
    sealed = Event.objects.exclude(seal=None)
    if walk.last:
        sealed = sealed.filter(seal_id__lte=walk.last.pk)
    if sealed.count() == walk.marked:
        return
    told = [suspect.leaf.uid for suspect in walk.suspects]
    rows = sealed.order_by("seal_id", "pk").values_list("seal_id", "pk")
    for seal_id, group in groupby(rows.iterator(), key=itemgetter(0)):
        batch = Seal.objects.filter(pk=seal_id).first()
        known = {leaf.row for leaf in readable(batch)} if batch else set()
        added = [pk for _, pk in group if batch and pk not in known]
        events = Event.objects.filter(pk__in=added).exclude(uid__in=told)
        for line in seals.lines(events.order_by("pk")):
            yield stranger(line, batch.number if batch else 0)


def stranger(line: Line, batch: int) -> Finding:
    return Finding(
        "event_added",
        Message(
            "Line %(uid)s says it is of batch %(batch)s and is not: it was put in"
            " later. It reads: %(at)s, %(verb)s.",
            uid=str(line.uid),
            batch=batch,
            at=line.at,
            verb=VERBS.get(line.verb, line.verb),
        ),
        MEND_EVENT,
    )


def against_file(last: Seal | None) -> Iterator[Finding]:
    """Whether the database ends where the head in the installation's folder says."""
    kept = seals.kept_head()
    if kept is None:
        if seals.file().exists():
            yield file_unreadable()
        elif last is not None:
            yield file_missing()
    elif last is None or kept.number > last.number:
        yield end_gone(kept, last)
    elif not seals.is_in_history(kept.number, kept.digest):
        yield another_history(kept)


def file_missing() -> Finding:
    return Finding(
        "head_file_missing",
        Message("The folder of the installation has no file %(name)s.", name=NAME),
        Message(
            "It is written at the next sealing. Until then only heads that people"
            " wrote down, and backups, prove where the trail ends."
        ),
        note=True,
    )


def file_unreadable() -> Finding:
    return Finding(
        "head_file_unreadable",
        Message("The file %(name)s cannot be read.", name=NAME),
        Message("Put it back from a backup, or delete it if you know why it broke."),
    )


NAME = "audit-head.json"


def end_gone(kept: Head, last: Seal | None) -> Finding:
    """The file knows a later head: were the last rows deleted, or all rows older?"""
    values: dict[str, Value] = {
        "head": str(kept),
        "at": kept.sealed_at,
        "last": str(last or "–"),
    }
    if rows_deleted_at_the_end():
        return Finding(
            "last_batch_deleted",
            Message(
                "The end of the trail was deleted: the last batch was %(head)s of"
                " %(at)s, and the database ends with %(last)s.",
                **values,
            ),
            MEND_EVENT,
        )
    return Finding(
        "database_older",
        Message(
            "The database is older than it was: the folder remembers batch %(head)s"
            " of %(at)s, and the database ends with %(last)s. An earlier copy was put"
            " back.",
            **values,
        ),
        MEND_OLDER,
    )


MEND_OLDER = Message(
    "If you put it back on purpose, say so: lumbung verify --accept. Else put the"
    " newest backup back."
)


def another_history(kept: Head) -> Finding:
    return Finding(
        "history_replaced",
        Message(
            "The database tells another history than batch %(head)s of %(at)s, which"
            " the folder remembers: an earlier copy was put back and went on, or the"
            " batches were made anew.",
            head=str(kept),
            at=kept.sealed_at,
        ),
        MEND_OLDER,
    )


def rows_deleted_at_the_end() -> bool:
    """Whether batches were numbered that are no longer there.

    The database counts the keys it gave out; an earlier copy counts no further than
    its own rows, so this tells a deletion from a copy put back.
    """
    table = Seal._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        else:
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)",
                [table],
            )
        row = cursor.fetchone()
    given_out = (row and row[0]) or 0
    return given_out > (Seal.objects.aggregate(last=Max("pk"))["last"] or 0)


def against(wanted: tuple[int, str], last: Seal | None) -> Iterator[Finding]:
    """Whether the history goes on from a head that somebody wrote down."""
    number, digest = wanted
    text = f"{number}-{digest}"
    if last is None or number > last.number:
        yield Finding(
            "head_unknown",
            Message(
                "The trail ends before head %(head)s; its last batch is %(last)s.",
                head=text,
                last=str(last or "–"),
            ),
            MEND_OLDER,
        )
    elif not seals.is_in_history(number, digest):
        yield Finding(
            "head_differs",
            Message(
                "The trail does not contain head %(head)s: batch %(number)s is another"
                " one. Look for a mistake in writing first.",
                head=text,
                number=number,
            ),
            MEND_EVENT,
        )


def summary(walk: Walk) -> Message:
    if walk.last is None:
        return Message("Nothing is sealed yet.")
    return Message(
        "%(lines)s lines in %(batches)s batches; head %(head)s of %(at)s.",
        lines=walk.last.total,
        batches=walk.batches,
        head=str(walk.last),
        at=walk.last.sealed_at,
    )


def counts(walk: Walk, now: datetime) -> dict[str, int | str]:
    waiting = Event.objects.unsealed().aggregate(count=Count("pk"), oldest=Min("at"))
    oldest = waiting["oldest"]
    return {
        "batches": walk.batches,
        "sealed": walk.last.total if walk.last else 0,
        "proven": walk.seen,
        "unsealed": waiting["count"],
        "oldest_unsealed_s": int((now - oldest).total_seconds()) if oldest else 0,
        "head": str(walk.last) if walk.last else "",
    }
