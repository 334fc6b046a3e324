"""The class of each place as pages show it: word, tone, and whether it is invented."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet

from lumbung.core.message import Share, Text, Value
from lumbung.fields import below
from lumbung.measures.models import ClassScheme, Indicator, Observation, PlaceClass
from lumbung.measures.value_figures import latest_known, published
from lumbung.places.models import Level, Place
from lumbung.words import number


@dataclass(frozen=True)
class Klass:
    """A class that a place has in a period; `order` counts from the worst, 0."""

    code: str
    order: int
    tone: str
    name: Text
    period: str
    is_example: bool
    figure: str = ""  # short enough for a tile
    value: Value | None = None  # the same, exact
    scheme: str = ""


@dataclass(frozen=True)
class Scheme:
    """A class scheme with its classes by code, worst first."""

    row: ClassScheme
    classes: dict[str, tuple[int, str, Text]]

    def klass(self, row: PlaceClass, value: Value | None = None) -> Klass:
        order, tone, name = self.classes[row.code]
        return Klass(
            code=row.code,
            order=order,
            tone=tone,
            name=name,
            period=row.period,
            is_example=row.source.is_example,
            figure=short(value),
            value=value,
            scheme=self.row.code,
        )

    @property
    def name(self) -> Text:
        return Text(self.row.name_id, self.row.name_en)


def schemes() -> list[Scheme]:
    """The class schemes that packs in force define."""
    return [
        read(row)
        for row in ClassScheme.objects.select_related("indicator").order_by("code")
    ]


def read(row: ClassScheme) -> Scheme:
    classes = {
        each["code"]: (
            order,
            each["tone"],
            Text(each["name"]["id"], each["name"]["en"]),
        )
        for order, each in enumerate(row.classes)
    }
    return Scheme(row, classes)


def rows_of(scheme: Scheme, period: str = "") -> "QuerySet[PlaceClass]":
    rows = PlaceClass.objects.current().filter(scheme=scheme.row)
    return rows.filter(period=period) if period else rows


def offered(place: Place) -> dict[str, list[str]]:
    """The schemes that class places below, each with its periods, latest first."""
    rows = PlaceClass.objects.accepted().filter(below("place__path", place.path))
    found: dict[str, list[str]] = {}
    pairs = set(rows.values_list("scheme__code", "period").distinct())
    for code, period in sorted(pairs, reverse=True):
        found.setdefault(code, []).append(period)
    return found


def latest(places: Collection[int]) -> dict[int, Klass]:
    """The latest class of each place by primary key, in the first scheme there is."""
    rows = PlaceClass.objects.current().filter(place__in=places)
    found: dict[int, Klass] = {}
    # The first scheme wins, its latest period last: later rows overwrite earlier.
    for row in rows.select_related("source", "scheme").order_by(
        "-scheme__code", "period"
    ):
        found[row.place_id] = read(row.scheme).klass(row)
    return found


def short(value: Value | None) -> str:
    """Up to four letters for a tile: per cent without its sign, or two decimals."""
    if isinstance(value, Share):
        return str(round(value * 100))
    if isinstance(value, Decimal):
        return number(value, places=2)
    return ""


def of_villages(scheme: Scheme, place: Place, period: str) -> dict[int, Klass]:
    """Classes of all places below in one period, with the figure they rest on."""
    figures = figures_of(scheme, place, period)
    rows = rows_of(scheme, period).filter(below("place__path", place.path))
    return {
        row.place_id: scheme.klass(row, figures.get(row.place_id))
        for row in rows.select_related("source")
    }


def figures_of(scheme: Scheme, place: Place, period: str) -> dict[int, Value]:
    """The indicator's value for each place; of two sources the later one's."""
    if scheme.row.indicator_id is None:
        return {}
    rows = Observation.objects.current().filter(
        below("place__path", place.path),
        indicator=scheme.row.indicator_id,
        period=period,
        breakdown="",
    )
    indicator = Indicator.objects.get(pk=scheme.row.indicator_id)
    values = latest_known(rows).values_list("place", "value")
    return {pk: published(value, indicator.unit) for pk, value in values}


def counts(
    scheme: Scheme, place: Place, period: str, level: int = Level.VILLAGE
) -> dict[str, int]:
    """How many places of a level have each class, of those in force in `place`."""
    rows = PlaceClass.objects.standing(scheme.row, period, place, level)
    return dict(rows.order_by().values_list("code").annotate(count=Count("pk")))
