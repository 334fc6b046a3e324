"""Indicators, what was observed, and the classes of places."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from lumbung.accounts.models import User
from lumbung.core.access import Access
from lumbung.core.message import Text
from lumbung.fields import AppendOnly, UidField, below
from lumbung.imports.models import Import
from lumbung.places.models import Place
from lumbung.programmes.models import Case, PackVersion


class Indicator(models.Model):
    """What is counted, of what, in which unit. Packs define indicators."""

    access = Access.REFERENCE

    class Counts(models.TextChoices):
        PEOPLE = "people"
        HOUSEHOLDS = "households"
        FAMILIES = "families"
        VILLAGES = "villages"
        OTHER = "other"

    class Unit(models.TextChoices):
        SHARE = "share", "0 to 1"
        COUNT = "count"
        RUPIAH = "rupiah"
        NUMBER = "number"

    uid = UidField()
    code = models.CharField(max_length=40, unique=True)
    pack = models.ForeignKey(PackVersion, models.PROTECT, related_name="+")
    name_id = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    definition_id = models.TextField()
    definition_en = models.TextField()
    unit = models.CharField(max_length=10, choices=Unit)
    counts = models.CharField(max_length=10, choices=Counts)
    known_as = models.JSONField(
        default=list,
        help_text="Titles that columns of it have in files: {title, factor, breakdown}",
    )

    def __str__(self) -> str:
        return self.code

    @property
    def words(self) -> Text:
        return Text(self.name_id, self.name_en)


class Source(models.Model):
    """Where numbers come from. `is_example` marks invented ones wherever shown."""

    access = Access.REFERENCE

    uid = UidField()
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    cut_off_on = models.DateField(null=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["title", "url", "cut_off_on", "is_example"],
                name="source_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.title


class ObservationQuerySet(models.QuerySet["Observation"]):
    def accepted(self) -> Self:
        return self.filter(of__state=Import.State.ACCEPTED)

    def with_staged(self, of: Import) -> Self:
        """What would count if `of` were accepted: its rows, and those it leaves."""
        counted = models.Q(of__state=Import.State.ACCEPTED) | models.Q(of=of)
        newer = Observation.objects.filter(
            counted,
            **{column: OuterRef(column) for column in Observation.KEY},
            of__gt=OuterRef("of"),
        )
        return self.filter(counted).filter(~Exists(newer))

    def history(
        self,
        indicator: Indicator,
        place: Place,
        period: str,
        *,
        breakdown: str = "",
        source: "Source | None" = None,
    ) -> Self:
        """Every accepted value of one figure, the latest first; of all its sources
        side by side, or of one."""
        rows = self.accepted().filter(
            indicator=indicator, place=place, period=period, breakdown=breakdown
        )
        if source is not None:
            rows = rows.filter(source=source)
        return rows.select_related("source", "of__by").order_by("source", "-of")

    def current(self) -> Self:
        """Accepted observations that no later accepted import revises."""
        newer = Observation.objects.accepted().filter(
            **{column: OuterRef(column) for column in Observation.KEY},
            of__gt=OuterRef("of"),
        )
        return self.accepted().filter(~Exists(newer))


class Observation(models.Model):
    """One value: indicator, place, period, breakdown, source; with its revisions.

    A later import of the same key is a revision; imports are numbered as they come.
    `value` is decimal text, exact; `number` is the same as a float, for sorting.
    `period` sorts as text: `2021`, `2021-S1`, `2021-07`.
    """

    access = Access.REFERENCE
    KEY = ("indicator", "place", "period", "breakdown", "source")

    of = models.ForeignKey(Import, models.PROTECT, related_name="observations")
    # Keys of small tables need no index of their own: the one below leads with
    # indicator and place, and millions of rows pay for each index.
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="+", db_index=False
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="observations")
    period = models.CharField(max_length=10)
    breakdown = models.CharField(max_length=100, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    value = models.CharField(max_length=40)
    number = models.FloatField()
    as_published = models.CharField(max_length=40)
    row = models.PositiveIntegerField(help_text="Its row in the file")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("indicator", "place", "period", "breakdown", "source"),
                    "of",
                ],
                name="observation_once_an_import",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.place} {self.period}: {self.value}"


class ClassScheme(models.Model):
    """A set of classes, such as red, yellow, green. Packs define schemes.

    `classes` is a list of `{code, tone, name: {id, en}}`, worst first; tones are
    `red`, `yellow`, `green`, each drawn with its own shape.
    """

    access = Access.REFERENCE

    uid = UidField()
    code = models.CharField(max_length=40, unique=True)
    pack = models.ForeignKey(PackVersion, models.PROTECT, related_name="+")
    name_id = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True)
    classes = models.JSONField()

    def __str__(self) -> str:
        return self.code

    @property
    def words(self) -> Text:
        return Text(self.name_id, self.name_en)

    def named_classes(self) -> dict[str, tuple[str, Text]]:
        return named_classes(self.classes)


def named_classes(classes: Iterable[Any]) -> dict[str, tuple[str, Text]]:
    """Tone and name of each class by its code, worst first, as schemes and runs keep them.

    >>> red = {"code": "m", "tone": "red", "name": {"id": "Merah", "en": "Red"}}
    >>> named_classes([red])
    {'m': ('red', Text(id='Merah', en='Red'))}
    """
    return {
        each["code"]: (each["tone"], Text(each["name"]["id"], each["name"]["en"]))
        for each in classes
    }


class ClassRule(models.Model):
    """A rule that gives places a class of a scheme, as the newest pack has it.

    `content` is the pack's item (`core/classification.py`). A run copies it, so what
    ran does not change when this does.
    """

    access = Access.REFERENCE

    uid = UidField()
    code = models.CharField(max_length=40, unique=True)
    pack = models.ForeignKey(PackVersion, models.PROTECT, related_name="+")
    name_id = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    scheme = models.ForeignKey(ClassScheme, models.PROTECT, related_name="rules")
    content: "models.JSONField[Any, Any]" = models.JSONField()

    def __str__(self) -> str:
        return self.code


class PlaceClassQuerySet(models.QuerySet["PlaceClass"]):
    def accepted(self) -> Self:
        return self.filter(of__state=Import.State.ACCEPTED)

    def current(self) -> Self:
        """Accepted classes that no later accepted import or run revises.

        A run that finds no data any more writes an empty code: it takes the class
        that stood before away.
        """
        newer = PlaceClass.objects.accepted().filter(
            **{column: OuterRef(column) for column in PlaceClass.KEY},
            of__gt=OuterRef("of"),
        )
        return self.accepted().filter(~Exists(newer)).exclude(code="")

    def standing(
        self, scheme: ClassScheme, period: str, place: Place, level: int
    ) -> Self:
        """Current classes of the places of one level in `place` that are in force.

        Maps, their legends, filters and counts all ask this, so that they agree.
        """
        return self.current().filter(
            below("place__path", place.path),
            scheme=scheme,
            period=period,
            place__level=level,
            place__closed_in=None,
        )


class PlaceClass(models.Model):
    """The class of a place in a period, by one scheme; a later import revises it."""

    access = Access.REFERENCE
    KEY = ("scheme", "place", "period")

    of = models.ForeignKey(Import, models.PROTECT, related_name="classes")
    scheme = models.ForeignKey(
        ClassScheme, models.PROTECT, related_name="places", db_index=False
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="classes")
    period = models.CharField(max_length=10)
    code = models.CharField(
        max_length=40,
        blank=True,
        help_text="One of the scheme's classes; '' is no data",
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    row = models.PositiveIntegerField(help_text="Its row in the file")

    objects = PlaceClassQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "place", "period", "of"],
                name="placeclass_once_an_import",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.period}: {self.code}"


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: User) -> Self:
        """Runs whose classes count are everyone's to check; others wait at home."""
        counts = models.Q(of__state=Import.State.ACCEPTED)
        return self.filter(counts | user.inside("place__path"))

    def marked(self) -> Self:
        """With what `is_example` needs, in the same query."""
        written = PlaceClass.objects.filter(of=models.OuterRef("of")).order_by("pk")
        invented = models.Subquery(written.values("source__is_example")[:1])
        return self.annotate(invented=invented)

    def done(self) -> Self:
        """Runs that came to their labels, whatever was decided about them."""
        return self.exclude(labels="")


