"""The request our views get, and what belongs to one request."""

from contextvars import ContextVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

# Which door a verb is called through, for the audit trail: page, api, command, job.
door: ContextVar[str] = ContextVar("door", default="command")
# The number an error page shows and the log carries.
number: ContextVar[str] = ContextVar("number", default="-")


class Request(HttpRequest):
    """A request with htmx's details."""

    htmx: HtmxDetails
