"""The trail: each verb that writes work rows says here what it did."""

from typing import Any

from django.db import models
from django.utils import timezone

from lumbung.accounts.models import Event, User
from lumbung.core.message import to_json
from lumbung.pages import requests
from lumbung.places.models import Place


def record(
    verb: str,
    *,
    by: User | None,
    on: models.Model,
    place: Place | None,
    programme: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Event:
    """Write one event: `by` did `verb` to the row `on`, whose values changed so.

    Call it inside the verb's transaction, so that both are written or neither.
    `before` and `after` hold only what changed; values of restricted columns never
    come here (say "changed"). An import is one event, not one for each row.
    """
    return Event.objects.create(
        at=timezone.now(),
        by=by,
        door=requests.door.get(),
        verb=verb,
        table=on._meta.label_lower,
        row=getattr(on, "uid", None),
        place=place,
        programme=programme,
        before=plain(before),
        after=plain(after),
    )


def plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values as JSON; rows by what they call themselves."""
    if values is None:
        return None
    return {
        key: str(value) if isinstance(value, models.Model) else to_json(value)
        for key, value in values.items()
    }
