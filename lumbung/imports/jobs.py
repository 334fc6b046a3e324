"""What imports let the loop do: read large files, clear what nobody took."""

from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from lumbung.core.message import Message
from lumbung.imports.actions import expire_import
from lumbung.imports.models import Import
from lumbung.imports.staging import clear, file_of, stage
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job


def of(job: Job) -> Import:
    return Import.objects.get(uid=UUID(job.payload["import"]))


def stage_file(job: Job, progress: Progress) -> dict[str, int]:
    found = of(job)
    if found.state != Import.State.READING:
        return {}
    stage(found, report=progress)
    return {"rows": found.rows, "faulty": found.faulty}


def clear_rows(job: Job, progress: Progress) -> dict[str, int]:
    """Remove staged rows of a rejected import; the import and its audit stay."""
    found = of(job)
    if found.state == Import.State.REJECTED:
        clear(found)
        file_of(found).unlink(missing_ok=True)
    return {}


def expire(job: Job, progress: Progress) -> dict[str, int]:
    today, now = timezone.localdate(), timezone.now()
    late = Import.objects.filter(state=Import.State.WAITING, expires_on__lt=today)
    for found in late:
        expire_import(of=found, on=today, now=now)
    return {"expired": len(late)}


def page(job: Job) -> str:
    return reverse("imports:review", args=[job.payload["import"]])


JOBS["imports.stage"] = JobKind(stage_file, Message("Reading a file"), url=page)
JOBS["imports.clear"] = JobKind(clear_rows, Message("Clearing a rejected import"))
JOBS["imports.expire"] = JobKind(
    expire, Message("Closing old previews"), every=timedelta(hours=12)
)
