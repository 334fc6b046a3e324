"""The places that a map and its table show: name, class, counts below, open cases."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.desk import classes
from lumbung.desk.classes import Klass, Scheme, Shown, Tally
from lumbung.measures.figures.anchors import anchor
from lumbung.measures.figures.figure import Address, address
from lumbung.pages.tables import Column
from lumbung.pages.templatetags.lumbung import example
from lumbung.places.models import Level, Place
from lumbung.programmes.counting import OPEN
from lumbung.programmes.models import CasePlace
from lumbung.words import say

# What a map of a place can show, the first unless asked otherwise.
SHOWN = {
    Level.COUNTRY: (Level.PROVINCE, Level.DISTRICT),
    Level.PROVINCE: (Level.DISTRICT,),
    Level.DISTRICT: (Level.VILLAGE, Level.SUBDISTRICT),
    Level.SUBDISTRICT: (Level.VILLAGE,),
}


@dataclass(slots=True)
class Line:
    """One place as map and table show it; `above` is what it lies in."""

    pk: int
    code: str
    path: str
    name: str
    above: str
    above_code: str
    klass: Klass | None = None
    counts: dict[str, int] = field(default_factory=dict)  # villages below, by class
    cases: int = 0
    is_example: bool = False


def level_of(here: Place, asked: str) -> Level:
    """Which level of places to show in `here`, as asked if that can be."""
    levels = SHOWN[Level(here.level)]
    return next((each for each in levels if str(each.value) == asked), levels[0])


def lines_of(
    here: Place, level: Level, user: User, shown: Shown | None = None
) -> list[Line]:
    """The places of one level in `here`, in the order of their codes."""
    lines = shown_below(here, level)
    if shown:
        known = classes.of_places(shown.scheme, [x.pk for x in lines], shown.period)
        counted = shown.counts(here, level) if level < Level.VILLAGE else {}
        for line in lines:
            line.klass = known.get(line.pk)
            tally = counted.get(line.path, Tally())
            line.counts = tally.classes
            line.is_example = tally.is_example or bool(
                line.klass and line.klass.is_example
            )
    cases = cases_below(here, lines, user)
    for line in lines:
        line.cases = cases.get(line.path, 0)
    return lines


def shown_below(here: Place, level: Level) -> list[Line]:
    """Places of one level, with the name of what each lies in: one query."""
    rows = Place.objects.below(here).in_force().filter(level__in=[level, level - 1])
    rows = rows.order_by("path")
    above: dict[str, tuple[str, str]] = {}
    found = []
    for pk, code, path, name, depth in rows.values_list(
        "pk", "code", "path", "name", "level"
    ):
        if depth < level:
            above[path] = name, code
        else:
            holder = path[: path.rindex(".", 0, -1) + 1]
            found.append(Line(pk, code, path, name, *above.get(holder, ("", ""))))
    return found


def cases_below(here: Place, lines: list[Line], user: User) -> dict[str, int]:
    """Open cases that this person may see, by the path of the line that shows them."""
    if not lines:
        return {}
    open_ones = CasePlace.objects.open_mains(here).visible_to(user)
    # Codes of one level are of one length: so each place's cases are counted there.
    held = open_ones.annotate(held=Left("path", len(lines[0].path))).order_by()
    counts = held.values_list("held").annotate(count=Count("pk"))
    return dict(counts)  # those of places no longer in force have no line


def fits(line: Line, chosen: str) -> bool:
    if not chosen:
        return True
    return line.klass.code == chosen if line.klass else chosen == "-"


COUNT = "k-"  # begins the name of a column that counts a class
ORDERS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.name,
    "code": lambda line: line.code,
    "parent": lambda line: (line.above, line.code),
    "klass": lambda line: (line.klass.order if line.klass else 99, line.code),
    "cases": lambda line: (line.cases, line.code),
    "figure": lambda line: (
        line.klass.value
        if line.klass and isinstance(line.klass.value, int | Fraction | Decimal)
        else -1,
        line.code,
    ),
}


def in_order(lines: list[Line], wanted: str) -> list[Line]:
    """Worst first, unless the reader chose a column."""
    key = wanted.removeprefix("-")
    order = ORDERS.get(key) or by_count(key)
    if order is None:
        return sorted(lines, key=ORDERS["klass"])
    return sorted(lines, key=order, reverse=wanted.startswith("-"))


def by_count(key: str) -> Callable[[Line], Any] | None:
    """The order of a column that counts the villages of a class."""
    if not key.startswith(COUNT):
        return None
    klass = key.removeprefix(COUNT)
    return lambda line: (line.counts.get(klass, 0), line.code)


def columns(here: Place, level: Level, what: Shown | None) -> list[Column]:
    parent = Column("parent", _("In"), lambda x: x.above, sort="parent", wide=True)
    shown = [
        Column(
            "name",
            _("Place"),
            lambda line: line.name,
            sort="name",
            url=lambda line: reverse("desk:place", args=[line.code]),
        ),
        *([parent] if level > here.level + 1 else []),
        Column("code", _("Code"), lambda line: line.code, sort="code", wide=True),
    ]
    if what:
        shown += (
            class_columns(what.scheme)
            if level == Level.VILLAGE
            else count_columns(what)
        )
    shown.append(
        Column(
            "cases",
            _("Open cases"),
            lambda line: line.cases,
            sort="cases",
            number=True,
            wide=True,
            wrap=lambda line, text: anchor(text, cases_origin(line)),
        )
    )
    return shown


def cases_origin(line: Line) -> Address:
    return address("berkas", {"wilayah": line.code, "keadaan": OPEN})


def count_columns(what: Shown) -> list[Column]:
    """How many villages below have each class."""
    return [
        Column(
            f"{COUNT}{code}",
            say(name),
            lambda line, code=code: line.counts.get(code),  # type: ignore[misc]
            sort=f"{COUNT}{code}",
            number=True,
            wide=order > 0,
            wrap=lambda line, text, code=code: anchor(  # type: ignore[misc]
                text, what.origin(line.code, Level.VILLAGE, code)
            ),
        )
        for code, (order, _tone, name) in what.scheme.classes.items()
    ]


def class_columns(scheme: Scheme) -> list[Column]:
    """A village's class, and the figure it rests on where the scheme names one."""
    klass = Column(
        "klass",
        _("Class"),
        lambda line: line.klass.name if line.klass else Message("No data"),
        sort="klass",
        wrap=class_tag,
    )
    figure = Column(
        "figure",
        scheme.figure_name,
        lambda line: line.klass.value if line.klass else None,
        sort="figure",
        number=True,
        wrap=lambda line, text: anchor(text, basis_origin(line, scheme)),
    )
    return [klass, figure] if scheme.row.indicator_id else [klass]


def class_tag(line: Line, text: str) -> SafeString:
    """The class in its colour, as a link to its certificate; marked where invented."""
    klass = line.klass
    if klass is None:
        return format_html('<span class="tag nodata">{}</span>', text)
    keys = {"tempat": line.code, "skema": klass.scheme, "periode": klass.period}
    tag = format_html(
        '<span class="tag {}">{}</span>',
        klass.tone,
        anchor(text, address("kelas", keys)),
    )
    return format_html("{} {}", tag, example()) if klass.is_example else tag


def basis_origin(line: Line, scheme: Scheme) -> Address:
    """The certificate of the value that a class rests on."""
    assert line.klass is not None
    assert scheme.row.indicator is not None
    code = scheme.row.indicator.code
    keys = {"tempat": line.code, "indikator": code, "periode": line.klass.period}
    return address("nilai", keys)
