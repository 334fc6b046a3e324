"""Programmes that run here, and each of them district by district."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import (
    Count,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Left
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.requests import SignedIn
from lumbung.desk.kept import kept_page
from lumbung.measures.figures.anchors import anchor
from lumbung.measures.figures.figure import address
from lumbung.pages.tables import Column, Table
from lumbung.places.models import Place
from lumbung.programmes.models import Case, CasePlace, Programme
from lumbung.programmes.packs.pack import ProgrammeRule, Template, pack_of


def rule_of(programme: Programme) -> ProgrammeRule:
    return pack_of(programme.pack_id).programmes[programme.code]


def templates(programme: Programme) -> list[Template]:
    return pack_of(programme.pack_id).templates_of(programme.code)


@login_required
def programmes(request: SignedIn) -> HttpResponse:
    """The programmes that run here, with what this person sees of each."""
    today = timezone.localdate()
    running = Q(state=Case.State.RUNNING)
    counts = {
        row["programme"]: row
        for row in Case.objects.shown_to(request.user)
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
@kept_page
def districts(request: SignedIn, code: str) -> HttpResponseBase:
    """One row a district: cases by step, stuck, last movement."""
    programme = get_object_or_404(Programme, code=code)
    cases = Case.objects.shown_to(request.user).filter(programme=programme)
    rows = district_rows(programme, cases, timezone.localdate())
    columns = district_columns(programme)
    table = Table(request, rows, columns, name=f"{code}-kabupaten", page_size=100)
    if table.wanted:
        return table.download()
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": rule_of(programme),
        "about": pack_of(programme.pack_id).about,
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
    running = Q(state=Case.State.RUNNING)
    # Codes of one level are of one length, the country's and the two below it here.
    cells = cases.annotate(district=Left(main_path(), len("ID.33.26"))).order_by()
    for cell in cells.values("district", "position").annotate(
        total=Count("pk"),
        running=Count("pk", filter=running),
        stuck=Count("pk", filter=running & Q(due_on__lt=today)),
        moved=Max("moved_on"),
    ):
        row = found[cell["district"].partition(".")[2]]
        row["total"] += cell["total"]
        row["stuck"] += cell["stuck"]
        row["steps"][cell["position"]] += cell["running"]
        row["moved"] = max(filter(None, (row["moved"], cell["moved"])))
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


def case_origin(
    programme: Programme, **keys: str
) -> Callable[[dict[str, Any], str], SafeString]:
    """A district's number as a link to its certificate."""
    fixed = {"program": programme.code, **keys}

    def wrap(row: dict[str, Any], text: str) -> SafeString:
        return anchor(text, address("berkas", fixed | {"wilayah": row["code"]}))

    return wrap


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
        Column(
            "total",
            _("Cases"),
            lambda r: r["total"],
            number=True,
            wrap=case_origin(programme),
        ),
        Column(
            "stuck",
            _("Stuck"),
            lambda r: r["stuck"],
            number=True,
            wrap=case_origin(programme, macet="1"),
        ),
        *(
            Column(
                f"s{n}",
                str(n),
                lambda r, n=n: r["steps"].get(n) or None,  # type: ignore[misc]
                number=True,
                wide=True,
                wrap=case_origin(programme, posisi=str(n), keadaan=Case.State.RUNNING),
            )
            for n in range(1, steps + 1)
        ),
        Column(
            "moved", _("Last movement"), lambda r: r["moved"], number=True, wide=True
        ),
    ]
