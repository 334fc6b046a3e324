"""Batches of the sealed trail, as they are stored. `seals.py` makes them."""

from typing import Self

from django.db import models

from lumbung.core.access import Access


class SealQuerySet(models.QuerySet["Seal"]):
    def without_leaves(self) -> Self:
        """In order, without the long text that only a proof reads."""
        return self.defer("leaves").order_by("number")


class Seal(models.Model):
    """A batch of the trail, closed: no line in it can change without showing.

    `digest` is of the whole batch, the digest before included (`core/seal.py`).
    `leaves` has a line for each event with its uid, key and digest, so that a proof
    can name which event is not what it was. Written by `seals.seal`, never changed.
    """

    access = Access.REFERENCE

    number = models.PositiveBigIntegerField(unique=True, help_text="From 1, no gaps")
    version = models.PositiveSmallIntegerField(help_text="How it was digested")
    sealed_at = models.DateTimeField()
    count = models.PositiveIntegerField(help_text="Events in this batch")
    total = models.PositiveBigIntegerField(help_text="Events up to and with it")
    before = models.CharField(max_length=64, blank=True)
    leaves = models.TextField()
    digest = models.CharField(max_length=64, unique=True)

    objects = SealQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.number}-{self.digest[:20]}"
