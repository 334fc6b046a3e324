"""What measures let the loop do: large runs, and many cases at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from lumbung.core.message import Message
from lumbung.imports.models import Import
from lumbung.measures.models import Question, Run
from lumbung.measures.questions.actions import heir, inherit_question
from lumbung.measures.runs.actions import open_cases
from lumbung.measures.runs.computing import carry_out
from lumbung.programmes.models import Programme
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job


def run_of(job: Job) -> Run:
    rows = Run.objects.select_related("of__place", "place", "scheme", "pack", "only")
    return rows.get(uid=UUID(job.payload["run"]))


def classify(job: Job, progress: Progress) -> dict[str, Any]:
    run = run_of(job)
    if run.of.state != Import.State.READING:
        return {}
    carry_out(run, report=progress)
    return {"places": run.places, "labels": run.labels}


def open_all(job: Job, progress: Progress) -> dict[str, Any]:
    assert job.asked_by is not None
    outcome = open_cases(
        run=run_of(job),
        programme=Programme.objects.get(code=job.payload["programme"]),
        template=job.payload["template"],
        on=date.fromisoformat(job.payload["on"]),
        by=job.asked_by,
        report=progress,
    )
    return outcome.to_json()


def inherit_questions(job: Job, progress: Progress) -> dict[str, Any]:
    """Pass on what waits for people who are no longer in office."""
    today, count = timezone.localdate(), 0
    rows = Question.objects.open().select_related("responsible", "place", "asked_by")
    for question in rows.order_by("pk"):
        if heir(question, today):
            inherit_question(question=question, now=timezone.now(), on=today)
            count += 1
    return {"passed": count}


def run_page(job: Job) -> str:
    return reverse("runs:run", args=[job.payload["run"]])


def cases_page(job: Job) -> str:
    address = reverse("runs:open_cases", args=[job.payload["run"]])
    return f"{address}?program={job.payload['programme']}&hasil={job.uid}"


JOBS["measures.classify"] = JobKind(
    classify, Message("Putting places into classes"), url=run_page
)
JOBS["measures.inherit_questions"] = JobKind(
    inherit_questions,
    Message("Pass on questions of people who left"),
    every=timedelta(hours=1),
)
JOBS["measures.open_cases"] = JobKind(
    open_all, Message("Opening cases for red places"), url=cases_page
)
