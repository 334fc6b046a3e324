"""Declared facts: a typed value from what a person wrote."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lumbung.core.message import Message, Rupiah, Share, Value
from lumbung.core.refusal import Refusal
from lumbung.programmes.packs.pack import FactType, Pack

MOST = 10**15  # no count or amount is larger; beyond it a key was held down
FINEST = 10**15  # the largest denominator of a share or number
TYPES: dict[str, tuple[type, ...]] = {
    "count": (int,),
    "number": (int, Decimal),
    "rupiah": (Rupiah,),
    "share": (Share,),
    "date": (date,),
    "yesno": (str,),
    "choice": (str,),
}


class BadValue(Refusal):
    code = "bad_value"
    status = 422


def checked_value(pack: Pack, name: str, value: Value) -> Value:
    """Return `value` if it is of the type that the pack gives the fact `name`."""
    fact = pack.facts.get(name)
    if fact is None:
        raise BadValue(Message("The pack knows no fact “%(id)s”.", id=name))
    if not isinstance(value, TYPES[fact.type]) or isinstance(value, bool):
        raise BadValue(
            Message("“%(fact)s” is not of the type it should be.", fact=fact.name),
            field="value",
        )
    refuse_impossible(fact, value)
    return value


def refuse_impossible(fact: FactType, value: Value) -> None:
    if isinstance(value, int | Decimal | Fraction):
        refuse_endless(fact, value)
    if isinstance(value, Share) and not 0 <= value <= 1:
        raise BadValue(
            Message("“%(fact)s” lies between 0 %% and 100 %%.", fact=fact.name),
            field="value",
        )
    if isinstance(value, int) and value < 0:
        raise BadValue(
            Message("“%(fact)s” cannot be below zero.", fact=fact.name), field="value"
        )
    choices = {"yes", "no"} if fact.type == "yesno" else set(fact.choices)
    if fact.type in {"yesno", "choice"} and value not in choices:
        raise BadValue(
            Message("“%(fact)s” has no such choice.", fact=fact.name), field="value"
        )


def refuse_endless(fact: FactType, value: int | Decimal | Fraction) -> None:
    """Refuse a number that nobody could read: too large, or with too many decimals."""
    # A decimal's power of ten is looked at first: written out it fills the memory.
    tenths = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
    size: Any = abs(value)
    if size > MOST or tenths > 15 or Fraction(value).denominator > FINEST:
        raise BadValue(
            Message("“%(fact)s” has too many digits.", fact=fact.name), field="value"
        )
