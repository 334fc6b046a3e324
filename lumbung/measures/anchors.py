"""Numbers on pages as links to their certificates.

    <a class="figure" href="/angka/nilai/?…">38,2 %<span class="hide">, origin of…</span></a>

`Asked` knows which numbers somebody has asked about, read once for a whole page.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lumbung.measures.figures import Address, address
from lumbung.words import say


def anchor(text: Any, to: Address, mark: str = "") -> SafeString:
    """`text` as a link to the certificate of the figure at `to`."""
    return format_html(
        '<a class="figure" href="{}">{}<span class="hide">, {}</span></a>{}',
        to.url,
        say(text),
        _("origin of this number"),
        mark,
    )


def origin(text: Any, kind: str, **keys: Any) -> SafeString:
    return anchor(text, address(kind, keys))


def asked(addresses: Iterable[Address]) -> list[str]:
    return [str(each) for each in addresses]
