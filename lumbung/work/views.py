"""Pages of one's own jobs: leave a long one, and find it again."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message, from_json
from lumbung.pages.tables import Column, Table
from lumbung.work.jobs import JOBS
from lumbung.work.models import Job

STATES = {
    Job.State.WAITING: Message("Waits for its turn"),
    Job.State.RUNNING: Message("Running"),
    Job.State.DONE: Message("Done"),
    Job.State.PARKED: Message("Stopped"),
}


def title(job: Job) -> Message:
    kind = JOBS.get(job.kind)
    return kind.title if kind else Message("A job of an earlier version")


def url(job: Job) -> str:
    """Where a finished job leads, if it leads anywhere."""
    kind = JOBS.get(job.kind)
    if job.state != Job.State.DONE or not kind or not kind.url:
        return ""
    return kind.url(job)


COLUMNS = [
    Column("job", _("Job"), title, url=lambda job: reverse("work:job", args=[job.uid])),
    Column("state", _("State"), lambda job: STATES[job.state], sort="state"),
    Column("asked", _("Asked for"), lambda job: job.asked_at, sort="asked_at"),
    Column("ended", _("Ended"), lambda job: job.ended_at, sort="ended_at", wide=True),
]


@login_required
def jobs(request: SignedIn) -> HttpResponseBase:
    rows = Job.objects.visible_to(request.user).order_by("-asked_at")
    table = Table(request, rows, COLUMNS, name="pekerjaan")
    if table.wanted:
        return table.download()
    return render(request, "work/jobs.html", {"table": table})


@login_required
def job(request: SignedIn, uid: UUID) -> HttpResponse:
    """One job's progress: a page, or for htmx only the part that changes."""
    found = get_object_or_404(Job.objects.visible_to(request.user), uid=uid)
    context = {
        "job": found,
        "title": title(found),
        "state": STATES[Job.State(found.state)],
        "failure": from_json(found.failure),
        "url": url(found),
    }
    template = "work/job.html" if request.htmx else "work/job_page.html"
    response = render(request, template, context)
    response.headers["Cache-Control"] = "no-store"
    return response
