"""The queue: ask for a job, take one, keep it, end it.

Each step is one conditional update of the job's row, so that several workers and
a killed one never work against each other, and no broker is needed.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F, Q
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.core.message import Message, to_json
from lumbung.core.refusal import Refusal
from lumbung.pages.space import is_full
from lumbung.work.jobs import JOBS
from lumbung.work.models import Job

logger = logging.getLogger("lumbung.work")

LEASE = timedelta(seconds=60)
ATTEMPTS = 3
# How long after the first and the second failure it is tried again.
PAUSES = (timedelta(seconds=10), timedelta(minutes=2))
KEPT = timedelta(days=60)
# What the loop asks for by itself and nobody waits for; longer than any span.
KEPT_RECURRING = timedelta(days=2)

DIED = Message(
    "The worker stopped in the middle of it three times, perhaps for lack of memory."
    " Try with a smaller file, or ask your administrator to look at the log."
)
BROKE = Message(
    "Something broke on our side, three times. Tell your administrator the number"
    " %(job)s: the log says more."
)


class LeaseLost(Exception):  # noqa: N818  # nothing is wrong: another worker has it
    """The job was taken back while we worked on it."""


def enqueue(
    kind: str,
    payload: dict[str, Any],
    *,
    by: User | None,
    key: str | None = None,
    after: datetime | None = None,
) -> Job:
    """Ask for a job, in the caller's transaction: both happen or neither.

    With `key`, a job of that key that exists already is returned instead of a new
    one. `after` is the earliest moment it may run.
    """
    assert kind in JOBS, f"no job is called {kind!r}"
    now = timezone.now()
    values = {
        "kind": kind,
        "payload": payload,
        "asked_by": by,
        "asked_at": now,
        "run_after": after or now,
    }
    if key is None:
        return Job.objects.create(**values)
    return Job.objects.get_or_create(key=key, defaults=values)[0]


def take(now: datetime) -> Job | None:
    """Lease the job that has waited longest to this worker; None where none waits."""
    park_abandoned(now)
    candidates = Job.objects.to_take(now).order_by("run_after", "pk")
    for pk in list(candidates.values_list("pk", flat=True)[:20]):
        lease = uuid4()
        won = (
            Job.objects.to_take(now)
            .filter(pk=pk)
            .update(
                state=Job.State.RUNNING,
                lease=lease,
                leased_until=now + LEASE,
                attempts=F("attempts") + 1,
                done=0,
                total=None,
            )
        )
        if won:
            return Job.objects.select_related("asked_by").get(pk=pk)
    return None


def park_abandoned(now: datetime) -> None:
    """Park what killed its worker three times: it would kill the fourth."""
    Job.objects.abandoned(now).filter(attempts__gte=ATTEMPTS).update(
        state=Job.State.PARKED, failure=to_json(DIED), ended_at=now, lease=None
    )


def renew(job: Job, now: datetime) -> None:
    """Hold on to `job` for another lease; `LeaseLost` where it is no longer ours."""
    if not Job.objects.held(job).update(leased_until=now + LEASE):
        raise LeaseLost


def report(job: Job, now: datetime, done: int, total: int | None) -> None:
    """Say how far `job` is, which renews its lease."""
    changes: dict[str, Any] = {"leased_until": now + LEASE, "done": done}
    if total is not None:
        changes["total"] = total
    if not Job.objects.held(job).update(**changes):
        raise LeaseLost


def finish(job: Job, now: datetime, result: Any) -> None:
    ended = Job.objects.held(job).update(
        state=Job.State.DONE, result=result, ended_at=now, lease=None, failure=None
    )
    if not ended:
        raise LeaseLost


def fail(job: Job, now: datetime, error: Exception) -> None:
    """Put `job` back for another try, or park it with the reason.

    A refusal is parked at once: it is about the world, and trying again changes
    nothing. Anything else is ours, and may pass (a lost database). A full disk does
    not count as a try: the job waits for space, however long that takes.
    """
    if isinstance(error, Refusal):
        park(job, now, error.message)
    elif is_full(error):
        Job.objects.held(job).update(
            state=Job.State.WAITING,
            lease=None,
            run_after=now + PAUSES[-1],
            attempts=F("attempts") - 1,
        )
    elif job.attempts >= ATTEMPTS:
        park(job, now, Message(BROKE.id, job=str(job.uid)))
    else:
        Job.objects.held(job).update(
            state=Job.State.WAITING,
            lease=None,
            run_after=now + PAUSES[job.attempts - 1],
        )


def park(job: Job, now: datetime, why: Message) -> None:
    Job.objects.held(job).update(
        state=Job.State.PARKED, failure=to_json(why), ended_at=now, lease=None
    )


def ask_for_what_is_due(now: datetime) -> None:
    """Enqueue the kinds that run by themselves, once in each of their spans."""
    for name, kind in JOBS.items():
        if kind.every:
            span = int(now.timestamp() // kind.every.total_seconds())
            enqueue(name, {}, by=None, key=f"{name} {span}")


def forget_old(now: datetime) -> int:
    """Drop jobs that ended long ago, and return how many."""
    recurring = [name for name, kind in JOBS.items() if kind.every]
    old = Q(ended_at__lt=now - KEPT) | Q(
        ended_at__lt=now - KEPT_RECURRING, state=Job.State.DONE, kind__in=recurring
    )
    return Job.objects.filter(old).delete()[0]
