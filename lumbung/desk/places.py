"""Places as map and table, from the country to a village; and their search."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.desk import classes
from lumbung.desk.classes import Klass, Scheme
from lumbung.fields import below
from lumbung.measures.anchors import anchor
from lumbung.measures.figures import Address, address
from lumbung.measures.models import Observation, PlaceClass
from lumbung.measures.value_figures import value_address, value_of
from lumbung.pages.tables import Column, Table
from lumbung.places import tiles
from lumbung.places.codes import addressed
from lumbung.places.models import Level, Place
from lumbung.places.search import search as find_places
from lumbung.programmes.counting import ANYWHERE, OPEN, counted
from lumbung.programmes.models import Case, CasePlace
from lumbung.programmes.verdicts import step_of, template_of
from lumbung.words import say

COUNTRY = "ID"


@dataclass
class Line:
    """One place as the table shows it."""

    place: Place
    parent: str
    klass: Klass | None
    counts: dict[str, int]  # places below it by class
    cases: int
    is_example: bool


@login_required
def places(request: SignedIn) -> HttpResponse:
    """Where to begin: one's own territory, or the country."""
    mandates = request.user.mandates_in_force
    code = mandates[0].place.code if mandates else COUNTRY
    return redirect("desk:place", code=code)


@login_required
def place(request: SignedIn, code: str) -> HttpResponseBase:
    """A place with its map, its table and its cases."""
    here = at(code)
    if here.code != code:
        return redirect("desk:place", code=here.code)
    if here.level == Level.VILLAGE:
        return village(request, here)
    offered = classes.offered(here)
    known = classes.schemes()
    scheme = chosen_scheme(known, offered, request.GET.get("skema", ""))
    periods = offered.get(scheme.row.code, []) if scheme else []
    period = request.GET.get("periode", "")
    period = period if period in periods else (periods[0] if periods else "")
    lines = lines_of(here, scheme, period, request.user)
    chosen = request.GET.get("kelas", "")
    shown = [line for line in lines if fits(line, chosen)]
    table = Table(
        request,
        in_order(shown, request.GET.get("urut", "")),
        columns(here, scheme if period else None, period),
        name=f"wilayah-{here.code}",
        example=any(line.is_example for line in lines),
    )
    if table.wanted:
        return table.download()
    groups = grouped(here, lines, scheme)
    level = classed_level(lines)
    context = {
        "section": "places",
        "place": here,
        "scheme": scheme,
        "schemes": [s for s in known if s.row.code in offered],
        "period": period,
        "periods": periods,
        "tally": tally(scheme, here, period, level) if scheme and period else [],
        "chosen": chosen,
        "example": table.example,
        "map": tiles.draw(groups),
        "key": tiles.key(groups),
        "origins": legend_origins(here, lines, scheme if period else None, period),
        "all_below": below_origin(here, lines),
        "values": values(here),
        "table": table,
        "total": len(lines),
        "cases": open_cases(here, request.user),
        "case_count": case_count(here, request.user),
        "own": own_facts(here),
    }
    return render(request, "desk/place.html", context)


def at(code: str) -> Place:
    """The place of a code, old codes too; another spelling leads to the right one."""
    try:
        found = addressed(code)
    except Refusal as refusal:
        raise Http404(say(refusal.message)) from refusal
    return Place.objects.select_related("parent__parent__parent").get(pk=found.pk)


def chosen_scheme(
    known: list[Scheme], offered: dict[str, list[str]], code: str
) -> Scheme | None:
    """The scheme asked for, else the first that has classes here, else the first."""
    ready = [scheme for scheme in known if scheme.row.code in offered]
    asked = [scheme for scheme in known if scheme.row.code == code]
    return next(iter([*asked, *ready, *known]), None)


def shown_below(here: Place) -> list[Place]:
    """What a map of a place shows: villages of a district, else the next level."""
    rows = Place.objects.children_of(here)
    if here.level == Level.DISTRICT:
        rows = Place.objects.below(here).in_force().filter(level=Level.VILLAGE)
    found = list(rows.order_by("code"))
    above = Place.objects.in_bulk({place.parent_id for place in found})
    for place in found:
        place.parent = above[place.parent_id]  # one object for all its villages
    return found


