"""What templates of cases need: the link that mends a missing condition."""

from datetime import date
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lumbung import words
from lumbung.core.conditions import Condition, Gate, conditions
from lumbung.core.gates import Line
from lumbung.core.message import Message, Value, from_json
from lumbung.evidence.models import StoredFile
from lumbung.programmes.models import Case
from lumbung.programmes.packs.pack import FactType, Pack, Template

register = template.Library()


MENDED_BY = {"evidence": "add", "decision": "decide", "declared": "declare"}


@register.simple_tag(takes_context=True)
def mend_link(context: Any, case: Case, line: Line) -> SafeString | str:
    """The page on which a missing condition is mended, by what its fact is about.

    Where the page says what its reader may do, only who may is led there.
    """
    kind, _colon, argument = line.fact.partition(":")
    allowed = context.get("may", {}).get(MENDED_BY.get(kind, ""), True)
    if case.state != Case.State.RUNNING or not allowed:
        return ""
    if kind == "evidence":
        url = reverse("programmes:attach_evidence", args=[case.uid])
        return link(f"{url}?untuk={argument}", _("Upload it"))
    if kind == "decision":
        url = reverse("programmes:record_decision", args=[case.uid])
        return link(url, _("Record a decision"))
    if kind == "declared":
        url = reverse("programmes:declare_fact", args=[case.uid, argument])
        return link(url, _("Enter it with its proof"))
    return ""


def link(url: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


@register.simple_tag
def fact_value(fact: FactType, value: Any) -> str:
    return words.say(fact.said(from_json(value)))


@register.filter
def outcome_of(outcome: str, form: Template) -> str:
    return words.say(form.outcome(outcome).name)


KINDS = {"application/pdf": "PDF"}


@register.filter
def file_kind(file: StoredFile) -> str:
    """`PDF 0,4 MB`, `JPEG 1,2 MB`."""
    kind = KINDS.get(file.media_type, file.media_type.partition("/")[2].upper())
    return f"{kind} {words.number(max(file.size / 1_000_000, 0.1), places=1)} MB"


@register.filter
def day_month(value: date) -> str:
    return words.day(value, "d MMMM")


DEMANDS = {
    "at_least": lambda name, need: Message(
        "%(name)s: at least %(need)s", name=name, need=need
    ),
    "at_most": lambda name, need: Message(
        "%(name)s: at most %(need)s", name=name, need=need
    ),
    "below": lambda name, need: Message(
        "%(name)s: below %(need)s", name=name, need=need
    ),
    "before": lambda name, need: Message(
        "%(name)s: before %(need)s", name=name, need=need
    ),
    "equals": lambda name, need: Message("%(name)s: %(need)s", name=name, need=need),
    "one_of": lambda name, need: Message(
        "%(name)s: one of %(need)s", name=name, need=need
    ),
}


@register.filter
def demands(gate: Gate) -> list[Message]:
    """Each condition of a gate as a sentence, before any fact is known."""
    return [demand(condition) for condition in conditions(gate)]


def demand(condition: Condition) -> Message:
    name: Value = condition.name or condition.fact
    need = condition.need
    if isinstance(need, tuple):
        need = ", ".join(words.say(condition.labels.get(each, each)) for each in need)
    elif isinstance(need, str):
        need = condition.labels.get(need, Message("yes") if need == "yes" else need)
    return DEMANDS[condition.operator](name, need)


ITEM_KINDS = {
    "sources": Message("Sources"),
    "roles": Message("Roles"),
    "exclusive_roles": Message("Roles that exclude each other"),
    "sectors": Message("Sectors"),
    "funding_sources": Message("Sources of money"),
    "facts": Message("Facts"),
    "indicators": Message("Indicators"),
    "class_schemes": Message("Class schemes"),
    "classifications": Message("Classification rules"),
    "templates": Message("Kinds of case"),
    "steps": Message("Steps"),
    "programmes": Message("Programmes"),
    "glossary": Message("Glossary"),
}


@register.filter
def kind_words(kind: str) -> str:
    return words.say(ITEM_KINDS.get(kind, kind))


@register.simple_tag
def source_names(pack: Pack, ids: tuple[str, ...]) -> SafeString:
    """The titles of an item's sources, in the language they have."""
    titles = ((source.title,) for source in pack.sources_of(ids))
    return format_html_join("; ", "<cite>{}</cite>", titles)
