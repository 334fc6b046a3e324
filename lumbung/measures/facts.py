"""Facts from measures: values, changes and classes of a case's main place."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q

from lumbung.core.cells import shown
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Message, Plural, Share
from lumbung.fields import below
from lumbung.measures.models import ClassScheme, Observation, PlaceClass
from lumbung.places.models import Level, Place
from lumbung.programmes.models import Case, CasePlace
from lumbung.programmes.registry import FACTS, FactKind

Answer = Known | Unknown


def indicator(cases: Sequence[Case], on: date, named: str) -> Mapping[int, Answer]:
    """The value of an indicator that was the latest known of the place on a day.

    `code@2019` asks for one period. Values for part of the people (a breakdown) do not
    count; of two sources for one period the later cut-off date does.
    """
    code, _, period = named.partition("@")
    mains = main_places(cases)
    series = values_by_period(code, set(mains.values()), on)
    found = {}
    for place, known in series.items():
        wanted = period or max(known)
        if wanted in known:
            found[place] = answer(*known[wanted])
    nothing = Unknown(
        Message(
            "No accepted value of this indicator for %(period)s yet.", period=period
        )
        if period
        else Message("No accepted value of this indicator for the place yet.")
    )
    return {case.pk: found.get(mains.get(case.pk, 0), nothing) for case in cases}


def main_places(cases: Sequence[Case]) -> dict[int, int]:
    """The main place of each case, both by primary key."""
    mains = CasePlace.objects.filter(
        case__in=[case.pk for case in cases], role=CasePlace.Role.MAIN
    )
    return dict(mains.values_list("case", "place"))


Series = dict[int, dict[str, tuple[Observation, date]]]


def values_by_period(code: str, places: set[int], on: date) -> Series:
    """By place and period the value that counts, of those known on a day."""
    rows = (
        Observation.objects.current()
        .filter(indicator__code=code, place__in=places, breakdown="")
        .select_related("indicator", "source")
    )
    found: Series = {}
    for row in rows:
        as_of = row.source.cut_off_on or end_of(row.period)
        known = found.setdefault(row.place_id, {})
        if as_of <= on and (
            row.period not in known
            or (known[row.period][1], known[row.period][0].of_id) < (as_of, row.of_id)
        ):
            known[row.period] = (row, as_of)
    return {place: known for place, known in found.items() if known}


def rise(cases: Sequence[Case], on: date, named: str) -> Mapping[int, Answer]:
    """How much an indicator rose; `code@3` over three periods, else since the last."""
    return change(cases, on, named, sign=1)


def fall(cases: Sequence[Case], on: date, named: str) -> Mapping[int, Answer]:
    """How much an indicator fell: below zero where it rose."""
    return change(cases, on, named, sign=-1)


def change(
    cases: Sequence[Case], on: date, named: str, *, sign: int
) -> Mapping[int, Answer]:
    code, _, over = named.partition("@")
    span = int(over or 1)
    mains = main_places(cases)
    series = values_by_period(code, set(mains.values()), on)
    few = Unknown(
        Plural(
            "A change over %(count)s period needs one value more than there is.",
            "A change over %(count)s periods needs more values than there are.",
            count=span,
        )
    )
    found = {
        place: changed(known, span, sign)
        for place, known in series.items()
        if len(known) > span
    }
    return {case.pk: found.get(mains.get(case.pk, 0), few) for case in cases}


def changed(
    known: Mapping[str, tuple[Observation, date]], span: int, sign: int
) -> Known:
    """The latest value less the one `span` periods with a value before it."""
    periods = sorted(known)
    (last, as_of), (first, _) = known[periods[-1]], known[periods[-1 - span]]
    gap = sign * (Decimal(last.value) - Decimal(first.value))
    said = Message(
        "%(source)s, %(first)s to %(last)s",
        source=last.source.title,
        first=first.period,
        last=last.period,
    )
    if last.source.is_example or first.source.is_example:
        said = Message("%(source)s (example)", source=said)
    return Known(shown(gap, last.indicator.unit), said, as_of)


def klass(cases: Sequence[Case], on: date, named: str) -> Mapping[int, Answer]:
    """The class of the main place by a scheme, the latest known on a day.

    `scheme@2019` asks for one period. A place without data has no class.
    """
    scheme, _, period = named.partition("@")
    mains = main_places(cases)
    rows = PlaceClass.objects.current().filter(
        scheme__code=scheme, place__in=set(mains.values())
    )
    rows = rows.filter(period=period) if period else rows
    found: dict[int, Answer] = {}
    for row in rows.select_related("source").order_by("period"):
        as_of = row.source.cut_off_on or end_of(row.period)
        if as_of <= on:
            found[row.place_id] = Known(row.code, class_source(row), as_of)
    nothing = Unknown(Message("The place has no class by this scheme yet."))
    return {case.pk: found.get(mains.get(case.pk, 0), nothing) for case in cases}


def class_source(row: PlaceClass) -> Message:
    said = Message("%(source)s, %(period)s", source=row.source.title, period=row.period)
    if row.source.is_example:
        return Message("%(source)s (example)", source=said)
    return said


def red_below(cases: Sequence[Case], on: date, named: str) -> Mapping[int, Answer]:
    """The share of villages in the main place that are red by a scheme.

    Of the latest period known on a day, or of `scheme@2019`; of those that have a
    class. A village is all that lies in itself.
    """
    code, _, period = named.partition("@")
    scheme = ClassScheme.objects.filter(code=code).first()
    nothing = Unknown(
        Message("No village of the place has a class by this scheme yet.")
    )
    if scheme is None:
        return {case.pk: nothing for case in cases}
    red = {each["code"] for each in scheme.classes if each["tone"] == "red"}
    mains = main_places(cases)
    paths = dict(Place.objects.filter(pk__in=mains.values()).values_list("pk", "path"))
    rows = red_rows(scheme, list(paths.values()), period, on)
    found = {
        place: share_red([row for row in rows if row.place.path.startswith(path)], red)
        for place, path in paths.items()
    }
    return {case.pk: found.get(mains.get(case.pk, 0)) or nothing for case in cases}


AT_ONCE = 100  # territories that one query looks into


def red_rows(
    scheme: ClassScheme, paths: Sequence[str], period: str, on: date
) -> list[PlaceClass]:
    """The classes of all villages in these territories that are known on a day."""
    found: dict[int, PlaceClass] = {}
    for start in range(0, len(paths), AT_ONCE):
        inside = Q(pk__in=[])
        for path in paths[start : start + AT_ONCE]:
            inside |= below("place__path", path)
        rows = PlaceClass.objects.current().filter(
            inside, scheme=scheme, place__level=Level.VILLAGE
        )
        rows = rows.filter(period=period) if period else rows
        found |= {row.pk: row for row in rows.select_related("source", "place")}
    return [row for row in found.values() if known_on(row) <= on]


def known_on(row: PlaceClass) -> date:
    return row.source.cut_off_on or end_of(row.period)


def share_red(rows: Sequence[PlaceClass], red: set[str]) -> Known | None:
    """Of the latest period that any of the villages has a class in."""
    if not rows:
        return None
    latest = max(row.period for row in rows)
    last = [row for row in rows if row.period == latest]
    count = sum(row.code in red for row in last)
    as_of = max(known_on(row) for row in last)
    return Known(Share(count, len(last)), class_source(last[0]), as_of, whole=len(last))


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


PERIODS = r"(19|20)\d\d(-(S[12]|Q[1-4]|\d\d))?"
SPANS = r"[1-9]\d?"
FACTS |= {
    "indicator": FactKind("indicator", indicator, takes="indicator", suffix=PERIODS),
    "rise": FactKind("indicator", rise, takes="indicator", suffix=SPANS),
    "fall": FactKind("indicator", fall, takes="indicator", suffix=SPANS),
    "class": FactKind("choice", klass, takes="scheme", suffix=PERIODS),
    "red_below": FactKind("share", red_below, takes="scheme", suffix=PERIODS),
}
