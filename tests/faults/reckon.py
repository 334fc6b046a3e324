"""Holds the clients' journal against the database, after the killing.

`python -m tests.faults.reckon JOURNAL` in the home of the installation: prints what was
acknowledged and is not there, what is there twice, and what was left half done.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from lumbung.accounts.models import Event  # noqa: E402
from lumbung.evidence.models import Evidence  # noqa: E402
from lumbung.imports.models import Import  # noqa: E402
from lumbung.measures.models import PlaceClass  # noqa: E402
from lumbung.programmes.models import (  # noqa: E402
    Case,
    DeclaredFact,
    StepEvidence,
    Transition,
)
from lumbung.work import loop, queue  # noqa: E402
from lumbung.work.models import Job  # noqa: E402

# The verb that each row's one event tells, by the table it is on.
TOLD: dict[str, Any] = {
    "open_case": Case,
    "add_evidence": Evidence,
    "declare_fact": DeclaredFact,
    "start_import": Import,
}


def faults(journal: list[dict[str, Any]]) -> Iterator[str]:
    for entry in journal:
        yield from missing(entry)
    yield from twice()
    yield from half_done()


def missing(entry: dict[str, Any]) -> Iterator[str]:
    """What was acknowledged, and is not there exactly once and whole."""
    if not is_there(entry):
        yield f"acknowledged and not there: {entry}"


def is_there(entry: dict[str, Any]) -> bool:
    match entry:
        case {"kind": "open", "uid": uid, "title": title}:
            return Case.objects.filter(uid=uid, title=title).count() == 1
        case {"kind": "move", "uid": uid, "step": step}:
            moves = Transition.objects.filter(case__uid=uid, kind="move")
            here = Case.objects.filter(uid=uid, step=step).exists()
            return here and moves.count() == 1
        case {"kind": "fact", "uid": uid, "case": case, "value": value}:
            rows = DeclaredFact.objects.filter(case__uid=case)
            return [str(row.uid) for row in rows] == [uid] and rows[0].value == value
        case {"kind": "lay", "uid": uid, "case": case, "bytes": size}:
            laid = StepEvidence.objects.filter(case__uid=case)
            found = [(str(r.evidence.uid), r.evidence.file.size) for r in laid]
            return found == [(uid, size)]
        case {"kind": "start", "address": address, "name": name}:
            imports = Import.objects.filter(uid=uid_in(address), file_name=name)
            return imports.count() == 1
        case {"kind": "accept", "address": address, "period": period}:
            of = Import.objects.filter(uid=uid_in(address), state="accepted")
            return of.count() == 1 and classes(period) == settings_villages()
    raise AssertionError(entry)


def uid_in(address: str) -> str:
    return address.strip("/").rpartition("/")[2]


def classes(period: str) -> int:
    return PlaceClass.objects.current().filter(period=period).count()


def settings_villages() -> int:
    from tests.faults.furnish import VILLAGES  # noqa: PLC0415  # it sets Django up

    return VILLAGES


def twice() -> Iterator[str]:
    """What the same title or name was given to, more than once; events likewise."""
    for model, name in ((Case, "title"), (Evidence, "title"), (Import, "file_name")):
        rows = model.objects.values(name).annotate(times=Count("pk"))
        for row in rows.filter(times__gt=1):
            yield f"twice: {model.__name__} {row}"
    for verb, table in TOLD.items():
        rows = Event.objects.filter(verb=verb)
        told = sorted(str(uid) for uid in rows.values_list("row", flat=True))
        here = sorted(str(uid) for uid in table.objects.values_list("uid", flat=True))
        if told != here:
            yield f"{verb}: {len(here)} rows and {len(told)} lines of the trail"
    moves = Transition.objects.filter(kind="move").count()
    told_moves = Event.objects.filter(verb="move_case").count()
    if moves != told_moves:
        yield f"{moves} moves and {told_moves} lines of the trail"


def half_done() -> Iterator[str]:
    """A minute later the next worker has taken over what dead ones left."""
    with time_machine.travel(timezone.now() + 2 * queue.LEASE, tick=True):
        loop.work_off()
    late = timezone.now() + timedelta(minutes=5)
    with time_machine.travel(late, tick=True):
        loop.work_off()
    for job in Job.objects.exclude(state=Job.State.DONE):
        yield f"job not done: {job.kind} {job.state} {job.attempts} {job.failure}"
    for of in Import.objects.filter(state__in=["reading", "failed"]):
        yield f"import left {of.state}: {of.file_name}"
    home = Path(settings.HOME)
    for name in (home / "evidence").rglob(".writing-*"):
        if name.stat().st_mtime < timezone.now().timestamp() - 86_400:
            yield f"left over: {name}"


if __name__ == "__main__":
    found = list(faults(json.loads(Path(sys.argv[1]).read_text())))
    print(json.dumps(found))  # noqa: T201
