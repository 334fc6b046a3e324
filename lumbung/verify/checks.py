"""All the checks of an installation, one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from lumbung.accounts import ciphers, proof, seals
from lumbung.accounts.models import Event
from lumbung.core.finding import Proof
from lumbung.core.message import Message
from lumbung.evidence import proof as evidence
from lumbung.evidence.models import StoredFile
from lumbung.measures.runs import proofs as runs
from lumbung.verify import tables

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Check:
    """One check: what it is called, how much there is to look at, how to run it."""

    part: str
    title: Message
    total: Callable[[], int]
    run: Callable[[Progress], Proof]


def checks(*, now: datetime, since: str = "", quick: bool = False) -> Iterator[Check]:
    """What `lumbung verify` looks at; `since` is a head that the trail must extend."""
    yield Check(
        "tables", Message("Tables"), lambda: 0, lambda _: tables.check(quick=quick)
    )
    yield Check(
        "trail",
        Message("Trail"),
        lambda: Event.objects.exclude(seal=None).count(),
        lambda progress: proof.check(
            now=now, since=since, quick=quick, progress=progress
        ),
    )
    yield Check("keys", Message("Keys"), lambda: 0, lambda _: ciphers.check())
    yield Check(
        "evidence",
        Message("Evidence files"),
        lambda: StoredFile.objects.aggregate(bytes=Sum("size"))["bytes"] or 0,
        lambda progress: evidence.check(now=now, quick=quick, progress=progress),
    )
    if not quick:
        yield Check(
            "runs",
            Message("Runs of classes"),
            runs.count,
            lambda progress: runs.check(progress=progress),
        )


def verify(*, now: datetime, since: str = "", quick: bool = False) -> list[Proof]:
    """Run every check without a word, for a backup or an upgrade; then seal.

    A trail that is not what it was is not gone on with: nothing is sealed onto it.
    """
    if since:
        proof.parse_head(since)
    proofs = [
        check.run(lambda done: None)
        for check in checks(now=now, since=since, quick=quick)
    ]
    if trail_holds(proofs):
        seals.seal(now)
    return proofs


def trail_holds(proofs: list[Proof]) -> bool:
    return all(each.holds for each in proofs if each.part == "trail")
