"""Red places of a run get their cases: seen first, opened with one confirmation."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Text, from_json
from lumbung.core.refusal import Refusal
from lumbung.measures.models import Run
from lumbung.measures.runs import actions, rule_words
from lumbung.measures.runs.red_places import OPEN, reachable
from lumbung.measures.runs.views import runs_for
from lumbung.programmes.models import CasePlace, Programme
from lumbung.programmes.packs.pack import Template, pack_of
from lumbung.work.models import Job


@login_required
def open_cases(request: SignedIn, uid: UUID) -> HttpResponse:
    """Which red places have no open case of a programme, which do; open them all."""
    found = get_object_or_404(runs_for(request), uid=uid)
    if not request.user.mandates_to("case.open"):
        raise PermissionDenied
    programme, template = chosen(request.GET.get("program", ""), request.GET)
    refusal = None
    if request.method == "POST" and programme and template:
        try:
            job = actions.ask_for_cases(
                run=found,
                programme=programme,
                template=template.id,
                on=timezone.localdate(),
                by=request.user,
            )
        except Refusal as raised:
            refusal = raised
        else:
            return redirect("work:job", uid=job.uid)
    context = {
        "section": "runs",
        "run": found,
        "name": rule_words.name_of(found.content),
        "programmes": offered(),
        "programme": programme,
        "template": template,
        "refusal": refusal,
        "outcome": outcome(request),
        **(lists(found, programme, request.user) if programme else {}),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "measures/open_cases.html", context, status=status)


def offered() -> list[tuple[str, Text]]:
    """The programmes that run here, by code and name."""
    return [
        (row.code, pack_of(row.pack_id).programmes[row.code].name)
        for row in Programme.objects.order_by("code")
    ]


def chosen(code: str, asked: Any) -> tuple[Programme | None, Template | None]:
    """The programme asked for, and its template: the first unless another is named."""
    programme = Programme.objects.filter(code=code).first()
    if programme is None:
        return None, None
    pack = pack_of(programme.pack_id)
    return programme, pack.template_of(programme.code, asked.get("jenis", ""))


def lists(run: Run, programme: Programme, user: User) -> dict[str, Any]:
    """Red places without an open case, and those with theirs.

    Who may open a case of the programme at a place also sees those that are there.
    """
    rows = reachable(run, programme, user)
    cases = CasePlace.objects.filter(
        place__in=[row.place_id for row in rows],
        role=CasePlace.Role.MAIN,
        case__programme=programme,
        case__state__in=OPEN,
    )
    by_place = {each.place_id: each.case for each in cases.select_related("case")}
    return {
        "without": [row for row in rows if row.place_id not in by_place],
        "having": [
            {"row": row, "case": case}
            for row in rows
            if (case := by_place.get(row.place_id))
        ],
    }


def outcome(request: SignedIn) -> dict[str, Any] | None:
    """What came of the job that the address names, if it is one's own and has ended."""
    try:
        uid = UUID(request.GET.get("hasil", ""))
    except ValueError:
        return None
    job = Job.objects.visible_to(request.user).filter(
        uid=uid, kind="measures.open_cases"
    )
    found = job.first()
    if found is None or found.result is None:
        return None
    refused = [from_json(each) for each in found.result["refused"]]
    return {**found.result, "refused": refused}
