"""Doors of imports: list, upload, look at the preview, decide."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import from_json
from lumbung.core.refusal import Refusal
from lumbung.core.sheets import letter
from lumbung.imports import actions
from lumbung.imports.forms import DecideForm, NamesForm, UploadForm
from lumbung.imports.importers import IMPORTERS, Importer
from lumbung.imports.models import Import
from lumbung.pages.downloads import download
from lumbung.pages.tables import Column, Table
from lumbung.places.codes import entered
from lumbung.places.models import Place
from lumbung.work.models import Job

SHOWN = 50


COLUMNS = [
    Column(
        "file",
        _("File"),
        lambda i: i.file_name,
        sort="file_name",
        url=lambda i: reverse("imports:review", args=[i.uid]),
    ),
    Column("kind", _("Kind"), lambda i: IMPORTERS[i.kind].name, sort="kind", wide=True),
    Column(
        "place", _("Territory"), lambda i: i.place.name, sort="place__name", wide=True
    ),
    Column(
        "state",
        _("State"),
        lambda i: actions.STATES[Import.State(i.state)],
        sort="state",
    ),
    Column("rows", _("Rows"), lambda i: i.rows, sort="rows", number=True, wide=True),
    Column(
        *("faulty", _("Faulty"), lambda i: i.faulty),
        sort="faulty",
        number=True,
        wide=True,
    ),
    Column("by", _("By"), lambda i: str(i.by), sort="by__name", wide=True),
    Column("at", _("Uploaded"), lambda i: i.at, sort="at", wide=True),
]


@login_required
def imports(request: SignedIn) -> HttpResponseBase:
    """Imports in one's territories, and the kinds that can be uploaded."""
    rows = Import.objects.visible_to(request.user).select_related("place", "by")
    table = Table(request, rows.order_by("-at"), COLUMNS, name="impor")
    if table.wanted:
        return table.download()
    kinds = IMPORTERS.values() if request.user.mandates_to("import") else []
    return render(request, "imports/imports.html", {"table": table, "kinds": kinds})


def importer(kind: str) -> Importer:
    if kind not in IMPORTERS:
        raise Http404
    return IMPORTERS[kind]


@login_required
def upload(request: SignedIn, kind: str) -> HttpResponse:
    """Step one of three: the file, what it is about, where its numbers come from."""
    chosen = importer(kind)
    initial = {"place": own_place(request).code}
    sent = request.POST if request.method == "POST" else None
    form = UploadForm(sent, request.FILES or None, initial=initial)
    more = chosen.form(sent)

    def started() -> Import:
        return actions.start_import(
            kind=kind,
            upload=form.cleaned_data["upload"],
            sheet=form.cleaned_data["sheet"],
            parameters=chosen.parameters(more.cleaned_data),
            place=entered(form.cleaned_data["place"], field="place"),
            by=request.user,
            now=timezone.now(),
        )

    found = form.attempt(started) if more.is_valid() else None
    if found:
        return redirect("imports:review", uid=found.uid)
    context = {"form": form, "more": more, "importer": chosen}
    status = 422 if form.errors or more.errors else 200
    return render(request, "imports/upload.html", context, status=status)


def own_place(request: SignedIn) -> Place:
    """The territory one imports for first of all; without one, there is no way in."""
    mandates = request.user.mandates_to("import")
    if not mandates:
        raise PermissionDenied
    return mandates[0].place


@login_required
def template(request: SignedIn, kind: str) -> HttpResponseBase:
    """A file to fill in, with the places of one's territory."""
    chosen = importer(kind)
    header, rows = chosen.template(own_place(request))
    return download("xlsx", name=f"contoh-{kind}", header=header, rows=rows)


@login_required
def review(request: SignedIn, uid: UUID) -> HttpResponse:
    """Step two of three: what is wrong, what would change; and the decision."""
    rows = Import.objects.visible_to(request.user)
    found = get_object_or_404(rows.select_related("place", "by", "decided_by"), uid=uid)
    if elsewhere := IMPORTERS[found.kind].page(found):
        return redirect(elsewhere)
    sent = request.POST if request.method == "POST" else None
    form = DecideForm(sent, request.FILES or None)
    decided = form.attempt(lambda: decide(request, found, **form.cleaned_data))
    if decided:
        return decided
    if form.errors:
        found.refresh_from_db()  # somebody else may have decided meanwhile
    context = preview(found, form) | {
        "may_decide": request.user.may("import", found.place),
        "job": Job.objects.visible_to(request.user)
        .filter(kind="imports.stage", payload={"import": str(found.uid)})
        .order_by("-pk")
        .first(),
    }
    status = 422 if form.errors else 200
    return render(request, "imports/review.html", context, status=status)


