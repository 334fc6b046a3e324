"""Values that leap: worth a look before an import is accepted, though nothing is wrong.

A share that moves by more than twenty points, anything else that more than doubles or
halves: against the value it revises, else against the period before.
"""

import math
from collections.abc import Iterator
from decimal import Decimal
from heapq import nlargest
from itertools import groupby, islice
from typing import Any, NamedTuple

from lumbung.core import cells
from lumbung.core.message import Message
from lumbung.imports.importers import Finding, Review
from lumbung.imports.models import Import
from lumbung.measures.models import Indicator, Observation
from lumbung.measures.totals import Difference, differences
from lumbung.places.models import Place

POINTS = 0.20
TIMES = 2
SHOWN = 50
LEAPS_SHOWN = 200  # of all indicators together: the IDM alone has 54
PLACES = 1_000  # looked at in one query


class Known(NamedTuple):
    """A value of a place: in this import where `staged`, else accepted before."""

    staged: bool
    place: int
    breakdown: str
    period: str
    source: int
    number: float
    value: str


class Leap(NamedTuple):
    """How far a value moved, in steps of what is worth a look, and from which."""

    size: float
    before: Known
    after: Known


def review(of: Import) -> Review:
    """Read the staged rows once more; the largest leaps and differences come first."""
    found = Review()
    largest: list[tuple[Indicator, Leap]] = []
    for indicator in Indicator.objects.filter(pk__in=indicators_of(of)):
        count, leaps = largest_of(leaps_in(of, indicator))
        found.changes += count
        largest += [(indicator, leap) for leap in leaps]
        rows = Observation.objects.with_staged(of)
        different = differences(indicator, within=of.place, rows=rows)
        found.totals += len(different)
        found.findings += [of_total(each) for each in different[:SHOWN]]
    found.findings += told(
        nlargest(LEAPS_SHOWN, largest, key=lambda pair: pair[1].size)
    )
    return found


def largest_of(leaps: Iterator[Leap]) -> tuple[int, list[Leap]]:
    """How many leap, and the largest: of millions only those are kept."""
    count = 0
    largest: list[Leap] = []
    while some := list(islice(leaps, 10 * SHOWN)):
        count += len(some)
        largest = nlargest(SHOWN, [*largest, *some], key=lambda leap: leap.size)
    return count, largest


def indicators_of(of: Import) -> list[int]:
    rows = Observation.objects.filter(of=of).order_by("indicator")
    return list(rows.values_list("indicator", flat=True).distinct())


def leaps_in(of: Import, indicator: Indicator) -> Iterator[Leap]:
    """The staged values of an indicator that leap."""
    staged = Observation.objects.filter(of=of, indicator=indicator)
    keys = staged.order_by("place").values_list("place", flat=True).distinct()
    places = keys.iterator(chunk_size=PLACES)
    while chunk := list(islice(places, PLACES)):
        for values in by_place(of, indicator, chunk):
            yield from leaps_of(values, indicator.unit)


def by_place(
    of: Import, indicator: Indicator, places: list[int]
) -> Iterator[list[Known]]:
    """What is known of each place and breakdown: accepted before, and in this import."""
    rows = Observation.objects.filter(indicator=indicator, place__in=places)
    columns = ("place", "breakdown", "period", "source", "number", "value")
    known = [
        Known(False, *line)
        for line in rows.accepted().order_by("of").values_list(*columns)
    ]
    known += [Known(True, *line) for line in rows.filter(of=of).values_list(*columns)]
    known.sort(key=lambda value: value[1:3])
    for _, group in groupby(known, key=lambda value: value[1:3]):
        yield list(group)


def leaps_of(values: list[Known], unit: str) -> Iterator[Leap]:
    """Each staged value against the one it revises, else the period before it."""
    standing = {(v.period, v.source): v for v in values if not v.staged}
    latest: dict[str, Known] = {}
    for value in values:  # staged ones are last, and so are later revisions
        latest[value.period] = value
    periods = sorted(latest)
    for value in values:
        if not value.staged:
            continue
        before = standing.get((value.period, value.source))
        if before is None:
            earlier = [p for p in periods if p < value.period and same_kind(p, value)]
            before = latest[earlier[-1]] if earlier else None
        if before is not None and (size := leap(before.number, value.number, unit)) > 1:
            yield Leap(size, before, value)


def same_kind(period: str, value: Known) -> bool:
    """Years are compared with years, months with months."""
    return len(period) == len(value.period)


def leap(before: float, after: float, unit: str) -> float:
    """How far it is from `before` to `after`; more than 1 is worth a look.

    >>> leap(0.30, 0.55, "share") > 1, leap(100, 199, "count") > 1, leap(100, 49, "count") > 1
    (True, False, True)
    """
    if unit == Indicator.Unit.SHARE:
        return round(abs(after - before) / POINTS, 9)
    if before == after:
        return 0.0
    if before * after <= 0:
        return math.log2(abs(after - before) + TIMES)
    return round(abs(math.log(after / before, TIMES)), 9)


def told(leaps: list[tuple[Indicator, Leap]]) -> list[Finding]:
    places = Place.objects.in_bulk({each.after.place for _, each in leaps})
    return [
        Finding(
            kind="change",
            place=places[each.after.place].name,
            code=places[each.after.place].code,
            text=since(indicator, each),
            before=shown(each.before.value, indicator),
            after=shown(each.after.value, indicator),
        )
        for indicator, each in leaps
    ]


def since(indicator: Indicator, found: Leap) -> Message:
    name = called(indicator, found.after.breakdown)
    if found.before.period == found.after.period:
        return Message(
            "%(name)s, %(period)s: revised", name=name, period=found.after.period
        )
    return Message(
        "%(name)s, %(period)s: since %(before)s",
        name=name,
        period=found.after.period,
        before=found.before.period,
    )


def called(indicator: Indicator, breakdown: str) -> Any:
    name = indicator.words
    if not breakdown:
        return name
    return Message("%(name)s (%(part)s)", name=name, part=breakdown)


def shown(value: str | Decimal, indicator: Indicator) -> Any:
    return cells.shown(Decimal(value), indicator.unit)


def of_total(found: Difference) -> Finding:
    """A total beside the sum of its parts."""
    values: dict[str, Any] = {
        "name": called(found.indicator, found.breakdown),
        "period": found.period,
        "difference": shown(found.difference, found.indicator),
        "count": found.count,
    }
    if found.by == "places":
        text = Message(
            "%(name)s, %(period)s: %(difference)s away from its %(count)s places",
            **values,
        )
    else:
        text = Message(
            "%(name)s, %(period)s: %(difference)s away from its %(count)s parts",
            **values,
        )
    return Finding(
        kind="total",
        place=found.place.name,
        code=found.place.code,
        text=text,
        before=shown(found.parts, found.indicator),
        after=shown(found.total, found.indicator),
    )
