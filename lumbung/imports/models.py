"""Staged imports: rows lie in their tables, unseen, until the import is accepted."""

from typing import Self

from django.db import models

from lumbung.accounts.models import User
from lumbung.core.access import Access
from lumbung.fields import UidField
from lumbung.places.models import Place


class ImportQuerySet(models.QuerySet["Import"]):
    def accepted(self) -> Self:
        return self.filter(state=Import.State.ACCEPTED)

    def visible_to(self, user: User) -> Self:
        return self.filter(user.inside("place__path"))


class Import(models.Model):
    """One file on its way in. Accepting, rejecting, undoing is one update of it.

    Imports are numbered as they come; where two revise one value, the one with the
    larger key counts. `place` is the territory whose rows the file may write.
    """

    access = Access.WORK

    class State(models.TextChoices):
        READING = "reading"
        WAITING = "waiting"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        UNDONE = "undone"
        FAILED = "failed"

    uid = UidField()
    kind = models.CharField(max_length=40, help_text="A key of `importers.IMPORTERS`")
    file_name = models.CharField(max_length=200)
    sheet = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    header = models.JSONField(default=list, help_text="The file's column titles")
    parameters = models.JSONField(default=dict)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="imports")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="By a decision")
    sample = models.JSONField(default=list, help_text="A few good rows, to look at")
    unread = models.JSONField(default=list, help_text="Columns nothing was taken from")
    doubts = models.JSONField(default=list, help_text="Names nobody else can place")
    choices = models.JSONField(default=dict, help_text="Name: code; '' leaves it out")
    changes = models.PositiveIntegerField(default=0, help_text="Values that leap")
    totals = models.PositiveIntegerField(default=0, help_text="Totals unlike their sum")
    findings = models.JSONField(default=list, help_text="The first of those two")
    touched = models.JSONField(default=list, help_text="What it writes, coarsely")
    failure = models.JSONField(null=True, help_text="A message as JSON")
    expires_on = models.DateField(help_text="The last day of waiting for a decision")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "kind"], name="import_state")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def good(self) -> int:
        """Values that accepting takes; a row of a wide table holds several."""
        return self.new + self.revised + self.same

    def meets(self, other: "Import") -> bool:
        """Whether both write of the same things in one territory."""
        nested = self.place.holds(other.place) or other.place.holds(self.place)
        return nested and bool(set(self.touched) & set(other.touched))


class ImportFault(models.Model):
    """What is wrong in one cell of a file, in words that say how to mend it."""

    access = Access.WORK

    of = models.ForeignKey(Import, models.CASCADE, related_name="faults")
    row = models.PositiveIntegerField(help_text="As the spreadsheet numbers it")
    column = models.PositiveIntegerField(help_text="Counted from 0; past the end: none")
    message = models.JSONField(help_text="A message as JSON")
    mend = models.JSONField(null=True, help_text="How to mend it, as JSON")
    cells = models.JSONField(help_text="The row as it stands in the file, as text")

    class Meta:
        indexes = [models.Index(fields=["of", "row"], name="fault_row")]

    def __str__(self) -> str:
        return f"{self.of}: row {self.row}, column {self.column}"
