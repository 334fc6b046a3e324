"""Facts from measures: the latest accepted value of a case's main place."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from lumbung.core.cells import shown
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Message
from lumbung.measures.models import Observation
from lumbung.programmes.models import Case, CasePlace
from lumbung.programmes.registry import FACTS, FactKind

Answer = Known | Unknown


def indicator(cases: Sequence[Case], on: date, code: str) -> Mapping[int, Answer]:
    """The value of an indicator that was the latest known of the place on a day.

    Values for part of the people (a breakdown) do not count; of two sources for one
    period the later cut-off date does.
    """
    mains = dict(
        CasePlace.objects.filter(
            case__in=[case.pk for case in cases], role=CasePlace.Role.MAIN
        ).values_list("case", "place")
    )
    latest = latest_values(code, set(mains.values()), on)
    nothing = Unknown(Message("No accepted value of this indicator for the place yet."))
    return {case.pk: latest.get(mains.get(case.pk, 0), nothing) for case in cases}


def latest_values(code: str, places: set[int], on: date) -> dict[int, Answer]:
    rows = (
        Observation.objects.current()
        .filter(indicator__code=code, place__in=places, breakdown="")
        .select_related("indicator", "source")
    )
    known: dict[int, tuple[tuple[str, date], Answer]] = {}
    for row in rows:
        as_of = row.source.cut_off_on or end_of(row.period)
        if as_of > on:
            continue
        order = (row.period, as_of)
        if row.place_id not in known or known[row.place_id][0] < order:
            known[row.place_id] = (order, answer(row, as_of))
    return {place: found for place, (_, found) in known.items()}


def answer(row: Observation, as_of: date) -> Known:
    value = shown(Decimal(row.value), row.indicator.unit)
    said = Message("%(source)s, %(period)s", source=row.source.title, period=row.period)
    if row.source.is_example:
        said = Message("%(source)s (example)", source=said)
    return Known(value, said, as_of)


def end_of(period: str) -> date:
    """The first day of the last month of a period: when it may be known at the latest.

    >>> end_of("2021"), end_of("2021-S1"), end_of("2021-07")
    (datetime.date(2021, 12, 1), datetime.date(2021, 6, 1), datetime.date(2021, 7, 1))
    """
    year, _, part = period.partition("-")
    if not part:
        month = 12
    elif part[0] in "SQ":
        month = int(part[1:]) * (6 if part[0] == "S" else 3)
    else:
        month = int(part)
    return date(int(year), month, 1)


FACTS["indicator"] = FactKind("indicator", indicator, takes="indicator")
