"""Rules that give each place a class: by cut-offs, or by its rank among neighbours.

A rule is plain data, as a pack has it and as a run keeps it:

    value: {indicator: decile_1_4_share}          # core/composite.py
    classes: [green, yellow, red]                 # from the lowest value to the highest
    edges:
      - {id: yellow_line, at: 1/4, edge_to: yellow}
      - {id: red_line, at: 2/5, edge_to: red}

An edge lies between two neighbours of `classes`; `edge_to` is the one to which a value
exactly on it belongs. With `within: district` edges are not values but shares of the
places of each district, counted from the lowest value; places of one value that lie
across an edge all go to `edge_to`. `by_period` has other edges for other years.

A place without a value has no class, '', and is counted; it is never in the worst.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lumbung.core.composite import (
    Composite,
    Path,
    Row,
    RuleFault,
    compute,
    read_composite,
)
from lumbung.core.message import Message, Text

NO_DATA = ""


@dataclass(frozen=True)
class Edge:
    """Where one class ends and the next begins, and which of the two has the line."""

    id: str
    at: Fraction
    edge_to: str
    name: Text | None = None


@dataclass(frozen=True)
class Rule:
    """A rule for one period: `within` is '' for cut-offs, else whose ranks count."""

    composite: Composite
    classes: tuple[str, ...]
    edges: tuple[Edge, ...]
    within: str = ""


@dataclass(frozen=True)
class Valued:
    """A place with its value, if it has one, and the territory it is ranked within."""

    place: str
    value: Fraction | None
    group: str = ""


def read_rule(content: Mapping[str, Any], period: str) -> Rule:
    """The rule of a pack's item for one period; `RuleFault` where it says nothing."""
    raw = edges_for(content, period)
    if raw is None:
        text = Message("This rule says nothing of %(period)s.", period=period)
        raise RuleFault(("by_period",), text)
    return Rule(
        composite=read_composite(content["value"]),
        classes=tuple(content["classes"]),
        edges=tuple(edge_of(each) for each in raw),
        within=content.get("within", ""),
    )


def edge_of(raw: Mapping[str, Any]) -> Edge:
    name = raw.get("name")
    said = Text(name["id"], name["en"]) if name else None
    return Edge(raw["id"], Fraction(raw["at"]), raw["edge_to"], said)


def edges_for(content: Mapping[str, Any], period: str) -> Sequence[Any] | None:
    """The edges in force in a period; a month or half-year lies in its year.

    >>> spans = [{"to": "2019", "edges": [1]}, {"from": "2020", "edges": [2]}]
    >>> edges_for({"by_period": spans}, "2019-07"), edges_for({"edges": [3]}, "2019")
    ([1], [3])
    """
    if "by_period" not in content:
        edges: Sequence[Any] = content["edges"]
        return edges
    for span in content["by_period"]:
        if span.get("from", "") <= period and period[: len(span.get("to", ""))] <= (
            span.get("to", "") or period
        ):
            found: Sequence[Any] = span["edges"]
            return found
    return None


def edge_faults(
    classes: Sequence[str], edges: Sequence[Mapping[str, Any]], *, ranks: bool
) -> Iterable[tuple[Path, Message]]:
    """What is wrong with the edges of a rule, each with the way to it."""
    if len(edges) != len(classes) - 1:
        yield (
            (),
            Message(
                "There is one edge less than classes: write %(count)s.",
                count=max(len(classes) - 1, 0),
            ),
        )
        return
    before: Fraction | None = None
    for index, edge in enumerate(edges):
        way: Path = (edge.get("id", index),)
        if "edge_to" in edge and edge["edge_to"] not in classes[index : index + 2]:
            yield (
                (*way, "edge_to"),
                Message(
                    "This edge lies between %(low)s and %(high)s: name one of them.",
                    low=classes[index],
                    high=classes[index + 1],
                ),
            )
        if "at" not in edge:
            continue
        at = Fraction(edge["at"])
        if before is not None and at <= before:
            yield (*way, "at"), Message("Edges rise: this one is not above the last.")
        if ranks and not 0 < at < 1:
            yield (*way, "at"), Message("Write a share between 0 % and 100 %.")
        before = at


def by_cut_offs(rule: Rule, places: Iterable[Valued]) -> dict[str, str]:
    """The class of each place by where its value lies among the edges."""
    lines = [edge.at for edge in rule.edges]
    found = {}
    for place in places:
        if place.value is None:
            found[place.place] = NO_DATA
            continue
        index = bisect_left(lines, place.value)
        on_edge = index < len(lines) and lines[index] == place.value
        if on_edge and rule.edges[index].edge_to == rule.classes[index + 1]:
            index += 1
        found[place.place] = rule.classes[index]
    return found


def by_ranks(rule: Rule, places: Iterable[Valued]) -> dict[str, str]:
    """The class of each place by its rank among those with a value in its group."""
    groups: dict[str, list[Valued]] = defaultdict(list)
    found = {}
    for place in places:
        found[place.place] = NO_DATA
        if place.value is not None:
            groups[place.group].append(place)
    for members in groups.values():
        found |= ranked(rule, members)
    return found


def ranked(rule: Rule, members: Sequence[Valued]) -> dict[str, str]:
    """Classes within one group. All places of one value have one class.

    They are past an edge whose line they lie across if the edge belongs to the class
    behind it, else only if all of them lie behind it.
    """
    ties = Counter(member.value for member in members)
    klass: dict[Fraction | None, str] = {}
    before, total = 0, len(members)
    for value in sorted(ties, key=lambda each: each or Fraction(0)):
        upto = before + ties[value]
        index = 0
        for edge, behind in zip(rule.edges, rule.classes[1:], strict=True):
            line = edge.at * total
            index += upto > line if edge.edge_to == behind else before >= line
        klass[value] = rule.classes[index]
        before = upto
    return {member.place: klass[member.value] for member in members}


def classify(rule: Rule, places: Iterable[Valued]) -> dict[str, str]:
    """The class of each place; '' where it has no value.

    >>> rule = read_rule({
    ...     "value": {"indicator": "poor"}, "classes": ["green", "red"],
    ...     "edges": [{"id": "line", "at": "2/5", "edge_to": "red"}],
    ... }, "2020")
    >>> classify(rule, [Valued("a", Fraction(2, 5)), Valued("b", None)])
    {'a': 'red', 'b': ''}
    """
    return by_ranks(rule, places) if rule.within else by_cut_offs(rule, places)


@dataclass(frozen=True)
class Method:
    """How values come of indicators, and classes of values."""

    compute: Callable[[Composite, Row], Fraction | None]
    classify: Callable[[Rule, Iterable[Valued]], dict[str, str]]


# A run keeps the number of the method that gave its labels, so that it can be repeated
# after the program has learnt a better one. A method that was released is never changed:
# give the better one the next number.
METHODS: Mapping[int, Method] = {1: Method(compute, classify)}
LATEST = max(METHODS)
