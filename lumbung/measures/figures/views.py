"""Doors of figures: a certificate, and the rows that were counted."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.imports.models import Import
from lumbung.measures.figures import trend
from lumbung.measures.figures.figure import FIGURES, Address, Figure, address, certify
from lumbung.measures.figures.values import class_address
from lumbung.measures.models import ClassScheme, PlaceClass, Question
from lumbung.measures.runs import rule_words
from lumbung.pages.tables import Column, Table
from lumbung.places.models import Place
from lumbung.words import say


def asked(request: SignedIn, kind: str) -> Address:
    """The figure that a request names; a kind that is not there is a page that is not."""
    if kind not in FIGURES:
        raise Http404
    return address(kind, request.GET.dict())


def found(request: SignedIn, kind: str) -> Figure:
    figure = certify(asked(request, kind), request.user, timezone.localdate())
    if figure is None:
        raise Http404
    return figure


@login_required
def figure(request: SignedIn, kind: str) -> HttpResponse:
    """The certificate of a number."""
    shown = found(request, kind)
    return render(request, "measures/figure.html", about(shown, request))


def about(shown: Figure, request: SignedIn) -> dict[str, Any]:
    title = say(shown.title)
    return {
        "section": "figures",
        "figure": shown,
        "run_rule": rule_words.name_of(shown.run.content) if shown.run else None,
        "may_see_import": shown.of
        and Import.objects.visible_to(request.user).filter(pk=shown.of.pk).exists(),
        "revisions": trend.draw(shown.revisions, f"{title}: {_('revisions')}"),
        "periods": trend.draw(shown.periods, f"{title}: {_('by period')}"),
        "now": timezone.now(),
        "asked": questions_about(shown, request.user),
    }


def questions_about(shown: Figure, user: User) -> list[Question]:
    rows = Question.objects.visible_to(user).about(str(shown.address))
    return list(rows.select_related("asked_by", "answered_by", "responsible")[:20])


@login_required
def figure_rows(request: SignedIn, kind: str) -> HttpResponseBase:
    """The places that a figure counts, as a table that sorts and downloads."""
    if kind not in FIGURES or FIGURES[kind].rows is None:
        raise Http404
    shown = found(request, kind)
    assert FIGURES[kind].rows is not None
    rows = FIGURES[kind].rows(shown.address, request.user)  # type: ignore[misc]
    rows = rows.select_related("parent").order_by("code")
    table = Table(
        request,
        rows,
        columns(shown.address, rows),
        name=f"angka-{kind}",
        example=shown.is_example,
    )
    if table.wanted:
        return table.download()
    context = {"section": "figures", "figure": shown, "table": table}
    return render(request, "measures/rows.html", context)


def columns(of: Address, rows: Any) -> list[Column]:
    shown = [
        Column(
            "name",
            gettext_lazy("Place"),
            lambda place: place.name,
            sort="name",
            url=lambda place: reverse("desk:place", args=[place.code]),
        ),
        Column(
            "parent",
            gettext_lazy("In"),
            lambda place: place.parent.name if place.parent else "",
            wide=True,
        ),
        Column(
            "code",
            gettext_lazy("Code"),
            lambda place: place.code,
            sort="code",
            wide=True,
        ),
    ]
    scheme = ClassScheme.objects.filter(code=of.get("skema")).first()
    if scheme and of.get("ada") in {""}:
        shown.append(class_column(scheme, of.get("periode"), rows))
    return shown


def class_column(scheme: ClassScheme, period: str, rows: Any) -> Column:
    """The class of each place, read once for all, and where each comes from."""
    names = scheme.named_classes()
    known = {
        place: names[code][1]
        for place, code in PlaceClass.objects.current()
        .filter(scheme=scheme, period=period, place__in=rows.values("pk"))
        .values_list("place", "code")
    }

    def link(place: Place) -> str:
        return class_address(place.code, scheme.code, period).url

    return Column(
        "class", gettext_lazy("Class"), lambda place: known.get(place.pk), url=link
    )
