"""The official list of places: its editions, and what one of them changed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.desk.place_update import unsettled
from lumbung.pages.tables import Column, Table
from lumbung.places.models import Edition, FormerName, Place, PlaceCode, Succession

ENDED = Message("ended")
BEGAN = Message("began")
RECODED = Message("has a new code")
RENAMED = Message("has a new name")


@dataclass(frozen=True)
class Change:
    """What an edition did to one place; `other` is what it was, is, or goes on as."""

    place: Place
    what: Message
    other: str


CHANGES = [
    Column(
        "place",
        _("Place"),
        lambda change: change.place.name,
        url=lambda change: reverse("desk:place", args=[change.place.code]),
    ),
    Column("code", _("Code"), lambda change: change.place.code, wide=True),
    Column("what", _("Change"), lambda change: change.what),
    Column("other", _("Before or after"), lambda change: change.other, wide=True),
]


@login_required
def editions(request: SignedIn) -> HttpResponseBase:
    """Every edition that was loaded, and the changes of the one asked for."""
    known = list(Edition.objects.exclude(loaded_at=None).order_by("-valid_from", "-pk"))
    asked = request.GET.get("edisi", "")
    chosen = next((x for x in known if x.number == asked), known[0] if known else None)
    first = chosen is None or chosen == known[-1]  # it changed nothing: it began all
    changes = list(changes_of(chosen)) if chosen and not first else []
    table = Table(request, changes, CHANGES, name=f"edisi-{chosen or ''}")
    if table.wanted:
        return table.download()
    context = {
        "section": "places",
        "editions": known,
        "chosen": chosen,
        "first": first,
        "table": table,
        "unsettled": unsettled() if request.user.mandates_to("place.update") else (),
    }
    return render(request, "desk/editions.html", context)


def changes_of(edition: Edition) -> Iterator[Change]:
    """Ended, begun, with another code, with another name: in the order of codes."""
    after, before = successions(edition)
    for place in Place.objects.filter(closed_in=edition).order_by("path"):
        yield Change(place, ENDED, ", ".join(after[place.pk]))
    for place in Place.objects.filter(opened_in=edition).order_by("path"):
        yield Change(place, BEGAN, ", ".join(before[place.pk]))
    ended = PlaceCode.objects.filter(
        valid_to=edition.valid_from, place__closed_in=None
    ).select_related("place")
    for old in ended.order_by("place__path"):
        yield Change(old.place, RECODED, old.code)
    renamed = FormerName.objects.filter(until=edition).select_related("place")
    for former in renamed.order_by("place__path"):
        yield Change(former.place, RENAMED, former.name)


def successions(
    edition: Edition,
) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """By place: what it goes on as, and what it came from."""
    after: dict[int, list[str]] = defaultdict(list)
    before: dict[int, list[str]] = defaultdict(list)
    rows = Succession.objects.filter(edition=edition).select_related("before", "after")
    for row in rows.order_by("pk"):
        after[row.before_id].append(str(row.after))
        before[row.after_id].append(str(row.before))
    return after, before
