"""Words and numbers in templates. Loaded in every template."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lumbung import words
from lumbung.core.message import Message, Share

register = template.Library()


@register.filter
def say(value: Any) -> str:
    """Say a message, a pack's text or a typed value in the reader's language."""
    return words.say(value)


@register.filter
def number(value: int | Decimal | float) -> str:
    return words.number(value)


@register.filter
def share(value: Any) -> str:
    """0.382 → `38,2 %`."""
    return words.say(Share(Decimal(str(value))))


@register.filter
def day(value: date) -> str:
    """6 Februari 2020."""
    return words.day(value) if value else ""


@register.filter
def short_day(value: date) -> str:
    """6 Feb 2020."""
    return words.day(value, "d MMM y") if value else ""


@register.filter
def long_day(value: date) -> str:
    """Jumat, 14 Februari 2020."""
    return words.day(value, "EEEE, d MMMM y")


@register.filter
def moment(value: datetime) -> str:
    return words.moment(value) if value else ""


@register.filter
def named(row: Any, field: str = "name") -> str:
    """The `name_id` or `name_en` of a row, by the reader's language."""
    return str(getattr(row, f"{field}_{words.language()}"))


@register.simple_tag
def example() -> SafeString:
    """The mark of what is invented."""
    return format_html('<i class="ex">{}</i>', _("example"))


@register.filter
def marked(person: Any) -> SafeString:
    """A person's name, with the mark where the person is invented."""
    if getattr(person, "is_example", False):
        return format_html("{} {}", str(person), example())
    return format_html("{}", str(person) if person else "")


@register.filter
def first_word(value: Any) -> str:
    return str(value).partition(" ")[0]


@register.filter
def other_words(value: Any) -> str:
    return str(value).partition(" ")[2]


KINDS = {
    "negara": Message("country"),
    "provinsi": Message("province"),
    "kabupaten": Message("regency"),
    "kota": Message("city"),
    "kecamatan": Message("sub-district"),
    "desa": Message("rural village"),
    "kelurahan": Message("urban village"),
}


@register.filter
def kind_of_place(kind: str) -> str:
    """What a place is, in words: *kabupaten* is a regency."""
    return words.say(KINDS[kind])


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing; nothing of no mapping too."""
    return mapping.get(key) if mapping else None


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's own query string with some parameters changed; None drops one."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    return f"?{parameters.urlencode()}"
