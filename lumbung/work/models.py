"""Work behind the page: rows with a lease, taken by a loop."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from lumbung.accounts.models import User
from lumbung.core.access import Access
from lumbung.fields import UidField


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """One's own jobs: what others had worked out may lie outside one's territory."""
        return self.filter(asked_by=user)

    def abandoned(self, now: datetime) -> Self:
        """Running jobs whose worker has not renewed its lease: it died, or hangs."""
        return self.filter(state=Job.State.RUNNING, leased_until__lt=now)

    def to_take(self, now: datetime) -> Self:
        waiting = Q(state=Job.State.WAITING, run_after__lte=now)
        return self.filter(waiting) | self.abandoned(now)

    def held(self, job: "Job") -> Self:
        """`job`, unless its lease ended and somebody else took it."""
        return self.filter(pk=job.pk, state=Job.State.RUNNING, lease=job.lease)


class Job(models.Model):
    """A piece of work that may be run twice and must end once.

    Taken by one conditional update, its lease renewed while it works; enqueued in
    the caller's transaction; parked after three failures with the reason kept.
    """

    access = Access.OWN

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        PARKED = "parked"

    uid = UidField()
    kind = models.CharField(max_length=60, help_text="A key of `jobs.JOBS`")
    key = models.CharField(  # noqa: DJ001  # unique only where there is one
        max_length=100, null=True, unique=True, help_text="Set where one is enough"
    )
    payload = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="jobs")
    asked_at = models.DateTimeField()
    run_after = models.DateTimeField(help_text="Not before; pushed back by failures")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    failure = models.JSONField(null=True, help_text="A message as JSON")

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "run_after"], name="job_to_take"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def ended(self) -> bool:
        return self.state in {Job.State.DONE, Job.State.PARKED}
