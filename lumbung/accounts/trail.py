"""The trail as a page: who did what, where, through which door."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lumbung.accounts import audit, seals
from lumbung.accounts.forms import TrailFilter
from lumbung.accounts.models import Event
from lumbung.accounts.views import SignedIn
from lumbung.core.message import Message
from lumbung.fields import below
from lumbung.pages.tables import Column, Table
from lumbung.words import say

COUNTED = 10_000  # lines; to count a million takes longer than to show fifty
DOORS = {
    "page": Message("on a page"),
    "api": Message("by a program"),
    "command": Message("on the command line"),
    "job": Message("by the system"),
}


def changes_said(event: Any) -> str:
    """What changed as one text, for a downloaded cell."""
    return "; ".join(
        f"{change.name}: {change.before} → {change.after}"
        if change.before
        else f"{change.name}: {change.after}"
        for change in audit.changes(event)
    )


def who(event: Any) -> str:
    if event.by is None:
        return say(Message("the command line"))
    if event.by.is_example:
        return say(Message("%(name)s (example)", name=event.by.name))
    return str(event.by)


def batch(event: Any) -> Any:
    """The number of the batch that holds an event, or that none does yet."""
    return event.batch or Message("not sealed yet")


COLUMNS = [
    Column("at", gettext_lazy("When"), lambda event: event.at, sort="at"),
    Column("by", gettext_lazy("Who"), who, sort="by__name", wide=True),
    Column("verb", gettext_lazy("What"), audit.said, sort="verb", wide=True),
    Column(
        "changes",
        gettext_lazy("Changes"),
        changes_said,
        template="accounts/event_changes.html",
    ),
    Column(
        "place",
        gettext_lazy("Place"),
        lambda event: event.place.name if event.place else "",
        sort="place__path",
        wide=True,
    ),
    Column("programme", gettext_lazy("Programme"), lambda e: e.programme, wide=True),
    Column(
        "door",
        gettext_lazy("Door"),
        lambda event: say(DOORS.get(event.door, event.door)),
        wide=True,
    ),
    Column("batch", gettext_lazy("Sealed in batch"), batch, wide=True),
]


@login_required
def trail(request: SignedIn) -> HttpResponseBase:
    """What one did oneself, and what was done in the territories one oversees."""
    chosen = TrailFilter(request.GET)
    events = narrowed(Event.objects.visible_to(request.user), chosen)
    table = Table(
        request,
        events.select_related("by", "place")
        .annotate(batch=F("seal__number"))
        .order_by("-at", "-pk"),
        COLUMNS,
        name=_("trail"),
        most=COUNTED,
    )
    if table.wanted:
        return table.download()
    newest = seals.head()
    context = {
        "section": "trail",
        "table": table,
        "form": chosen,
        "head": newest,
        "unsealed": Event.objects.unsealed().count(),
        "has_another_past": newest is not None and not seals.agrees_with_file(),
    }
    return render(request, "accounts/trail.html", context)


def narrowed(events: "QuerySet[Event]", chosen: TrailFilter) -> "QuerySet[Event]":
    """The events that a filter leaves; what is filled in wrongly does not filter."""
    chosen.is_valid()
    wanted = {k: v for k, v in getattr(chosen, "cleaned_data", {}).items() if v}
    if who := wanted.get("who"):
        events = events.filter(by__username__iexact=who)
    if verb := wanted.get("verb"):
        events = events.filter(verb=verb)
    if row := wanted.get("row"):
        events = events.filter(row=row)
    if since := wanted.get("since"):
        events = events.filter(at__gte=midnight(since))
    if until := wanted.get("until"):
        events = events.filter(at__lt=midnight(until + timedelta(days=1)))
    if place := wanted.get("place"):
        events = events.filter(below("place__path", place.path))
    return events


def midnight(day: date) -> datetime:
    """When a day begins here; compared as a moment, so that the index serves."""
    return timezone.make_aware(datetime.combine(day, time()))
