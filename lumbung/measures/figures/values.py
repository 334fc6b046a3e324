"""Certificates of single values: an indicator's value of a place, a place's class."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F

from lumbung.accounts.models import User
from lumbung.core.cells import shown
from lumbung.core.message import Message, PublishedShare, Text, Value, joined
from lumbung.measures.figures.figure import (
    FIGURES,
    Address,
    Figure,
    Kind,
    Other,
    Point,
    Rule,
    address,
)
from lumbung.measures.models import (
    ClassScheme,
    Indicator,
    Observation,
    ObservationQuerySet,
    PlaceClass,
    Run,
)
from lumbung.places.models import Place
from lumbung.programmes.models import PackVersion

COUNTS = {
    Indicator.Counts.PEOPLE: Message("people"),
    Indicator.Counts.HOUSEHOLDS: Message("households"),
    Indicator.Counts.FAMILIES: Message("families"),
    Indicator.Counts.VILLAGES: Message("villages"),
    Indicator.Counts.OTHER: Message("what the definition says"),
}
COMPUTED = Message("Computed here by a rule, from the rows that the run kept.")
TAKEN_OVER = Message("Taken over as the source gives it; Lumbung computed nothing.")


def value_address(row: Observation) -> Address:
    """The address of an observation; needs its indicator, place and source."""
    return address(
        "nilai",
        {
            "tempat": row.place.code,
            "indikator": row.indicator.code,
            "periode": row.period,
            "rincian": row.breakdown,
            "sumber": row.source.uid,
        },
    )


def class_address(place: str, scheme: str, period: str) -> Address:
    return address("kelas", {"tempat": place, "skema": scheme, "periode": period})


def value_of(row: Observation) -> Value:
    return published(row.value, row.indicator.unit)


def published(value: str | Decimal, unit: str) -> Value:
    """A stored value as people read it; a share with the decimals it was given."""
    if unit == Indicator.Unit.SHARE:
        return PublishedShare(Decimal(value))
    return shown(Decimal(value), unit)


def place_of(found: Address) -> Place | None:
    """The place an address names; the one in force where a code is used again."""
    rows = Place.objects.filter(code=found.get("tempat"))
    return rows.order_by(F("closed_in").asc(nulls_first=True)).first()


def rule_of(row: Indicator | ClassScheme, kind: str) -> Rule:
    """An indicator or scheme with the pack version that defines it now."""
    pack = PackVersion.objects.get(pk=row.pack_id)
    items = {item["id"]: item for item in pack.content[kind]}
    status = items[row.code]["status"] if row.code in items else "example"
    return Rule(row.words, pack.code, pack.version, status)


def latest_known(rows: ObservationQuerySet) -> ObservationQuerySet:
    """Rows in the order in which they count: the last by cut-off date, then import."""
    return rows.order_by(F("source__cut_off_on").asc(nulls_first=True), "of", "source")


def certify_value(found: Address, user: User, on: date) -> Figure | None:
    """An observed value. Without `sumber` the source with the latest cut-off counts."""
    place = place_of(found)
    indicator = Indicator.objects.filter(code=found.get("indikator")).first()
    if place is None or indicator is None:
        return None
    same = Observation.objects.filter(
        place=place, indicator=indicator, breakdown=found.get("rincian")
    ).select_related("indicator", "source", "place", "of__by", "of__place")
    at = latest_known(same.current().filter(period=found.get("periode")))
    standing = list(at)
    asked = [r for r in standing if found.get("sumber") in {"", str(r.source.uid)}]
    if not asked:
        return None
    row = asked[-1]
    return Figure(
        address=value_address(row),
        title=Message(
            "%(indicator)s, %(place)s, %(period)s",
            indicator=indicator.words,
            place=place.name,
            period=period_said(row),
        ),
        value=value_of(row),
        said=row.as_published,
        meaning=Text(indicator.definition_id, indicator.definition_en),
        formula=TAKEN_OVER,
        counts=COUNTS[Indicator.Counts(indicator.counts)],
        place=place,
        is_example=row.source.is_example,
        sources=[row.source],
        rule=rule_of(indicator, "indicators"),
        of=row.of,
        row=row.row,
        revisions=revisions_of(same, row),
        periods=[point(r, r.period, row) for r in by_period(same, row)],
        others=[other(r, row) for r in standing if r.source_id != row.source_id],
    )


def period_said(row: Observation) -> str:
    return f"{row.period}, {row.breakdown}" if row.breakdown else row.period


def revisions_of(same: ObservationQuerySet, row: Observation) -> list[Point]:
    """Every accepted value under this key, the first first."""
    rows = same.accepted().filter(period=row.period, source=row.source_id)
    return [
        point(r, str(number), row) for number, r in enumerate(rows.order_by("of"), 1)
    ]


def by_period(same: ObservationQuerySet, row: Observation) -> list[Observation]:
    """The value of each period: by this source where it has one, else the latest."""
    found: dict[str, Observation] = {}
    for each in latest_known(same.current()):
        kept = found.get(each.period)
        if kept is None or kept.source_id != row.source_id:
            found[each.period] = each
    return [found[period] for period in sorted(found)]


def point(row: Observation, label: str, now: Observation) -> Point:
    return Point(label, value_of(row), row.number, row.source, row.of, row.pk == now.pk)


def other(row: Observation, than: Observation) -> Other:
    gap = Decimal(row.value) - Decimal(than.value)
    return Other(
        row.source,
        value_of(row),
        published(gap, row.indicator.unit),
        value_address(row),
    )


def certify_class(found: Address, user: User, on: date) -> Figure | None:
    """The class of a place by a scheme in a period."""
    place = place_of(found)
    scheme = ClassScheme.objects.filter(code=found.get("skema")).first()
    if place is None or scheme is None:
        return None
    all_rows = PlaceClass.objects.filter(scheme=scheme, place=place).select_related(
        "source", "of__by", "of__place"
    )
    row = all_rows.current().filter(period=found.get("periode")).first()
    if row is None:
        return None
    names = scheme.named_classes()
    run = Run.objects.filter(of=row.of_id).select_related("pack", "by").first()
    earlier = all_rows.accepted().filter(period=row.period).order_by("of")
    periods = all_rows.current().order_by("period")
    return Figure(
        address=class_address(place.code, scheme.code, row.period),
        title=Message(
            "%(scheme)s of %(place)s, %(period)s",
            scheme=scheme.words,
            place=place.name,
            period=row.period,
        ),
        value=names[row.code][1],
        tone=names[row.code][0],
        meaning=Message(
            "One of these, worst first: %(classes)s.", classes=classes_said(scheme)
        ),
        formula=COMPUTED if run else TAKEN_OVER,
        run=run,
        counts=Message("one place"),
        place=place,
        is_example=row.source.is_example,
        sources=[row.source],
        rule=rule_of(scheme, "class_schemes"),
        of=row.of,
        row=row.row,
        revisions=[class_point(r, str(n), row) for n, r in enumerate(earlier, 1)],
        periods=[class_point(r, r.period, row) for r in periods],
        related=basis(scheme, place, row.period),
    )


def classes_said(scheme: ClassScheme) -> Text:
    names = (name for _, name in scheme.named_classes().values())
    return joined(Text(name.id.lower(), name.en.lower()) for name in names)


def class_point(row: PlaceClass, label: str, now: PlaceClass) -> Point:
    """A class has no size: the worst is drawn highest by its place in the scheme."""
    names = now.scheme.named_classes()
    mine = row.pk == now.pk
    if row.code not in names:  # a run took the class away: there is no data
        return Point(label, Message("No data"), None, row.source, row.of, mine)
    height = float(len(names) - list(names).index(row.code))
    return Point(label, names[row.code][1], height, row.source, row.of, mine)


def basis(
    scheme: ClassScheme, place: Place, period: str
) -> list[tuple[Any, Value, Address]]:
    """The value that the class rests on, where the scheme names an indicator."""
    if scheme.indicator_id is None:
        return []
    rows = Observation.objects.current().filter(
        indicator=scheme.indicator_id, place=place, period=period, breakdown=""
    )
    row = latest_known(rows.select_related("indicator", "place", "source")).last()
    if row is None:
        return []
    name = row.indicator.words
    return [(name, value_of(row), value_address(row))]


FIGURES["nilai"] = Kind(
    keys=("tempat", "indikator", "periode", "rincian", "sumber"),
    certify=certify_value,
)
FIGURES["kelas"] = Kind(keys=("tempat", "skema", "periode"), certify=certify_class)
