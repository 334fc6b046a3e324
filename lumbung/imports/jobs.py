"""What imports let the loop do: read large files, clear what nobody took."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.imports.actions import DecidedAlready, expire_import
from lumbung.imports.models import Import
from lumbung.imports.staging import clear, fail, file_of, folder, stage
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job

A_DAY = timedelta(days=1)
OURS = "-".join("?" * length for length in (8, 4, 4, 4, 12))  # a uid
BROKE_OFF = Message("Reading it broke off. Upload it again.")


class BrokeOff(Refusal):
    code = "reading_broke_off"


def of(job: Job) -> Import:
    return Import.objects.get(uid=UUID(job.payload["import"]))


def stage_file(job: Job, progress: Progress) -> dict[str, int]:
    found = of(job)
    if found.state != Import.State.READING or is_followed(job):
        return {}
    stage(found, report=progress)
    return {"rows": found.rows, "faulty": found.faulty}


def is_followed(job: Job) -> bool:
    """Whether the file was asked for again since: that job reads it."""
    same = Job.objects.filter(kind=job.kind, payload=job.payload)
    return same.filter(pk__gt=job.pk).exists()


def clear_rows(job: Job, progress: Progress) -> dict[str, int]:
    """Remove staged rows of a rejected import; the import and its audit stay."""
    found = of(job)
    if found.state == Import.State.REJECTED:
        clear(found, report=progress)
        file_of(found).unlink(missing_ok=True)
    return {}


def expire(job: Job, progress: Progress) -> dict[str, int]:
    """Close previews that waited too long, and files whose reading broke off."""
    today, now = timezone.localdate(), timezone.now()
    late = Import.objects.filter(state=Import.State.WAITING, expires_on__lt=today)
    for found in late:
        # Somebody may decide in this very moment; then it needs no closing.
        with suppress(DecidedAlready):
            expire_import(of=found, on=today, now=now)
    broken = Import.objects.filter(state=Import.State.READING, at__lt=now - A_DAY)
    for found in broken:
        clear(found)
        fail(found, BrokeOff(BROKE_OFF))
    return {"expired": len(late), "broken": len(broken), "left": sweep(now)}


def sweep(now: datetime) -> int:
    """Delete files that came in and never got their row, and return how many.

    What somebody else laid into the folder is not ours to take away.
    """
    count = 0
    for path in folder().glob(OURS):
        old = path.stat().st_mtime < (now - A_DAY).timestamp()
        if old and not Import.objects.filter(uid=UUID(path.name)).exists():
            path.unlink(missing_ok=True)
            count += 1
    return count


def page(job: Job) -> str:
    return reverse("imports:review", args=[job.payload["import"]])


JOBS["imports.stage"] = JobKind(stage_file, Message("Reading a file"), url=page)
JOBS["imports.clear"] = JobKind(clear_rows, Message("Clearing a rejected import"))
JOBS["imports.expire"] = JobKind(
    expire, Message("Closing old previews"), every=timedelta(hours=12)
)
