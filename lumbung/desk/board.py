"""Programmes district by district, and the board of cases by step, stuck first."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db.models import Case as Case_
from django.db.models import (
    Count,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
    Window,
)
from django.db.models.functions import RowNumber
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.gates import Verdict
from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal
from lumbung.desk import classes
from lumbung.pages.tables import Column, Table
from lumbung.places.codes import resolve
from lumbung.places.models import Place
from lumbung.programmes.actions import open_case
from lumbung.programmes.checks import STATES
from lumbung.programmes.forms import OpenForm
from lumbung.programmes.models import Case, CasePlace, Programme, Transition
from lumbung.programmes.pack import ProgrammeRule, Step, Template, pack_of
from lumbung.programmes.verdicts import step_of, verdicts

CARDS = 6  # in one lane; the table has all


def rule_of(programme: Programme) -> ProgrammeRule:
    return pack_of(programme.pack_id).programmes[programme.code]


@dataclass
class Card:
    """A case as the board shows it, with its sentences."""

    case: Case
    place: Place
    verdict: Verdict
    days: int
    late: int
    klass: Any = None

    @property
    def tone(self) -> str:
        if self.late:
            return "late"
        return "ready" if self.verdict.met else "waits"

    @property
    def state(self) -> Message:
        if self.late:
            return Plural(
                "Stuck for %(count)s day", "Stuck for %(count)s days", count=self.late
            )
        if self.verdict.met:
            return Message("Ready to be moved")
        return Plural("%(count)s day", "%(count)s days", count=self.days)

    @property
    def first(self) -> Message:
        """The first thing that is missing."""
        if self.verdict.missing:
            return self.verdict.missing[0].sentence
        return Message("All conditions are met.")

    @property
    def met(self) -> Message:
        lines = self.verdict.lines
        return Message(
            "%(met)s of %(total)s conditions",
            met=len(self.verdict.passed),
            total=len(lines),
        )

    @property
    def meter(self) -> SafeString:
        on, off = len(self.verdict.passed), len(self.verdict.missing)
        return mark_safe('<i class="on"></i>' * on + "<i></i>" * off)  # noqa: S308


@dataclass
class Lane:
    step: Step
    count: int = 0
    cards: list[Card] = field(default_factory=list)
    stuck: list[Card] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """How many cases stand here without a card on the board."""
        return self.count - len(self.cards) - len(self.stuck)


@login_required
def programmes(request: SignedIn) -> HttpResponse:
    """The programmes that run here, with what this person sees of each."""
    today = timezone.localdate()
    running = Q(state=Case.State.RUNNING)
    counts = {
        row["programme"]: row
        for row in Case.objects.visible_to(request.user)
        .values("programme")
        .annotate(
            total=Count("pk"),
            running=Count("pk", filter=running),
            stuck=Count("pk", filter=running & Q(due_on__lt=today)),
            moved=Max("moved_on"),
        )
    }
    rows = [
        {
            **counts.get(p.pk, {}),
            "programme": p,
            "rule": rule_of(p),
            "pack": pack_of(p.pack_id),
        }
        for p in Programme.objects.order_by("code")
    ]
    return render(
        request, "desk/programmes.html", {"section": "programmes", "rows": rows}
    )


def main_path() -> Subquery:
    """The path of a case's main place."""
    main = CasePlace.objects.filter(case=OuterRef("pk"), role=CasePlace.Role.MAIN)
    return Subquery(main.values("path")[:1])


@login_required
def districts(request: SignedIn, code: str) -> HttpResponseBase:
    """One row a district: cases by step, stuck, last movement."""
    programme = get_object_or_404(Programme, code=code)
    cases = Case.objects.visible_to(request.user).filter(programme=programme)
    rows = district_rows(programme, cases, timezone.localdate())
    columns = district_columns(programme)
    table = Table(request, rows, columns, name=f"{code}-kabupaten", page_size=100)
    if table.wanted:
        return table.download()
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "table": table,
        "total": sum(row["total"] for row in rows),
    }
    return render(request, "desk/districts.html", context)