def lines_of(here: Place, scheme: Scheme | None, period: str, user: User) -> list[Line]:
    known = classes.of_villages(scheme, here, period) if scheme and period else {}
    rows = shown_below(here)
    wide = here.level < Level.DISTRICT
    counted, invented = counts_below(here, known if wide else {})
    cases = cases_below(here, rows, user)
    return [
        Line(
            place=row,
            parent=row.parent.name if row.parent else "",
            klass=known.get(row.pk),
            counts=counted.get(row.code, {}),
            cases=cases.get(row.code, 0),
            is_example=row.code in invented
            or (row.pk in known and known[row.pk].is_example),
        )
        for row in rows
    ]


def counts_below(
    here: Place, known: dict[int, Klass]
) -> tuple[dict[str, dict[str, int]], set[str]]:
    """How many places below each child have each class; and whose are invented."""
    depth = here.level + 2
    found: dict[str, dict[str, int]] = {}
    invented: set[str] = set()
    for pk, path in Place.objects.filter(pk__in=known).values_list("pk", "path"):
        code = ".".join(path.split(".")[1:depth])
        child = found.setdefault(code, {})
        child[known[pk].code] = child.get(known[pk].code, 0) + 1
        if known[pk].is_example:
            invented.add(code)
    return found, invented


def cases_below(here: Place, rows: list[Place], user: User) -> dict[str, int]:
    """Open cases that this person may see, by the place whose tile shows them."""
    open_ones = CasePlace.objects.open_mains(here)
    paths = open_ones.visible_to(user).values_list("path", flat=True)
    by_path = {row.path: row.code for row in rows}
    found: dict[str, int] = {}
    for path in paths:
        parts = path.split(".")
        for depth in range(1, len(parts)):
            code = by_path.get(".".join(parts[:depth]) + ".")
            if code:
                found[code] = found.get(code, 0) + 1
    return found


def grouped(here: Place, lines: list[Line], scheme: Scheme | None) -> list[tiles.Group]:
    """Tiles in groups: villages by sub-district, anything else in one."""
    names: dict[str, list[Line]] = {}
    for line in lines:
        above = line.place.parent.code if line.place.parent else ""
        names.setdefault(above, []).append(line)
    return [
        tiles.Group(
            name=group[0].parent,
            url=reverse("desk:place", args=[code])
            if here.level == Level.DISTRICT
            else "",
            note=note(group, scheme),
            tiles=[tile(line, scheme) for line in group],
        )
        for code, group in names.items()
    ]


def note(group: list[Line], scheme: Scheme | None) -> str:
    """`3/16 merah`: how many of the worst class stand in a group."""
    if not scheme or not any(line.klass for line in group):
        return str(len(group))
    worst = next(iter(scheme.classes))
    count = sum(line.klass is not None and line.klass.code == worst for line in group)
    return f"{count}/{len(group)} {say(scheme.classes[worst][2]).lower()}"


def tile(line: Line, scheme: Scheme | None) -> tiles.Tile:
    url = reverse("desk:place", args=[line.place.code])
    ring = line.cases > 0
    if line.klass:
        detail = f"{line.klass.figure} %" if line.klass.figure else ""
        return tiles.Tile(
            name=line.place.name,
            url=url,
            tone=line.klass.tone,
            word=say(line.klass.name),
            figure=line.klass.figure,
            detail=detail,
            ring=ring,
        )
    if not line.counts or not scheme:
        return tiles.Tile(line.place.name, url, "", gettext("no data"), ring=ring)
    detail = ", ".join(
        f"{line.counts[code]} {say(name).lower()}"
        for code, (_order, _tone, name) in scheme.classes.items()
        if code in line.counts
    )
    return tiles.Tile(
        name=line.place.name,
        url=url,
        tone="",
        word=gettext("has classed villages"),
        figure=str(line.counts.get(next(iter(scheme.classes)), 0)),
        detail=detail,
        ring=ring,
    )


