"""The loop of `lumbung work`: take a job, run it, take the next. Several may run."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from lumbung.accounts import answers, seals
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.pages import requests
from lumbung.work import queue
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job

logger = logging.getLogger("lumbung.work")

IDLE_SECONDS = 1.0
AFTER_TROUBLE_SECONDS = 5.0


def run(stop: threading.Event) -> int:
    """Work until `stop` is set, and return how many jobs were run.

    For a thread or process of its own: it opens and closes its own connection.
    """
    count = 0
    while not stop.is_set():
        close_old_connections()
        try:
            queue.ask_for_what_is_due(timezone.now())
            worked = work_once()
        except DatabaseError:
            # A locked or restarted database is no reason to end; the job comes back.
            logger.exception("The database did not answer; trying again")
            stop.wait(AFTER_TROUBLE_SECONDS)
            continue
        count += worked
        if not worked:
            stop.wait(IDLE_SECONDS)
    connection.close()
    return count


def work_off() -> int:
    """Run what waits now, in the caller's connection, and return how many jobs."""
    queue.ask_for_what_is_due(timezone.now())
    count = 0
    while work_once():
        count += 1
    return count


def work_once() -> bool:
    """Take one job and run it to its end; whether there was one."""
    job = queue.take(timezone.now())
    if not job:
        return False
    with requests.through("job", numbered=job.uid.hex[-8:]):
        run_to_its_end(job)
    return True


def run_to_its_end(job: Job) -> None:
    """Run a job that was taken; however it ends, its row says so."""
    began = timezone.now()
    try:
        with heartbeat(job):
            result = JOBS[job.kind].run(job, progress_of(job))
        queue.finish(job, timezone.now(), result)
    except queue.LeaseLost:
        logger.warning("%s was taken back while it ran; left to the other", job.kind)
    except Refusal as refusal:
        queue.fail(job, timezone.now(), refusal)
    except Exception as error:  # noqa: BLE001  # one broken job never ends the loop
        logger.exception("%s broke, attempt %s", job.kind, job.attempts)
        queue.fail(job, timezone.now(), error)
    else:
        took_s = (timezone.now() - began).total_seconds()
        logger.info("%s done in %.1f s", job.kind, took_s)


def progress_of(job: Job) -> Progress:
    def progress(done: int, total: int | None = None) -> None:
        queue.report(job, timezone.now(), done, total)

    return progress


@contextmanager
def heartbeat(job: Job, every: timedelta = queue.LEASE / 3) -> Iterator[None]:
    """Renew the lease from a thread beside, for work that reports no progress.

    It ends with the process, so that a killed worker's job can be taken back; and
    with the lease, so that a job that was taken back is not stolen again.
    """
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(every.total_seconds()):
                try:
                    queue.renew(job, timezone.now())
                except queue.LeaseLost:
                    return
                except DatabaseError:
                    logger.warning("A lease could not be renewed; trying again")
        finally:
            connection.close()

    thread = threading.Thread(target=beat, daemon=True, name=f"lease of {job.uid}")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def tidy(job: Job, progress: Progress) -> int:
    now = timezone.now()
    return queue.forget_old(now) + answers.forget_old(now)


JOBS["work.tidy"] = JobKind(
    tidy, Message("Drop old jobs from the list"), every=timedelta(days=1)
)


def seal_trail(job: Job, progress: Progress) -> int:
    newest = seals.seal(timezone.now())
    return newest.total if newest else 0


JOBS["accounts.seal"] = JobKind(
    seal_trail, Message("Seal the audit trail"), every=timedelta(minutes=5)
)
