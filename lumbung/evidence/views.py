"""Pages of evidence."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.evidence import actions
from lumbung.evidence.attachments import (
    ENDINGS,
    FileLost,
    may_locate,
    serve,
    serve_small,
)
from lumbung.evidence.forms import VoidForm
from lumbung.evidence.models import Evidence
from lumbung.evidence.sniff import IMAGES
from lumbung.pages.tables import Column, Table


def state(row: Evidence) -> Message:
    return Message("Taken back") if row.voided_at else Message("Stands")


COLUMNS = [
    Column(
        *("title", _("Title"), lambda row: row.title),
        sort="title",
        url=lambda row: reverse("evidence:evidence", args=[row.uid]),
    ),
    Column(
        *("place", _("Place"), lambda row: row.place.name),
        sort="place__name",
        wide=True,
    ),
    Column("dated", _("Dated"), lambda row: row.dated_on, sort="dated_on"),
    Column("by", _("By"), lambda row: str(row.by), sort="by__name", wide=True),
    Column("at", _("Put in"), lambda row: row.at, sort="at", wide=True),
    Column(*("state", _("State"), state), sort="voided_at", wide=True),
]


def find(request: SignedIn, uid: UUID) -> Evidence:
    rows = Evidence.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("file", "place", "by"), uid=uid)


@login_required
def all_evidence(request: SignedIn) -> HttpResponseBase:
    """The table of all evidence of one's territory."""
    rows = Evidence.objects.visible_to(request.user).select_related("place", "by")
    table = Table(request, rows.order_by("-at", "-pk"), COLUMNS, name="bukti")
    if table.wanted:
        return table.download()
    return render(request, "evidence/all.html", {"table": table})


@login_required
def evidence(request: SignedIn, uid: UUID) -> HttpResponse:
    return shown(request, find(request, uid))


def shown(
    request: SignedIn, found: Evidence, refusal: Refusal | None = None
) -> HttpResponse:
    """The page of one piece; `refusal` says why its file cannot be fetched."""
    context = {
        "evidence": found,
        "is_image": found.file.media_type in IMAGES,
        "kind": ENDINGS[found.file.media_type].upper(),
        "may_locate": may_locate(request, found),
        "location": getattr(found, "location", None),
        "form": VoidForm(),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "evidence/evidence.html", context, status=status)


@login_required
def download(request: SignedIn, uid: UUID) -> HttpResponseBase:
    found = find(request, uid)
    try:
        return serve(request, found)
    except FileLost as lost:
        return shown(request, found, lost)


@login_required
def thumbnail(request: SignedIn, uid: UUID) -> HttpResponseBase:
    try:
        return serve_small(request, find(request, uid))
    except FileLost as lost:
        raise Http404 from lost


@login_required
def void_evidence(request: SignedIn, uid: UUID) -> HttpResponse:
    found = find(request, uid)
    form = VoidForm(request.POST or None)
    if form.attempt(
        lambda: actions.void_evidence(
            evidence=found, by=request.user, **form.cleaned_data
        )
    ):
        return redirect("evidence:evidence", uid=found.uid)
    context = {"evidence": found, "form": form}
    return render(request, "evidence/void_evidence.html", context)