def classed_level(lines: list[Line]) -> int:
    """Whose classes are counted: of the places shown, or of the villages in them."""
    own = next((line for line in lines if line.klass), None)
    return own.place.level if own else Level.VILLAGE


def tally(
    scheme: Scheme, here: Place, period: str, level: int = Level.VILLAGE
) -> list[dict[str, Any]]:
    """Classes with how many places have them, for the legend and the filter."""
    found = classes.counts(scheme, here, period, level)
    return [
        {
            "code": code,
            "tone": tone,
            "name": name,
            "count": found.get(code, 0),
            "origin": class_origin(here, scheme, period, level, code),
        }
        for code, (_order, tone, name) in scheme.classes.items()
    ]


def class_origin(
    here: Place, scheme: Scheme, period: str, level: int, code: str
) -> Address:
    keys = {"tempat": here.code, "skema": scheme.row.code, "periode": period}
    return address("jumlah-kelas", keys | {"tingkat": int(level), "kelas": code})


def below_origin(here: Place, lines: list[Line]) -> Address:
    """Where the count of the places shown comes from."""
    level = lines[0].place.level if lines else Level.VILLAGE
    return address("tempat", {"tempat": here.code, "tingkat": int(level)})


def legend_origins(
    here: Place, lines: list[Line], scheme: Scheme | None, period: str
) -> dict[str, Address]:
    """Where each number of the map's legend comes from, by the word beside it."""
    shown = below_origin(here, lines)
    keys = {"skema": scheme.row.code, "periode": period} if scheme else {}
    found = {
        gettext("no data"): shown.but(ada="tanpa-kelas", **keys) if keys else shown,
        gettext("has classed villages"): shown.but(ada="kelas", **keys),
        "ring": shown.but(ada="berkas"),
    }
    if scheme:
        level = classed_level(lines)
        for code, (_order, _tone, name) in scheme.classes.items():
            found[say(name)] = class_origin(here, scheme, period, level, code)
    return found


def fits(line: Line, chosen: str) -> bool:
    if not chosen:
        return True
    return line.klass.code == chosen if line.klass else chosen == "-"


ORDERS = {
    "name": lambda line: line.place.name,
    "code": lambda line: line.place.code,
    "parent": lambda line: (line.parent, line.place.code),
    "klass": lambda line: (line.klass.order if line.klass else 99, line.place.code),
    "cases": lambda line: (line.cases, line.place.code),
    "figure": lambda line: (
        line.klass.value
        if line.klass and isinstance(line.klass.value, int | Fraction | Decimal)
        else -1,
        line.place.code,
    ),
}


def in_order(lines: list[Line], wanted: str) -> list[Line]:
    """Worst first, unless the reader chose a column."""
    key = wanted.removeprefix("-")
    if key not in ORDERS:
        return sorted(lines, key=ORDERS["klass"])
    return sorted(lines, key=ORDERS[key], reverse=wanted.startswith("-"))


def columns(here: Place, scheme: Scheme | None, period: str) -> list[Column]:
    shown = [
        Column(
            "name",
            _("Place"),
            lambda line: line.place.name,
            sort="name",
            url=lambda line: reverse("desk:place", args=[line.place.code]),
        ),
        Column("parent", _("In"), lambda line: line.parent, sort="parent", wide=True),
        Column("code", _("Code"), lambda line: line.place.code, sort="code", wide=True),
    ]
    if scheme:
        shown += (
            class_columns(scheme)
            if here.level >= Level.DISTRICT
            else [
                Column(
                    f"k-{code}",
                    say(name),
                    lambda line, code=code: line.counts.get(code),  # type: ignore[misc]
                    number=True,
                    wide=order > 0,
                    wrap=lambda line, text, code=code: anchor(  # type: ignore[misc]
                        text,
                        class_origin(line.place, scheme, period, Level.VILLAGE, code),
                    ),
                )
                for code, (order, _tone, name) in scheme.classes.items()
            ]
        )
    shown.append(
        Column(
            "cases",
            _("Open cases"),
            lambda line: line.cases,
            sort="cases",
            number=True,
            wide=True,
            wrap=lambda line, text: anchor(text, cases_origin(line.place)),
        )
    )
    return shown


