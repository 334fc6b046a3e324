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
        touched = {pair.before for pair in [*self.moved, *self.renamed]}
        origins = [*plan.comparison.split, *plan.comparison.merged]
        touched |= {pair.before for pair in origins} | set(self.ended)
        places = Place.objects.in_force().filter(level__in=DEPTHS)
        seats = places.values_list("code", "pk", "path", "parent_id")
        self.seats = {
            code: Seat(pk, path, above)
            for some in rows.chunks([code] for code in touched)
            for code, pk, path, above in seats.filter(code__in=[c for (c,) in some])
        }

    def movers(self) -> list[Pair]:
        """Those who move by themselves, not because a place above them does."""
        return [pair for pair in self.moved if not self.follows(pair)]

    def follows(self, pair: Pair) -> bool:
        above = parent(pair.before)
        return bool(above) and (
            f"{self.pairs.get(above)}.{last(pair.before)}" == pair.after
        )

    def park(self) -> None:
        """Take all who move or end from their seats, and free their codes."""
        leaving = [*(pair.before for pair in self.movers()), *self.ended]
        for depth in reversed(DEPTHS):
            seats = [self.seats[code] for code in leaving if level(code) == depth]
            carry(depth, [(seat.pk, seat.path, parked(seat)) for seat in seats])
        going = [self.seats[pair.before].pk for pair in self.moved]
        rows.update(Place, "code", ((f"~{pk}", pk) for pk in going))
        ending = [self.seats[code].pk for code in self.ended]
        rows.update(Place, "closed_in", ((self.edition.pk, pk) for pk in ending))

    def settle(self, depth: int) -> None:
        """Seat those of one level; all above them sit already."""
        self.settle_ended(depth)
        self.settle_movers(depth)
        here = [pair for pair in self.moved if level(pair.after) == depth]
        keys = [(pair.after, self.seats[pair.before].pk) for pair in here]
        rows.update(Place, "code", keys)
        rows.update(Place, "kind", ((kind_of(code).value, pk) for code, pk in keys))

    def settle_ended(self, depth: int) -> None:
        ended = [code for code in self.ended if level(code) == depth]
        seats = [self.seats[code] for code in ended]
        above = dict(
            Place.objects.filter(pk__in={seat.above for seat in seats}).values_list(
                "pk", "path"
            )
        )
        mark = closing_mark(self.edition)
        ways = [
            (seat.pk, parked(seat), f"{above[seat.above]}{last(code)}{mark}.")
            for code, seat in zip(ended, seats, strict=True)
        ]
        carry(depth, ways)

    def settle_movers(self, depth: int) -> None:
        movers = [pair for pair in self.movers() if level(pair.after) == depth]
        codes = {parent(pair.after) or "ID" for pair in movers}
        above = {
            code: (pk, path)
            for code, pk, path in Place.objects.in_force()
            .filter(code__in=codes)
            .values_list("code", "pk", "path")
        }
        ways, parents = [], []
        for pair in movers:
            seat = self.seats[pair.before]
            pk, path = above[parent(pair.after) or "ID"]
            ways.append((seat.pk, parked(seat), f"{path}{last(pair.after)}."))
            parents.append((pk, seat.pk))
        carry(depth, ways)
        rows.update(Place, "parent", parents)

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


def last(code: str) -> str:
    return code.rpartition(".")[2]


def carry(depth: int, ways: list[tuple[int, str, str]]) -> None:
    """Give places, and all that lies in them, new paths: key, path now, path then."""
    if depth == Level.VILLAGE:  # nothing lies in a village
        rows.update(Place, "path", ((then, pk) for pk, _, then in ways))
        return
    for _, now, then in ways:
        Place.objects.filter(below("path", now)).update(
            path=Concat(Value(then), Substr("path", len(now) + 1))
        )
