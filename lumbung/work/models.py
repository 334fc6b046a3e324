"""Work behind the page: rows with a lease, taken by a loop."""

from django.db import models

from lumbung.accounts.models import User
from lumbung.core.access import Access
from lumbung.fields import UidField


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
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="jobs")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    failure = models.JSONField(null=True, help_text="A message as JSON")

    class Meta:
        indexes = [
            models.Index(fields=["state", "leased_until"], name="job_to_take"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
