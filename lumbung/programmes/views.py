"""Doors of a case: move, override, decide, lay evidence, declare, hold, hand over."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lumbung.accounts.requests import SignedIn
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.attachments import serve
from lumbung.evidence.models import Evidence
from lumbung.evidence.store import Kept, take_in
from lumbung.pages.forms import Form
from lumbung.programmes import actions, forms
from lumbung.programmes.checks import main_place, must, people_at
from lumbung.programmes.models import Case, Decision, DeclaredFact, StepEvidence
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.papers import papers_of
from lumbung.programmes.verdicts import (
    past_step,
    requirement,
    step_of,
    template_of,
    verdict,
)
from lumbung.words import say


def find(request: SignedIn, uid: UUID) -> Case:
    """The case, if this person may see it; else it is not there."""
    cases = Case.objects.visible_to(request.user)
    return get_object_or_404(
        cases.select_related("programme", "responsible", "origin").with_places(),
        uid=uid,
    )


def page(
    request: SignedIn, name: str, case: Case, form: Form, **more: Any
) -> HttpResponse:
    context = {
        "case": case,
        "step": step_of(case),
        "template": template_of(case),
        "place": main_place(case),
        "form": form,
        "section": "programmes",
        **more,
    }
    status = 422 if form.errors else 200
    return render(request, f"programmes/{name}.html", context, status=status)


def look_into(request: SignedIn, case: Case, upload: Any) -> Kept:
    """Check and store an uploaded file before any transaction: a photo takes a second."""
    must(request.user, "evidence.add", main_place(case), case.programme)
    return take_in(upload)


def keep_paper(
    request: SignedIn, case: Case, upload: Kept, title: str, dated_on: Any
) -> Evidence:
    return add_evidence(
        upload=upload,
        title=title,
        place=main_place(case),
        programme=case.programme.code,
        dated_on=dated_on,
        by=request.user,
    )


@login_required
def move_case(request: SignedIn, uid: UUID) -> HttpResponse:
    """Move to the next step (or, at the last, to an outcome) where the gate is met."""
    case = find(request, uid)
    following = forms.next_choice(case)
    initial = {"version": case.version, "to": following.id if following else ""}
    kind: Any = forms.MoveForm
    more: dict[str, Any] = {}
    if following is None:
        kind, more = forms.CloseForm, {"form": template_of(case)}
    form = kind(request.POST or None, initial=initial, **more)
    if form.attempt(
        lambda: actions.move_case(case=case, by=request.user, **form.cleaned_data)
    ):
        return redirect("desk:case", uid=case.uid)
    if form.errors:
        case.refresh_from_db()
    found = verdict(case, on=timezone.localdate())
    return page(request, "move_case", case, form, verdict=found, following=following)


@login_required
def return_case(request: SignedIn, uid: UUID) -> HttpResponse:
    """Go back to an earlier step that the present one may return to, with a reason."""
    case = find(request, uid)
    if not step_of(case).returns:
        return redirect("desk:case", uid=case.uid)
    form = forms.ReturnForm(
        request.POST or None, case=case, initial={"version": case.version}
    )
    if form.attempt(
        lambda: actions.move_case(case=case, by=request.user, **form.cleaned_data)
    ):
        return redirect("desk:case", uid=case.uid)
    return page(request, "return_case", case, form)


@login_required
def override_gate(request: SignedIn, uid: UUID) -> HttpResponse:
    """Record a decision to pass the gate, and move: both or neither."""
    case = find(request, uid)
    form = forms.OverrideForm(
        request.POST or None,
        request.FILES or None,
        case=case,
        initial={"version": case.version},
    )
    if form.attempt(lambda: by_decision(request, case, form, Decision.About.OVERRIDE)):
        return redirect("desk:case", uid=case.uid)
    found = verdict(case, on=timezone.localdate())
    following = forms.next_choice(case)
    return page(
        request, "override_gate", case, form, verdict=found, following=following
    )


@login_required
def stop_case(request: SignedIn, uid: UUID) -> HttpResponse:
    """Record the decision to end a case before its goal, and end it."""
    case = find(request, uid)
    form = forms.StopForm(
        request.POST or None,
        request.FILES or None,
        case=case,
        initial={"version": case.version},
    )
    if form.attempt(lambda: by_decision(request, case, form, Decision.About.STOP)):
        return redirect("desk:case", uid=case.uid)
    return page(request, "stop_case", case, form)


DECIDED: dict[str, Callable[..., Case]] = {
    Decision.About.OVERRIDE: actions.override_gate,
    Decision.About.STOP: actions.stop_case,
}


def by_decision(
    request: SignedIn, case: Case, form: Form, about: Decision.About
) -> Case:
    """Record the decision that a form holds, and do what it is about: both or neither."""
    data = dict(form.cleaned_data)
    asked = {name: data.pop(name) for name in ("version", "to") if name in data}
    data["minutes"] = look_into(request, case, data["minutes"])
    with transaction.atomic():
        return DECIDED[about](
            case=case,
            decision=decide(request, case, data, about=about),
            on=max(data["decided_on"], case.moved_on),
            by=request.user,
            **asked,
        )


def decide(
    request: SignedIn, case: Case, data: dict[str, Any], **more: Any
) -> Decision:
    """Keep the minutes and the decision they prove."""
    data = data | more
    upload = data.pop("minutes")
    title = _("Minutes: %(body)s") % {"body": data["body"]}
    data.setdefault("result", Decision.Result.APPROVED)
    minutes = keep_paper(request, case, upload, title, data["decided_on"])
    return actions.record_decision(case=case, minutes=minutes, by=request.user, **data)


@login_required
def record_decision(request: SignedIn, uid: UUID) -> HttpResponse:
    """Record what a body decided at the present step, or correct what was recorded."""
    case = find(request, uid)
    corrects = standing(case, request.GET.get("mengoreksi", ""))
    form = forms.DecisionForm(
        request.POST or None,
        request.FILES or None,
        case=case,
        initial=as_initial(corrects) if corrects else None,
    )

    def recorded() -> Decision:
        data = dict(form.cleaned_data)
        data["minutes"] = look_into(request, case, data["minutes"])
        with transaction.atomic():
            return decide(request, case, data, corrects=corrects)

    if form.attempt(recorded):
        return redirect("desk:case", uid=case.uid)
    return page(request, "record_decision", case, form, corrects=corrects)


def standing(case: Case, uid: str) -> Decision | None:
    """The decision that is to be corrected, if one is named."""
    if not uid:
        return None
    try:
        wanted = UUID(uid)
    except ValueError as error:
        raise Http404 from error
    latest = case.decisions.filter(corrected_by=None)
    found: Decision = get_object_or_404(latest, uid=wanted)
    return found


def as_initial(decision: Decision) -> dict[str, Any]:
    """A decision's values, for the form that corrects it."""
    names = ("body", "number", "decided_on", "venue", "result", "reason", "invited")
    values = {name: getattr(decision, name) for name in names}
    for row in decision.attendance.all():
        values |= {f"women_{row.sector}": row.women, f"men_{row.sector}": row.men}
    return values