def cases_origin(place: Place) -> Address:
    return address("berkas", {"wilayah": place.code, "keadaan": OPEN})


def class_columns(scheme: Scheme) -> list[Column]:
    """A village's class, and the figure it rests on where the scheme names one."""
    klass = Column(
        "klass",
        _("Class"),
        lambda line: line.klass.name if line.klass else Message("No data"),
        sort="klass",
        template="desk/class_cell.html",
    )
    figure = Column(
        "figure",
        _("Value"),
        lambda line: line.klass.value if line.klass else None,
        sort="figure",
        number=True,
        wrap=lambda line, text: anchor(text, basis_origin(line, scheme)),
    )
    return [klass, figure] if scheme.row.indicator_id else [klass]


def basis_origin(line: Line, scheme: Scheme) -> Address:
    """The certificate of the value that a class rests on."""
    assert line.klass is not None
    assert scheme.row.indicator is not None
    code = scheme.row.indicator.code
    keys = {"tempat": line.place.code, "indikator": code, "periode": line.klass.period}
    return address("nilai", keys)


def village(request: SignedIn, here: Place) -> HttpResponse:
    """A village's page: its class, its numbers, its cases, its codes."""
    context = {
        "section": "places",
        "place": here,
        "klass": classes.latest([here.pk]).get(here.pk),
        "history": class_history(here),
        "values": values(here),
        "cases": open_cases(here, request.user),
        "case_count": case_count(here, request.user),
        "own": own_facts(here),
    }
    return render(request, "desk/village.html", context)


def values(here: Place) -> list[dict[str, Any]]:
    """The latest 60 values of a place, each with the address of its certificate."""
    rows = Observation.objects.current().filter(place=here)
    rows = rows.select_related("indicator", "source", "place")
    return [
        {"row": row, "value": value_of(row), "origin": value_address(row)}
        for row in rows.order_by("indicator__code", "-period")[:60]
    ]


def class_history(here: Place) -> list[Klass]:
    """Every class that counts for a village, of every scheme, the latest first."""
    rows = PlaceClass.objects.current().filter(place=here)
    rows = rows.select_related("source", "scheme").order_by("-period", "scheme__code")
    return [classes.read(row.scheme).klass(row) for row in rows]


def own_facts(here: Place) -> dict[str, Any]:
    """Its codes and what it came from or became."""
    return {
        "codes": here.codes.order_by("scheme", "valid_from"),
        "before": here.predecessions.select_related("before", "edition"),
        "after": here.successions.select_related("after", "edition"),
        "children": here.children.filter(closed_in=None).count(),
    }


def case_count(here: Place, user: User) -> int:
    """All cases with any of their places here that this person may see."""
    asked = {"wilayah": here.code, "letak": ANYWHERE}
    return counted(asked, user=user, on=timezone.localdate()).count()


def open_cases(here: Place, user: User) -> list[dict[str, Any]]:
    """Cases in this place that this person may see, the longest waiting first."""
    today = timezone.localdate()
    rows = Case.objects.visible_to(user).filter(
        pk__in=CasePlace.objects.filter(below("path", here.path)).values("case")
    )
    rows = rows.select_related("programme", "responsible")
    return [
        {
            "case": case,
            "template": template_of(case),
            "step": step_of(case),
            "late": bool(case.due_on and case.due_on < today),
        }
        for case in rows.order_by("due_on", "pk")[:30]
    ]


@login_required
def search(request: SignedIn) -> HttpResponse:
    """Places by name or code, typing errors forgiven; the nearest to home first."""
    asked = request.GET.get("q", "").strip()
    mandates = request.user.mandates_in_force
    within = mandates[0].place if mandates and "semua" not in request.GET else None
    found = find_places(asked, within=within) if asked else []
    if not found and within and asked:
        found, within = find_places(asked), None
    context = {"section": "places", "asked": asked, "found": found, "within": within}
    return render(request, "desk/search.html", context)
