"""Files that prove something: kept once per content, seen by territory."""

from typing import Self

from django.db import models

from lumbung.accounts.models import User
from lumbung.core.access import Access
from lumbung.fields import UidField
from lumbung.places.models import Place


class StoredFile(models.Model):
    """Bytes on disk, once per content. Nobody outside learns that they were there."""

    access = Access.RESTRICTED

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField(help_text="In bytes")
    width = models.PositiveIntegerField(null=True, help_text="In pixels, images only")
    height = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(null=True, help_text="PDF only")

    def __str__(self) -> str:
        return self.sha256


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user.inside("place__path", "programme"))

    def standing(self) -> Self:
        return self.filter(voided_at=None)


class Evidence(models.Model):
    """A photo or paper somebody put in as proof, with where, when and by whom."""

    access = Access.WORK

    uid = UidField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="uses")
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40, blank=True)
    dated_on = models.DateField(help_text="The day on the paper, or of the photo")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="evidence_latest")]

    def __str__(self) -> str:
        return self.title


class EvidenceLocation(models.Model):
    """Where a photo was taken. It may be somebody's house, so it is restricted."""

    access = Access.RESTRICTED

    evidence = models.OneToOneField(
        Evidence, models.CASCADE, related_name="location", primary_key=True
    )
    latitude = models.CharField(max_length=20, help_text="Decimal degrees, as text")
    longitude = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.latitude}, {self.longitude}"
