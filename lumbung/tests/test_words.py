"""How values are said: in Indonesian as Indonesians write, in English as the English."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from lumbung.core.message import (
    Message,
    Plural,
    PublishedShare,
    Rupiah,
    Share,
    Text,
    from_json,
    to_json,
)
from lumbung.words import say

SAID = [
    (Rupiah(1234000), "Rp 1.234.000", "Rp 1,234,000"),
    (Share("0.125"), "12,5 %", "12.5 %"),
    (Share("0.39999"), "40 %", "40 %"),
    (Share(1, 3), "33,3 %", "33.3 %"),
    (PublishedShare("0.0971"), "9,71 %", "9.71 %"),
    (date(2020, 2, 6), "6 Februari 2020", "6 February 2020"),
    (
        datetime(2020, 2, 6, 1, 5, tzinfo=UTC),
        "6 Februari 2020, 08.05 WIB",
        "6 February 2020, 08:05 WIB",
    ),
    (1234567, "1.234.567", "1,234,567"),
    (Decimal("0.6419"), "0,6419", "0.6419"),
    (Fraction(1, 4), "0,25", "0.25"),
    (Text("Desa", "Village"), "Desa", "Village"),
    (10**30, "1" + ".000" * 10, "1" + ",000" * 10),
    (None, "", ""),
]


@pytest.mark.parametrize(("value", "indonesian", "english"), SAID)
def test_it_says_each_kind_of_value(value, indonesian, english) -> None:
    with translation.override("id"):
        assert say(value).replace("\N{NO-BREAK SPACE}", " ") == indonesian
    with translation.override("en"):
        assert say(value).replace("\N{NO-BREAK SPACE}", " ") == english


def test_a_message_says_its_values_in_the_same_language() -> None:
    message = Message(
        "%(place)s owes %(sum)s.", place=Text("Desa", "Village"), sum=Rupiah(5000)
    )

    with translation.override("en"):
        assert say(message) == "Village owes Rp\N{NO-BREAK SPACE}5,000."


def test_english_has_a_plural() -> None:
    with translation.override("en"):
        said = [say(Plural("%(count)s row", "%(count)s rows", count=n)) for n in (1, 2)]

    assert said == ["1 row", "2 rows"]


@pytest.mark.parametrize("value", [value for value, _, _ in SAID if value is not None])
def test_a_value_survives_being_stored(value) -> None:
    stored = from_json(to_json(value))

    assert (stored, type(stored)) == (value, type(value))


def test_a_message_survives_being_stored_with_its_plural() -> None:
    message = Plural("%(count)s row", "%(count)s rows", count=2, share=Share("0.3"))

    assert from_json(to_json(message)) == message
