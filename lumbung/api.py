"""The JSON API: one door for all packages. What it does is in their `api.py`.

Each answer starts from what the sender may see; each POST carries an
`Idempotency-Key` and happens once; each refusal is a problem in words.
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files import File
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.responses import Status
from ninja.security import APIKeyCookie, HttpBearer
from ninja.throttling import BaseThrottle
from ninja.utils import check_csrf

from lumbung.accounts import answers, tokens
from lumbung.accounts.answers import Sent
from lumbung.accounts.models import KeptAnswer, User
from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.evidence.api import router as evidence
from lumbung.measures.api import router as measures
from lumbung.measures.figures.api import router as figures
from lumbung.measures.questions.api import router as questions
from lumbung.measures.runs.api import router as runs
from lumbung.pages import problems
from lumbung.pages.faults import fault_of
from lumbung.pages.preparing import PREPARED
from lumbung.pages.shapes import refuse_unknown
from lumbung.places.api import router as places
from lumbung.programmes.api import programmes_router as programmes
from lumbung.programmes.api import router as cases
from lumbung.programmes.papers_api import router as papers
from lumbung.words import say

# Enough for a nightly copy of a province, too little for a loop gone wild.
REQUESTS_A_MINUTE = 600
# What a multipart request may weigh beside its file.
ENVELOPE_BYTES = 100_000
LONGEST_KEY = 200


class KeyMissing(Refusal):
    code = "idempotency_key_missing"
    status = 400


class CsrfMissing(Refusal):
    code = "csrf_missing"
    status = 403


class PersonalKey(HttpBearer):
    """`Authorization: Bearer KEY`, made on the page of one's account."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = tokens.authenticate(token, now=timezone.now())
        if user is not None:
            request.user = user
        return user


class Session(APIKeyCookie):
    """The cookie of who is signed in, for our own pages; changes want a CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        # A key that opens nothing is an error; it must not fall back to a cookie.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise CsrfMissing(
                Message("A change by cookie needs the page's CSRF token."),
                mend=Message("Send it as X-CSRFToken, or use a personal key."),
                field="X-CSRFToken",
            )
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return request.user if isinstance(request.user, User) else None


class PerSender(BaseThrottle):
    """At most so many requests a minute for each key or session.

    Counted in the cache that all worker processes share; two at the same instant may
    be counted as one, which a generous limit can bear.
    """

    def allow_request(self, request: HttpRequest) -> bool:
        sender = request.headers.get("Authorization") or f"user {request.user.pk}"
        digest = hashlib.sha256(sender.encode()).hexdigest()
        name = f"api-{int(time.time() // 60)}-{digest}"
        count = cache.get_or_set(name, 0, 120) or 0
        if count >= REQUESTS_A_MINUTE:
            return False
        cache.set(name, count + 1, 120)
        return True

    def wait(self) -> float:
        return 60 - time.time() % 60


class Api(NinjaAPI):
    """Ninja's API, with what holds for all operations written into its schema."""

    schema: OpenAPISchema | None = None

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The schema, made once a process: it takes a quarter of a second."""
        if self.schema is None:
            schema = super().get_openapi_schema(**kwargs)
            for methods in schema["paths"].values():
                for method, operation in methods.items():
                    describe(method, operation)
            self.schema = schema
        return self.schema


def describe(method: str, operation: dict[str, Any]) -> None:
    """Add the header that a POST wants, and the problems that may be answered."""
    if method == "post":
        operation["parameters"].append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": True,
                "description": "A new name for each new request, such as a UUID",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
            }
        )
    operation["responses"]["default"] = {
        "description": "A problem (RFC 9457), in the language of Accept-Language",
        "content": {problems.MEDIA_TYPE: {"schema": PROBLEM}},
    }


PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        **{
            name: {"type": "string"}
            for name in (
                *("type", "title", "detail", "instance"),
                *("code", "mend", "field"),
            )
        },
        "status": {"type": "integer"},
        "parts": {"type": "array", "items": {"type": "string"}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    name: {"type": "string"} for name in ("field", "code", "detail")
                },
            },
        },
    },
}


def understood(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a parameter that a list, or a field that a form, does not know.

    Misspelt, it would give everything, or be left out unsaid.
    """

    @wraps(operation)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        asked = [value for value in kwargs.values() if isinstance(value, Schema)]
        known = {name for value in asked for name in type(value).model_fields}
        if request.method == "GET" and known:
            refuse_unknown(request.GET, known)
        if request.content_type == "multipart/form-data":
            known |= {k for k, value in kwargs.items() if isinstance(value, File)}
            refuse_unknown([*request.POST, *request.FILES], known)
        return operation(request, *args, **kwargs)

    return answer