class Run(models.Model):
    """A classification as it was computed: rule, rows read, labels; to be repeated.

    `content` is the rule as the pack had it then, with the words its page needs;
    `rows` and `labels` are the digests of the rows read and of what came out, and the
    names of two files in the installation's folder (`snapshots.py`). Nothing else is
    needed to come to the same labels again. The labels wait, count, or are taken
    back as an import does: `of`.
    """

    access = Access.WORK
    invented: bool | None

    uid = UidField()
    of = models.OneToOneField(Import, models.PROTECT, related_name="run")
    rule = models.CharField(max_length=40, help_text="Its id in the pack")
    pack = models.ForeignKey(PackVersion, models.PROTECT, related_name="runs")
    content: "models.JSONField[Any, Any]" = models.JSONField()
    method = models.PositiveSmallIntegerField(help_text="`core.classification.METHODS`")
    program = models.CharField(max_length=40, help_text="Lumbung's version")
    scheme = models.ForeignKey(ClassScheme, models.PROTECT, related_name="runs")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    period = models.CharField(max_length=10)
    only = models.ForeignKey(
        Source, models.PROTECT, null=True, related_name="+", help_text="Read no other"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    rows = models.CharField(max_length=64, blank=True)
    labels = models.CharField(max_length=64, blank=True)
    read = models.PositiveIntegerField(default=0, help_text="Observations")
    doubled = models.PositiveIntegerField(default=0, help_text="Had several sources")
    counts = models.JSONField(default=dict, help_text="Places by class; '' is no data")

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["rule", "period"], name="run_rule_period")]

    def __str__(self) -> str:
        return f"{self.rule} {self.period}, {self.place}"

    @property
    def places(self) -> int:
        return sum(self.counts.values())

    @property
    def is_example(self) -> bool:
        """Whether its rule, or a value that it read, is invented; of `marked` rows."""
        if self.invented is None:  # it has written no class
            return bool(self.content["status"] == "example")
        return self.invented


