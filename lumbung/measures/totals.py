"""Totals that are not the sum of their parts, each with the difference.

Two kinds of parts: the places that a place holds, and a breakdown (industries, men and
women) beside the whole. Only counts and rupiah add up; a share of a district is no sum,
and neither are rupiah a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count

from lumbung.core import cells
from lumbung.measures.models import Indicator, Observation, ObservationQuerySet, Source
from lumbung.places.models import Place

# What is published in thousands or billions is rounded, often more than once.
ROUNDED = Decimal("0.001")


class Value(NamedTuple):
    """One observation, as much as adding up needs of it."""

    place: int
    parent: int | None
    period: str
    breakdown: str
    source: int
    number: float
    value: str
    as_published: str


COLUMNS = (
    *("place", "place__parent", "period", "breakdown", "source"),
    *("number", "value", "as_published"),
)


@dataclass(frozen=True)
class Difference:
    """A total and the sum of its parts; `breakdown` is '' for the whole.

    `by` says what the parts are: `places` or `breakdown`; `count` how many have a
    value, `out_of` how many there are (0 where nobody can know).
    """

    indicator: Indicator
    place: Place
    period: str
    breakdown: str
    source: Source
    by: str
    total: Decimal
    parts: Decimal
    count: int
    out_of: int

    @property
    def difference(self) -> Decimal:
        return self.total - self.parts


class Found(NamedTuple):
    """A total that differs, before its place and source are read."""

    whole: Value
    by: str
    parts: Decimal
    held: int
    out_of: int


def differences(
    indicator: Indicator,
    *,
    within: Place | None = None,
    period: str = "",
    source: Source | None = None,
    rows: ObservationQuerySet | None = None,
) -> list[Difference]:
    """The totals of an indicator that are not what their parts add up to.

    The largest difference, as a share of its total, comes first. `rows` are the
    observations to look at: what counts now, if nothing is said.
    """
    if not adds_up(indicator):
        return []
    chosen = (rows if rows is not None else Observation.objects.current()).filter(
        indicator=indicator
    )
    if within is not None:
        chosen = chosen.filter(place__in=Place.objects.below(within))
    if period:
        chosen = chosen.filter(period=period)
    if source is not None:
        chosen = chosen.filter(source=source)
    found = [*of_breakdowns(chosen), *of_places(chosen)]
    return sorted(read(indicator, found), key=weight, reverse=True)


def adds_up(indicator: Indicator) -> bool:
    """Counts do; rupiah do unless they are counted for each person or household."""
    if indicator.unit == Indicator.Unit.RUPIAH:
        return indicator.counts == Indicator.Counts.OTHER
    return indicator.unit == Indicator.Unit.COUNT


def weight(found: Difference) -> Decimal:
    most = max(abs(found.total), abs(found.parts))
    return abs(found.difference) / most


def of_breakdowns(rows: ObservationQuerySet) -> Iterator[Found]:
    """Wholes that differ from the sum of their breakdown, dimension by dimension."""
    if not rows.exclude(breakdown="").exists():
        return
    ordered = rows.order_by("place", "period", "source", "breakdown")
    for _, group in groupby(
        lines(ordered), key=lambda v: (v.place, v.period, v.source)
    ):
        values = list(group)
        whole = next((value for value in values if not value.breakdown), None)
        parts: dict[str, list[Value]] = defaultdict(list)
        for value in values:
            if value.breakdown:
                parts[dimension(value.breakdown)].append(value)
        if whole is None:
            continue
        for each in parts.values():
            # One part alone may be all that was asked: it is no sum.
            if len(each) > 1 and differ(whole, each):
                yield Found(whole, "breakdown", added(each), len(each), 0)


def dimension(breakdown: str) -> str:
    """What a breakdown is by: `sex: women` is by sex; a bare word says nothing."""
    before, mark, _ = breakdown.partition(": ")
    return before if mark else ""


def of_places(rows: ObservationQuerySet) -> Iterator[Found]:
    """Places whose value differs from the sum over the places they hold.

    Where some of them have no value, their sum proves something only if it is more
    than the total.
    """
    levels = list(rows.values_list("place__level", flat=True).distinct())
    if len(levels) < 2:
        return
    wholes = {
        (value.place, value.period, value.breakdown, value.source): value
        for value in lines(rows.filter(place__level__lt=max(levels)))
    }
    parts: dict[Any, list[Value]] = defaultdict(list)
    for value in lines(rows.filter(place__level__gt=min(levels))):
        of = (value.parent, value.period, value.breakdown, value.source)
        if of in wholes:
            parts[of].append(value)
    held = held_by({key[0] for key in parts if key[0]})
    for of, each in parts.items():
        whole, all_of_them = wholes[of], held.get(of[0], 0)
        complete = len(each) >= all_of_them
        if not complete and sum(v.number for v in each) <= whole.number:
            continue
        if differ(whole, each):
            yield Found(whole, "places", added(each), len(each), all_of_them)


def held_by(places: set[int]) -> dict[int, int]:
    """How many places in force each place holds."""
    rows = Place.objects.in_force().filter(parent__in=places).values("parent")
    counted = rows.annotate(n=Count("pk")).values_list("parent", "n")
    return {parent: count for parent, count in counted if parent is not None}


def lines(rows: ObservationQuerySet) -> Iterator[Value]:
    return map(Value._make, rows.values_list(*COLUMNS).iterator(chunk_size=5000))


def added(values: Iterable[Value]) -> Decimal:
    return sum((Decimal(value.value) for value in values), Decimal(0))


def differ(whole: Value, parts: list[Value]) -> bool:
    """Whether a total is not its parts' sum, beyond what rounding in print explains."""
    if whole.number == sum(value.number for value in parts):
        return False
    total, summed = Decimal(whole.value), added(parts)
    steps = [step(value) for value in (whole, *parts)]
    off = abs(total - summed)
    if max(steps) <= 1:
        return off > 0
    return off > max(sum(steps) / 2, ROUNDED * max(abs(total), abs(summed)))


def step(value: Value) -> Decimal:
    """The least difference that its print can show: 0.01 billion, or one person."""
    try:
        published, _ = cells.number(value.as_published, whole=True)
    except cells.CellFault:
        return Decimal(1)
    if not published or not value.number:
        return Decimal(0)
    decimals = min(0, int(published.as_tuple().exponent))
    return abs(Decimal(value.value) / published).scaleb(decimals)


def read(indicator: Indicator, found: list[Found]) -> Iterator[Difference]:
    """The differences with their places and sources, in two queries."""
    places = Place.objects.in_bulk({each.whole.place for each in found})
    sources = Source.objects.in_bulk({each.whole.source for each in found})
    for each in found:
        whole = each.whole
        yield Difference(
            indicator=indicator,
            place=places[whole.place],
            period=whole.period,
            breakdown=whole.breakdown,
            source=sources[whole.source],
            by=each.by,
            total=Decimal(whole.value),
            parts=each.parts,
            count=each.held,
            out_of=each.out_of,
        )
