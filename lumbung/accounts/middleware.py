"""Computers that many people use: who goes away is signed out."""

import time

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from lumbung.accounts.sign_ins import SHARED
from lumbung.pages.middleware import Answer

IDLE_SECONDS = 30 * 60
NOTED_EVERY_SECONDS = 60  # noting each request would make every read a write
SEEN = "seen_at"


class SharedComputer:
    """Ends a session on a shared computer after half an hour without a request."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.get(SHARED) and request.user.is_authenticated:
            now = time.time()
            idle = now - request.session.get(SEEN, now)
            if idle > IDLE_SECONDS:
                logout(request)
                messages.info(
                    request, _("You were away for a while, so you were signed out.")
                )
            elif idle > NOTED_EVERY_SECONDS or SEEN not in request.session:
                request.session[SEEN] = now
        return self.answer(request)
