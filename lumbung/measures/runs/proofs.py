"""Proving runs: the files they kept are whole, and give the labels they gave."""

from collections.abc import Callable

from lumbung.core.finding import Finding, Proof
from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal
from lumbung.measures.models import Run
from lumbung.measures.runs import snapshots
from lumbung.measures.runs.computing import compute_again
from lumbung.measures.runs.snapshots import Label

OTHER = Message("It now gives other labels than it gave then.")
MEND = Message(
    "Bring the folder snapshots back from a backup; if that is whole, the program is wrong."
)


def count() -> int:
    """How many runs there are to prove."""
    return Run.objects.done().count()


def check(*, progress: Callable[[int], None] = lambda done: None) -> Proof:
    """Compute every run again from what it kept, and name each that is not proven.

    Flat in memory: one run at a time. Reads no observation and no pack.
    """
    findings, seen = [], 0
    runs = Run.objects.done().select_related("place", "scheme").order_by("pk")
    for run in runs.iterator(chunk_size=100):
        if why := wrong(run):
            said = Message(
                "Run %(uid)s (%(run)s): %(why)s",
                uid=str(run.uid),
                run=str(run),
                why=why,
            )
            findings.append(Finding("run_not_proven", said, MEND))
        seen += 1
        progress(1)
    what = Plural(
        "%(count)s run computed again.", "%(count)s runs computed again.", count=seen
    )
    return Proof("runs", what, findings, {"runs": seen})


def wrong(run: Run) -> Message | None:
    """Why a run is not proven; None where it is."""
    try:
        labels = compute_again(run)
        snapshots.read(Label, run.labels)
    except Refusal as refusal:
        return refusal.message
    return None if snapshots.digest(labels) == run.labels else OTHER
