"""Places as map and table, from the country to a village; and their search."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.archive.export_actions import may_take_out
from lumbung.core.refusal import Refusal
from lumbung.desk import classes
from lumbung.desk.classes import Klass, Shown
from lumbung.desk.kept import kept_page, standing
from lumbung.desk.lines import SHOWN, Line, columns, fits, in_order, level_of, lines_of
from lumbung.desk.place_map import below_origin, grouped, legend_origins
from lumbung.desk.programmes import rule_of
from lumbung.fields import below
from lumbung.measures.models import PlaceClass
from lumbung.measures.numbers import latest
from lumbung.pages.tables import Table
from lumbung.places import maps
from lumbung.places.codes import addressed
from lumbung.places.models import Level, Place, Succession
from lumbung.places.search import search as find_places
from lumbung.programmes.models import Case, CasePlace, Programme
from lumbung.programmes.packs.pack import ProgrammeRule
from lumbung.programmes.verdicts import step_of, template_of
from lumbung.words import say

COUNTRY = "ID"
SOME = 30  # cases listed on the page of a place
MANY = 60  # and numbers


@login_required
def places(request: SignedIn) -> HttpResponse:
    """Where to begin: one's own territory, or the country."""
    mandates = request.user.mandates_in_force
    code = mandates[0].place.code if mandates else COUNTRY
    return redirect("desk:place", code=code)


@login_required
@kept_page
def place(request: SignedIn, code: str) -> HttpResponseBase:
    """A place with its map, its table and its cases."""
    here = at(code)
    if here.code != code:
        return redirect("desk:place", code=here.code)
    if here.level == Level.VILLAGE:
        return village(request, here)
    asked = request.GET
    level = level_of(here, asked.get("tingkat", ""))
    shown = classes.shown(
        here,
        asked.get("skema", ""),
        asked.get("periode", ""),
        state=standing(request).figures,
    )
    scheme = shown.scheme if shown else None
    lines = lines_of(here, level, request.user, shown)
    chosen = asked.get("kelas", "")
    table = Table(
        request,
        in_order([x for x in lines if fits(x, chosen)], asked.get("urut", "")),
        columns(here, level, shown),
        name=f"wilayah-{here.code}",
        example=any(line.is_example for line in lines),
    )
    if table.wanted:
        return table.download()
    groups = grouped(here, level, lines, scheme)
    context = {
        "may_take_out": may_take_out(request.user, here),
        "section": "places",
        "place": here,
        "trail": trail(here),
        "level": level,
        "levels": SHOWN[Level(here.level)],
        "shown": shown,
        "tally": tally(here, level, shown, lines),
        "chosen": chosen,
        "example": table.example,
        "map": maps.draw(here, level, groups, form=maps.form_of(request)),
        "origins": legend_origins(here, level, shown),
        "all_below": below_origin(here, level),
        **latest(here, MANY),
        "table": table,
        "total": len(lines),
        **cases_of(here, request.user),
        "own": own_facts(here),
    }
    return render(request, "desk/place.html", context)


def at(code: str) -> Place:
    """The place of a code, old codes too; another spelling leads to the right one."""
    touched = Succession.objects.filter(
        Q(before=OuterRef("pk")) | Q(after=OuterRef("pk"))
    )
    rows = Place.objects.select_related("parent__parent__parent", "closed_in")
    rows = rows.annotate(has_history=Exists(touched))
    present = rows.in_force().filter(code=code).first()
    if present:
        return present
    try:
        found = addressed(code)
    except Refusal as refusal:
        raise Http404(say(refusal.message)) from refusal
    return rows.get(pk=found.pk)


def trail(here: Place) -> list[Place]:
    """This place and all that holds it, country first, as `at` fetched them."""
    held: list[Place] = []
    above: Place | None = here
    while above is not None:
        held.append(above)
        above = above.parent
    return held[::-1]


def tally(
    here: Place, level: Level, shown: Shown | None, lines: Sequence[Line]
) -> list[dict[str, Any]]:
    """How many of the places shown have each class; nothing where none has one."""
    counted = Counter(line.klass.code for line in lines if line.klass)
    return shown.legend(here, level, counted) if shown and counted else []


def village(request: SignedIn, here: Place) -> HttpResponse:
    """A village's page: its class, its numbers, its cases, its codes."""
    context = {
        "section": "places",
        "place": here,
        "trail": trail(here),
        "klass": classes.latest([here.pk]).get(here.pk),
        "history": class_history(here),
        **latest(here, MANY),
        **cases_of(here, request.user),
        "own": own_facts(here),
        "openings": [] if here.closed_in_id else openings(here, request.user),
    }
    return render(request, "desk/village.html", context)


def openings(here: Place, user: User) -> list[tuple[str, ProgrammeRule]]:
    """The programmes in which this person may open a case here."""
    if not user.may_somewhere("case.open"):
        return []
    programmes = Programme.objects.order_by("code")
    return [
        (each.code, rule_of(each))
        for each in programmes
        if user.may("case.open", here, each.code)
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
        "successions": successions(here) if getattr(here, "has_history", True) else [],
    }


def successions(here: Place) -> "QuerySet[Succession]":
    rows = Succession.objects.filter(Q(before=here) | Q(after=here))
    return rows.select_related("before", "after", "edition").order_by("pk")


def cases_of(here: Place, user: User) -> dict[str, Any]:
    """Cases in this place that this person may see, and how many there are."""
    lying = CasePlace.objects.filter(below("path", here.path))
    rows = Case.objects.shown_to(user).filter(pk__in=lying.values("case"))
    first = list(
        rows.select_related("programme", "responsible")
        .annotate(total=HowMany(rows.values("pk")))
        .order_by("due_on", "pk")[:SOME]
    )
    today = timezone.localdate()
    lines = [
        {
            "case": case,
            "template": template_of(case),
            "step": step_of(case),
            "late": bool(case.due_on and case.due_on < today),
        }
        for case in first
    ]
    # `total` is annotated on each row.
    return {"cases": lines, "case_count": vars(first[0])["total"] if first else 0}


class HowMany(Subquery):
    """The number of rows of a query, beside the rows themselves."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


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
