"""Answers that are kept until something changes, so that a map is drawn once.

What a page shows follows from the audit trail (every verb writes there, in its own
transaction), from the list of places, the day, the reader and the address. All of that
is in the key, so nothing has to be thrown away: when it changes, the key is another.
`docs/decisions/0020-kept-pages.md` says why, and what it must never do.
"""

import functools
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

import lumbung
from lumbung.accounts.requests import SignedIn
from lumbung.places import maps
from lumbung.words import language

T = TypeVar("T")
View = Callable[..., HttpResponseBase]
SECONDS = 24 * 3600
READ = "lumbung.standing"
# What stands in a page for this session's forms is put in anew each time.
TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w+(?=")')


@functools.cache
def program() -> str:
    """A digest of the program's own files: another version draws other pages."""
    root = Path(lumbung.__file__).parent
    files = sorted(
        path for path in root.rglob("*") if path.suffix in {".py", ".html", ".mo"}
    )
    seen = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return digest(seen)


def digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Standing:
    """What is there to be shown, as a few numbers: equal only if nothing changed.

    `figures` are the accepted imports, the schemes of classes and the list of places;
    `deeds` the last lines of the audit trail, which each verb adds to; `moves` the
    last transitions of all cases.
    """

    figures: tuple[Any, ...]
    deeds: tuple[Any, ...]
    moves: tuple[Any, ...]


# Transactions end in another order than their lines of the trail were numbered, but none
# lasts while 256 others are written: so the last ones count, not only the very last.
# By hand, since ten sub-queries cost the ORM 3 ms to write.
STANDING = """
SELECT
(SELECT COUNT(*) FROM imports_import WHERE state = 'accepted'),
(SELECT SUM(id) FROM imports_import WHERE state = 'accepted'),
(SELECT MAX(decided_at) FROM imports_import WHERE state = 'accepted'),
(SELECT COUNT(*) FROM measures_classscheme),
(SELECT SUM(pack_id) FROM measures_classscheme),
(SELECT MAX(id) FROM places_edition),
(SELECT MAX(loaded_at) FROM places_edition),
(SELECT MAX(id) FROM places_placecode),
(SELECT MAX(id) FROM places_mapsheet),
(SELECT MAX(id) FROM accounts_event),
(SELECT SUM(id) FROM (SELECT id FROM accounts_event ORDER BY id DESC LIMIT 256) e),
(SELECT MAX(id) FROM programmes_transition),
(SELECT SUM(id) FROM (SELECT id FROM programmes_transition ORDER BY id DESC LIMIT 256) t)
"""


def standing(request: SignedIn) -> Standing:
    """What stands now: one query, the first time that a request asks."""
    if READ not in request.META:
        with connection.cursor() as cursor:
            cursor.execute(STANDING)
            row = cursor.fetchone()
        request.META[READ] = Standing(row[:9], row[9:11], row[11:])
    found: Standing = request.META[READ]
    return found


def kept(make: Callable[[], T], *key: Any) -> T:
    """What `make` returns, made once for this key. The same for every reader."""
    name = digest(program(), *key)
    found = caches["pages"].get(name)
    if found is None:
        found = make()
        caches["pages"].set(name, found, SECONDS)
    return cast(T, found)


def kept_page(view: View) -> View:
    """Answer from what was drawn before, if this reader would get the same page now.

    A browser that still has the page is told so (304). Each reader has pages of their
    own: nobody is ever given what was drawn for somebody else.
    """

    @functools.wraps(view)
    def answer(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "GET" or has_news(request):
            return view(request, *args, **kwargs)
        key = page_key(request)
        etag = f'W/"{digest(key, request.COOKIES.get(settings.CSRF_COOKIE_NAME))}"'
        unchanged = get_conditional_response(request, etag=etag)
        if unchanged is not None:
            return labelled(unchanged, etag)
        parts: list[bytes] | None = caches["pages"].get(key)
        if parts is not None:
            return labelled(HttpResponse(tokened(request, parts)), etag)
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponse) and response.status_code == 200:
            caches["pages"].set(key, TOKEN.split(response.content), SECONDS)
            labelled(response, etag)
        return response

    return answer


def has_news(request: SignedIn) -> bool:
    """Whether the next page says something that is said only once."""
    return bool(len(get_messages(request)))


def page_key(request: SignedIn) -> str:
    """All that a page follows from."""
    return digest(
        program(),
        request.user.pk,
        request.session.session_key,
        request.get_full_path(),
        maps.form_of(request),
        language(),
        timezone.localdate(),
        standing(request),
    )


def tokened(request: SignedIn, parts: list[bytes]) -> bytes:
    """The page again, its forms with a token of this request."""
    return get_token(request).encode().join(parts)


def labelled(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """For this browser alone, and to be asked about each time."""
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
