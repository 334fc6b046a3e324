"""The language switch, the sign of life, and the pages for errors."""

import sys

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lumbung.core.message import Message
from lumbung.pages import requests, space

# What went wrong before a view was asked, and what to do about it.
STALE = Message("This form is no longer valid")
SEND_ANEW = Message(
    "Nothing was changed. Perhaps you signed in again meanwhile, or your browser keeps "
    "no cookies. Go back, load the page anew and send the form again."
)
UNREAD = Message("The request cannot be read")
CHECK = Message("Nothing was changed. Check the address, then try again.")
UNSENT = Message("Nothing was sent")
SEND = Message(
    "This address only takes what a form sends. Go back to the page with the form and "
    "send it again."
)


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


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: most often one that was open while signing in anew."""
    return wrong(request, STALE, SEND_ANEW, status=403)


def unread(request: HttpRequest, exception: Exception) -> HttpResponse:
    return wrong(request, UNREAD, CHECK, status=400)


def unsent(request: HttpRequest) -> HttpResponse:
    """An address of a form's button, opened by hand or after signing in again."""
    return wrong(request, UNSENT, SEND, status=405)


def wrong(
    request: HttpRequest, what: Message, mend: Message, *, status: int
) -> HttpResponse:
    return render(request, "wrong.html", {"what": what, "mend": mend}, status=status)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The number on the page is the number in the log."""
    number = requests.number.get()
    if space.is_full(sys.exception()):
        context = {"number": number, "what": space.FULL, "mend": space.MEND}
        return render(request, "507.html", context, status=507)
    return render(request, "500.html", {"number": number}, status=500)
