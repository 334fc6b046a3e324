"""Rows that revise one another: written by the thousand, compared with what counts.

A table of this kind has `KEY` (what a value is of), a link `of` to the import, and
`accepted()`. Rows come as plain tuples, because model objects cost more than the file.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Protocol

from django.db import models, transaction

from lumbung.imports.importers import Counts
from lumbung.imports.models import Import
from lumbung.places.rows import insert

PURGED_AT_ONCE = 5_000
FEW = 4_000
Line = tuple[Any, ...]
Changed = list[tuple[Line, Line | None]]


class Revised(Protocol):
    """What makes two rows of one key the same value."""

    def __call__(self, before: Line, after: Line) -> bool: ...


class Revisions:
    """The table that a file's rows go into; a row is a tuple of `fields`.

    `told` are the fields that say the value; `same` compares them where they are not
    equal as they stand.
    """

    def __init__(
        self,
        model: Any,
        fields: Sequence[str],
        told: Sequence[str],
        same: Revised = lambda before, after: before == after,
    ) -> None:
        self.model, self.fields, self.told, self.same = model, fields, told, same
        self.key = itemgetter(*(fields.index(name) for name in model.KEY))
        self.value = picked([fields.index(name) for name in told])

    def write(self, staged: Sequence[Line], *, compare: bool) -> tuple[Counts, Changed]:
        """Write what is new or differs from what stands now.

        Without `compare` nothing can stand, and nothing is asked. Returns the counts
        and the written rows, each with what it revises.
        """
        standing = self.standing(staged) if compare else {}
        counts, fresh = Counts(), []
        for line in staged:
            before = standing.get(self.key(line)) if standing else None
            if before is None:
                counts.new += 1
            else:
                after = self.value(line)
                if before == after or self.same(before, after):
                    counts.same += 1
                    continue
                counts.revised += 1
            fresh.append((line, before))
        insert(self.model, self.fields, (line for line, _ in fresh))
        return counts, fresh

    def standing(self, staged: Sequence[Line]) -> dict[Line, Line]:
        """What counts now for the keys of `staged`, in one query.

        All accepted revisions, the latest last: plainer for a database than
        `current()`, which must ask about each row whether another one follows.
        """
        keys = [self.key(line) for line in staged]
        among = {
            f"{name}__in": {key[seat] for key in keys}
            for seat, name in enumerate(self.model.KEY)
        }
        rows = self.model.objects.accepted().filter(**among).order_by("of")
        size = len(self.model.KEY)
        lines = rows.values_list(*self.model.KEY, *self.told).iterator()
        return {line[:size]: line[size:] for line in lines}


def picked(seats: Sequence[int]) -> Callable[[Line], Line]:
    """Like `itemgetter`, but a tuple for one seat too."""
    if len(seats) == 1:
        return lambda line: (line[seats[0]],)
    return itemgetter(*seats)


def purge(
    model: Any, of: Import, *, report: Callable[[int], None] = lambda done: None
) -> int:
    """Delete the rows of an import that does not count, a short transaction each."""
    count = 0
    for last in ends(model.objects.filter(of=of)):
        with transaction.atomic():
            report(0)
            count += model.objects.filter(of=of, pk__lte=last).delete()[0]
    return count


def ends(rows: models.QuerySet[Any]) -> Iterator[int]:
    """The key of the last row of each batch, until no row is left."""
    keys = rows.order_by("pk").values_list("pk", flat=True)
    while batch := list(keys[:PURGED_AT_ONCE]):
        yield batch[-1]


class Firsts:
    """Which row of the file spoke first of a place: small, even for many places."""

    def __init__(self) -> None:
        self.few: dict[int, int] = {}
        self.many: array[int] | None = None

    def first(self, place: int, row: int) -> int:
        """The row that spoke of `place` before, else `row`, which is kept."""
        if self.many is None:
            found = self.few.setdefault(place, row)
            if len(self.few) > FEW:
                self.spread()
            return found
        if place >= len(self.many):
            self.many.extend([0] * (place + 1 - len(self.many)))
        if not self.many[place]:
            self.many[place] = row
        return self.many[place]

    def spread(self) -> None:
        """A number for each place costs four bytes; in a dict, a hundred."""
        self.many = array("I", [0]) * (max(self.few) + 1)
        for place, row in self.few.items():
            self.many[place] = row
        self.few = {}
