"""Home, packs in force, and one pack with its sources."""

from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.desk import classes
from lumbung.desk.kept import standing
from lumbung.measures.numbers import latest
from lumbung.places.models import Level, Place
from lumbung.programmes.models import Case, PackVersion, Programme
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.registry import WAITING
from lumbung.words import number, say

BEGINNING = ("mandate.give", "import", "case.open")  # what fills a new installation
FIRST = 3  # numbers of one's district that stand on the home page


@login_required
def home(request: SignedIn) -> HttpResponse:
    """What waits for me?"""
    today = timezone.localdate()
    place = own_district(request.user)
    lines = [line for ask in WAITING for line in ask(request.user, today)]
    moved = recent(request.user)
    context = {
        "section": "home",
        "today": today,
        "total": len(lines),
        "late": [line for line in lines if line.tone == "late"],
        "dated": [line for line in lines if line.tone != "late" and line.due_on],
        "undated": [line for line in lines if line.tone != "late" and not line.due_on],
        "place": place,
        "bar": class_bar(request, place) if place else None,
        "numbers": latest(place, FIRST)["values"] if place else [],
        "recent": moved,
        "may_begin": not moved and any(map(request.user.may_somewhere, BEGINNING)),
    }
    return render(request, "desk/home.html", context)


def recent(user: User) -> Any:
    """The cases in this person's territory that moved last."""
    rows = Case.objects.shown_to(user).select_related("programme")
    return rows.order_by("-moved_on", "-pk")[:5]


def class_bar(request: SignedIn, place: Place) -> dict[str, Any] | None:
    """Counts of classes in one's own territory, as widths of one bar."""
    shown = classes.shown(place, state=standing(request).figures)
    if shown is None:
        return None
    tally = shown.whole(place)
    parts, x = shown.legend(place, Level.VILLAGE, tally.classes), 0
    for part in parts:
        part |= {"x": x, "width": max(part["count"] - 1, 0)}
        part["words"] = f"{number(part['count'])} {say(part['name']).lower()}"
        x += part["count"]
    return {
        "period": shown.period,
        "parts": parts,
        "total": x,
        "source": ", ".join(sorted(tally.sources)),
        "example": tally.is_example,
    }


def own_district(user: User) -> Place | None:
    """The district of the first mandate; for villages and sub-districts, theirs."""
    mandates = user.mandates_in_force
    if not mandates:
        return None
    place = mandates[0].place
    if place.level <= Level.DISTRICT:
        return place
    return Place.objects.filter(
        path__in=place.ancestor_paths(), level=Level.DISTRICT
    ).first()


@login_required
def packs(request: SignedIn) -> HttpResponse:
    """All packs that were loaded, the ones in force first."""
    used = set(Programme.objects.values_list("pack", flat=True))
    rows = [
        {
            "version": version,
            "pack": pack_of(version.pk),
            "in_force": version.pk in used,
        }
        for version in PackVersion.objects.defer("content")
        .select_related("loaded_by")
        .order_by("code", "-loaded_at")
    ]
    return render(request, "desk/packs.html", {"rows": rows})


@login_required
def pack(request: SignedIn, code: str, version: str) -> HttpResponse:
    """One pack: each item with its status and source, each step with its gate."""
    rows = PackVersion.objects.defer("content").select_related("loaded_by")
    found = get_object_or_404(rows, code=code, version=version)
    shown = pack_of(found.pk)
    items = sorted(shown.items, key=lambda item: item.kind)
    context = {
        "version": found,
        "pack": shown,
        "kinds": [
            (kind, list(group)) for kind, group in groupby(items, lambda i: i.kind)
        ],
        "in_force": Programme.objects.filter(pack=found).exists(),
    }
    return render(request, "desk/pack.html", context)
