"""Carry a new edition into places that are here: who moves, who ends, who is renamed.

Codes and paths are handed on in circles (one village takes its neighbour's number), so
whoever moves or ends is first parked out of the way, its territory with it, deepest
first; then all take their new seats level by level from the top.
"""

from dataclasses import dataclass

from django.db.models import Value
from django.db.models.functions import Concat, Substr

from lumbung.core.editions import Pair, level, parent
from lumbung.core.names import key
from lumbung.fields import below
from lumbung.places import rows
from lumbung.places.kinds import kind_of
from lumbung.places.models import (
    Edition,
    FormerName,
    Level,
    Place,
    PlaceCode,
    Succession,
)
from lumbung.places.plans import Plan

DEPTHS = range(Level.PROVINCE, Level.VILLAGE + 1)


@dataclass(frozen=True)
class Seat:
    """Where a place of the plan sits before the change."""

    pk: int
    path: str
    above: int


class Change:
    """The places of one plan that are here already, on their way."""

    def __init__(self, plan: Plan, edition: Edition) -> None:
        self.plan, self.edition = plan, edition
        self.pairs = plan.comparison.pairs
        self.moved = plan.moved
        self.ended = plan.ended
        self.renamed = plan.renamed
        places = Place.objects.in_force().filter(level__in=DEPTHS)
        seats = places.values_list("code", "pk", "path", "parent_id")
        touched = self.moved or self.ended or self.renamed
        self.seats = (
            {c: Seat(pk, path, above) for c, pk, path, above in seats}
            if touched
            else {}
        )

    def movers(self) -> list[Pair]:
        """Those who move by themselves, not because a place above them does."""
        return [pair for pair in self.moved if not self.follows(pair)]

    def follows(self, pair: Pair) -> bool:
        above = parent(pair.before)
        last = pair.before.rpartition(".")[2]
        return bool(above) and f"{self.pairs.get(above)}.{last}" == pair.after

    def park(self) -> None:
        """Take all who move or end from their seats, and free their codes."""
        leaving = [*(pair.before for pair in self.movers()), *self.ended]
        for code in sorted(leaving, key=level, reverse=True):
            carry(self.seats[code].path, parked(self.seats[code]))
        going = [self.seats[pair.before].pk for pair in self.moved]
        rows.update(Place, "code", ((f"~{pk}", pk) for pk in going))
        ending = [self.seats[code].pk for code in self.ended]
        rows.update(Place, "closed_in", ((self.edition.pk, pk) for pk in ending))

    def settle(self, depth: int) -> None:
        """Seat those of one level; all above them sit already."""
        for code in self.ended:
            if level(code) == depth:
                seat = self.seats[code]
                above = Place.objects.only("path").get(pk=seat.above)
                last = code.rpartition(".")[2]
                carry(parked(seat), f"{above.path}{last}{closing_mark(self.edition)}.")
        for pair in self.movers():
            if level(pair.after) == depth:
                self.seat(pair)
        here = [pair for pair in self.moved if level(pair.after) == depth]
        keys = [(pair.after, self.seats[pair.before].pk) for pair in here]
        rows.update(Place, "code", keys)
        rows.update(Place, "kind", ((kind_of(code).value, pk) for code, pk in keys))

    def seat(self, pair: Pair) -> None:
        seat = self.seats[pair.before]
        above = Place.objects.in_force().get(code=parent(pair.after) or "ID")
        Place.objects.filter(pk=seat.pk).update(parent=above)
        carry(parked(seat), f"{above.path}{pair.after.rpartition('.')[2]}.")

    def rename(self) -> None:
        """Write the new names; keep the old where more than the spelling changed."""
        names = self.plan.edition.names
        keys = [
            (names[pair.after], self.seats[pair.before].pk) for pair in self.renamed
        ]
        rows.update(Place, "name", keys)
        FormerName.objects.bulk_create(
            [
                FormerName(
                    place_id=self.seats[pair.before].pk,
                    name=self.plan.before[pair.before],
                    until=self.edition,
                )
                for pair in self.renamed
                if key(self.plan.before[pair.before]) != key(names[pair.after])
            ],
            ignore_conflicts=True,
        )

    def close_codes(self) -> None:
        """End the codes that are no longer used, and write those that are now."""
        day = self.edition.valid_from
        scheme = PlaceCode.Scheme.KEMENDAGRI
        ended = [self.seats[code].pk for code in self.ended]
        moved = [self.seats[pair.before].pk for pair in self.moved]
        for some in rows.chunks([pk] for pk in [*ended, *moved]):
            PlaceCode.objects.filter(
                place__in=[pk for (pk,) in some], scheme=scheme, valid_to=None
            ).update(valid_to=day)
        PlaceCode.objects.bulk_create(
            [
                PlaceCode(
                    place_id=self.seats[pair.before].pk,
                    scheme=scheme,
                    code=pair.after,
                    valid_from=day,
                )
                for pair in self.moved
            ],
            update_conflicts=True,
            unique_fields=["place", "scheme", "code"],
            update_fields=["valid_to"],
        )

    def record_origins(self) -> None:
        """Write down out of whom new places were made, and who took in whose."""
        kinds = (
            (Succession.Kind.SPLIT, self.plan.comparison.split),
            (Succession.Kind.MERGED, self.plan.comparison.merged),
        )
        after = dict(
            Place.objects.in_force()
            .filter(code__in=[pair.after for _, pairs in kinds for pair in pairs])
            .values_list("code", "pk")
        )
        Succession.objects.bulk_create(
            [
                Succession(
                    edition=self.edition,
                    before_id=self.seats[pair.before].pk,
                    after_id=after[pair.after],
                    kind=kind,
                )
                for kind, pairs in kinds
                for pair in pairs
            ],
            ignore_conflicts=True,
        )


def parked(seat: Seat) -> str:
    """A path that nobody else has. It never outlives the transaction."""
    return f"~{seat.pk}."


def closing_mark(edition: Edition) -> str:
    """What the last part of a path carries once its place has ended: `~4-0-1`."""
    return "~" + edition.number.replace(".", "-")


def carry(old: str, new: str) -> None:
    """Give a place, and all that lies in it, the path `new` instead of `old`."""
    Place.objects.filter(below("path", old)).update(
        path=Concat(Value(new), Substr("path", len(old) + 1))
    )
