"""Sentences that are not yet in any language.

Rules and verbs speak in messages: an English sentence that serves as id, and
typed values. The door that shows one translates and formats it (`lumbung.words`).
A test walks all ids and fails where Indonesian is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any


class Rupiah(int):
    """Whole rupiah, shown as `Rp 1.234.000`."""


class Share(Fraction):
    """A part of a whole, 0 to 1 in data; shown in per cent."""

    decimals = 1


class PublishedShare(Share):
    """A share as somebody published it: its second decimal is not rounded away."""

    decimals = 2


@dataclass(frozen=True)
class Text:
    """Words that a pack or a place brings along in both languages."""

    id: str
    en: str


def joined(texts: Iterable[Text]) -> Text:
    """Several texts as one, with commas between them.

    >>> joined([Text("merah", "red"), Text("hijau", "green")])
    Text(id='merah, hijau', en='red, green')
    """
    every = list(texts)
    return Text(", ".join(t.id for t in every), ", ".join(t.en for t in every))


class Message:
    """A sentence to be: its id and the values that go into it.

    >>> Message("Only %(owed)s is owed.", owed=Rupiah(5000))
    Message('Only %(owed)s is owed.', owed=5000)
    """

    def __init__(self, id: str, /, **values: "Value") -> None:
        self.id = id
        self.plural = ""
        self.values: Mapping[str, Value] = MappingProxyType(values)

    def __repr__(self) -> str:
        values = "".join(f", {key}={value!r}" for key, value in self.values.items())
        return f"Message({self.id!r}{values})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and to_json(self) == to_json(other)

    def __hash__(self) -> int:
        return hash(self.id)


def Plural(one: str, many: str, /, *, count: int, **values: "Value") -> Message:  # noqa: N802
    """Return the message for `count` things: English has two forms, Indonesian one."""
    message = Message(one, count=count, **values)
    message.plural = many
    return message


Value = (
    Message | Text | Rupiah | Share | Fraction | Decimal | datetime | date | int | str
)


def to_json(value: Value) -> Any:
    """Return plain JSON that `from_json` turns back into the same value.

    >>> from_json(to_json(Message("Until %(day)s", day=date(2020, 2, 14))))
    Message('Until %(day)s', day=datetime.date(2020, 2, 14))
    """
    match value:
        case Message():
            values = {key: to_json(inner) for key, inner in value.values.items()}
            return {"say": value.id, "plural": value.plural, "values": values}
        case Text():
            return {"id": value.id, "en": value.en}
        case Rupiah():
            return {"rupiah": int(value)}
        case PublishedShare():
            return {"published_share": str(Fraction(value))}
        case Share():
            return {"share": str(Fraction(value))}
        case Fraction():
            return {"fraction": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case _:
            return value


def from_json(data: Any) -> Any:
    """Return the value that `to_json` wrote."""
    match data:
        case {"say": id, "plural": plural, "values": values}:
            message = Message(id, **{k: from_json(v) for k, v in values.items()})
            message.plural = plural
            return message
        case {"id": indonesian, "en": english}:
            return Text(indonesian, english)
        case {"rupiah": amount}:
            return Rupiah(amount)
        case {"published_share": share}:
            return PublishedShare(share)
        case {"share": share}:
            return Share(share)
        case {"fraction": fraction}:
            return Fraction(fraction)
        case {"decimal": number}:
            return Decimal(number)
        case {"moment": moment}:
            return datetime.fromisoformat(moment)
        case {"date": day}:
            return date.fromisoformat(day)
        case _:
            return data
