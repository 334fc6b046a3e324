"""Numbers of pages as links to where they come from."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from lumbung.measures.figures.anchors import anchor
from lumbung.measures.figures.figure import Address, address

register = template.Library()


@register.simple_tag
def figure(text: Any, kind: str, **keys: Any) -> SafeString:
    """`{% figure 12 "berkas" program=code macet=1 %}`: the number with its origin."""
    return anchor(text, address(kind, keys))


@register.simple_tag
def figure_at(text: Any, to: Address) -> SafeString:
    return anchor(text, to)
