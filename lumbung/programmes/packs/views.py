"""The page on which a programme adopts newer rules, having seen what they change."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.pages.tables import Column, Table
from lumbung.programmes.models import PackVersion, Programme
from lumbung.programmes.packs import adoption_actions as adoption
from lumbung.programmes.packs.difference import Change, Standing, changes, standings
from lumbung.programmes.packs.pack import pack_of
from lumbung.words import say

STAYS = Message("stays with its own rules")
COLUMNS = [
    Column(
        "case",
        _("Case"),
        lambda s: str(s.case),
        url=lambda s: reverse("desk:case", args=[s.case.uid]),
    ),
    Column("now", _("Stands at"), lambda s: s.now.name),
    Column("then", _("Would stand at"), lambda s: s.then.name if s.then else STAYS),
    Column(
        "skipped",
        _("New steps behind it"),
        lambda s: ", ".join(say(step.name) for step in s.skipped),
        wide=True,
    ),
    Column(
        "lacking",
        _("Evidence newly asked of steps it passed"),
        lambda s: "; ".join(say(each.said) for each in s.lacking),
        wide=True,
    ),
]


@login_required
def adopt_pack_version(request: SignedIn, code: str) -> HttpResponseBase:
    """Show what a newer version changes for each open case; adopt it."""
    if not request.user.mandates_to("pack.load"):
        raise Http404
    programme = get_object_or_404(Programme.objects.select_related("pack"), code=code)
    offered = adoption.offered(programme)
    version = chosen(offered, request)
    refusal = None
    if request.method == "POST" and version:
        try:
            adoption.adopt_pack_version(
                programme=programme, version=version, by=request.user
            )
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("work:jobs")
    rows = would_stand(programme, version) if version else []
    table = Table(request, rows, COLUMNS, name=f"{code}-aturan")
    if table.wanted:
        return table.download()
    context = {
        "section": "programmes",
        "programme": programme,
        "rule": pack_of(programme.pack_id).programmes[programme.code],
        "offered": offered,
        "version": version,
        "templates": differing(programme, version) if version else [],
        "table": table,
        "count": tally(rows),
        "refusal": refusal,
    }
    name = "programmes/adopt_pack_version.html"
    return render(request, name, context, status=409 if refusal else 200)


def chosen(offered: list[PackVersion], request: SignedIn) -> PackVersion | None:
    """The version asked for by name, such as `lab@1.1`; else the newest offered."""
    asked = request.POST.get("versi") or request.GET.get("versi", "")
    named = [version for version in offered if str(version) == asked]
    return next(iter([*named, *offered]), None)


def would_stand(programme: Programme, version: PackVersion) -> list[Standing]:
    """Each open case of other rules: those that move or lack something first."""
    cases = adoption.to_follow(programme, version)
    found = standings(cases.select_related("pack"), version)
    return sorted(found, key=lambda s: (s.then is not None, not s.moves, not s.lacking))


def tally(rows: list[Standing]) -> dict[str, int]:
    return {
        "total": len(rows),
        "moves": sum(row.moves for row in rows),
        "lacking": sum(bool(row.lacking) for row in rows),
        "stays": sum(row.then is None for row in rows),
    }


def differing(programme: Programme, version: PackVersion) -> list[dict[str, Any]]:
    """Each kind of case of the programme, with what the newer rules change in it."""
    old, new = pack_of(programme.pack_id), pack_of(version.pk)
    found = []
    for id, template in old.templates.items():
        if template.programme != programme.code:
            continue
        later = new.templates.get(id)
        lines: list[Change] = changes(template, later) if later else []
        found.append({"template": template, "gone": later is None, "changes": lines})
    return found
