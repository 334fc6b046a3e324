"""One value out of several indicators: a mean, a sum, an extreme, a village index.

Read from plain data, as packs write it:

    {indicator: decile_1_4_share}
    {mean_of: [{indicator: a}, {indicator: b, weight: 2}]}     sum_of alike
    {highest_of: [{indicator: a}, {indicator: b}]}             lowest_of alike
    {index: {social: {highest: 5, indicators: [s1, s2]}, …}}   village_index.py

Values are exact. Where one part is missing there is no value, never a smaller one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lumbung.core.conditions import value as read_number
from lumbung.core.message import Message
from lumbung.core.parts import Part, combined

KINDS = ("indicator", "mean_of", "sum_of", "highest_of", "lowest_of", "index")
Path = tuple[str | int, ...]
Row = Mapping[str, Fraction]  # the values of one place by indicator


class RuleFault(Exception):  # noqa: N818  # a pack is at fault
    """What is wrong with a rule as written, and where: `("index", "social")`."""

    def __init__(self, path: Path, message: Message) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


@dataclass(frozen=True)
class Composite:
    """How a place's value comes of its indicators. `parts` are those of an index."""

    kind: str
    indicators: tuple[str, ...]
    weights: tuple[Fraction, ...] = ()
    parts: tuple[Part, ...] = ()


def read_composite(raw: object) -> Composite:
    """Read what a pack says, or raise its first `RuleFault`.

    >>> read_composite({"mean_of": [{"indicator": "a"}, {"indicator": "b"}]}).indicators
    ('a', 'b')
    """
    kinds = [kind for kind in KINDS if isinstance(raw, Mapping) and kind in raw]
    if not isinstance(raw, Mapping) or len(kinds) != 1 or len(raw) != 1:
        raise RuleFault(
            (), Message("Write exactly one of: %(names)s.", names=", ".join(KINDS))
        )
    kind = kinds[0]
    if kind == "indicator":
        return Composite(kind, (named(raw[kind], (kind,)),), (Fraction(1),))
    if kind == "index":
        return read_parts(raw[kind])
    return read_members(kind, raw[kind])


def read_members(kind: str, raw: object) -> Composite:
    if not isinstance(raw, list) or len(raw) < 2:
        raise RuleFault((kind,), Message("Name at least two indicators."))
    names, weights = [], []
    for at, member in enumerate(raw):
        known = {"indicator", "weight"} if kind.endswith("n_of") else {"indicator"}
        known |= {"weight"} if kind == "sum_of" else set()
        if not isinstance(member, Mapping) or not member.keys() <= known:
            text = Message("Write here: %(names)s.", names=", ".join(sorted(known)))
            raise RuleFault((kind, at), text)
        names.append(named(member.get("indicator"), (kind, at)))
        weights.append(weight(member.get("weight", 1), (kind, at, "weight")))
    if len(set(names)) < len(names):
        raise RuleFault((kind,), Message("One indicator is named twice."))
    if kind == "mean_of" and not sum(weights):
        raise RuleFault((kind,), Message("The weights add up to nothing."))
    return Composite(kind, tuple(names), tuple(weights))


def read_parts(raw: object) -> Composite:
    if not isinstance(raw, Mapping) or not raw:
        raise RuleFault(("index",), Message("Name the parts of the index."))
    parts = []
    for name, said in raw.items():
        way = ("index", str(name))
        keys = said.keys() - {"name"} if isinstance(said, Mapping) else set()
        if keys != {"highest", "indicators"}:
            text = Message("Write here: %(names)s.", names="highest, indicators, name")
            raise RuleFault(way, text)
        called = said.get("name", {"id": "", "en": ""})
        if not isinstance(called, Mapping) or called.keys() != {"id", "en"}:
            text = Message("Write here: %(names)s.", names="id, en")
            raise RuleFault((*way, "name"), text)
        listed = said["indicators"]
        if not isinstance(listed, list) or not listed:
            text = Message("Name at least one indicator.")
            raise RuleFault((*way, "indicators"), text)
        columns = tuple(named(each, (*way, "indicators")) for each in listed)
        highest = weight(said["highest"], (*way, "highest"))
        if not highest:
            text = Message("The highest score is above zero.")
            raise RuleFault((*way, "highest"), text)
        parts.append(Part(str(name), columns, highest))
    columns = tuple(column for part in parts for column in part.columns)
    if len(set(columns)) < len(columns):
        raise RuleFault(("index",), Message("One indicator is named twice."))
    return Composite("index", columns, parts=tuple(parts))


def named(raw: object, path: Path) -> str:
    if not isinstance(raw, str) or not raw:
        raise RuleFault(path, Message("Name an indicator."))
    return raw


def weight(raw: object, path: Path) -> Fraction:
    number = read_number(raw)
    if not isinstance(number, int | Fraction | Decimal):
        raise RuleFault(path, Message("Write a number."))
    if number < 0:
        raise RuleFault(path, Message("Write a number that is not below zero."))
    return Fraction(number)


def compute(composite: Composite, row: Row) -> Fraction | None:
    """The value of one place, or None where one of its indicators is missing.

    >>> mean = read_composite({"mean_of": [{"indicator": "a"}, {"indicator": "b"}]})
    >>> compute(mean, {"a": Fraction(1, 2), "b": Fraction(1, 4)})
    Fraction(3, 8)
    >>> compute(mean, {"a": Fraction(1, 2)}) is None
    True
    """
    if any(name not in row for name in composite.indicators):
        return None
    if composite.kind == "index":
        _, total, most = combined(composite.parts, row)
        return Fraction(total) / most
    values = [row[name] for name in composite.indicators]
    match composite.kind:
        case "highest_of":
            return max(values)
        case "lowest_of":
            return min(values)
        case "indicator":
            return values[0]
    weighted = sum(
        (value * part for value, part in zip(values, composite.weights, strict=True)),
        start=Fraction(0),
    )
    if composite.kind == "sum_of":
        return weighted
    return weighted / sum(composite.weights)


def outside(composite: Composite, row: Row) -> str:
    """The first score of an index that is not from 0 to its highest; '' if none is."""
    for part in composite.parts:
        for name in part.columns:
            if name in row and not 0 <= row[name] <= part.highest:
                return name
    return ""