def decide(request: SignedIn, found: Import, choice: str, upload: Any) -> HttpResponse:
    now = timezone.now()
    if choice == "accept":
        actions.accept_import(of=found, by=request.user, now=now)
    elif choice == "reject":
        actions.reject_import(of=found, by=request.user, now=now)
    else:
        again = actions.start_import(
            kind=found.kind,
            upload=upload,
            sheet="",
            parameters=found.parameters,
            place=found.place,
            by=request.user,
            now=now,
        )
        if found.state == Import.State.WAITING:
            actions.reject_import(of=found, by=request.user, now=now)
        return redirect("imports:review", uid=again.uid)
    return redirect("imports:review", uid=found.uid)


def preview(found: Import, form: DecideForm) -> dict[str, Any]:
    """Faults first, with the rows as they stand in the file."""
    faults = [
        {
            "row": fault.row,
            "letter": letter(fault.column),
            "title": found.header[fault.column]
            if fault.column < len(found.header)
            else "",
            "message": from_json(fault.message),
            "mend": from_json(fault.mend) if fault.mend else None,
            "cells": [
                {"text": text, "wrong": seat == fault.column}
                for seat, text in enumerate(fault.cells)
            ],
        }
        for fault in found.faults.order_by("row", "pk")[:SHOWN]
    ]
    return {
        "found": found,
        "importer": IMPORTERS[found.kind],
        "state": actions.STATES[Import.State(found.state)],
        "failure": from_json(found.failure) if found.failure else None,
        "faults": faults,
        "more_faults": max(0, found.faulty - len(faults)),
        "header": [f"{letter(i)} {title}" for i, title in enumerate(found.header)],
        "sample": [typed(sample) for sample in found.sample],
        "changes": findings_of(found, "change"),
        "totals": findings_of(found, "total"),
        "doubtful_rows": sum(doubt["rows"] for doubt in found.doubts),
        "form": form,
        "section": "",
    }


def findings_of(found: Import, kind: str) -> list[dict[str, Any]]:
    return [typed(each) for each in found.findings if each["kind"] == kind]


def typed(line: Mapping[str, Any]) -> dict[str, Any]:
    return {key: from_json(value) for key, value in line.items()}


@login_required
def names(request: SignedIn, uid: UUID) -> HttpResponse:
    """Which place each doubtful name means: one choice a name, kept for next time."""
    rows = Import.objects.visible_to(request.user)
    found = get_object_or_404(rows.select_related("place"), uid=uid)
    if not request.user.may("import", found.place):
        raise PermissionDenied
    if found.state != Import.State.WAITING:
        return redirect("imports:review", uid=found.uid)
    form = NamesForm(found.doubts, request.POST if request.method == "POST" else None)
    if form.attempt(
        lambda: actions.choose_places(of=found, choices=form.choices(), by=request.user)
    ):
        return redirect("imports:review", uid=found.uid)
    context = {"found": found, "form": form}
    status = 422 if form.errors else 200
    return render(request, "imports/names.html", context, status=status)


@login_required
def faults(request: SignedIn, uid: UUID) -> HttpResponseBase:
    """The faulty rows alone, to mend and upload again."""
    rows = Import.objects.visible_to(request.user)
    found = get_object_or_404(rows, uid=uid)
    by_row = {fault.row: fault.cells for fault in found.faults.order_by("row")}
    return download(
        "xlsx",
        name=f"keliru-{found.file_name}",
        header=found.header,
        rows=by_row.values(),
    )


@login_required
def undo(request: SignedIn, uid: UUID) -> HttpResponse:
    """Take an accepted import back, after one question."""
    rows = Import.objects.visible_to(request.user)
    found = get_object_or_404(rows.select_related("place"), uid=uid)
    if not request.user.may("import", found.place):
        raise PermissionDenied
    refusal = None
    if request.method == "POST":
        try:
            actions.undo_import(of=found, by=request.user, now=timezone.now())
        except Refusal as raised:
            refusal = raised
        else:
            return redirect("imports:review", uid=found.uid)
    context = {"found": found, "refusal": refusal}
    return render(request, "imports/undo.html", context, status=409 if refusal else 200)
