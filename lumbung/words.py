"""Messages and values, said in the reader's language and number format."""

from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from lumbung.core.message import Message, Rupiah, Share, Text, Value

NBSP = "\N{NO-BREAK SPACE}"


def language() -> str:
    return "en" if (get_language() or "").startswith("en") else "id"


def say(value: Value | None) -> str:
    """Return `value` as people read it: `Rp 1.234.000`, `12,5 %`, `6 Februari 2020`."""
    match value:
        case None:
            return ""
        case Message():
            spoken = {key: say(inner) for key, inner in value.values.items()}
            if value.plural:
                count = value.values["count"]
                assert isinstance(count, int)
                return ngettext(value.id, value.plural, count) % spoken
            return gettext(value.id) % spoken if spoken else gettext(value.id)
        case Text():
            return value.en if language() == "en" else value.id
        case Rupiah():
            return f"Rp{NBSP}{number(int(value))}"
        case Share():
            return f"{number(value * 100, places=value.decimals)}{NBSP}%"
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case int() | Decimal() | Fraction():
            return number(value)
        case _:
            return str(value)


def number(value: int | Decimal | Fraction | float, *, places: int = 4) -> str:
    """Format a number: at most `places` decimals, never more digits than it has."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    pattern = "#,##0." + "#" * places if places else "#,##0"
    return formatted(value, pattern, language())


def day(value: date, form: str = "d MMMM y") -> str:
    return dated(value, form, language())


# A page says the same few numbers and days again and again, and Babel takes its time.


@lru_cache(maxsize=10_000)
def formatted(value: int | Decimal | float, pattern: str, locale: str) -> str:
    # Babel rounds in the context of `decimal`, whose 28 digits some number exceeds.
    with localcontext(prec=28 + len(str(value))):
        return format_decimal(value, format=pattern, locale=locale)


@lru_cache(maxsize=10_000)
def dated(value: date, form: str, locale: str) -> str:
    return format_date(value, form, locale=locale)


def moment(value: datetime) -> str:
    """A moment with its zone: Indonesia has three, and reads pages from all of them."""
    local = timezone.localtime(value)
    clock = local.strftime("%H.%M" if language() == "id" else "%H:%M")
    return f"{day(local.date())}, {clock}{NBSP}{local.tzname()}"
