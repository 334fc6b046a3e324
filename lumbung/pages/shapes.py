"""What the API reads and writes in more than one package."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from django.utils import translation
from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from lumbung.core.message import Message, Rupiah, Share, Text, Value
from lumbung.core.refusal import Refusal
from lumbung.words import say

# Shares and other fractions are written with so many decimals at most.
DECIMALS = Decimal("0.000001")


def printable(text: str) -> str:
    """Letters and line breaks; control characters are no text, and no database's."""
    if any(ord(c) < 32 and c not in "\t\n\r" for c in text):
        raise PydanticCustomError("control_character", "Control characters are no text")
    return text


def recent(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 9000:
        raise PydanticCustomError("far_moment", "A moment from 1970 on")
    return moment


def day_written(sent: Any) -> Any:
    """A number is no day: pydantic would count seconds since 1970."""
    if not isinstance(sent, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", sent):
        raise PydanticCustomError("date_written", "A day as 2020-01-31")
    return sent


def moment_written(sent: Any) -> Any:
    if not isinstance(sent, str) or not re.match(r"\d{4}-\d\d-\d\dT", sent):
        raise PydanticCustomError("far_moment", "A moment as 2020-01-31T08:00:00Z")
    return sent.replace(" ", "+")  # what becomes of +07:00 in an address


def near(day: date) -> date:
    """The years that forms take too: the year 1 has no midnight in Jakarta."""
    if not 1900 <= day.year <= 9000:
        raise PydanticCustomError("date_far", "A day from 1900 on")
    return day


# With a length of its own: a `Field(max_length=…)` on a Line would go unheard.
Written = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(printable)
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200),
    AfterValidator(printable),
]
Writing = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=20_000),
    AfterValidator(printable),
]
Code = Annotated[str, StringConstraints(pattern=r"^[\w.:~@-]{1,60}$")]
Moment = Annotated[
    AwareDatetime, BeforeValidator(moment_written), AfterValidator(recent)
]
Day = Annotated[date, BeforeValidator(day_written), AfterValidator(near)]


class UnknownParameter(Refusal):
    code = "unknown_parameter"
    status = 422


def refuse_unknown(sent: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a parameter that is not known: misspelt, it would give everything."""
    names = sorted(known)
    unknown = sorted(set(sent).difference(names))
    if unknown:
        raise UnknownParameter(
            Message("There is no parameter “%(name)s” here.", name=unknown[0]),
            mend=Message("It takes: %(names)s.", names=", ".join(names)),
            field=unknown[0],
        )


class Body(Schema):
    """What is sent to us. A key we do not know is a mistake worth saying.

    Whole numbers are `StrictInt`, days are `Day`: what a program sends as true, "3" or
    86400 is a mistake of its own, which must not become a 1, a 3 or a day in 1970.
    """

    model_config = ConfigDict(extra="forbid")


class Words(Schema):
    """Words in both languages."""

    id: str
    en: str


class Person(Schema):
    """Somebody who signs in, by uid and name."""

    uid: str
    name: str


class Typed(Schema):
    """A value with its type; `said` is it in the reader's language.

    `count` and `rupiah` are integers; `share` (0 to 1) and `number` decimals as text;
    `date` is ISO; `choice` a code, `yes` or `no` among them.
    """

    type: str
    value: int | str
    said: str


def both(value: Message | Text | str) -> Words:
    """Say `value` in both languages."""
    if isinstance(value, Text):
        return Words(id=value.id, en=value.en)
    with translation.override("id"):
        indonesian = say(value)
    with translation.override("en"):
        return Words(id=indonesian, en=say(value))


def person(user: Any) -> Person:
    return Person(uid=str(user.uid), name=str(user))


def typed(value: Value) -> Typed:
    """A fact's value as JSON: money and counts whole, shares and numbers exact text.

    >>> typed(Share(3, 8)).value, typed(Rupiah(5000)).type
    ('0.375', 'rupiah')
    """
    match value:
        case Rupiah():
            return Typed(type="rupiah", value=int(value), said=say(value))
        case int():
            return Typed(type="count", value=value, said=say(value))
        case Share():
            return Typed(type="share", value=decimal(value), said=say(value))
        case Fraction() | Decimal():
            return Typed(type="number", value=decimal(value), said=say(value))
        case datetime():
            return Typed(type="moment", value=value.isoformat(), said=say(value))
        case date():
            return Typed(type="date", value=value.isoformat(), said=say(value))
        case _:
            return Typed(type="choice", value=str(value), said=say(value))


def decimal(value: Fraction | Decimal) -> str:
    """An exact decimal where there is one of few digits, else rounded to six."""
    if isinstance(value, Decimal):
        return format(value, "f")
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    text = format(exact.quantize(DECIMALS), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
