"""The class of each place as pages show it: word, tone, and whether it is invented."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import floor
from typing import Any

from lumbung.core.message import Share, Text, Value
from lumbung.desk.kept import kept
from lumbung.fields import below
from lumbung.measures.figures.figure import Address, address
from lumbung.measures.figures.values import latest_known, published
from lumbung.measures.models import ClassScheme, Observation, PlaceClass
from lumbung.places.models import Level, Place
from lumbung.words import number, say


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


@dataclass
class Tally:
    """How many villages have each class, by which sources; is any of it invented?"""

    classes: dict[str, int] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    is_example: bool = False

    def add(self, code: str, source: str, example: bool) -> None:
        self.classes[code] = self.classes.get(code, 0) + 1
        self.sources.add(source)
        self.is_example = self.is_example or example


@dataclass(frozen=True)
class Scheme:
    """A class scheme with its classes by code, worst first."""

    row: ClassScheme
    classes: dict[str, tuple[int, str, Text]]

    def klass(self, row: PlaceClass) -> Klass:
        return self.named(row.code, row.period, row.source.is_example)

    def named(self, code: str, period: str, is_example: bool) -> Klass:
        order, tone, name = self.classes[code]
        return Klass(code, order, tone, name, period, is_example, scheme=self.row.code)

    @property
    def name(self) -> Text:
        return self.row.words

    @property
    def figure_name(self) -> str:
        """What the figure that a class rests on is called, for the head of a column."""
        indicator = self.row.indicator
        return say(indicator.words) if indicator else ""


def schemes() -> list[Scheme]:
    """The class schemes that packs in force define."""
    rows = ClassScheme.objects.select_related("indicator").order_by("code")
    return [read(row) for row in rows]


def read(row: ClassScheme) -> Scheme:
    classes = enumerate(row.named_classes().items())
    return Scheme(row, {code: (order, *toned) for order, (code, toned) in classes})


@dataclass(frozen=True)
class Offer:
    """A scheme that classes places of a territory, and its periods, latest first."""

    scheme: Scheme
    periods: list[str]


def offers(place: Place, state: Hashable) -> list[Offer]:
    """The schemes that class places below; `state` is `Standing.figures`."""
    return kept(lambda: find_offers(place), "offers", place.path, state)


def find_offers(place: Place) -> list[Offer]:
    periods = offered(place)
    return [
        Offer(scheme, periods[scheme.row.code])
        for scheme in (schemes() if periods else ())
        if scheme.row.code in periods
    ]


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


def of_places(scheme: Scheme, places: Collection[int], period: str) -> dict[int, Klass]:
    """Classes of places, by primary key, in one period; with the figures they rest on.

    Two queries by index: revisions come in the order of their imports, and the last
    one of each place stays.
    """
    figures = figures_of(scheme, places, period)
    rows = PlaceClass.objects.accepted().filter(
        scheme=scheme.row, period=period, place__in=places
    )
    kinds: dict[tuple[str, bool], Klass] = {}
    found = {}
    for place, code, example in rows.order_by("of").values_list(
        "place", "code", "source__is_example"
    ):
        if (code, example) not in kinds:
            kinds[code, example] = scheme.named(code, period, example)
        klass, value = kinds[code, example], figures.get(place)
        found[place] = (
            klass if value is None else replace(klass, value=value, figure=short(value))
        )
    return found


def short(value: Value | None) -> str:
    """Up to four letters for a tile: per cent without its sign, or two decimals.

    Whole per cents are not rounded up: 39.7 is no 40 in a tile of those below 40.

    >>> short(Share("0.397")), short(Share("0.4")), short(Decimal("0.6419"))
    ('39', '40', '0,64')
    """
    if isinstance(value, Share):
        return str(floor(value * 100))
    if isinstance(value, Decimal):
        return number(value, places=2)
    return ""


def figures_of(
    scheme: Scheme, places: Collection[int], period: str
) -> dict[int, Value]:
    """The indicator's value for each place; of two sources the later one's."""
    indicator = scheme.row.indicator
    if indicator is None:
        return {}
    rows = Observation.objects.accepted().filter(
        indicator=indicator, place__in=places, period=period, breakdown=""
    )
    values = latest_known(rows).values_list("place", "value")
    return {pk: published(value, indicator.unit) for pk, value in values}


def counts_below(
    scheme: Scheme, here: Place, level: int, period: str, state: Hashable
) -> dict[str, Tally]:
    """Villages by class for each place of `level` in `here`, by its path."""
    key = ("counts", scheme.row.pk, here.path, int(level), period, state)
    return kept(lambda: count_below(scheme, here, level, period), *key)


def count_below(
    scheme: Scheme, here: Place, level: int, period: str
) -> dict[str, Tally]:
    rows = PlaceClass.objects.accepted().filter(
        below("place__path", here.path),
        scheme=scheme.row,
        period=period,
        place__level=Level.VILLAGE,
        place__closed_in=None,
    )
    latest = {
        path: (code, title, example)
        for path, code, title, example in rows.order_by("of").values_list(
            "place__path", "code", "source__title", "source__is_example"
        )
    }
    found: dict[str, Tally] = {}
    for path, row in latest.items():
        holder = ".".join(path.split(".", level + 1)[: level + 1]) + "."
        found.setdefault(holder, Tally()).add(*row)
    return found


@dataclass(frozen=True)
class Shown:
    """What a page of a place shows: one scheme in one period, of all it could."""

    offers: list[Offer]
    scheme: Scheme
    period: str
    periods: list[str]
    state: Hashable

    def counts(self, here: Place, level: int) -> dict[str, Tally]:
        return counts_below(self.scheme, here, level, self.period, self.state)

    def whole(self, here: Place) -> Tally:
        """The villages of `here` by class."""
        return self.counts(here, here.level).get(here.path, Tally())

    def legend(
        self, here: Place, level: int, counted: Mapping[str, int]
    ) -> list[dict[str, Any]]:
        """The classes with how many places of a level have them, worst first."""
        return [
            {
                "code": code,
                "tone": tone,
                "name": name,
                "count": counted.get(code, 0),
                "origin": self.origin(here.code, level, code),
            }
            for code, (_order, tone, name) in self.scheme.classes.items()
        ]

    def origin(self, place: str, level: int, klass: str) -> Address:
        """Where the count of places of a class comes from."""
        keys = {"tempat": place, "skema": self.scheme.row.code, "periode": self.period}
        return address("jumlah-kelas", keys | {"tingkat": int(level), "kelas": klass})


def shown(
    place: Place, scheme: str = "", period: str = "", *, state: Hashable
) -> Shown | None:
    """The scheme and period asked for, else the first and latest; None without any."""
    found = offers(place, state)
    if not found:
        return None
    chosen = next((each for each in found if each.scheme.row.code == scheme), found[0])
    period = period if period in chosen.periods else chosen.periods[0]
    return Shown(found, chosen.scheme, period, chosen.periods, state)
