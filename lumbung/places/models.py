"""The tree of territories, its codes and its editions."""

from collections.abc import Iterable
from typing import Self

from django.db import models

from lumbung.core.access import Access
from lumbung.fields import PathField, UidField, below


class Level(models.IntegerChoices):
    """How deep a place lies in the tree. The words are Kemendagri's."""

    COUNTRY = 0, "negara"
    PROVINCE = 1, "provinsi"
    DISTRICT = 2, "kabupaten/kota"
    SUBDISTRICT = 3, "kecamatan"
    VILLAGE = 4, "desa/kelurahan"


class EditionQuerySet(models.QuerySet["Edition"]):
    def latest_loaded(self) -> "Edition | None":
        """The edition that is in force here; None before the first load."""
        return self.exclude(loaded_at=None).order_by("-valid_from", "-pk").first()


class Edition(models.Model):
    """One issue of the official list of places, as it was loaded."""

    access = Access.REFERENCE

    uid = UidField()
    number = models.CharField(max_length=20, unique=True)
    decree = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=100)
    valid_from = models.DateField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(
        null=True, help_text="Empty while its first load is still under way"
    )

    objects = EditionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number


class PlaceQuerySet(models.QuerySet["Place"]):
    def in_force(self) -> Self:
        """The places of the present edition; earlier ones stay in the table."""
        return self.filter(closed_in=None)

    def below(self, place: "Place") -> Self:
        """`place` itself and all that lies in it."""
        return self.filter(below("path", place.path))

    def children_of(self, place: "Place") -> Self:
        return self.filter(parent=place).in_force().order_by("code")


class Place(models.Model):
    """A territory. It keeps its identity (`pk`, `uid`) when its code changes.

    `code` is the present official code (`33.26.09.2005`; a country has its ISO
    code), `path` the present ancestry by code, country first. A place that an
    edition dropped keeps its path with a closing mark (`…2005~4-0-1.`), so that
    a re-issued code cannot meet it and its territory still holds it.
    """

    access = Access.REFERENCE

    class Kind(models.TextChoices):
        COUNTRY = "negara"
        PROVINCE = "provinsi"
        REGENCY = "kabupaten"
        CITY = "kota"
        SUBDISTRICT = "kecamatan"
        RURAL_VILLAGE = "desa"
        URBAN_VILLAGE = "kelurahan"

    uid = UidField()
    code = models.CharField(max_length=20, db_index=True)
    path = PathField(unique=True)
    level = models.PositiveSmallIntegerField(choices=Level)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children"
    )
    time_zone = models.CharField(max_length=40, help_text="IANA name; '' is unknown")
    opened_in = models.ForeignKey(
        Edition, models.PROTECT, null=True, related_name="opened"
    )
    # Nearly all rows have none: an index on it leads SQLite to read them all.
    closed_in = models.ForeignKey(
        Edition, models.PROTECT, null=True, related_name="closed", db_index=False
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(path__endswith="."), name="place_path_ends_with_dot"
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=models.Q(closed_in=None),
                name="place_code_in_force_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def ancestor_paths(self) -> list[str]:
        """Paths of all that holds this place, country first, itself last."""
        parts = self.path.split(".")[:-1]
        return [".".join(parts[: n + 1]) + "." for n in range(len(parts))]

    def trail(self) -> "list[Place]":
        """This place and all that holds it, country first: one query."""
        paths = self.ancestor_paths()
        return list(Place.objects.filter(path__in=paths).order_by("level"))

    def holds(self, other: "Place") -> bool:
        inside: bool = other.path.startswith(self.path)
        return inside


class PlaceCodeQuerySet(models.QuerySet["PlaceCode"]):
    def named(self, code: str, schemes: Iterable[str] = ()) -> Self:
        found = self.filter(code=code).select_related("place")
        return found.filter(scheme__in=schemes) if schemes else found


class PlaceCode(models.Model):
    """A code that a place has or once had, in one of the schemes in use.

    BPS and Kemendagri codes share one shape, and 166 four-digit codes are valid
    in both for different districts: an import names its scheme.
    """

    access = Access.REFERENCE

    class Scheme(models.TextChoices):
        KEMENDAGRI = "kemendagri"
        BPS = "bps"
        ISO = "iso"

    place = models.ForeignKey(Place, models.PROTECT, related_name="codes")
    scheme = models.CharField(max_length=10, choices=Scheme)
    code = models.CharField(max_length=20)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    objects = PlaceCodeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["code", "scheme"], name="placecode_code")]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "scheme", "code"], name="placecode_once_for_a_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


class FormerName(models.Model):
    """What a place was called until an edition renamed it. Search finds it by this."""

    access = Access.REFERENCE

    place = models.ForeignKey(Place, models.PROTECT, related_name="former_names")
    name = models.CharField(max_length=100)
    until = models.ForeignKey(Edition, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"], name="formername_once_for_a_place"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """A place of one edition that continues as another of the next."""

    access = Access.REFERENCE

    class Kind(models.TextChoices):
        RECODED = "recoded"
        SPLIT = "split"
        MERGED = "merged"

    edition = models.ForeignKey(Edition, models.PROTECT)
    before = models.ForeignKey(Place, models.PROTECT, related_name="successions")
    after = models.ForeignKey(Place, models.PROTECT, related_name="predecessions")
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after"], name="succession_once_for_a_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class BoundaryFile(models.Model):
    """A file of boundaries that was accepted: what it drew is on the maps.

    Its rows stay when a newer file has replaced its outlines.
    """

    access = Access.REFERENCE

    uid = UidField()
    level = models.PositiveSmallIntegerField(choices=Level)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=100)
    year = models.CharField(max_length=4, help_text="Of the boundaries, not the file")
    outlines = models.PositiveIntegerField(help_text="How many places it drew")
    accepted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.file_name


class MapSheet(models.Model):
    """The drawn map of a territory by its places of one level, ready for an SVG.

    Its outlines were simplified together, so that neighbours share their border; a
    newer file draws the whole sheet anew.
    """

    access = Access.REFERENCE

    territory = models.ForeignKey(Place, models.CASCADE, related_name="sheets")
    level = models.PositiveSmallIntegerField(choices=Level)
    of = models.ForeignKey(BoundaryFile, models.PROTECT, related_name="sheets")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "level"], name="mapsheet_once_for_a_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.territory}: {self.get_level_display()}"


class Outline(models.Model):
    """One place on a sheet: its SVG path, and where in it a figure finds room."""

    access = Access.REFERENCE

    sheet = models.ForeignKey(MapSheet, models.CASCADE, related_name="outlines")
    place = models.ForeignKey(Place, models.CASCADE, related_name="outlines")
    drawing = models.TextField()
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    room = models.PositiveSmallIntegerField(help_text="How near its border comes")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "place"], name="outline_once_on_a_sheet"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet}: {self.place}"
