"""Gates: nothing moves without facts.

A gate is a condition on one named fact, or a group of gates. It is read from plain
data (a pack's YAML, or the JSON kept with it):

    all_of:
      - {fact: "evidence:minutes", at_least: 1}
      - {fact: "decision:women_share", at_least: 30 %}
      - n_of: 1
        of:
          - {fact: "declared:buyer_commitments", at_least: 1}
          - {fact: "declared:opened_on", before: 2020-01-01}

A condition may carry its own `name` and `help`, both `{id, en}`. What may be asked
of which fact stands in `lumbung.core.conditions`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Self

from lumbung.core import shortfall
from lumbung.core.conditions import (
    Condition,
    Gate,
    GateFault,
    Group,
    check,
    conditions,
    parse,
)
from lumbung.core.message import Message, Plural, Text, Value, from_json, to_json

__all__ = [
    "Condition",
    "Gate",
    "GateFault",
    "Group",
    "Known",
    "Line",
    "Unknown",
    "Verdict",
    "check",
    "conditions",
    "demands",
    "evaluate",
    "holds",
    "parse",
]


@dataclass(frozen=True)
class Known:
    """A fact's value, with where it comes from and the day it holds for.

    `whole` is what a share is a share of, such as the 31 people of a meeting: the
    shortfall is then said in people, not in per cent.
    """

    value: Value
    source: Message | Text | str = ""
    as_of: date | None = None
    whole: int | None = None


@dataclass(frozen=True)
class Unknown:
    """A fact that cannot be computed. It is never false-as-zero."""

    why: Message


@dataclass(frozen=True)
class Line:
    """One condition or group, judged: met or not, and in which words."""

    met: bool
    fact: str  # '' for a group
    sentence: Message
    have: Value | None = None
    source: Message | Text | str = ""
    as_of: date | None = None
    help: Message | Text | None = None
    children: "tuple[Line, ...]" = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "met": self.met,
            "fact": self.fact,
            "sentence": to_json(self.sentence),
            "have": None if self.have is None else to_json(self.have),
            "source": to_json(self.source),
            "as_of": None if self.as_of is None else to_json(self.as_of),
            "help": None if self.help is None else to_json(self.help),
            "children": [child.to_json() for child in self.children],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        plain = {"met", "fact", "children"}
        values = {k: from_json(v) for k, v in data.items() if k not in plain}
        children = tuple(cls.from_json(child) for child in data["children"])
        return cls(met=data["met"], fact=data["fact"], children=children, **values)


@dataclass(frozen=True)
class Verdict:
    """A gate judged on one day: met, or the list of what is missing."""

    met: bool
    lines: tuple[Line, ...]

    @property
    def missing(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.met)

    @property
    def passed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.met)

    def to_json(self) -> dict[str, Any]:
        return {"met": self.met, "lines": [line.to_json() for line in self.lines]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(data["met"], tuple(Line.from_json(line) for line in data["lines"]))


def evaluate(gate: Gate | None, know: Callable[[str], Known | Unknown]) -> Verdict:
    """Judge `gate` by the facts that `know` tells. No gate at all is met.

    The conditions of an unnamed `all_of` at the top are lines of their own.

    >>> gate = parse({"fact": "days:open", "at_least": 90})
    >>> evaluate(gate, lambda fact: Known(89)).met
    False
    """
    if gate is None:
        return Verdict(met=True, lines=())
    line = _judge(gate, know)
    plain_list = isinstance(gate, Group) and gate.kind == "all_of" and not gate.name
    return Verdict(line.met, line.children if plain_list else (line,))


def demands(gate: Gate | None, depth: int = 0) -> Iterator[tuple[int, Message]]:
    """What a gate asks for, line by line, each with its depth in groups."""
    match gate:
        case Condition():
            name = gate.name or gate.fact
            yield (
                depth,
                shortfall.demand(
                    name=name,
                    operator=gate.operator,
                    need=gate.need,
                    labels=gate.labels,
                ),
            )
        case Group():
            plain_list = gate.kind == "all_of" and not gate.name and depth == 0
            if not plain_list:
                yield depth, _title(gate)
            for part in gate.parts:
                yield from demands(part, depth if plain_list else depth + 1)


def _title(group: Group) -> Message:
    title: Message | Text = group.name or _number(group)
    return Message("%(name)s:", name=title)


def _number(group: Group) -> Message:
    if group.n == len(group.parts):
        return Message("All of these")
    return Plural(
        "At least %(count)s of these", "At least %(count)s of these", count=group.n
    )


def _judge(gate: Gate, know: Callable[[str], Known | Unknown]) -> Line:
    if isinstance(gate, Group):
        return _judge_group(gate, know)
    name = gate.name or gate.fact
    found = know(gate.fact)
    if isinstance(found, Unknown):
        unknown = Message("%(name)s: not known. %(why)s", name=name, why=found.why)
        return Line(met=False, fact=gate.fact, sentence=unknown, help=gate.help)
    met = holds(gate.operator, found.value, gate.need)
    sentence = shortfall.sentence(
        name=name,
        operator=gate.operator,
        have=found.value,
        need=gate.need,
        met=met,
        whole=found.whole,
        labels=gate.labels,
    )
    return Line(
        met, gate.fact, sentence, found.value, found.source, found.as_of, gate.help
    )


def _judge_group(group: Group, know: Callable[[str], Known | Unknown]) -> Line:
    children = tuple(_judge(part, know) for part in group.parts)
    count = sum(child.met for child in children)
    sentence = Message(
        "%(name)s: %(met)s of %(all)s met.",
        name=group.name or _number(group),
        met=count,
        all=len(children),
    )
    return Line(count >= group.n, "", sentence, help=group.help, children=children)


def holds(operator: str, have: Value, need: Any) -> bool:
    """Whether `have` meets the demand. Numbers compare exactly, never as floats.

    >>> holds("at_least", Fraction(3, 10), parse({"fact": "x", "at_least": "0.3"}).need)
    True
    """
    match operator:
        case "one_of":
            return have in need
        case "equals" if isinstance(need, str):
            return have == need
        case "before":
            return bool(have < need)
    exact, bound = Fraction(have), Fraction(need)  # type: ignore[arg-type]
    match operator:
        case "at_least":
            return exact >= bound
        case "at_most":
            return exact <= bound
        case "below":
            return exact < bound
        case "equals":
            return exact == bound
    raise ValueError(f"No operator {operator!r}")
