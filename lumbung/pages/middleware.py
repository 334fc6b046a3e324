"""One number for each request, and its language."""

import logging
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from lumbung.pages import requests

logger = logging.getLogger("lumbung.request")
Answer = Callable[[HttpRequest], HttpResponse]


class RequestNumber:
    """Gives each request the number that its error page shows and its log line carries."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        requests.number.set(secrets.token_hex(4))
        requests.door.set("api" if request.path.startswith("/api/") else "page")
        began = time.perf_counter()
        response = self.answer(request)
        # The route, not the path or query: those can carry names and searches.
        route = request.resolver_match.route if request.resolver_match else "-"
        took_ms = (time.perf_counter() - began) * 1000
        logger.info(
            "%s /%s %s %.0f ms", request.method, route, response.status_code, took_ms
        )
        return response


class Language:
    """Indonesian, unless the reader chose English: a cookie remembers."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = {code for code, _ in settings.LANGUAGES}
        with translation.override(chosen if chosen in known else "id"):
            request.LANGUAGE_CODE = translation.get_language() or "id"
            response = self.answer(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ["Cookie"])
        return response
