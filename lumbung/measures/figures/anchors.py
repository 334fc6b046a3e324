"""Numbers on pages as links to their certificates, marked where somebody asked.

    <a class="figure" href="/angka/nilai/?…">38,2 %<span class="hide">, origin of…</span></a>

Which numbers were asked about is read once for a page, when its first number is drawn.
"""

from datetime import timedelta
from typing import Any

from allauth.core import context
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lumbung.accounts.models import User
from lumbung.measures.figures.figure import Address
from lumbung.measures.models import Question
from lumbung.words import say

SHOWN_FOR = timedelta(days=365)  # an answer is marked at its number for a year
MOST = 5000


def anchor(text: Any, to: Address) -> SafeString:
    """`text` as a link to the certificate of the figure at `to`."""
    return format_html(
        '<a class="figure" href="{}">{}<span class="hide">, {}</span>{}</a>',
        to.url,
        say(text),
        _("origin of this number"),
        mark(str(to)),
    )


def mark(address: str) -> SafeString:
    """A sign at a number that somebody asked about: waiting, or answered."""
    state = asked(context.request).get(address)
    if state is None:
        return SafeString("")
    if state == Question.State.OPEN:
        sign, words = "?", _("asked about, no answer yet")
    elif state == Question.State.CORRECTED:
        sign, words = "✓", _("asked about and corrected")
    else:
        sign, words = "✓", _("asked about; it stands")
    return format_html(
        '<sup class="asked" title="{}">{}<span class="hide">, {}</span></sup>',
        words,
        sign,
        words,
    )


def asked(request: HttpRequest | None) -> dict[str, str]:
    """Addresses of the numbers somebody asked about, with how each question ended.

    An open question counts before answered ones, of those the latest.
    """
    if request is None or not isinstance(request.user, User):
        return {}
    known: dict[str, str] | None = getattr(request, "asked_about", None)
    if known is None:
        known = read(request.user)
        request.asked_about = known  # type: ignore[attr-defined]
    return known


def read(user: User) -> dict[str, str]:
    shown = Q(answered_at=None) | Q(answered_at__gt=timezone.now() - SHOWN_FOR)
    rows = Question.objects.visible_to(user).filter(shown)
    first = rows.order_by(F("answered_at").desc(nulls_first=True), "-pk")
    # Read from the last, so that the first of an address stays.
    return dict(reversed(first.values_list("address", "state")[:MOST]))
