"""Proving runs: the files they kept are whole, and give the labels they gave."""

from collections.abc import Iterator
from dataclasses import dataclass

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.measures import snapshots
from lumbung.measures.models import Run
from lumbung.measures.runs import compute_again
from lumbung.measures.snapshots import Label


@dataclass(frozen=True)
class Wrong:
    """A run that cannot be proven, and why."""

    run: Run
    message: Message


def check() -> Iterator[Wrong]:
    """Compute every run again from what it kept, and name each that is not proven.

    Flat in memory: one run at a time. Reads no observation and no pack.
    """
    runs = Run.objects.done().select_related("place", "scheme").order_by("pk")
    for run in runs.iterator(chunk_size=100):
        try:
            labels = compute_again(run)
            snapshots.read(Label, run.labels)
        except Refusal as refusal:
            yield Wrong(run, refusal.message)
            continue
        if snapshots.digest(labels) != run.labels:
            text = Message("It now gives other labels than it gave then.")
            yield Wrong(run, text)


def count() -> int:
    """How many runs there are to prove."""
    return Run.objects.done().count()
