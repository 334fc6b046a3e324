"""What a specification says, read with a refusal where it says nothing of use.

Every scalar of a specification is text, so that `1/6` and `0.1` stay exact.
"""

import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from lumbung.core.measure import BadInput
from lumbung.core.message import Message


def bad(where: str, what: Message, *, field: str = "spec") -> BadInput:
    """What is wrong at one place of a specification; `where` is '' for the whole."""
    if where:
        what = Message("%(where)s: %(what)s", where=where, what=what)
    return BadInput(what, field=field)


def refuse_unnamed(given: Any, where: str, *, field: str = "spec") -> None:
    """Refuse anything but names with values."""
    if not isinstance(given, Mapping):
        raise bad(where, Message("Names with values are needed here."), field=field)


def refuse_unknown(
    given: Any, known: Collection[str], where: str, *, field: str = "spec"
) -> None:
    """Refuse a name that means nothing here: perhaps it is misspelt."""
    refuse_unnamed(given, where, field=field)
    for key in given:
        if key not in known:
            message = Message(
                "%(key)s is not known here, only %(known)s.",
                key=str(key),
                known=", ".join(known),
            )
            raise bad(where, message, field=field)


def lacking(name: str, within: str) -> BadInput:
    return BadInput(
        Message("%(within)s must say %(name)s.", within=within, name=name), field="spec"
    )


def mapping_in(said: Any, name: str, *, within: str) -> dict[str, Any]:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, dict) or not found:
        raise lacking(name, within)
    return found


def listed_in(said: Any, name: str, *, within: str) -> list[str]:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, list) or not found:
        raise lacking(name, within)
    return [str(item) for item in found]


def text_in(said: Any, name: str, *, within: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, str) or not found:
        raise lacking(name, within)
    return found


def fraction_in(said: Any, name: str, *, within: str) -> Fraction:
    """
    >>> fraction_in({"weight": "1/6"}, "weight", within="water")
    Fraction(1, 6)
    """
    return as_fraction(text_in(said, name, within=within), name=name, within=within)


def exact(text: str) -> Fraction:
    """Read `0.125`, `12.5%` or `1/8` exactly; ValueError where that is no number.

    >>> exact("12.5%"), exact(" 1/8 ")
    (Fraction(1, 8), Fraction(1, 8))
    """
    written = text.strip()
    if re.search(r"e[+-]?\d{4}", written.casefold()):
        raise ValueError(text)  # a thousand digits and more would take for ever
    try:
        per_cent = written.endswith("%")
        number = Fraction(written.removesuffix("%").strip()) / (100 if per_cent else 1)
        float(number)  # what no float can hold counts nothing
    except (ZeroDivisionError, OverflowError) as fault:
        raise ValueError(text) from fault
    return number


def as_fraction(text: str, *, name: str, within: str) -> Fraction:
    try:
        return exact(text)
    except ValueError as fault:
        raise BadInput(
            Message(
                "%(name)s of %(within)s is no number: %(text)s",
                name=name,
                within=within,
                text=text,
            ),
            field="spec",
        ) from fault


def refuse_others(said: dict[str, Any], known: set[str], *, within: str) -> None:
    """Refuse a misspelt name, which would otherwise be passed over in silence."""
    for name in said:
        if name not in known:
            raise BadInput(
                Message(
                    "%(within)s says %(name)s, which means nothing here.",
                    within=within,
                    name=name,
                ),
                mend=Message("Known are: %(names)s.", names=", ".join(sorted(known))),
                field="spec",
            )
