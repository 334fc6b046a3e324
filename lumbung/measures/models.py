"""Indicators, what was observed, and the classes of places."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from lumbung.core.access import Access
from lumbung.fields import UidField, below
from lumbung.imports.models import Import
from lumbung.places.models import Place
from lumbung.programmes.models import PackVersion


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


class PlaceClassQuerySet(models.QuerySet["PlaceClass"]):
    def accepted(self) -> Self:
        return self.filter(of__state=Import.State.ACCEPTED)

    def current(self) -> Self:
        """Accepted classes that no later accepted import revises."""
        newer = PlaceClass.objects.accepted().filter(
            **{column: OuterRef(column) for column in PlaceClass.KEY},
            of__gt=OuterRef("of"),
        )
        return self.accepted().filter(~Exists(newer))

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
    code = models.CharField(max_length=40, help_text="One of the scheme's classes")
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
