"""Previews that wait for a decision, as plain rows for the home page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.message import Message, Plural
from lumbung.imports.models import Import


@dataclass(frozen=True)
class WaitingImport:
    title: Message
    text: Message
    where: str
    url: str
    due_on: date


def lines(user: User) -> Iterator[WaitingImport]:
    """The previews that this person may decide about, the most urgent first."""
    mine = user.inside("place__path", ability="import")
    rows = Import.objects.filter(mine, state=Import.State.WAITING)
    for row in rows.select_related("place").order_by("expires_on", "pk")[:20]:
        title = Message("Import %(file)s: nothing is wrong", file=row.file_name)
        if row.faulty:
            title = Plural(
                "Import %(file)s: %(count)s faulty row",
                "Import %(file)s: %(count)s faulty rows",
                count=row.faulty,
                file=row.file_name,
            )
        text = Plural(
            "%(count)s row is right. Nothing counts until you accept it.",
            "%(count)s rows are right. Nothing counts until you accept them.",
            count=row.good,
        )
        url = reverse("imports:review", args=[row.uid])
        yield WaitingImport(title, text, row.place.name, url, row.expires_on)