def district_rows(
    programme: Programme, cases: "QuerySet[Case]", today: date
) -> list[dict[str, Any]]:
    """Districts with cases, and those where the pack says the programme runs."""
    found: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"total": 0, "stuck": 0, "moved": None, "steps": defaultdict(int)}
    )
    for code in rule_of(programme).places:
        found[code]  # noqa: B018  # a district without a case has its row too
    states = cases.annotate(path=main_path()).values_list(
        "path", "state", "position", "due_on", "moved_on"
    )
    for path, state, position, due_on, moved_on in states.iterator():
        row = found[".".join(path.split(".")[1:3])]
        row["total"] += 1
        row["moved"] = max(filter(None, (row["moved"], moved_on)))
        if state == Case.State.RUNNING:
            row["steps"][position] += 1
            row["stuck"] += bool(due_on and due_on < today)
    names = {
        p.code: p
        for p in Place.objects.in_force()
        .filter(code__in=found)
        .select_related("parent")
    }
    rows = [
        row | {"place": names.get(code), "code": code} for code, row in found.items()
    ]
    return sorted(rows, key=lambda r: (-r["stuck"], -r["total"], r["code"]))


def district_columns(programme: Programme) -> list[Column]:
    rule = rule_of(programme)
    steps = max(
        (len(pack_of(programme.pack_id).templates[t].steps) for t in rule.templates),
        default=0,
    )
    board = reverse("desk:board", args=[programme.code])
    return [
        Column(
            "district",
            _("District"),
            lambda r: r["place"].name if r["place"] else r["code"],
            url=lambda r: f"{board}?wilayah={r['code']}",
        ),
        Column(
            "province",
            _("Province"),
            lambda r: r["place"].parent.name if r["place"] else "",
            wide=True,
        ),
        Column("total", _("Cases"), lambda r: r["total"], number=True),
        Column("stuck", _("Stuck"), lambda r: r["stuck"], number=True),
        *(
            Column(
                f"s{n}",
                str(n),
                lambda r, n=n: r["steps"].get(n) or None,  # type: ignore[misc]
                number=True,
                wide=True,
            )
            for n in range(1, steps + 1)
        ),
        Column("moved", _("Last movement"), lambda r: r["moved"], number=True),
    ]


@login_required
def board(request: SignedIn, code: str) -> HttpResponse:
    """Cases of one template by step; the stuck ones come first."""
    programme = get_object_or_404(Programme, code=code)
    form = chosen_template(programme, request.GET.get("jenis", ""))
    if form is None:
        return redirect("desk:programmes")
    today = timezone.localdate()
    here = asked_place(request)
    cases = Case.objects.visible_to(request.user).filter(
        programme=programme, template=form.id
    )
    if here:
        cases = cases.mainly_in(here)
    if request.GET.get("orang") == "saya":
        cases = cases.filter(responsible=request.user)
    lanes, tally = lanes_of(form, cases, today)
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "pack": pack_of(programme.pack_id),
        "template": form,
        "templates": [t for t in templates(programme) if t.id != form.id],
        "place": here,
        "lanes": lanes,
        "stuck": worst(lanes),
        "tally": tally,
        "may_open": bool(request.user.mandates_to("case.open")),
        "places": [] if here else choices(request.user),
    }
    return render(request, "desk/board.html", context)


def templates(programme: Programme) -> list[Template]:
    pack = pack_of(programme.pack_id)
    return [t for t in pack.templates.values() if t.programme == programme.code]


def chosen_template(programme: Programme, id: str) -> Template | None:
    known = templates(programme)
    return next((t for t in known if t.id == id), known[0] if known else None)


def asked_place(request: SignedIn) -> Place | None:
    code = request.GET.get("wilayah", "")
    return Place.objects.in_force().filter(code=code).first() if code else None


def choices(user: User) -> list[Place]:
    """What the filter offers: the places right below the first mandate's."""
    if not user.mandates_in_force:
        return []
    return list(Place.objects.children_of(user.mandates_in_force[0].place))


def lanes_of(
    form: Template, cases: "QuerySet[Case]", today: date
) -> tuple[list[Lane], dict[str, int]]:
    """Each step with how many cases run there and its first cards; and the totals."""
    lanes = {step.id: Lane(step) for step in form.steps}
    totals = dict.fromkeys([*Case.State.values, "total", "stuck"], 0)
    counted, first = standing(cases, today)
    for step, state, count, stuck in counted:
        totals["total"] += count
        totals[state] += count
        if state == Case.State.RUNNING:
            totals["stuck"] += stuck
            lanes[step].count = count
    for card in cards(first, today):
        lane = lanes[card.case.step]
        (lane.stuck if card.late else lane.cards).append(card)
    return list(lanes.values()), totals