@login_required
def decision(request: SignedIn, uid: UUID, decision_uid: UUID) -> HttpResponse:
    """One decision: who was there, whether the quorum was met, its minutes."""
    case = find(request, uid)
    rows = case.decisions.select_related("minutes", "by", "corrects", "corrected_by")
    shown = get_object_or_404(rows, uid=decision_uid)
    sectors = pack_of(case.pack_id).sectors
    attendance = [
        {
            "name": sectors.get(row.sector, row.sector),
            "women": row.women,
            "men": row.men,
        }
        for row in shown.attendance.all()
    ]
    context = {
        "case": case,
        "decision": shown,
        "attendance": attendance,
        "women": sum(row["women"] for row in attendance),
        "men": sum(row["men"] for row in attendance),
        "step": past_step(case, shown.step),
        "place": main_place(case),
        "section": "programmes",
    }
    return render(request, "programmes/decision.html", context)


@login_required
def attach_evidence(request: SignedIn, uid: UUID) -> HttpResponse:
    """Upload a photo or paper and lay it to a requirement of the present step."""
    case = find(request, uid)
    initial = {"requirement": request.GET.get("untuk")}
    form = forms.EvidenceForm(
        request.POST or None, request.FILES or None, case=case, initial=initial
    )

    def laid() -> StepEvidence:
        data = form.cleaned_data
        asked = requirement(step_of(case), data["requirement"])
        title = data["title"] or say(asked.name if asked else "")
        kept = look_into(request, case, data["upload"])
        with transaction.atomic():
            return actions.attach_evidence(
                case=case,
                requirement=data["requirement"],
                evidence=keep_paper(request, case, kept, title, data["dated_on"]),
                by=request.user,
            )

    if form.attempt(laid):
        return redirect("desk:case", uid=case.uid)
    return page(request, "attach_evidence", case, form)


