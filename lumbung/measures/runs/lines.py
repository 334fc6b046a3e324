"""The labels of a run as lines of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lumbung.core.message import Message, Text, Value
from lumbung.measures.models import Run
from lumbung.measures.runs import rule_words, snapshots
from lumbung.measures.runs.snapshots import Label
from lumbung.pages.tables import Column
from lumbung.places.models import Level, Place

FEW = 1_000  # places that one map shows; the largest district has 852
BEHIND = 99  # "no data" stands behind every class


@dataclass(frozen=True)
class Line:
    """One place with what the run gave it."""

    place: str  # its uid
    code: str
    name: str
    parent: str  # the code of the place it lies in
    above: str  # and its name
    klass: str
    tone: str
    word: Message | Text
    order: int
    exact: Fraction | None
    value: Value | None
    figure: str


def within(run: Run, code: str) -> Place | None:
    """A part of the run's territory to look at, by its code; None for all of it."""
    found = Place.objects.in_force().filter(code=code).first() if code else None
    return found if found and run.place.holds(found) else None


def lines_of(run: Run, here: Place | None) -> list[Line]:
    """The labels of a run from its file, in the order of codes."""
    labels = snapshots.read(Label, run.labels)
    if here and here.level != Level.COUNTRY:
        start = f"{here.code}."
        labels = [each for each in labels if f"{each.code}.".startswith(start)]
    names = names_above({parent_of(each.code) for each in labels})
    classes = rule_words.classes_of(run.content)
    orders = {code: order for order, code in enumerate(classes)}
    return [line(run, each, names, classes, orders) for each in labels]


def line(
    run: Run,
    label: Label,
    names: dict[str, str],
    classes: dict[str, tuple[str, Text]],
    orders: dict[str, int],
) -> Line:
    tone, word = classes.get(label.klass, ("", Message("No data")))
    parent = parent_of(label.code)
    return Line(
        place=label.place,
        code=label.code,
        name=label.name,
        parent=parent,
        above=names.get(parent, parent),
        klass=label.klass,
        tone=tone,
        word=word,
        order=orders.get(label.klass, BEHIND),
        exact=Fraction(label.value) if label.value else None,
        value=rule_words.value_said(run.content, label.value),
        figure=rule_words.short(run.content, label.value),
    )


def parent_of(code: str) -> str:
    """33.26.02.2008 lies in 33.26.02; a province lies in the country."""
    return code.rpartition(".")[0] or "ID"


def names_above(codes: set[str]) -> dict[str, str]:
    """The names that places have now, by code."""
    rows = Place.objects.in_force().filter(code__in=codes)
    return dict(rows.values_list("code", "name"))


def fits(line: Line, chosen: str) -> bool:
    return not chosen or (line.klass or "-") == chosen


ORDERS: dict[str, Any] = {
    "name": lambda line: line.name,
    "code": lambda line: line.code,
    "above": lambda line: (line.above, line.code),
    "klass": lambda line: (line.order, line.code),
    "value": lambda line: (line.exact is not None, line.exact or 0, line.code),
}


def in_order(lines: Sequence[Line], wanted: str) -> list[Line]:
    """Worst first, unless the reader chose a column."""
    key = wanted.removeprefix("-")
    if key not in ORDERS:
        return sorted(lines, key=ORDERS["klass"])
    return sorted(lines, key=ORDERS[key], reverse=wanted.startswith("-"))


# Which place a line is about: first in every table of a run.
WHERE = (
    Column(
        "name",
        _("Place"),
        lambda line: line.name,
        sort="name",
        url=lambda line: reverse("desk:place", args=[line.code]),
    ),
    Column("above", _("In"), lambda line: line.above, sort="above", wide=True),
    Column("code", _("Code"), lambda line: line.code, sort="code", wide=True),
)
COLUMNS = [
    *WHERE,
    Column(
        "klass",
        _("Class"),
        lambda line: line.word,
        sort="klass",
        template="measures/class_tag.html",
    ),
    Column("value", _("Value"), lambda line: line.value, sort="value", number=True),
]


def keys_of(lines: Sequence[Any]) -> dict[str, int]:
    """The primary keys of the lines' places, by uid: outlines are found by them."""
    rows = Place.objects.filter(uid__in=[line.place for line in lines])
    return {str(uid): pk for uid, pk in rows.values_list("uid", "pk")}
