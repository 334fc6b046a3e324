"""The shape of each kind of item in a pack: its keys, and what each may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from lumbung.core.cells import CellFault, period
from lumbung.core.composite import RuleFault, read_composite
from lumbung.core.conditions import OPERATORS, value
from lumbung.core.message import Message

STATUSES = ("official", "local", "example")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
VERSION = re.compile(r"\d+(\.\d+){1,2}")


class Faulty(Exception):  # noqa: N818  # a pack is at fault
    """A value is not what its key asks for."""

    def __init__(self, message: Message, *inner: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.inner = inner


class Holds(Protocol):
    """Takes a value as written, returns it as packs keep it, or raises `Faulty`."""

    def __call__(self, raw: Any) -> Any: ...


def words(raw: Any) -> dict[str, str]:
    """Human text in both languages."""
    if not isinstance(raw, Mapping):
        raise Faulty(Message("Write the words in both languages: {id: ..., en: ...}."))
    for language, missing in (
        ("id", Message("The Indonesian text is missing: add id.")),
        ("en", Message("The English text is missing: add en.")),
    ):
        if not isinstance(raw.get(language), str) or not raw[language].strip():
            raise Faulty(missing, language)
    if extra := raw.keys() - {"id", "en"}:
        raise Faulty(unknown(extra.pop()), *extra)
    return {"id": raw["id"].strip(), "en": raw["en"].strip()}


def line(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise Faulty(Message("Write a text here."))
    return raw.strip()


def code(raw: Any) -> str:
    if not isinstance(raw, str) or not ID.fullmatch(raw):
        raise Faulty(
            Message("An id has letters, digits, - and _ only, 40 at the most.")
        )
    return raw


def codes(raw: Any) -> list[str]:
    """A list of ids; one alone, or several by semicolon, may stand without brackets."""
    if isinstance(raw, str):
        raw = [part.strip() for part in raw.split(";")]
    if not isinstance(raw, list):
        raise Faulty(Message("Write a list of ids: [one, two]."))
    return [code(each) for each in raw]


def lines(raw: Any) -> list[str]:
    if isinstance(raw, str):
        raw = [part.strip() for part in raw.split(";")]
    if not isinstance(raw, list):
        raise Faulty(Message("Write a list: [one, two]."))
    return [line(each) for each in raw]


TITLE = re.compile(r"(?P<title>.+?)(?: ×(?P<factor>\d+))?(?: \[(?P<part>.+)\])?")


def titles(raw: Any) -> list[dict[str, str]]:
    """Titles that columns have in files: `Ribu jiwa ×1000`, `Kopi ×1000 [kopi]`."""
    if isinstance(raw, list) and all(isinstance(each, dict) for each in raw):
        return raw  # read before, in the pack that this one extends
    return [title(each) for each in lines(raw)]


def title(text: str) -> dict[str, str]:
    match = TITLE.fullmatch(text)
    if not match:
        raise Faulty(Message("Write a text here."))
    found = {"title": match["title"], "factor": match["factor"] or "1"}
    return found | ({"breakdown": match["part"]} if match["part"] else {})


def count(raw: Any) -> int:
    if isinstance(raw, str) and raw.isdigit():
        raw = int(raw)
    if type(raw) is not int or raw < 0:
        raise Faulty(Message("Write a whole number, such as 3."))
    return raw


def positive(raw: Any) -> int:
    if count(raw) == 0:
        raise Faulty(Message("Write a whole number of at least 1."))
    return count(raw)


def counts(raw: Any) -> list[int]:
    if isinstance(raw, str):
        raw = [part.strip() for part in raw.split(";")]
    if not isinstance(raw, list):
        raise Faulty(Message("Write a list of numbers: [0, 1]."))
    return [count(each) for each in raw]


def day(raw: Any) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise Faulty(Message("Write a day, such as 2020-01-31.")) from None


def version(raw: Any) -> str:
    if not isinstance(raw, str) or not VERSION.fullmatch(raw):
        raise Faulty(Message("Write a version as 1.0 or 1.0.2."))
    return raw


def place_codes(raw: Any) -> list[str]:
    found = lines(raw)
    for each in found:
        if not re.fullmatch(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?", each):
            raise Faulty(Message("%(code)s is no place code: 33.26.", code=each))
    return found


def edge(raw: Any) -> str:
    """A line between classes, kept exactly: `40 %` is 2/5."""
    number = value(raw)
    if not isinstance(number, int | Decimal | Fraction):
        raise Faulty(Message("Write a number: 40 %, 1/3 or 0.4907."))
    return str(Fraction(number))


def span_end(raw: Any) -> str:
    """A year, half-year or month."""
    try:
        return period(raw)
    except CellFault as fault:
        raise Faulty(fault.message) from fault


def composite(raw: Any) -> Any:
    """What a classification compares, checked by its own reader."""
    try:
        read_composite(raw)
    except RuleFault as fault:
        raise Faulty(fault.message, *fault.path) from fault
    return raw


def anything(raw: Any) -> Any:
    """What has a reader of its own: gates, quorum rules."""
    return raw


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    options: tuple[str, ...]

    def __call__(self, raw: Any) -> str:
        if raw not in self.options:
            raise Faulty(
                Message("Write one of: %(codes)s.", codes=", ".join(self.options))
            )
        return str(raw)


@dataclass(frozen=True)
class Shape:
    """The keys of an item: those it must have and those it may have."""

    must: Mapping[str, "Holds | Items"]
    may: Mapping[str, "Holds | Items"] = field(default_factory=dict)


@dataclass(frozen=True)
class Items:
    """A list of inner items, each of one shape. `least` of them must be there."""

    shape: Shape
    least: int = 0


def unknown(key: str) -> Message:
    return Message("Unknown word %(word)s: correct it or take it out.", word=key)


BIRTH: dict[str, Holds | Items] = {"status": OneOf(STATUSES), "source": codes}
NAMED: dict[str, Holds | Items] = {"id": code, "name": words}
INDICATOR_UNITS = ("share", "count", "rupiah", "number")
COUNTED = ("people", "households", "families", "villages", "other")
CHOICE = Shape(NAMED)
REQUIREMENT = Shape(NAMED | {"at_least": positive}, {"help": words})
CLASS = Shape({"code": code, "tone": OneOf(("red", "yellow", "green")), "name": words})
# As `places.models.Level`, from the largest.
LEVELS = ("country", "province", "district", "subdistrict", "village")
EDGE = Shape({"id": code, "at": edge, "edge_to": code}, {"name": words})
SPAN = Shape({"edges": Items(EDGE, least=1)}, {"from": span_end, "to": span_end})
STEP = Shape(
    NAMED | BIRTH | {"purpose": words, "decides": words},
    {
        "movers": codes,
        "expected_days": positive,
        "evidence": Items(REQUIREMENT),
        "declares": codes,
        "gate": anything,
        "quorum": anything,
        "returns": codes,
        "was": codes,
    },
)
HEAD = Shape(
    {
        "code": code,
        "version": version,
        "name": words,
        "status": OneOf(STATUSES),
        "valid_from": day,
    },
    {"valid_to": day, "extends": line, "about": words},
)
SHAPES: Mapping[str, Shape] = {
    "sources": Shape(
        {"id": code, "title": line, "kind": OneOf(("document", "own"))},
        {"url": line},
    ),
    "roles": Shape(
        NAMED | BIRTH | {"rank": count, "levels": counts},
        {"abilities": lines, "programme": code},
    ),
    "exclusive_roles": Shape(
        {"id": code, "one": code, "other": code, "reason": words} | BIRTH
    ),
    "sectors": Shape(NAMED | BIRTH),
    "funding_sources": Shape(NAMED | BIRTH, {"group": code}),
    "facts": Shape(
        NAMED | BIRTH | {"type": OneOf(tuple(OPERATORS))},
        {"unit": words, "choices": Items(CHOICE, least=2), "help": words},
    ),
    "indicators": Shape(
        NAMED
        | BIRTH
        | {
            "definition": words,
            "unit": OneOf(INDICATOR_UNITS),
            "counts": OneOf(COUNTED),
        },
        {"known_as": titles},
    ),
    "class_schemes": Shape(
        NAMED | BIRTH | {"classes": Items(CLASS, least=2)}, {"indicator": code}
    ),
    "classifications": Shape(
        NAMED
        | BIRTH
        | {
            "scheme": code,
            "level": OneOf(LEVELS[1:]),
            "value": composite,
            "classes": codes,
        },
        {
            "about": words,
            "within": OneOf(LEVELS[:-1]),
            "edges": Items(EDGE, least=1),
            "by_period": Items(SPAN, least=1),
        },
    ),
    "templates": Shape(
        NAMED
        | BIRTH
        | {
            "subject": words,
            "prefix": code,
            "programme": code,
            "steps": Items(STEP, least=1),
            "outcomes": Items(CHOICE, least=1),
        }
    ),
    "programmes": Shape(
        NAMED | BIRTH | {"summary": words, "templates": codes}, {"places": place_codes}
    ),
    "glossary": Shape({"id": code, "term": line, "meaning": words} | BIRTH),
}
