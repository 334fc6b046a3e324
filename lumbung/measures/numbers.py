"""The numbers known of a place: the latest of each indicator, in words and units."""

from typing import Any

from lumbung.core.message import Message, Text
from lumbung.measures.figures.values import COUNTS, value_address, value_of
from lumbung.measures.models import Indicator, Observation
from lumbung.places.models import Place


def latest(place: Place, most: int) -> dict[str, Any]:
    """The latest value of each indicator of a place, and how many values there are."""
    rows = Observation.objects.current().filter(place=place)
    rows = rows.select_related("indicator", "source", "place")
    found: dict[tuple[int, str], list[Observation]] = {}
    total = 0
    for row in rows.order_by("indicator__pk", "breakdown", "-period", "source"):
        total += 1
        newest = found.setdefault((row.indicator_id, row.breakdown), [row])
        if row is not newest[0] and row.period == newest[0].period:
            newest.append(row)
    shown = [row for rows in found.values() for row in rows]
    return {"values": [told(row) for row in shown[:most]], "value_count": total}


def told(row: Observation) -> dict[str, Any]:
    return {
        "row": row,
        "name": named(row),
        "value": value_of(row),
        "unit": counted(row.indicator),
        "origin": value_address(row),
    }


def named(row: Observation) -> Text:
    """The indicator, and which part of it where it is broken down."""
    names = row.indicator.name_id, row.indicator.name_en
    return Text(
        *(f"{name}: {row.breakdown}" if row.breakdown else name for name in names)
    )


def unit(indicator: Indicator) -> Message | str:
    """What a value is in, for a column of its own."""
    counts = COUNTS[Indicator.Counts(indicator.counts)]
    known = indicator.counts != Indicator.Counts.OTHER
    match indicator.unit:
        case Indicator.Unit.SHARE:
            return Message("per cent of %(counts)s", counts=counts) if known else "%"
        case Indicator.Unit.COUNT:
            return counts if known else ""
        case Indicator.Unit.RUPIAH:
            return Message("rupiah")
    return ""


def counted(indicator: Indicator) -> Message | str:
    """What to say after a number that bears no unit of its own: `87.010 orang`."""
    return unit(indicator) if indicator.unit == Indicator.Unit.COUNT else ""
