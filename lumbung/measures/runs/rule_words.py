"""A rule in sentences, as the page of its run says it; and its values as people read."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from lumbung.core.classification import Edge, Rule, read_rule
from lumbung.core.composite import Composite
from lumbung.core.message import Message, Plural, Share, Text, Value, joined
from lumbung.measures.models import named_classes

Content = Mapping[str, Any]
PLACES = {
    "country": Message("country"),
    "province": Message("province"),
    "district": Message("district"),
    "subdistrict": Message("sub-district"),
    "village": Message("village"),
}
DECIMALS = Decimal("0.0001")


def name_of(content: Content) -> Text:
    return Text(content["name"]["id"], content["name"]["en"])


def classes_of(content: Content) -> dict[str, tuple[str, Text]]:
    """Tone and name of each class by its code, worst first."""
    return named_classes(content["scheme_classes"])


def is_share(content: Content) -> bool:
    """Whether the rule's values are shares: of one indicator, or of several alike."""
    units = {each["unit"] for each in content["indicators"].values()}
    return units == {"share"} and "sum_of" not in content["value"]


def value_said(content: Content, text: str) -> Value | None:
    """A label's exact value as people read it: 38,2 %, or at most four decimals."""
    if not text:
        return None
    return number_said(content, Fraction(text))


def number_said(content: Content, value: Fraction) -> Value:
    if is_share(content):
        return Share(value)
    return rounded(value)


def rounded(value: Fraction) -> Decimal:
    """At most four decimals; an edge of a pack is never rounded by that."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(DECIMALS).normalize() + 0


def short(content: Content, text: str) -> str:
    """Up to four letters for a tile: whole per cents, not rounded up, or decimals."""
    if not text:
        return ""
    value = Fraction(text)
    if is_share(content):
        return str(floor(value * 100))
    return f"{float(value):.2f}".lstrip("0") if abs(value) < 10 else str(round(value))


def sentences(content: Content, period: str) -> list[Message]:
    """What is compared, among whom, and where each class begins and ends."""
    rule = read_rule(content, period)
    return [
        Message(
            "What is compared: %(value)s.", value=compared(content, rule.composite)
        ),
        *among(rule),
        *lines(content, rule),
        Message("A place without a value is in no class; it is counted as “no data”."),
    ]


def compared(content: Content, composite: Composite) -> Message | Text:
    if composite.kind == "indicator":
        return indicator(content, composite.indicators[0])
    if composite.kind == "index":
        return index_said(content, composite)
    listed = [indicator(content, code) for code in composite.indicators]
    if len(set(composite.weights)) > 1:
        pairs = zip(listed, composite.weights, strict=True)
        listed = [weighted(name, weight) for name, weight in pairs]
    names = joined(listed)
    match composite.kind:
        case "mean_of":
            return Message("the mean of %(names)s", names=names)
        case "sum_of":
            return Message("the sum of %(names)s", names=names)
        case "highest_of":
            return Message("the highest of %(names)s", names=names)
    return Message("the lowest of %(names)s", names=names)


def weighted(name: Text, weight: Fraction) -> Text:
    return Text(f"{name.id} × {weight}", f"{name.en} × {weight}")


def index_said(content: Content, composite: Composite) -> Message:
    parts = content["value"]["index"]
    names = []
    for part in composite.parts:
        called = parts[part.name].get("name") or dict.fromkeys(("id", "en"), part.name)
        scores = f"({len(part.columns)} × 0–{part.highest})"
        names.append(Text(f"{called['id']} {scores}", f"{called['en']} {scores}"))
    return Message(
        "the mean of parts of scores, each their sum over the most it can be: %(parts)s",
        parts=joined(names),
    )


def indicator(content: Content, code: str) -> Text:
    known = content["indicators"].get(code, {"id": code, "en": code})
    return Text(known["id"], known["en"])


def among(rule: Rule) -> Iterator[Message]:
    if rule.within:
        yield Message(
            "Places are ranked within each %(level)s, from the lowest value to the"
            " highest; places of one value always have one class.",
            level=PLACES[rule.within],
        )


def lines(content: Content, rule: Rule) -> Iterator[Message]:
    """One sentence a class, from the lowest values to the highest."""
    names = classes_of(content)
    bounds: list[Edge | None] = [None, *rule.edges, None]
    for klass, low, high in zip(rule.classes, bounds, bounds[1:], strict=False):
        yield Message(
            "%(klass)s: %(span)s.",
            klass=names[klass][1],
            span=(ranks if rule.within else span)(content, klass, low, high),
        )


def span(content: Content, klass: str, low: Edge | None, high: Edge | None) -> Message:
    """`from 25 %, below 40 %`: which class has the line is said each time."""
    parts = []
    if low:
        at = number_said(content, low.at)
        parts.append(
            Message("%(at)s and more", at=at)
            if low.edge_to == klass
            else Message("more than %(at)s", at=at)
        )
    if high:
        at = number_said(content, high.at)
        parts.append(
            Message("up to and with %(at)s", at=at)
            if high.edge_to == klass
            else Message("below %(at)s", at=at)
        )
    return together(parts)


def ranks(content: Content, klass: str, low: Edge | None, high: Edge | None) -> Message:
    parts = []
    if low:
        parts.append(Message("behind the first %(at)s", at=Share(low.at)))
        if low.edge_to == klass:
            parts.append(Message("with those on that line"))
    if high:
        parts.append(Message("up to the first %(at)s", at=Share(high.at)))
        if high.edge_to == klass:
            parts.append(Message("with those on that line"))
    return together(parts)


def together(parts: list[Message]) -> Message:
    said, *others = parts or [Message("all")]
    for other in others:
        said = Message("%(one)s, %(other)s", one=said, other=other)
    return said


def counted(content: Content, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each class with how many places have it, worst first, and those without data."""
    found = [
        {"code": code, "tone": tone, "name": name, "count": counts.get(code, 0)}
        for code, (tone, name) in classes_of(content).items()
    ]
    none = {"code": "-", "tone": "nodata", "name": Message("No data")}
    return [*found, none | {"count": counts.get("", 0)}]


def doubled(count: int) -> Message:
    return Plural(
        "For %(count)s place several sources had a value: the one with the later"
        " cut-off day was read.",
        "For %(count)s places several sources had a value: the one with the later"
        " cut-off day was read.",
        count=count,
    )
