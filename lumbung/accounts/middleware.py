"""What holds for every answer at the door: its status, and the computer that many
people use, where who goes away is signed out.
"""

import time

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from lumbung.accounts.sign_ins import SHARED
from lumbung.pages.middleware import Answer

IDLE_SECONDS = 30 * 60
NOTED_EVERY_SECONDS = 60  # noting each request would make every read a write
SEEN = "seen_at"


class FormsAgain:
    """A form of allauth's that comes back with its faults is 422, as our own forms are.

    allauth sends on whoever filled a form in well, and alone answers with pages that
    are yet to be drawn: ours are drawn by then, with the status that the view chose.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response


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
