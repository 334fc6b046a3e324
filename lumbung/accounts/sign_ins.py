"""Who signed in when, on what; and how often somebody failed."""

import re

from django.http import HttpRequest
from django.utils import timezone

from lumbung.accounts.models import SignIn, User

# The first that matches wins: Edge also says Chrome, Chrome also says Safari.
BROWSERS = {
    "Edg": "Edge",
    "OPR|Opera": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "UCBrowser": "UC Browser",
    "Firefox|FxiOS": "Firefox",
    "Chrome|CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X|Macintosh": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
SHARED = "shared_computer"  # in the session: this computer is used by many


def device(agent: str) -> str:
    """Return browser and system in words that people know.

    >>> device("Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/130.0 Mobile")
    'Chrome, Android'
    >>> device("curl/8.5")
    ''
    """
    found = [
        next((name for sign, name in names.items() if re.search(sign, agent)), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found))


def note(
    request: HttpRequest, user: User | None, *, method: str, succeeded: bool
) -> None:
    """Keep one line about a try to sign in.

    A failed try is written for an unknown name too: a missing write would answer
    a little sooner and so tell which names exist.
    """
    SignIn.objects.create(
        user=user,
        at=timezone.now(),
        succeeded=succeeded,
        method=method,
        device=device(request.headers.get("User-Agent", "")),
        is_shared=bool(request.session.get(SHARED)),
    )
