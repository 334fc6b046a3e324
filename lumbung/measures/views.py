"""Numbers: all of one place, or one indicator over the places in it, as a table."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.refusal import Refusal
from lumbung.measures.figures.anchors import anchor
from lumbung.measures.figures.counts import LEVELS
from lumbung.measures.figures.values import value_address, value_of
from lumbung.measures.models import Indicator, Observation, ObservationQuerySet
from lumbung.measures.numbers import named, unit
from lumbung.pages.tables import Column, Table
from lumbung.places.codes import addressed
from lumbung.places.models import Level, Place

COUNTRY = "ID"
ALL = "semua"


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see: of which places, which indicator, which period."""

    place: Place
    level: Level | None  # of the places in it; None for the place itself
    indicator: Indicator | None
    period: str  # '' where nobody chose

    def among(self, rows: ObservationQuerySet) -> ObservationQuerySet:
        """Those of the rows that are asked for, of every period."""
        if self.level is None:
            rows = rows.filter(place=self.place)
        else:
            # By the places' keys: joined, every value of the indicator would be read.
            inside = Place.objects.below(self.place).in_force()
            rows = rows.filter(place__in=inside.filter(level=self.level).values("pk"))
        return rows.filter(indicator=self.indicator) if self.indicator else rows


@login_required
def numbers(request: SignedIn) -> HttpResponseBase:
    """Every value with its unit, source and certificate; sorts, filters, downloads."""
    offered = list(with_values())
    code = request.GET.get("wilayah", "").strip()
    try:
        place = addressed(code) if code else own_place(request.user)
    except Refusal as refusal:
        context = {"section": "figures", "refusal": refusal, "code": code}
        return render(request, "measures/numbers.html", context, status=refusal.status)
    asked = read(request, place, offered)
    # What was revised stands in the same periods; to leave it out would take longer.
    known = asked.among(Observation.objects.accepted())
    periods = sorted(known.values_list("period", flat=True).distinct(), reverse=True)
    period = chosen_period(asked, periods)
    rows = asked.among(Observation.objects.current())
    if period:
        rows = rows.filter(period=period)
    table = Table(
        request,
        rows.select_related("indicator", "source", "place__parent").order_by(
            "indicator__code", "breakdown", "place__path", "-period", "source"
        ),
        list(columns(asked, in_parts=known.exclude(breakdown="").exists())),
        name=f"angka-{place.code}",
        example=rows.filter(source__is_example=True).exists(),
    )
    if table.wanted:
        return table.download()
    context = {
        "section": "figures",
        "place": place,
        "asked": asked,
        "offered": offered,
        "levels": [(each, LEVELS[each]) for each in Level if each > place.level],
        "all_periods": ALL if asked.level else "",
        "periods": periods,
        "period": period,
        "table": table,
    }
    return render(request, "measures/numbers.html", context)


def own_place(user: User) -> Place:
    """Where a reader works, or the country."""
    mandates = user.mandates_in_force
    return mandates[0].place if mandates else Place.objects.get(code=COUNTRY)


def with_values() -> QuerySet[Indicator]:
    """The indicators of which anything is known.

    The first value of each is looked up in the index: of `EXISTS`, PostgreSQL makes a
    join that reads all values there are.
    """
    known = Observation.objects.accepted().filter(indicator=OuterRef("pk"))
    first = Subquery(known.order_by("place").values("pk")[:1])
    return Indicator.objects.alias(first=first).exclude(first=None).order_by("pk")


def read(request: SignedIn, place: Place, offered: list[Indicator]) -> Asked:
    """The question as asked; of many places one indicator at a time."""
    wanted = request.GET.get("tingkat", "")
    level = next((x for x in Level if x > place.level and str(int(x)) == wanted), None)
    code = request.GET.get("indikator", "")
    indicator = next((each for each in offered if each.code == code), None)
    if level and not indicator:
        indicator = next(iter(offered), None)
    period = request.GET.get("periode", "")
    return Asked(place, level if indicator else None, indicator, period)


def chosen_period(asked: Asked, periods: list[str]) -> str:
    """All periods of one place; of many places the latest, unless asked otherwise."""
    if asked.level and periods and not asked.period:
        return periods[0]
    return asked.period if asked.period in periods else ""


def columns(asked: Asked, *, in_parts: bool) -> Iterable[Column]:
    if asked.level is None:
        yield Column("indicator", _("Indicator"), named, sort="indicator__code")
    else:
        yield Column(
            "place",
            _("Place"),
            lambda row: row.place.name,
            sort="place__name",
            url=lambda row: reverse("desk:place", args=[row.place.code]),
        )
        yield Column(
            "parent",
            _("In"),
            lambda row: row.place.parent.name if row.place.parent else "",
            wide=True,
        )
        yield Column(
            "code", _("Code"), lambda row: row.place.code, sort="place__path", wide=True
        )
        if in_parts:
            yield Column(
                "breakdown", _("Part"), lambda row: row.breakdown, sort="breakdown"
            )
    yield Column("period", _("Period"), lambda row: row.period, sort="period")
    yield Column(
        "value",
        _("Value"),
        value_of,
        sort="number",
        number=True,
        wrap=lambda row, text: anchor(text, value_address(row)),
    )
    yield Column("unit", _("Unit"), lambda row: unit(row.indicator), wide=True)
    yield Column(
        "source", _("Source"), lambda row: row.source.title, sort="source__title",
        wide=True,
    )  # fmt: skip
