"""The request our views get, and what belongs to one request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

# Which door a verb is called through, for the audit trail: page, api, command, job.
door: ContextVar[str] = ContextVar("door", default="command")
# The number an error page shows and the log carries.
number: ContextVar[str] = ContextVar("number", default="-")


@contextmanager
def through(name: str, numbered: str) -> Iterator[None]:
    """What is done inside comes through this door, under this number.

    Afterwards both are as before: a thread answers many requests and runs many jobs.
    """
    before = door.set(name), number.set(numbered)
    try:
        yield
    finally:
        door.reset(before[0])
        number.reset(before[1])


class Request(HttpRequest):
    """A request with htmx's details."""

    htmx: HtmxDetails
