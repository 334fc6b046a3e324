"""Pages of runs: all of them, a new one, and one with its rule, map, table, decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Text, from_json
from lumbung.core.refusal import Refusal
from lumbung.imports import actions as imports
from lumbung.imports.models import Import
from lumbung.measures.models import ClassRule, Run
from lumbung.measures.runs import actions, rule_words
from lumbung.measures.runs.forms import DecideForm, RunForm
from lumbung.measures.runs.lines import COLUMNS, FEW, fits, in_order, lines_of, within
from lumbung.measures.runs.map import drawn
from lumbung.measures.runs.snapshots import SnapshotDamaged
from lumbung.pages.tables import Column, Table
from lumbung.places import maps
from lumbung.places.codes import entered
from lumbung.words import say
from lumbung.work.models import Job

RUN_COLUMNS = [
    Column(
        "rule",
        gettext_lazy("Rule"),
        lambda run: rule_words.name_of(run.content),
        sort="rule",
        url=lambda run: reverse("runs:run", args=[run.uid]),
    ),
    Column("period", gettext_lazy("Period"), lambda run: run.period, sort="period"),
    Column(
        "place",
        gettext_lazy("Territory"),
        lambda run: run.place.name,
        sort="place__name",
        wide=True,
    ),
    Column(
        "state",
        gettext_lazy("State"),
        lambda run: imports.STATES[Import.State(run.of.state)],
        sort="of__state",
    ),
    Column(
        "places", gettext_lazy("Places"), lambda run: run.places, number=True, wide=True
    ),
    Column("pack", gettext_lazy("Pack"), lambda run: str(run.pack), wide=True),
    Column(
        "by", gettext_lazy("By"), lambda run: str(run.by), sort="by__name", wide=True
    ),
    Column("at", gettext_lazy("Computed"), lambda run: run.at, sort="at", wide=True),
]


def runs_for(request: SignedIn) -> Any:
    rows = Run.objects.visible_to(request.user).marked()
    return rows.select_related(
        "place", "by", "of__decided_by", "of__place", "pack", "scheme", "only"
    )


@login_required
def runs(request: SignedIn) -> HttpResponseBase:
    """All runs one may see, and the rules there are."""
    rows = runs_for(request)
    if request.GET.get("aturan"):
        rows = rows.filter(rule=request.GET["aturan"])
    table = Table(request, rows.order_by("-at"), RUN_COLUMNS, name="hitungan")
    if table.wanted:
        return table.download()
    context = {
        "table": table,
        "rules": ClassRule.objects.select_related("scheme", "pack").order_by("code"),
        "may_start": bool(request.user.mandates_to("import")),
        "section": "runs",
    }
    return render(request, "measures/runs.html", context)


@login_required
def start_run(request: SignedIn) -> HttpResponse:
    """Choose rule, territory and period; the classes then wait for a decision."""
    mandates = request.user.mandates_to("import")
    if not mandates:
        raise PermissionDenied
    initial = {
        "place": mandates[0].place.code,
        "rule": request.GET.get("aturan", ""),
        "period": request.GET.get("periode", ""),
    }
    form = RunForm(request.POST or None, initial=initial)
    run = form.attempt(
        lambda: actions.start_run(
            rule=ClassRule.objects.get(code=form.cleaned_data["rule"]),
            place=entered(form.cleaned_data["place"], field="place"),
            period=form.cleaned_data["period"],
            by=request.user,
            now=timezone.now(),
        )
    )
    if run:
        return redirect("runs:run", uid=run.uid)
    status = 422 if form.errors or request.method == "POST" else 200
    context = {"form": form, "section": "runs"}
    return render(request, "measures/start_run.html", context, status=status)


@login_required
def run(request: SignedIn, uid: UUID) -> HttpResponseBase:
    """One run: the rule in words, counts, digests, map, table, what to do next."""
    found = get_object_or_404(runs_for(request), uid=uid)
    if not found.labels:
        return render(request, "measures/run.html", unfinished(request, found))
    here = within(found, request.GET.get("wilayah", ""))
    try:
        lines = lines_of(found, here)
    except SnapshotDamaged as damaged:
        return refused(request, found, damaged)
    chosen = request.GET.get("kelas", "")
    shown = [line for line in lines if fits(line, chosen)]
    table = Table(
        request,
        in_order(shown, request.GET.get("urut", "")),
        COLUMNS,
        name=f"kelas-{found.rule}-{found.period}",
        example=found.is_example,
    )
    if table.wanted:
        return table.download()
    few = len(lines) <= FEW
    context = about(request, found) | {
        "table": table,
        "chosen": chosen,
        "here": here,
        "tally": rule_words.counted(found.content, found.counts),
        "map": drawn(found, here or found.place, lines, maps.form_of(request))
        if few
        else None,
    }
    return render(request, "measures/run.html", context)


def about(request: SignedIn, found: Run) -> dict[str, Any]:
    content = found.content
    return {
        "section": "runs",
        "run": found,
        "of": found.of,
        "name": rule_words.name_of(content),
        "about": Text(**content["about"]) if "about" in content else None,
        "scheme": found.scheme.words,
        "state": imports.STATES[Import.State(found.of.state)],
        "sentences": rule_words.sentences(content, found.period),
        "doubled": rule_words.doubled(found.doubled) if found.doubled else None,
        "example": found.is_example,
        "failure": from_json(found.of.failure) if found.of.failure else None,
        "repetitions": found.repetitions.select_related("by").order_by("-at")[:5],
        "may_decide": request.user.may("import", found.place),
        "may_open": bool(request.user.mandates_to("case.open")),
        "opened": found.cases.count(),
    }


def unfinished(request: SignedIn, found: Run) -> dict[str, Any]:
    """A run that is still at work, or came to nothing."""
    job = Job.objects.visible_to(request.user).filter(key=actions.key_of(found))
    return about(request, found) | {"job": job.first()}


@login_required
@require_POST
def decide_run(request: SignedIn, uid: UUID) -> HttpResponse:
    """Accept the classes that wait, or reject them."""
    found = get_object_or_404(runs_for(request), uid=uid)
    if not request.user.may("import", found.place):
        raise PermissionDenied
    form = DecideForm(request.POST)
    verbs = {"accept": imports.accept_import, "reject": imports.reject_import}
    try:
        if form.is_valid():
            verb = verbs[form.cleaned_data["choice"]]
            verb(of=found.of, by=request.user, now=timezone.now())
    except Refusal as refusal:
        return refused(request, found, refusal)
    return redirect("runs:run", uid=found.uid)


@login_required
@require_POST
def repeat_run(request: SignedIn, uid: UUID) -> HttpResponse:
    """Compute the run once more from what it kept, and say whether it is the same."""
    found = get_object_or_404(runs_for(request), uid=uid)
    try:
        repetition = actions.repeat_run(run=found, by=request.user, now=timezone.now())
    except Refusal as refusal:
        return refused(request, found, refusal)
    said = (
        _("Computed again from what the run kept: the same labels, the same digest.")
        if repetition.same
        else _("Computed again: OTHER labels came out. Tell your administrator.")
    )
    messages.info(request, said)
    return redirect("runs:run", uid=found.uid)


def refused(request: SignedIn, found: Run, refusal: Refusal) -> HttpResponse:
    """The run's page again, with what was refused above it."""
    context = unfinished(request, found) | {"refusal": refusal}
    context["title"] = say(refusal.message)
    return render(request, "measures/run.html", context, status=refusal.status)
