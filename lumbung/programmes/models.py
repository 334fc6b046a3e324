"""Packs in force, programmes, and the dossier (`Case`, *berkas*) with its history."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from lumbung.accounts.models import User
from lumbung.core.access import Access
from lumbung.evidence.models import Evidence
from lumbung.fields import AppendOnly, PathField, UidField, below
from lumbung.places.models import Level, Place


class PackVersion(AppendOnly):
    """A whole pack as it was loaded, canonical and hashed. Never changed.

    What ran keeps the version it ran with; nothing at run time reads the folder.
    `lumbung.programmes.packs.pack.pack_of` turns `content` into objects.
    """

    access = Access.REFERENCE

    uid = UidField()
    code = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    content: "models.JSONField[Any, Any]" = models.JSONField()
    extends = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    loaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="packversion_loaded_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"


class Programme(models.Model):
    """A programme that runs here, with the pack version that new cases start on."""

    access = Access.REFERENCE

    uid = UidField()
    code = models.CharField(max_length=40, unique=True)
    pack = models.ForeignKey(PackVersion, models.PROTECT, related_name="programmes")

    def __str__(self) -> str:
        return self.code


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> Self:
        """Cases with any of their places in the user's territory.

        A narrow territory is looked up first (a village among all cases); with a
        wide one nearly every case is inside, so each is asked by itself.
        """
        return self.reached(user, user.inside("path", "case__programme__code"))

    def shown_to(self, user: User) -> Self:
        """Those and the ones that a donor funds, whose papers donors do not see.

        For lists, counts and the page of a case; every other door uses `visible_to`.
        """
        rule = user.inside("path", "case__programme__code", funded=True)
        return self.reached(user, rule)

    def reached(self, user: User, rule: Q) -> Self:
        here = CasePlace.objects.filter(rule)
        if any(m.place.level <= Level.PROVINCE for m in user.mandates_in_force):
            return self.filter(Exists(here.filter(case=OuterRef("pk"))))
        return self.filter(pk__in=here.values("case"))

    def with_places(self) -> Self:
        """Read the places along, in one query for all cases."""
        return self.prefetch_related(
            models.Prefetch("places", CasePlace.objects.select_related("place__parent"))
        )

    def mainly_in(self, place: Place) -> Self:
        """Cases whose main place lies in `place`: what boards count."""
        main = CasePlace.objects.filter(
            below("path", place.path), role=CasePlace.Role.MAIN
        )
        return self.filter(pk__in=main.values("case"))

    def running(self) -> Self:
        return self.filter(state=Case.State.RUNNING)

    def stuck(self, on: date) -> Self:
        """Running cases that are longer in one step than their pack expects."""
        return self.running().filter(due_on__lt=on)


class Case(models.Model):
    """A dossier: one thing a programme works on, walking its template's steps.

    What it works on is a link table in the owner's package; a case about a place
    needs none. `step` and `position` are where it stands (`position` counts from
    1); `version` rises with every change, so that two people at once notice.
    """

    access = Access.WORK

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        STOPPED = "stopped"
        CLOSED = "closed"

    uid = UidField()
    number = models.CharField(max_length=40, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="cases")
    pack = models.ForeignKey(PackVersion, models.PROTECT, related_name="+")
    template = models.CharField(max_length=40, help_text="Its id in the pack")
    title = models.CharField(max_length=200)
    is_example = models.BooleanField(default=False, help_text="An invented case")
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="copies")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    step = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    since = models.DateField(help_text="When it entered this step")
    due_on = models.DateField(null=True, help_text="The last day before it is stuck")
    outcome = models.CharField(max_length=40, blank=True)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="cases")
    opened_on = models.DateField()
    moved_on = models.DateField(help_text="The day of its last transition")
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["programme", "template", "state", "step", "since", "due_on"],
                name="case_on_board",
            ),
            models.Index(fields=["-moved_on"], name="case_moved_last"),
            models.Index(fields=["responsible", "state"], name="case_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def main_place(self) -> Place:
        """Its one main place. Lists read it with `with_places` first."""
        return next(p.place for p in self.places.all() if p.role == CasePlace.Role.MAIN)


class CasePlaceQuerySet(models.QuerySet["CasePlace"]):
    def visible_to(self, user: User) -> Self:
        """Places of the cases that this user is shown by any of their places."""
        rule = user.inside("path", "case__programme__code", funded=True)
        here = CasePlace.objects.filter(rule)
        return self.filter(Exists(here.filter(case=OuterRef("case"))))

    def open_mains(self, place: Place) -> Self:
        """Main places in `place` of cases that are running or paused."""
        return self.filter(
            below("path", place.path),
            role=CasePlace.Role.MAIN,
            case__state__in=[Case.State.RUNNING, Case.State.PAUSED],
        )

    def renew_paths(self) -> int:
        """Take over the paths of places whose codes changed; returns how many did."""
        now = Place.objects.filter(pk=OuterRef("place")).values("path")
        stale = self.exclude(path=F("place__path")).values("pk")
        return self.filter(pk__in=list(stale.values_list("pk", flat=True))).update(
            path=Subquery(now)
        )


class CasePlace(models.Model):
    """Where a case is. Exactly one place is its main one; boards count that.

    `path` is the place's, kept here so that the territory rule is one range over one
    table; `renew_paths` follows when a new edition changes codes.
    """

    access = Access.WORK

    class Role(models.TextChoices):
        MAIN = "main"
        ALSO = "also"
        PARTNER = "partner"

    case = models.ForeignKey(Case, models.CASCADE, related_name="places")
    place = models.ForeignKey(Place, models.PROTECT, related_name="case_places")
    role = models.CharField(max_length=10, choices=Role)
    path = PathField()

    objects = CasePlaceQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["path", "case"], name="caseplace_territory"),
            models.Index(fields=["case", "path"], name="caseplace_of_case"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "place"], name="caseplace_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(role="main"), name="caseplace_one_main"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.role} {self.place}"


class OfCaseQuerySet(models.QuerySet[Any]):
    """Rows that hang on a case are seen by whoever sees the case."""

    def visible_to(self, user: User) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user))


class StepEvidence(models.Model):
    """A piece of evidence laid to one requirement of one step of a case."""

    access = Access.WORK

    uid = UidField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    step = models.CharField(max_length=40)
    requirement = models.CharField(max_length=40)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="steps")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "step"], name="stepevidence_step")]

    def __str__(self) -> str:
        return f"{self.case}: {self.requirement}"


class Decision(AppendOnly):
    """What a body decided about a case, with who was there. Never changed.

    A correction is a new decision that names the old one (`corrects`). Signed
    minutes are required.
    """

    access = Access.WORK

    class Result(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        DEFERRED = "deferred"

    class About(models.TextChoices):
        STEP = "step"
        OVERRIDE = "override"
        STOP = "stop"

    uid = UidField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    about = models.CharField(max_length=10, choices=About, default=About.STEP)
    step = models.CharField(max_length=40)
    number = models.CharField(max_length=60, blank=True, help_text="As on the letter")
    body = models.CharField(max_length=200)
    decided_on = models.DateField()
    venue = models.CharField(max_length=200)
    result = models.CharField(max_length=10, choices=Result)
    reason = models.TextField()
    invited = models.PositiveIntegerField(null=True)
    quorum = models.JSONField(null=True, help_text="The pack's rule, as it stood")
    quorum_met = models.BooleanField(null=True, help_text="Empty where no rule is set")
    minutes = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = OfCaseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.body}, {self.decided_on}"


class Attendance(AppendOnly):
    """How many women and men of one sector were at a decision."""

    access = Access.WORK

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="attendance")
    sector = models.CharField(max_length=40, help_text="Its id in the pack")
    women = models.PositiveIntegerField()
    men = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "sector"], name="attendance_sector_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sector}: {self.women} + {self.men}"


class DeclaredFact(AppendOnly):
    """A fact that no package computes yet: typed, dated, named, with evidence.

    `value` is a message value as JSON (`core.message.to_json`). The latest by
    `as_of`, then `at`, counts; earlier ones stay.
    """

    access = Access.WORK

    uid = UidField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="declared_facts")
    name = models.CharField(max_length=40, help_text="Its id in the pack")
    value: "models.JSONField[Any, Any]" = models.JSONField()
    as_of = models.DateField()
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "name"], name="declaredfact_name")]

    def __str__(self) -> str:
        return f"{self.name} on {self.as_of}"


class Transition(AppendOnly):
    """One line of a case's history, from which its present state can be replayed.

    `verdict` keeps the gate's lines with fact values and their sources as they
    were at the move.
    """

    access = Access.WORK

    class Kind(models.TextChoices):
        OPEN = "open"
        MOVE = "move"
        OVERRIDE = "override"
        CLOSE = "close"
        PAUSE = "pause"
        RESUME = "resume"
        STOP = "stop"
        REOPEN = "reopen"
        HAND_OVER = "hand_over"
        ADOPT = "adopt"

    uid = UidField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="transitions")
    kind = models.CharField(max_length=10, choices=Kind)
    from_step = models.CharField(max_length=40, blank=True)
    to_step = models.CharField(max_length=40)
    on = models.DateField(help_text="The business date")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+")
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="transitions"
    )
    verdict: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    pack = models.ForeignKey(
        PackVersion,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The rules it left behind, where it took up newer ones",
    )

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="transition_story")]

    def __str__(self) -> str:
        return f"{self.case}: {self.kind} on {self.on}"