@login_required
def detach_evidence(request: SignedIn, uid: UUID, paper_uid: UUID) -> HttpResponse:
    """Take evidence back that was laid to this step by mistake."""
    case = find(request, uid)
    paper = get_object_or_404(case.evidence.select_related("evidence"), uid=paper_uid)
    form = forms.TakeBackForm(request.POST or None)
    if form.attempt(
        lambda: actions.detach_evidence(
            paper=paper, reason=form.cleaned_data["reason"], by=request.user
        )
    ):
        return redirect("desk:case", uid=case.uid)
    return page(request, "detach_evidence", case, form, paper=paper)


@login_required
@require_safe
def evidence_file(request: SignedIn, uid: UUID, evidence_uid: UUID) -> HttpResponseBase:
    """A file that hangs on this case: evidence, minutes, or proof of a fact."""
    case = find(request, uid)
    paper = get_object_or_404(papers_of(case), uid=evidence_uid)
    return serve(request, paper)


@login_required
def declare_fact(request: SignedIn, uid: UUID, name: str) -> HttpResponse:
    """Enter a fact that no package computes yet, with the paper that proves it."""
    case = find(request, uid)
    fact = pack_of(case.pack_id).facts.get(name)
    if fact is None:
        return redirect("desk:case", uid=case.uid)
    form = forms.FactForm(request.POST or None, request.FILES or None, fact=fact)

    def declared() -> DeclaredFact:
        data = form.cleaned_data
        title = _("Proof: %(fact)s") % {"fact": say(fact.name)}
        kept = look_into(request, case, data["upload"])
        with transaction.atomic():
            return actions.declare_fact(
                case=case,
                name=name,
                value=form.typed(fact),
                as_of=data["as_of"],
                evidence=keep_paper(request, case, kept, title, data["as_of"]),
                by=request.user,
            )

    if form.attempt(declared):
        return redirect("desk:case", uid=case.uid)
    earlier = case.declared_facts.filter(name=name).select_related("by").order_by("-pk")
    return page(request, "declare_fact", case, form, fact=fact, earlier=earlier[:10])


HOLDS: dict[str, Callable[..., Case]] = {
    "jeda": actions.pause_case,
    "lanjutkan": actions.resume_case,
    "buka-kembali": actions.reopen_case,
}


@login_required
def hold_case(request: SignedIn, uid: UUID, verb: str) -> HttpResponse:
    """Pause, resume or reopen a case."""
    case = find(request, uid)
    form = forms.ReasonForm(request.POST or None, initial={"version": case.version})
    if verb == "lanjutkan":
        del form.fields["reason"]
    if form.attempt(
        lambda: HOLDS[verb](case=case, by=request.user, **form.cleaned_data)
    ):
        return redirect("desk:case", uid=case.uid)
    return page(request, "hold_case", case, form, verb=verb)


@login_required
def hand_over_case(request: SignedIn, uid: UUID) -> HttpResponse:
    """Give the case to somebody else with a mandate where it is."""
    case = find(request, uid)
    people = people_at(main_place(case), case.programme)
    form = forms.HandOverForm(
        request.POST or None,
        people=people.exclude(pk=case.responsible_id),
        initial={"version": case.version},
    )
    if form.attempt(
        lambda: actions.hand_over_case(case=case, by=request.user, **form.cleaned_data)
    ):
        return redirect("desk:case", uid=case.uid)
    return page(request, "hand_over_case", case, form)
