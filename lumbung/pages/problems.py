"""Problem details (RFC 9457): how the API says no, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.pages import requests, space
from lumbung.words import say

MEDIA_TYPE = "application/problem+json"
# What a kind of answer is called. The detail says what it was this time.
TITLES: Mapping[int, Message] = {
    400: Message("The request cannot be read"),
    401: Message("Not signed in"),
    403: Message("Not allowed"),
    404: Message("Not found"),
    405: Message("This address does not do that"),
    409: Message("Refused by a rule"),
    413: Message("Too large"),
    415: Message("Not this kind of content"),
    422: Message("Something in the request is not right"),
    428: Message("Say which version you saw"),
    429: Message("Too many requests"),
    500: Message("Something broke on our side"),
    507: Message("Storage is full"),
}
# Answers of the frameworks below us, which bring no words of their own.
PLAIN: Mapping[int, tuple[str, Message]] = {
    400: ("bad_request", Message("The request cannot be read.")),
    401: ("not_signed_in", Message("Send a personal key, or sign in.")),
    403: ("not_allowed", Message("This is not open to you.")),
    404: ("not_found", Message("There is nothing here that you may see.")),
    405: ("method_not_allowed", Message("This address does not know that method.")),
    413: ("too_large", Message("The request is larger than this address takes.")),
    415: ("unknown_content", Message("This address does not read that content type.")),
    429: ("too_many_requests", Message("Wait a little, then go on more slowly.")),
    500: (
        "broken",
        Message("Nothing was changed. The log of this moment has the number below."),
    ),
    507: ("storage_full", space.FULL),
}


def problem(
    status: int,
    code: str,
    detail: Message,
    *,
    mend: Message | None = None,
    field: str = "",
    parts: tuple[Message, ...] = (),
    **more: Any,
) -> HttpResponse:
    """Answer with a problem. `type` is a name that never changes, for programs.

    `instance` carries the request's number, the one that the log has. What is empty
    is left out.
    """
    body = {
        "type": f"urn:lumbung:problem:{code}",
        "title": say(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": say(detail),
        "instance": f"urn:lumbung:request:{requests.number.get()}",
        "code": code,
        "mend": say(mend),
        "field": field,
        "parts": [say(part) for part in parts],
        **more,
    }
    kept = {key: value for key, value in body.items() if value not in ("", [])}
    return JsonResponse(kept, status=status, content_type=MEDIA_TYPE)


def refuse(refusal: Refusal) -> HttpResponse:
    """Answer with a verb's refusal: what is wrong, how to mend it, and where."""
    return problem(
        refusal.status,
        refusal.code,
        refusal.message,
        mend=refusal.mend,
        field=refusal.field,
        parts=refusal.parts,
    )


def plain(status: int) -> HttpResponse:
    """Answer with what a status means where nobody knows more."""
    code, detail = PLAIN.get(status, PLAIN[400])
    return problem(status, code, detail)
