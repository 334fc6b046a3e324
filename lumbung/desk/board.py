"""The board: cases of one template by step, the stuck ones first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import EmptyResultSet
from django.db.models import Case as Case_
from django.db.models import (
    Count,
    F,
    Q,
    QuerySet,
    When,
    Window,
)
from django.db.models.functions import RowNumber
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.gates import Verdict
from lumbung.core.message import Message, Plural
from lumbung.desk import classes
from lumbung.desk.kept import kept, kept_page, standing
from lumbung.desk.programmes import rule_of, templates
from lumbung.measures.figures.figure import Address, address
from lumbung.places.models import Place
from lumbung.programmes.counting import MINE, asked_place, counted
from lumbung.programmes.models import Case, Programme
from lumbung.programmes.packs.pack import Step, Template, pack_of
from lumbung.programmes.verdicts import verdicts

CARDS = 4  # of one step, stuck ones apart; the table has all


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
    origin: Address | None = None

    @property
    def hidden(self) -> int:
        """How many cases stand here without a card on the board."""
        return self.count - len(self.cards) - len(self.stuck)


@login_required
@kept_page
def board(request: SignedIn, code: str) -> HttpResponseBase:
    """Cases of one template by step; the stuck ones come first."""
    programme = get_object_or_404(Programme, code=code)
    pack = pack_of(programme.pack_id)
    form = pack.template_of(programme.code, request.GET.get("jenis", ""))
    if form is None:
        return redirect("desk:programmes")
    today = timezone.localdate()
    here = asked_place(request.GET)
    origin = address("berkas", asked_keys(programme, form, here, request.GET))
    cases = counted(dict(origin.keys), user=request.user, on=today)
    lanes, tally = lanes_of(form, cases, today, standing(request).moves)
    for lane in lanes:
        lane.origin = origin.but(keadaan=Case.State.RUNNING, langkah=lane.step.id)
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "pack": pack,
        "template": form,
        "templates": [t for t in templates(programme) if t.id != form.id],
        "place": here,
        "lanes": lanes,
        "stretches": list(stretches(lanes)),
        "stuck": worst(lanes),
        "tally": tally,
        "origins": origins(origin),
        "may_adopt": bool(request.user.mandates_to("pack.load")),
        "may_open": bool(request.user.mandates_to("case.open")),
        "places": [] if here else choices(request.user),
    }
    return render(request, "desk/board.html", context)


def stretches(lanes: list[Lane]) -> Iterator[list[Lane]]:
    """Each lane by itself, but those that follow each other without a case together."""
    for filled, some in groupby(lanes, key=lambda lane: lane.count > 0):
        found = list(some)
        yield from [[lane] for lane in found] if filled else [found]


def asked_keys(
    programme: Programme, form: Template, here: Place | None, asked: Any
) -> dict[str, str]:
    """What the board's numbers count, as the certificate of each names it."""
    return {
        "program": programme.code,
        "jenis": form.id,
        "wilayah": here.code if here else "",
        "orang": MINE if asked.get("orang") == MINE else "",
    }


def origins(origin: Address) -> dict[str, Address]:
    """Where each number of the board's head comes from."""
    states = {state: origin.but(keadaan=state) for state in Case.State.values}
    return states | {"total": origin, "stuck": origin.but(macet="1")}


def choices(user: User) -> list[Place]:
    """What the filter offers: the places right below the first mandate's."""
    if not user.mandates_in_force:
        return []
    return list(Place.objects.children_of(user.mandates_in_force[0].place))


def lanes_of(
    form: Template, cases: "QuerySet[Case]", today: date, moves: object
) -> tuple[list[Lane], dict[str, int]]:
    """Each step with how many cases run there and its first cards; and the totals."""
    lanes = {step.id: Lane(step) for step in form.steps}
    totals = dict.fromkeys([*Case.State.values, "total", "stuck"], 0)
    counted, first = tallied(cases, today, moves)
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


def tallied(
    cases: "QuerySet[Case]", today: date, moves: object
) -> tuple[list[tuple[str, str, int, int]], list[int]]:
    """How many cases stand at each step and state, and which come first.

    Kept until a case anywhere moves: the key has the last moves, the day, and the
    whole question, with the territory that this person may see.
    """
    try:
        question = str(cases.query)
    except EmptyResultSet:  # nobody without a mandate sees a case
        return [], []

    def ask() -> tuple[list[tuple[str, str, int, int]], list[int]]:
        counted = (
            cases.order_by()
            .values_list("step", "state")
            .annotate(count=Count("pk"), stuck=Count("pk", filter=Q(due_on__lt=today)))
        )
        return list(counted), list(first_in_step(cases, today))

    return kept(ask, "board", question, today, moves)


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
    return sorted(stuck, key=lambda card: -card.late)[: 3 * CARDS]
