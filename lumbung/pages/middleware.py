"""One number for each request, and its language."""

import logging
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from lumbung.pages import problems, requests, views

logger = logging.getLogger("lumbung.request")
Answer = Callable[[HttpRequest], HttpResponse]
TEXT = ("text/", "application/json", "application/problem+json", "image/svg+xml")
KNOWN = {code for code, _ in settings.LANGUAGES}


class RequestNumber:
    """Gives each request the number that its error page shows and its log line carries."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = "api" if request.path.startswith("/api/") else "page"
        with requests.through(door, numbered=secrets.token_hex(4)):
            return self.answered(request)

    def answered(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.answer(request)
        # The route, not the path or query: those can carry names and searches.
        route = request.resolver_match.route if request.resolver_match else "-"
        took_ms = (time.perf_counter() - began) * 1000
        logger.info(
            "%s /%s %s %.0f ms", request.method, route, response.status_code, took_ms
        )
        return response


class Compression(GZipMiddleware):
    """Packs what is text. Photos, PDF and workbooks are packed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if kind.startswith(TEXT):
            return super().process_response(request, response)
        return response


class Language:
    """Indonesian, unless the reader chose English: a cookie remembers.

    A program that asks the API says so in `Accept-Language`.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = requests.door.get() == "api"
        with translation.override(accepted(request) if is_api else chosen(request)):
            request.LANGUAGE_CODE = translation.get_language() or "id"
            response = self.answer(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        by = ["Accept-Language", "Authorization", "Cookie"] if is_api else ["Cookie"]
        patch_vary_headers(response, by)
        return response


def chosen(request: HttpRequest) -> str:
    """The language the reader chose, else Indonesian."""
    code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return code if code in KNOWN else "id"


def accepted(request: HttpRequest) -> str:
    """The first of our languages that the request accepts, else Indonesian."""
    header = request.headers.get("Accept-Language", "")
    wanted = (code.split("-")[0] for code, _ in parse_accept_lang_header(header))
    return next((code for code in wanted if code in KNOWN), "id")


class NoNul:
    """An address with a NUL names nothing: no text holds one, and PostgreSQL breaks."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return self.answer(request)


class Unsent:
    """Says in words that an address only takes a form, where Django says nothing."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            said = views.unsent(request)
            said.headers["Allow"] = response.headers["Allow"]
            return said
        return response


class Problems:
    """Whatever goes wrong under `/api/` is answered as a problem, never as a page."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if requests.door.get() != "api":
            return response
        kind = response.headers.get("Content-Type", "")
        if response.status_code >= 400 and not kind.startswith(problems.MEDIA_TYPE):
            said = problems.plain(response.status_code)
            if "Allow" in response.headers:
                said.headers["Allow"] = response.headers["Allow"]
            response = said
        # What one person may see is nobody else's, nor a proxy's.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
