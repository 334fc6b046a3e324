"""Archives that the loop writes: a territory's, and by setting a backup a day."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from lumbung.archive import actions, keeping
from lumbung.archive.export_actions import KIND
from lumbung.core.message import Message
from lumbung.places.models import Place
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job

KEPT = timedelta(days=7)
EVERY_SECONDS = 1.0


def told(progress: Progress) -> actions.Measure:
    """Progress told once a second: each time is a row written."""
    last = [0.0]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - last[0] >= EVERY_SECONDS:
            last[0] = time.monotonic()
            progress(done, total)

    return tell


def export_file(job: Job) -> Path:
    return Path(settings.HOME) / "exports" / f"{job.uid}.zip"


def export(job: Job, progress: Progress) -> dict[str, Any]:
    """Write the territory's archive; run twice, the second one counts."""
    place = Place.objects.get(uid=job.payload["place"])
    file = export_file(job)
    file.unlink(missing_ok=True)
    contents = actions.take_out(
        place=place, to=file, now=timezone.now(), progress=told(progress)
    )
    return {"place": place.code, "rows": contents.rows, "files": len(contents.files)}


def back_up(job: Job, progress: Progress) -> dict[str, Any]:
    now = timezone.now()
    to = keeping.destination(None, now)
    contents = actions.back_up(
        to=to, now=now, progress=told(progress), seal=keeping.head(now)
    )
    keeping.prune(to.parent, settings.BACKUPS_KEPT)
    return {"file": to.name, "rows": contents.rows}


def tidy(job: Job, progress: Progress) -> int:
    """Drop what was taken out and not fetched within a week."""
    folder = Path(settings.HOME) / "exports"
    oldest = timezone.now().timestamp() - KEPT.total_seconds()
    old = [p for p in folder.glob("*.zip") if p.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


JOBS[KIND] = JobKind(
    export,
    Message("Take a territory's data out"),
    url=lambda job: reverse("archive:download", args=[job.uid]),
)
JOBS["archive.tidy"] = JobKind(
    tidy, Message("Drop old exports"), every=timedelta(days=1)
)
JOBS["archive.backup"] = JobKind(
    back_up,
    Message("Back the installation up"),
    every=timedelta(days=1) if settings.BACKUPS_KEPT else None,
)
