"""Long lists part by part. A cursor names the last row seen, not a page number, so
rows that come in meanwhile neither repeat nor hide one.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Field, Schema

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

MOST = 200
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class BadCursor(Refusal):
    code = "bad_cursor"
    status = 422


class Paging(Schema):
    """Which part of a list is asked for."""

    limit: int = Field(50, ge=1, le=MOST, description="Most items in one answer")
    after: str = Field("", max_length=200, description="As `next` of the part before")


class Part(Schema, Generic[Item]):
    """One part of a list. `next` leads to the following part; null at the end."""

    items: list[Item]
    next: str | None = None


def cut(
    request: HttpRequest, rows: QuerySet[Row], paging: Paging, *, key: str = "uid"
) -> tuple[list[Row], str | None]:
    """The rows of one part, ordered by the unique column `key`, and the next address."""
    if paging.after:
        rows = rows.filter(**{f"{key}__gt": opened(paging.after, key)})
    return ended(request, list(rows.order_by(key)[: paging.limit + 1]), paging, key)


def cut_list(
    request: HttpRequest, rows: Iterable[Any], paging: Paging, *, key: str
) -> tuple[list[Any], str | None]:
    """The same of rows that no table holds; `key` is a text, unique among them."""
    after = opened(paging.after, key) if paging.after else ""
    following = [row for row in rows if getattr(row, key) > after]
    following.sort(key=attrgetter(key))
    return ended(request, following[: paging.limit + 1], paging, key)


def ended(
    request: HttpRequest, found: list[Any], paging: Paging, key: str
) -> tuple[list[Any], str | None]:
    """A part without the row too many, which only tells that more follow."""
    if len(found) <= paging.limit:
        return found, None
    query = request.GET.copy()
    query["after"] = closed(getattr(found[paging.limit - 1], key), key)
    address = f"{request.path}?{query.urlencode()}"
    return found[:-1], request.build_absolute_uri(address)


def closed(value: Any, key: str) -> str:
    """A cursor: what a client hands back without looking into it."""
    return urlsafe_b64encode(f"{key}:{value}".encode()).decode().rstrip("=")


def opened(cursor: str, key: str) -> UUID | str:
    """The value in a cursor of a list by `key`; any other cursor is refused.

    >>> opened(closed("ID.33.", "path"), "path")
    'ID.33.'
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        name, _, value = urlsafe_b64decode(padded).decode("ascii").partition(":")
        if name == key and re.fullmatch(r"[\w.~-]{1,80}", value):
            return UUID(value) if key == "uid" else value
    except ValueError:
        pass
    raise BadCursor(
        Message("This is no cursor of this list."),
        mend=Message("Follow `next` as it was given, or begin without `after`."),
        field="after",
    )