def standing(
    cases: "QuerySet[Case]", today: date
) -> tuple[list[tuple[str, str, int, int]], list[int]]:
    """How many cases stand at each step and state, and which come first.

    Kept until a case anywhere moves: the key has the last transition, the day, and
    the whole question, with the territory that this person may see.
    """
    last = Transition.objects.order_by("-pk").values_list("pk", flat=True).first()
    question = f"{last} {today} {cases.query}"
    key = f"board-{hashlib.sha256(question.encode()).hexdigest()}"
    kept: tuple[list[tuple[str, str, int, int]], list[int]] | None = cache.get(key)
    if kept is None:
        counted = (
            cases.order_by()
            .values_list("step", "state")
            .annotate(count=Count("pk"), stuck=Count("pk", filter=Q(due_on__lt=today)))
        )
        kept = list(counted), list(first_in_step(cases, today))
        cache.set(key, kept, 3600)
    return kept


def cards(first: list[int], today: date) -> Iterator[Card]:
    """The cards of these cases, the longest waiting first."""
    found = list(
        Case.objects.filter(pk__in=first)
        .select_related("programme", "responsible")
        .with_places()
        .order_by("since", "pk")
    )
    judged = verdicts(found, on=today)
    known = classes.latest({case.main_place.pk for case in found})
    for case in found:
        late = (today - case.due_on).days if case.due_on else 0
        yield Card(
            case=case,
            place=case.main_place,
            verdict=judged[case.pk],
            days=(today - case.since).days,
            late=max(late, 0),
            klass=known.get(case.main_place.pk),
        )


def first_in_step(cases: "QuerySet[Case]", today: date) -> "QuerySet[Any, int]":
    """Primary keys of the cards to show: the first of each step, stuck ones apart."""
    stuck = Case_(When(due_on__lt=today, then=1), default=0)
    rank = Window(
        RowNumber(),
        partition_by=[F("step"), stuck],
        order_by=[F("since").asc(), F("pk").asc()],
    )
    running = cases.filter(state=Case.State.RUNNING)
    ranked = running.annotate(rank=rank).filter(rank__lte=CARDS)
    return ranked.values_list("pk", flat=True)


def worst(lanes: list[Lane]) -> list[Card]:
    """The stuck cases that the board puts first, of all steps."""
    stuck = [card for lane in lanes for card in lane.stuck]
    return sorted(stuck, key=lambda card: -card.late)[: 2 * CARDS]


def said_step(case: Case) -> Message:
    step = step_of(case)
    return Message("%(number)s. %(step)s", number=step.position, step=step.name)


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
    Column("state", _("State"), lambda c: STATES[Case.State(c.state)], sort="state"),
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
        "moved", _("Last movement"), lambda c: c.moved_on, sort="moved_on", number=True
    ),
]


@login_required
def cases(request: SignedIn, code: str) -> HttpResponseBase:
    """All cases of a programme as a table that filters, sorts and downloads."""
    programme = get_object_or_404(Programme, code=code)
    rows = Case.objects.visible_to(request.user).filter(programme=programme)
    for field_, name in (
        ("template", "jenis"),
        ("step", "langkah"),
        ("state", "keadaan"),
    ):
        if request.GET.get(name):
            rows = rows.filter(**{field_: request.GET[name]})
    if request.GET.get("macet"):
        rows = rows.stuck(timezone.localdate())
    here = asked_place(request)
    if here:
        rows = rows.mainly_in(here)
    rows = rows.select_related("responsible").with_places()
    table = Table(
        request,
        rows.order_by("number"),
        CASE_COLUMNS,
        name=f"berkas-{code}",
        example=rows.filter(is_example=True).exists(),
    )
    if table.wanted:
        return table.download()
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "templates": templates(programme),
        "states": STATES.items(),
        "place": here,
        "table": table,
    }
    return render(request, "desk/cases.html", context)


@login_required
def open_form(request: SignedIn, code: str) -> HttpResponse:
    """Open a new case."""
    programme = get_object_or_404(Programme, code=code)
    form = OpenForm(
        request.POST or None,
        programme=programme,
        cases=Case.objects.visible_to(request.user),
        initial={"place": request.GET.get("wilayah", "")},
    )
    if form.is_valid():
        try:
            case = open_case(programme=programme, **opening(form, request.user))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
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
        data[name] = [place_at(c, name) for c in data[name].split(",") if c.strip()]
    data["place"] = place_at(data["place"], "place")
    return data | {"responsible": user, "by": user}


def place_at(code: str, field_: str) -> Place:
    try:
        return resolve(code.strip())
    except Refusal as refusal:
        refusal.field = field_
        raise
