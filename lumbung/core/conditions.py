"""What a gate may demand of facts, and how a gate is read from plain data.

`lumbung.core.gates` judges what is read here.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lumbung.core.message import Message, Share, Text

Path = tuple[str | int, ...]

# What may be asked of a fact of each type. A share is not asked whether it equals
# one exact part, nor a number whether it lies before a day.
OPERATORS: Mapping[str, frozenset[str]] = {
    "count": frozenset({"at_least", "at_most", "below", "equals", "one_of"}),
    "share": frozenset({"at_least", "at_most", "below"}),
    "number": frozenset({"at_least", "at_most", "below", "equals"}),
    "rupiah": frozenset({"at_least", "at_most", "below", "equals"}),
    "date": frozenset({"before"}),
    "yesno": frozenset({"equals"}),
    "choice": frozenset({"equals", "one_of"}),
}
ALL_OPERATORS = frozenset().union(*OPERATORS.values())
GROUPS = ("all_of", "any_of", "n_of")
PER_CENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")


class GateFault(Exception):  # noqa: N818  # it is no error of ours: a pack is at fault
    """What is wrong with a gate as written, how to mend it, and where it stands.

    `path` leads from the gate to the fault: `("all_of", 2, "at_least")`.
    """

    def __init__(self, path: Path, message: Message) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


@dataclass(frozen=True)
class Condition:
    """One demand on one fact. `need` is a tuple for `one_of`.

    `name` and `labels` (what the codes of a choice are called) are words for people;
    a pack fills in those its gates leave out.
    """

    fact: str
    operator: str
    need: Any
    name: Message | Text | None = None
    help: Message | Text | None = None
    labels: Mapping[str, Text] = field(default_factory=dict, hash=False)
    path: Path = ()

    def facts(self) -> set[str]:
        return {self.fact}


@dataclass(frozen=True)
class Group:
    """Gates of which at least `n` must be met; `kind` is how the pack wrote it."""

    kind: str  # all_of, any_of, n_of
    n: int
    parts: "tuple[Gate, ...]"
    name: Message | Text | None = None
    help: Message | Text | None = None

    def facts(self) -> set[str]:
        return set[str]().union(*(part.facts() for part in self.parts))


Gate = Condition | Group


def conditions(gate: Gate | None) -> Iterator[Condition]:
    """Each single condition, in whichever group it stands."""
    if isinstance(gate, Condition):
        yield gate
    elif isinstance(gate, Group):
        for part in gate.parts:
            yield from conditions(part)


def completed(gate: Gate, complete: Callable[[Condition], Condition]) -> Gate:
    """The same gate with `complete` applied to each condition."""
    if isinstance(gate, Condition):
        return complete(gate)
    return replace(gate, parts=tuple(completed(part, complete) for part in gate.parts))


def parse(raw: object) -> Gate:
    """Read a gate, or raise its first `GateFault`.

    >>> parse({"fact": "decision:women_share", "at_least": "30 %"}).need
    Share(3, 10)
    """
    gate, faults = read(raw)
    if faults:
        raise faults[0]
    assert gate is not None
    return gate


def read(raw: object) -> tuple[Gate | None, list[GateFault]]:
    """Read a gate as far as it can be read, with all that is wrong with its shape."""
    faults: list[GateFault] = []
    return _gate(raw, (), faults), faults


def check(
    raw: object,
    types: Mapping[str, str],
    choices: Mapping[str, Collection[str]] | None = None,
) -> list[GateFault]:
    """All that is wrong with a gate whose facts have these `types`.

    `types` names every fact that may be asked for; `choices` the codes of those
    that are a choice.
    """
    gate, faults = read(raw)
    for condition in conditions(gate):
        fault = _misfit(condition, types, choices or {})
        if fault:
            faults.append(fault)
    return faults


def _gate(raw: object, path: Path, faults: list[GateFault]) -> Gate | None:
    if not isinstance(raw, Mapping):
        faults.append(GateFault(path, Message("A gate is a condition or a group.")))
        return None
    kinds = [kind for kind in GROUPS if kind in raw]
    if not kinds:
        return _condition(raw, path, faults)
    if len(kinds) > 1 or "fact" in raw:
        text = Message("Write one group at a time: all_of, any_of or n_of.")
        faults.append(GateFault(path, text))
        return None
    return _group(kinds[0], raw, path, faults)


def _group(
    kind: str, raw: Mapping[Any, Any], path: Path, faults: list[GateFault]
) -> Gate | None:
    inside = "of" if kind == "n_of" else kind
    _refuse_unknown_keys(raw, {kind, inside, "name", "help"}, path, faults)
    listed = raw.get(inside)
    if not isinstance(listed, list) or not listed:
        text = Message(
            "An empty group: write at least one condition below %(key)s.", key=inside
        )
        faults.append(GateFault((*path, inside), text))
        return None
    parts = [_gate(x, (*path, inside, i), faults) for i, x in enumerate(listed)]
    n = {"all_of": len(listed), "any_of": 1}.get(kind, raw[kind])
    if type(n) is not int or not 1 <= n <= len(listed):
        text = Message("Write a number from 1 to %(most)s.", most=len(listed))
        faults.append(GateFault((*path, kind), text))
        return None
    name, help = (_words(raw, key, path, faults) for key in ("name", "help"))
    readable = tuple(part for part in parts if part is not None)
    return Group(kind, n, readable, name, help) if readable else None


def _condition(
    raw: Mapping[Any, Any], path: Path, faults: list[GateFault]
) -> Condition | None:
    _refuse_unknown_keys(raw, {"fact", "name", "help", *ALL_OPERATORS}, path, faults)
    name, help = (_words(raw, key, path, faults) for key in ("name", "help"))
    fact = raw.get("fact")
    if not isinstance(fact, str) or not fact:
        text = Message("Name the fact: fact, such as evidence:minutes.")
        faults.append(GateFault(path, text))
        return None
    asked = sorted(ALL_OPERATORS & raw.keys())
    if len(asked) != 1:
        text = Message(
            "Write exactly one of at_least, at_most, below, equals, one_of, before."
        )
        faults.append(GateFault(path, text))
        return None
    operator = asked[0]
    need = _need(operator, raw[operator], (*path, operator), faults)
    if need is None:
        return None
    return Condition(fact, operator, need, name, help, path=path)


def _refuse_unknown_keys(
    raw: Mapping[Any, Any], known: set[str], path: Path, faults: list[GateFault]
) -> None:
    for key in raw.keys() - known:
        text = Message("Unknown word %(word)s in a gate.", word=str(key))
        faults.append(GateFault((*path, str(key)), text))


def _words(
    raw: Mapping[Any, Any], key: str, path: Path, faults: list[GateFault]
) -> Text | None:
    match raw.get(key):
        case None:
            return None
        case {"id": str(indonesian), "en": str(english), **rest} if (
            indonesian.strip() and english.strip() and not rest
        ):
            return Text(indonesian, english)
    text = Message("Write the words in both languages: {id: ..., en: ...}.")
    faults.append(GateFault((*path, key), text))
    return None


def _need(operator: str, raw: object, path: Path, faults: list[GateFault]) -> Any:
    if operator != "one_of":
        need = value(raw)
        if need is None:
            text = Message("%(value)s is no value.", value=str(raw))
            faults.append(GateFault(path, text))
        return need
    needs = tuple(map(value, raw)) if isinstance(raw, list) else ()
    if not needs or None in needs:
        text = Message("Write the values as a list: [one, two].")
        faults.append(GateFault(path, text))
        return None
    return needs


def value(raw: object) -> Any:
    """Read one value as packs write it, or return None if it is none.

    What is yes or no is the text `yes` or `no`, in facts as in gates.

    >>> value("12,5 %"), value("2/3"), value("0.5"), value("2020-01-31"), value("red")
    (Share(1, 8), Fraction(2, 3), Decimal('0.5'), datetime.date(2020, 1, 31), 'red')
    """
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, int | Decimal | Fraction | date):
        return raw
    if not isinstance(raw, str) or not raw.strip():
        return None  # a float among them: it cannot be compared exactly
    text = raw.strip()
    if found := PER_CENT.fullmatch(text):
        return Share(Fraction(found[1].replace(",", ".")) / 100)
    if re.fullmatch(r"-?\d+/[1-9]\d*", text):
        return Fraction(text)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Decimal(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _misfit(
    condition: Condition,
    types: Mapping[str, str],
    choices: Mapping[str, Collection[str]],
) -> GateFault | None:
    """What is wrong between a condition and the type of its fact, if anything."""
    path, operator = condition.path, condition.operator
    kind = types.get(condition.fact)
    if kind is None:
        text = Message("There is no fact %(fact)s here.", fact=condition.fact)
        return GateFault((*path, "fact"), text)
    if operator not in OPERATORS[kind]:
        text = Message(
            "%(operator)s cannot be asked of %(fact)s: it is a %(type)s."
            " Ask for: %(operators)s.",
            operator=operator,
            fact=condition.fact,
            type=type_name(kind),
            operators=", ".join(sorted(OPERATORS[kind])),
        )
        return GateFault((*path, operator), text)
    needs = condition.need if operator == "one_of" else (condition.need,)
    for need in needs:
        wrong = _wrong_value(kind, operator, need, choices.get(condition.fact))
        if wrong:
            return GateFault((*path, operator), wrong)
    return None


def _wrong_value(
    kind: str, operator: str, need: Any, codes: Collection[str] | None
) -> Message | None:
    numeric = isinstance(need, int | Decimal | Fraction)
    match kind:
        case "count" | "rupiah" if isinstance(need, Share):
            return Message("A percentage on a count: write a whole number.")
        case "count" | "rupiah" if not (numeric and need >= 0 and need == int(need)):
            return Message("Write a whole number, such as 3.")
        case "share" if not (numeric and 0 <= need <= 1):
            return Message("Write a share: 30 %, 1/3, or a decimal from 0 to 1.")
        case "number" if not numeric or isinstance(need, Share):
            return Message("Write a number.")
        case "date" if not isinstance(need, date):
            return Message("Write a day, such as 2020-01-31.")
        case "yesno" if need not in {"yes", "no"}:
            return Message("Write yes or no.")
        case "choice" if codes is not None and need not in codes:
            return Message("Write one of: %(codes)s.", codes=", ".join(codes))
        case "count" | "share" | "rupiah" if operator == "at_least" and need == 0:
            return Message("At least 0 is always met: leave the condition out.")
    return None


def type_name(kind: str) -> Message:
    """What a type of facts is called."""
    return {
        "count": Message("count"),
        "share": Message("share"),
        "number": Message("number"),
        "rupiah": Message("amount in rupiah"),
        "date": Message("date"),
        "yesno": Message("yes or no"),
        "choice": Message("choice"),
    }[kind]
