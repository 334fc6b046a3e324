"""The language switch, the sign of life, and the pages for errors."""

import sys

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lumbung.pages import requests, space


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the reader's language and go back to the page they were on."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("language", "id")
    if chosen in {code for code, _ in settings.LANGUAGES}:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=31_536_000,
            secure=settings.HTTPS,
            samesite="Lax",
        )
    return response


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 where the database answers: for whoever watches the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The number on the page is the number in the log."""
    number = requests.number.get()
    if space.is_full(sys.exception()):
        context = {"number": number, "what": space.FULL, "mend": space.MEND}
        return render(request, "507.html", context, status=507)
    return render(request, "500.html", {"number": number}, status=500)
