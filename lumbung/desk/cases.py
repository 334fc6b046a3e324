"""All cases of a programme as a table, and the form that opens a new one."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.desk.programmes import rule_of, templates
from lumbung.pages.tables import Column, Table
from lumbung.places.codes import entered
from lumbung.programmes.actions import open_case
from lumbung.programmes.checks import STATES
from lumbung.programmes.counting import asked_place, counted
from lumbung.programmes.forms import OpenForm
from lumbung.programmes.models import Case, Programme
from lumbung.programmes.verdicts import step_of


def said_step(case: Case) -> Message:
    step = step_of(case)
    return Message("%(number)s. %(step)s", number=step.position, step=step.name)


# What a link to this table may narrow by and its form has no field for.
KEPT = ("langkah", "posisi", "letak", "orang")
CASE_COLUMNS = [
    Column(
        "number",
        _("Case"),
        lambda c: f"{c.title} ({c.number})",
        sort="number",
        url=lambda c: reverse("desk:case", args=[c.uid]),
    ),
    Column("place", _("Main place"), lambda c: c.main_place.name, wide=True),
    Column("code", _("Code"), lambda c: c.main_place.code, wide=True),
    Column("step", _("Step"), said_step, sort="position"),
    Column(
        *("state", _("State"), lambda c: STATES[Case.State(c.state)]),
        sort="state",
        wide=True,
    ),
    Column("since", _("Since"), lambda c: c.since, sort="since", wide=True),
    Column("due_on", _("Until"), lambda c: c.due_on, sort="due_on", wide=True),
    Column(
        "responsible",
        _("Responsible"),
        lambda c: str(c.responsible),
        sort="responsible__name",
        wide=True,
    ),
    Column(
        "moved", _("Last movement"), lambda c: c.moved_on, sort="moved_on", wide=True
    ),
]


@login_required
def cases(request: SignedIn, code: str) -> HttpResponseBase:
    """All cases of a programme as a table that filters, sorts and downloads."""
    programme = get_object_or_404(Programme, code=code)
    table = case_table(request, {"program": code}, f"berkas-{code}")
    if table.wanted:
        return table.download()
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "templates": templates(programme),
        "states": STATES.items(),
        "place": asked_place(request.GET),
        "kept": KEPT,
        "table": table,
    }
    return render(request, "desk/cases.html", context)


@login_required
def all_cases(request: SignedIn) -> HttpResponseBase:
    """Cases of all programmes, such as those that a place's page counts."""
    table = case_table(request, {}, "berkas")
    if table.wanted:
        return table.download()
    context = {
        "section": "programmes",
        "states": STATES.items(),
        "place": asked_place(request.GET),
        "kept": KEPT,
        "table": table,
    }
    return render(request, "desk/cases.html", context)


def case_table(request: SignedIn, fixed: dict[str, str], name: str) -> Table:
    """The cases that the address asks for, as a figure of the same keys counts them."""
    asked = request.GET.dict() | fixed
    rows = counted(asked, user=request.user, on=timezone.localdate())
    rows = rows.select_related("responsible").with_places()
    return Table(
        request,
        rows.order_by("number"),
        CASE_COLUMNS,
        name=name,
        example=rows.filter(is_example=True).exists(),
    )


@login_required
def open_form(request: SignedIn, code: str) -> HttpResponse:
    """Open a new case, for those who may anywhere; the verb says where."""
    if not request.user.mandates_to("case.open"):
        raise PermissionDenied
    programme = get_object_or_404(Programme, code=code)
    form = OpenForm(
        request.POST or None,
        programme=programme,
        user=request.user,
        initial={"place": request.GET.get("wilayah", "")},
    )
    case = form.attempt(
        lambda: open_case(programme=programme, **opening(form, request.user))
    )
    if case:
        return redirect("desk:case", uid=case.uid)
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "form": form,
    }
    return render(
        request, "desk/open_case.html", context, status=422 if form.errors else 200
    )


def opening(form: OpenForm, user: User) -> dict[str, Any]:
    """The form's codes as places; a wrong code is refused beside its field."""
    data = dict(form.cleaned_data)
    for name in ("also", "partners"):
        codes = [code for code in data[name].split(",") if code.strip()]
        data[name] = [entered(code, field=name) for code in codes]
    return data | {"responsible": user, "by": user}