def once(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Let a POST happen once under its key; sent again, it is answered again.

    The answer is kept in the transaction of the deed: both are there, or neither. A
    refusal changed nothing and is not kept, so that it can be mended and sent again.
    """

    @wraps(operation)
    def answer(request: SignedIn, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return operation(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key or len(key) > LONGEST_KEY or not key.isprintable():
            raise KeyMissing(
                Message("A POST needs an Idempotency-Key of at most 200 letters."),
                mend=Message("Send a new key with each new request."),
                field="Idempotency-Key",
            )
        sent = Sent(request.user, key, digest_of(request), timezone.now())
        kept = answers.find(sent)
        if kept is None:
            if operation in PREPARED:
                kwargs |= PREPARED[operation](request, *args, **kwargs)
            with transaction.atomic():
                kept = answers.claim(sent)
                if kept.status is None:
                    keep(kept, request, operation(request, *args, **kwargs))
                    return rendered(kept)
        return rendered(kept, {"Idempotent-Replayed": "true"})

    return answer


def rendered(kept: KeptAnswer, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        kept.body,
        status=kept.status,
        content_type="application/json",
        headers=headers,
    )


def keep(kept: KeptAnswer, request: HttpRequest, result: Any) -> None:
    """Keep what an operation answered: a shape, or a status with one."""
    status, shape = 200, result
    if isinstance(result, Status):
        status, shape = result.status_code, result.value
    body = api.renderer.render(request, shape.model_dump(), response_status=status)
    kept.keep(status=status, body=body)


def digest_of(request: HttpRequest) -> str:
    """What a request asks for, whole: address, version seen, fields and files.

    Of a multipart body the parts count, not their boundary: clients choose a new one
    for each sending.
    """
    digest = hashlib.sha256()
    head = [request.get_full_path(), request.headers.get("If-Match", "")]
    if request.content_type == "multipart/form-data":
        head += [f"{k}={v!r}" for k, v in sorted(request.POST.lists())]
        for name, file in sorted(request.FILES.items()):
            parts = hashlib.sha256()
            for chunk in file.chunks():  # type: ignore[union-attr]
                parts.update(chunk)
            file.seek(0)  # type: ignore[union-attr]
            head.append(f"{name}={file.name!r} {parts.hexdigest()}")  # type: ignore[union-attr]
    else:
        digest.update(request.body)
    digest.update("\n".join(head).encode())
    return digest.hexdigest()


def bounded(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse a body too large to be one of ours before any of it is read."""

    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        most = settings.EVIDENCE_MAX_BYTES + ENVELOPE_BYTES
        if length.isdecimal() and int(length) > most:
            return problems.plain(413)
        return run(request, *args, **kwargs)

    return answer


api = Api(
    title="Lumbung",
    version="1",
    description="Places, programmes, cases, evidence, decisions, numbers, questions.",
    urls_namespace="api",
    docs_url=None,
    auth=[PersonalKey(), Session()],
    throttle=[PerSender()],
)
api.add_decorator(bounded, mode="view")
api.add_decorator(once)
api.add_decorator(understood)
api.add_router("/places", places)
api.add_router("/places", measures)
api.add_router("/programmes", programmes)
api.add_router("/cases", cases)
api.add_router("/cases", papers)
api.add_router("/evidence", evidence)
api.add_router("/figures", figures)
api.add_router("/questions", questions)
api.add_router("/runs", runs)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A verb said no: its words, how to mend it, and where."""
    return problems.refuse(refusal)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name every field that is not right, each with what is wrong with it."""
    errors = [
        {
            "field": ".".join(str(part) for part in fault["loc"][1:]),
            "code": fault["type"],
            "detail": say(fault_of(fault["type"], fault.get("ctx", {}))),
        }
        for fault in error.errors
    ]
    return problems.problem(
        422,
        "invalid",
        Message("Some values in the request are not right."),
        mend=Message("Mend each that `errors` names, then send the request again."),
        errors=errors,
    )


@api.exception_handler(Throttled)
@api.exception_handler(HttpError)
def stopped(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What Ninja refuses by itself: no key, no CSRF token, no JSON, too many."""
    response = problems.plain(error.status_code)
    if error.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.plain(404)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problems.plain(413)


@api.exception_handler(SuspiciousOperation)
def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return problems.plain(400)


def documentation(request: HttpRequest) -> HttpResponse:
    """The page that lists every operation, without a script or a third party."""
    schema = api.get_openapi_schema()
    parts = schema["components"]["schemas"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            found = operation_said(path, method, operation, parts)
            groups.setdefault(operation["tags"][0], []).append(found)
    return render(request, "api.html", {"groups": groups})


def operation_said(
    path: str, method: str, operation: dict[str, Any], parts: dict[str, Any]
) -> dict[str, Any]:
    """What the page says of one operation: its words, parameters, body fields."""
    content = operation.get("requestBody", {}).get("content", {})
    bodies = [resolved(body["schema"], parts) for body in content.values()]
    fields = [
        {"name": name, "needed": name in body.get("required", []), **kind_of(field)}
        for body in bodies
        for name, field in body.get("properties", {}).items()
    ]
    return {
        "method": method.upper(),
        "path": path,
        "words": operation.get("description", ""),
        "media_types": ", ".join(content),
        "parameters": [
            {"name": p["name"], "where": p["in"], "needed": p["required"]}
            | kind_of(p["schema"] | {"description": p.get("description", "")})
            for p in operation["parameters"]
        ],
        "fields": fields,
    }


def resolved(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    part: dict[str, Any] = parts[schema["$ref"].rsplit("/", maxsplit=1)[-1]]
    return part


def kind_of(field: dict[str, Any]) -> dict[str, str]:
    """A field's type as one word, and its description."""
    choices = [c for c in field.get("anyOf", [field]) if c.get("type") != "null"]
    kinds = [
        c.get("format")
        or c.get("type")
        or c.get("$ref", "").rsplit("/", maxsplit=1)[-1]
        for c in choices
    ]
    return {"kind": " / ".join(kinds), "help": field.get("description", "")}
