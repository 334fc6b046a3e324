"""Two runs, or a run and what counts now, beside each other: which places change class."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.models import User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message, Text
from lumbung.core.transitions import Side, Turn, alone, common, matrix, turn
from lumbung.measures.models import ClassScheme, PlaceClass, Run
from lumbung.measures.runs import rule_words, snapshots
from lumbung.measures.runs.lines import FEW, WHERE, keys_of, names_above, parent_of
from lumbung.measures.runs.snapshots import Label
from lumbung.pages.tables import Column, Table
from lumbung.places import maps, tiles
from lumbung.places.models import Level, Place
from lumbung.programmes.counting import asked_place
from lumbung.words import moment, say

TURNS = {
    Turn.WORSE: Message("worse"),
    Turn.BETTER: Message("better"),
    Turn.GAINED: Message("has data now"),
    Turn.LOST: Message("has no data any more"),
    Turn.SAME: Message("unchanged"),
}
MARKS = {
    Turn.WORSE: "worse",
    Turn.BETTER: "better",
    Turn.GAINED: "added",
    Turn.LOST: "gone",
}
OFFERED = 60
Classes = dict[str, tuple[str, Text]]


@dataclass(frozen=True)
class Shown:
    """One side: what it is called, its classes in words, and whom it is about."""

    key: str
    name: str
    classes: Classes
    side: Side
    places: dict[str, tuple[str, str]]  # by uid: code and name


@dataclass(frozen=True)
class Line:
    """A place with its class on either side, and which way it went."""

    place: str  # its uid
    code: str
    name: str
    parent: str
    above: str
    left: str
    right: str
    left_word: Message | Text
    right_word: Message | Text
    left_tone: str
    right_tone: str
    turn: Turn


@login_required
def compare(request: SignedIn) -> HttpResponseBase:
    """Choose two sides; see which places change class, as matrix, map and table."""
    offered = sides_offered(request.user)
    context: dict[str, Any] = {
        "section": "runs",
        "offered": offered,
        "kiri": request.GET.get("kiri", ""),
        "kanan": request.GET.get("kanan", ""),
        "wilayah": request.GET.get("wilayah", ""),
    }
    try:
        left = side_of(context["kiri"], request.user)
        right = side_of(context["kanan"], request.user)
    except snapshots.SnapshotDamaged as damaged:
        context["refusal"] = damaged
        return render(request, "measures/compare.html", context, status=damaged.status)
    context |= {"left": left, "right": right}
    if left is None or right is None:
        return render(request, "measures/compare.html", context)
    left, right = covering(left, right), covering(right, left)
    if here := asked_place(request.GET):
        left, right = narrowed(left, here), narrowed(right, here)
    lines = lines_of(left, right)
    shown = [line for line in lines if fits(line, request)]
    ordered = in_order(shown, request.GET.get("urut", ""))
    table = Table(request, ordered, COLUMNS, name="banding-kelas")
    if table.wanted:
        return table.download()
    counts = {kind: sum(line.turn == kind for line in lines) for kind in Turn}
    context |= {
        "table": table,
        "matrix": rows_of_matrix(left, right),
        "heads": [*left_right(right)],
        "changed": len(lines) - counts[Turn.SAME],
        "total": len(lines),
        "counts": [(kind, TURNS[kind], counts[kind]) for kind in TURNS],
        "alone": alone(left.side, right.side) + alone(right.side, left.side),
        "map": drawn(lines, maps.form_of(request)) if lines else None,
        "filtered": any(request.GET.get(key) for key in ("arah", "dari", "ke")),
        "here": here,
        "sides": urlencode({key: context[key] for key in ("kiri", "kanan", "wilayah")}),
    }
    return render(request, "measures/compare.html", context)


def sides_offered(user: User) -> list[tuple[str, str]]:
    """What can be put beside each other: runs, and the classes that count now."""
    runs = Run.objects.visible_to(user).done().select_related("place", "pack")
    found = [
        (f"hitungan:{run.uid}", run_said(run)) for run in runs.order_by("-at")[:OFFERED]
    ]
    for row in ClassScheme.objects.order_by("pk"):
        periods = PlaceClass.objects.accepted().filter(scheme=row)
        for period in (
            periods.values_list("period", flat=True).distinct().order_by("-period")
        ):
            text = Message(
                "%(scheme)s %(period)s, as it counts now",
                scheme=row.words,
                period=period,
            )
            found.append((f"berlaku:{row.code}:{period}", say(text)))
    return found


def run_said(run: Run) -> str:
    """A run in one line: rule, pack, period, territory, when."""
    name = say(rule_words.name_of(run.content))
    return f"{name} ({run.pack}), {run.period}, {run.place.name}, {moment(run.at)}"


def side_of(key: str, user: User) -> Shown | None:
    """The side a key names; None where nothing was chosen yet."""
    kind, _sep, rest = key.partition(":")
    if kind == "hitungan":
        return side_of_run(key, rest, user)
    if kind == "berlaku":
        return side_in_force(key, *rest.partition(":")[::2])
    return None


def side_of_run(key: str, uid: str, user: User) -> Shown:
    rows = Run.objects.visible_to(user).done().select_related("place", "pack", "scheme")
    try:
        run = rows.filter(uid=UUID(uid)).first()
    except (ValueError, ValidationError):
        run = None
    if run is None:
        raise Http404
    labels = snapshots.read(Label, run.labels)
    classes = rule_words.classes_of(run.content)
    return Shown(
        key=key,
        name=run_said(run),
        classes=classes,
        side=Side(
            run.scheme.code,
            {label.place: label.klass for label in labels},
            {code: tone for code, (tone, _) in classes.items()},
        ),
        places={label.place: (label.code, label.name) for label in labels},
    )


def side_in_force(key: str, scheme: str, period: str) -> Shown:
    row = ClassScheme.objects.filter(code=scheme).first()
    if row is None:
        raise Http404
    found = PlaceClass.objects.current().filter(scheme=row, period=period)
    lines = found.order_by("place__path").values_list(
        "place__uid", "place__code", "place__name", "code"
    )
    rows = [
        (str(uid), code, name, klass) for uid, code, name, klass in lines.iterator()
    ]
    classes = row.named_classes()
    text = Message(
        "%(scheme)s %(period)s, as it counts now",
        scheme=row.words,
        period=period,
    )
    return Shown(
        key=key,
        name=say(text),
        classes=classes,
        side=Side(
            row.code,
            {uid: klass for uid, _, _, klass in rows},
            {code: tone for code, (tone, _) in classes.items()},
        ),
        places={uid: (code, name) for uid, code, name, _ in rows},
    )


def covering(shown: Shown, other: Shown) -> Shown:
    """What counts now looks at every place: one without a class has no data."""
    if not shown.key.startswith("berlaku:"):
        return shown
    missing = dict.fromkeys(other.side.labels, "")
    side = replace(shown.side, labels=missing | dict(shown.side.labels))
    return replace(shown, side=side, places=other.places | shown.places)


def narrowed(shown: Shown, here: Place) -> Shown:
    """One side as far as it is about what lies in a place, such as one district."""
    start = f"{here.code}."
    places = {
        uid: said for uid, said in shown.places.items() if said[0].startswith(start)
    }
    labels = {uid: shown.side.labels[uid] for uid in places if uid in shown.side.labels}
    return replace(shown, side=replace(shown.side, labels=labels), places=places)


def lines_of(left: Shown, right: Shown) -> list[Line]:
    """The places both sides looked at, by the codes of the right side."""
    places = common(left.side, right.side)
    names = names_above({parent_of(right.places[place][0]) for place in places})
    found = []
    for place in places:
        code, name = right.places[place]
        before, after = left.side.labels[place], right.side.labels[place]
        parent = parent_of(code)
        found.append(
            Line(
                place=place,
                code=code,
                name=name,
                parent=parent,
                above=names.get(parent, parent),
                left=before,
                right=after,
                left_word=word(left.classes, before),
                right_word=word(right.classes, after),
                left_tone=left.side.tones.get(before, ""),
                right_tone=right.side.tones.get(after, ""),
                turn=turn(before, after, left.side, right.side),
            )
        )
    return found


def word(classes: Classes, code: str) -> Message | Text:
    return classes[code][1] if code else Message("No data")


def left_right(shown: Shown) -> list[dict[str, Any]]:
    """The classes of one side as heads of the matrix, and no data behind them."""
    heads = [
        {"code": code, "key": code, "tone": tone, "name": name}
        for code, (tone, name) in shown.classes.items()
    ]
    none = {"code": "", "key": "-", "tone": "nodata", "name": Message("No data")}
    return [*heads, none]


def rows_of_matrix(left: Shown, right: Shown) -> list[dict[str, Any]]:
    """From which class on the left to which on the right, with how many places."""
    counts = matrix(left.side, right.side)
    return [
        {
            "head": row,
            "cells": [
                {
                    "to": column["key"],
                    "count": counts.get((row["code"], column["code"]), 0),
                    "same": turn(row["code"], column["code"], left.side, right.side)
                    == Turn.SAME,
                }
                for column in left_right(right)
            ],
            "total": sum(
                count for (before, _), count in counts.items() if before == row["code"]
            ),
        }
        for row in left_right(left)
    ]


def fits(line: Line, request: SignedIn) -> bool:
    asked = request.GET
    way = asked.get("arah", "")
    if way == "berubah" and line.turn == Turn.SAME:
        return False
    if way in set(Turn) and line.turn != way:
        return False
    return (line.left or "-") == asked.get("dari", line.left or "-") and (
        line.right or "-"
    ) == asked.get("ke", line.right or "-")


ORDERS: dict[str, Any] = {
    "name": lambda line: line.name,
    "code": lambda line: line.code,
    "above": lambda line: (line.above, line.code),
    "left": lambda line: (line.left, line.code),
    "right": lambda line: (line.right, line.code),
    "turn": lambda line: (list(TURNS).index(line.turn), line.code),
}


def in_order(lines: list[Line], wanted: str) -> list[Line]:
    """Worsened first, unless the reader chose a column."""
    key = wanted.removeprefix("-")
    if key not in ORDERS:
        return sorted(lines, key=ORDERS["turn"])
    return sorted(lines, key=ORDERS[key], reverse=wanted.startswith("-"))


COLUMNS = [
    *WHERE,
    Column(
        "left",
        _("Left"),
        lambda line: line.left_word,
        sort="left",
        template="measures/left_tag.html",
    ),
    Column(
        "right",
        _("Right"),
        lambda line: line.right_word,
        sort="right",
        template="measures/right_tag.html",
    ),
    Column("turn", _("Change"), lambda line: TURNS[line.turn], sort="turn", wide=True),
]


def drawn(lines: list[Line], form: str) -> maps.Map | None:
    """The right side's classes; a change is marked by a sign and said in words.

    Drawn where all lie in one district, whose outlines may be loaded.
    """
    here = Place.objects.in_force().filter(code=district_of(lines)).first()
    if here is None or len(lines) > FEW:
        return None
    keys = keys_of(lines)
    groups: dict[str, list[Line]] = {}
    for line in sorted(lines, key=ORDERS["code"]):
        groups.setdefault(line.parent, []).append(line)
    shown = [
        tiles.Group(
            name=members[0].above,
            note=str(sum(line.turn != Turn.SAME for line in members)),
            tiles=[tile(line, keys.get(line.place, 0)) for line in members],
        )
        for members in groups.values()
    ]
    return maps.draw(here, Level.VILLAGE, shown, form=form)


def district_of(lines: list[Line]) -> str:
    """The smallest place, down to the district, that holds all of them."""
    shortest = min((line.code for line in lines), key=len, default="")
    parts = shortest.split(".")[:-1][:2]
    while parts and not all(
        line.code.startswith(".".join(parts) + ".") for line in lines
    ):
        parts.pop()
    return ".".join(parts) or "ID"


def tile(line: Line, place: int) -> tiles.Tile:
    said = Message(
        "%(turn)s, %(was)s before", was=line.left_word, turn=TURNS[line.turn]
    )
    return tiles.Tile(
        name=line.name,
        url=reverse("desk:place", args=[line.code]),
        tone=line.right_tone,
        word=say(line.right_word),
        place=place,
        mark=MARKS.get(line.turn, ""),
        mark_word=say(said) if line.turn in MARKS else "",
    )
