"""How a condition says that it is met, or how much is missing."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from lumbung.core.message import Message, Plural, Rupiah, Share, Text, Value

Name = Message | Text | str


def sentence(
    *,
    name: Name,
    operator: str,
    have: Value,
    need: Any,
    met: bool,
    whole: int | None = None,
    labels: Mapping[str, Text] | None = None,
) -> Message:
    """Say a judged condition, with the shortfall in the unit that people act in.

    `whole` is what a share is a share of: two more women of 31 people are easier to
    bring to a meeting than 4.2 per cent.

    >>> sentence(name="Women", operator="at_least", have=Share("8/31"),
    ...          need=Share("3/10"), met=False, whole=31).values["count"]
    2
    """
    if operator == "equals" and need in {"yes", "no"}:
        return _yes_or_no(name, wanted=need == "yes", met=met)
    if operator == "before":
        return _day(name, have, need, met=met)
    if operator == "one_of" or isinstance(need, str):
        codes = need if operator == "one_of" else (need,)
        return _choice(name, have, codes, labels or {}, met=met)
    assert isinstance(have, int | Decimal | Fraction)
    need = like(have, need)
    if whole and isinstance(have, Share) and operator == "at_least":
        return _part(name, have, need, whole, met=met)
    return _number(name, operator, have, need, met=met)


def demand(
    *, name: Name, operator: str, need: Any, labels: Mapping[str, Text] | None = None
) -> Message:
    """Say what a condition asks for, before any fact is known."""
    labels = labels or {}
    match operator:
        case "at_least":
            return Message("%(name)s: at least %(need)s", name=name, need=need)
        case "at_most":
            return Message("%(name)s: at most %(need)s", name=name, need=need)
        case "below":
            return Message("%(name)s: below %(need)s", name=name, need=need)
        case "before":
            return Message("%(name)s: before %(need)s", name=name, need=need)
        case "one_of":
            return Message("%(name)s: %(need)s", name=name, need=_either(need, labels))
        case _ if need == "yes":
            return Message("%(name)s: yes", name=name)
        case _ if need == "no":
            return Message("%(name)s: no", name=name)
        case _:
            return Message("%(name)s: %(need)s", name=name, need=_called(need, labels))


def _called(code: Any, labels: Mapping[str, Text]) -> Value:
    """The name of a choice's code; any other value as it is."""
    return labels.get(code, code) if isinstance(code, str) else code


def _either(codes: tuple[Any, ...], labels: Mapping[str, Text]) -> Value:
    wanted = _called(codes[-1], labels)
    for code in reversed(codes[:-1]):
        wanted = Message(
            "%(one)s or %(other)s", one=_called(code, labels), other=wanted
        )
    return wanted


def _yes_or_no(name: Name, *, wanted: bool, met: bool) -> Message:
    if met:
        return (
            Message("%(name)s: yes.", name=name)
            if wanted
            else Message("%(name)s: no, as it should be.", name=name)
        )
    if wanted:
        return Message("%(name)s: not yet.", name=name)
    return Message("%(name)s: yes, but it must be no.", name=name)


def _day(name: Name, have: Value, need: Any, *, met: bool) -> Message:
    if met:
        return Message("%(name)s: %(have)s, before %(need)s.", **_v(name, have, need))
    return Message(
        "%(name)s: %(have)s, but it must be before %(need)s.", **_v(name, have, need)
    )


def _choice(
    name: Name,
    have: Value,
    codes: tuple[Any, ...],
    labels: Mapping[str, Text],
    *,
    met: bool,
) -> Message:
    if met:
        return Message("%(name)s: %(have)s.", name=name, have=_called(have, labels))
    return Message(
        "%(name)s: %(have)s, but it must be %(need)s.",
        **_v(name, _called(have, labels), _either(codes, labels)),
    )


def _part(name: Name, have: Share, need: Share, whole: int, *, met: bool) -> Message:
    """A share of people, said in people."""
    part = int(have * whole)
    values = _v(name, shown(have, need), need) | {"part": part, "whole": whole}
    if met:
        return Message(
            "%(name)s: %(part)s of %(whole)s (%(have)s), enough (at least %(need)s).",
            **values,
        )
    short = ceil(need * whole) - part
    return Plural(
        "%(name)s: %(count)s short. %(part)s of %(whole)s (%(have)s),"
        " at least %(need)s is needed.",
        "%(name)s: %(count)s short. %(part)s of %(whole)s (%(have)s),"
        " at least %(need)s is needed.",
        count=short,
        **values,
    )


def _number(name: Name, operator: str, have: Any, need: Any, *, met: bool) -> Message:
    seen = shown(have, need)
    values = _v(name, seen, need)
    match operator, met:
        case "at_least", True if need == 1 and isinstance(need, int):
            return Message("%(name)s: there (%(have)s).", name=name, have=have)
        case "at_least", True:
            return Message("%(name)s: %(have)s, enough (at least %(need)s).", **values)
        case "at_least", False if need == 1 and have == 0 and isinstance(need, int):
            return Message("%(name)s: none yet.", name=name)
        case "at_least", False:
            return Message(
                "%(name)s: %(short)s short. So far %(have)s, at least %(need)s is needed.",
                **values,
                short=like(have, need - seen),
            )
        case "at_most", True:
            return Message("%(name)s: %(have)s, at most %(need)s.", **values)
        case "at_most", False:
            return Message(
                "%(name)s: %(over)s too much. It is %(have)s, at most %(need)s is allowed.",
                **values,
                over=like(have, seen - need),
            )
        case "below", True:
            return Message("%(name)s: %(have)s, below %(need)s.", **values)
        case "below", False:
            return Message(
                "%(name)s: %(have)s, but it must be below %(need)s.", **values
            )
        case _, True:
            return Message("%(name)s: %(have)s.", name=name, have=have)
        case _:
            return Message("%(name)s: %(have)s, but it must be %(need)s.", **values)


def _v(name: Name, have: Value, need: Value) -> dict[str, Any]:
    return {"name": name, "have": have, "need": need}


def like(have: Value, number: Any) -> Any:
    """`number` in the unit of `have`, so that both are shown alike."""
    match have:
        case Rupiah():
            return Rupiah(number)
        case Share():
            return Share(number)
        case _ if isinstance(number, Fraction) and number.denominator == 1:
            return int(number)
        case _:
            return number


def shown(have: Any, need: Any) -> Any:
    """`have` as it may be printed: rounding never carries it over its line.

    Pages print shares with one decimal of a per cent; 29.97 % must not read as 30 %
    beside "at least 30 % is needed".
    """
    if not isinstance(have, Share) or have == need:
        return have
    printed = Share(Fraction(round(have * 1000), 1000))
    if have < need and printed >= need:
        printed = Share(Fraction(floor(have * 1000), 1000))
    elif have > need and printed <= need:
        printed = Share(Fraction(ceil(have * 1000), 1000))
    same_side = (printed < need) == (have < need) and printed != need
    return printed if same_side else have