class Repetition(AppendOnly):
    """A run computed once more from what it kept, and whether it came out the same."""

    access = Access.WORK

    uid = UidField()
    run = models.ForeignKey(Run, models.PROTECT, related_name="repetitions")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    program = models.CharField(max_length=40)
    labels = models.CharField(max_length=64, help_text="What came out this time")
    same = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.run}: {self.same}"


class RunCase(AppendOnly):
    """A case that was opened because of the class that a run gave its place."""

    access = Access.WORK

    run = models.ForeignKey(Run, models.PROTECT, related_name="cases")
    case = models.OneToOneField(Case, models.PROTECT, related_name="opened_by_run")
    klass = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.case} by {self.run}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those one must answer, those about what everyone may know; of
        counts of work data those in one's territory."""
        return self.filter(
            Q(asked_by=user)
            | Q(responsible=user)
            | Q(is_reference=True)
            | user.inside("place__path", "programme")
        )

    def open(self) -> Self:
        return self.filter(state=Question.State.OPEN)

    def about(self, address: str) -> Self:
        """The questions about one figure, the latest first."""
        return self.filter(address=address).order_by("-pk")


class Question(models.Model):
    """Somebody says that a figure is wrong; somebody must answer.

    `address` names the figure as `measures.figures` writes it; `title` and `value` are
    what it was called and said when it was asked about, as messages in JSON. Never
    deleted; who had it when stands in its `steps`.
    """

    access = Access.WORK

    class State(models.TextChoices):
        OPEN = "open"
        CORRECTED = "corrected"
        STANDS = "stands"

    uid = UidField()
    address = models.CharField(max_length=500, db_index=True)
    title: "models.JSONField[Any, Any]" = models.JSONField()
    value: "models.JSONField[Any, Any]" = models.JSONField()
    is_reference = models.BooleanField(help_text="About what everyone may know")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    believed = models.CharField(max_length=100, blank=True)
    evidence_url = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="questions")
    asked_at = models.DateTimeField()
    answer_by = models.DateField(help_text="The last day for an answer")
    responsible = models.ForeignKey(User, models.PROTECT, related_name="to_answer")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    corrected_by = models.ForeignKey(
        Import, models.PROTECT, null=True, related_name="answers"
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["responsible", "state"], name="question_to_answer"),
            models.Index(fields=["asked_by", "state"], name="question_of_asker"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None, answer="")
                | Q(~Q(state="open"), ~Q(answer=""), answered_at__isnull=False),
                name="question_answered_or_open",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_open(self) -> bool:
        return self.state == Question.State.OPEN

    def read_by(self, user: User, now: datetime) -> None:
        """Its asker has seen the answer, which waits no longer. Others, and reading
        again, change nothing."""
        if self.asked_by_id == user.pk and not self.is_open:
            AnswerSeen.objects.get_or_create(question=self, defaults={"at": now})


class AnswerSeen(models.Model):
    """That the asker of a question opened its answer."""

    access = Access.OWN

    question = models.OneToOneField(
        Question, models.PROTECT, related_name="seen", primary_key=True
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.question)


class QuestionStep(AppendOnly):
    """One line of a question's history: asked, passed on, answered."""

    access = Access.WORK

    class Kind(models.TextChoices):
        ASKED = "asked"
        PASSED = "passed"
        ANSWERED = "answered"

    question = models.ForeignKey(Question, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.question}: {self.kind}"
