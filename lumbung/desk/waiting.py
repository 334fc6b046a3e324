"""What packages below the registry have waiting, as lines for the home page."""

from collections.abc import Iterator
from datetime import date

from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.imports.waiting import lines
from lumbung.programmes.registry import WAITING, Waiting


def previews(user: User, on: date) -> Iterator[Waiting]:
    """Imports that wait for a decision."""
    for line in lines(user):
        yield Waiting(
            title=line.title,
            text=line.text,
            state=Message("Waits for a decision"),
            tone="waits",
            where=line.where,
            url=line.url,
            button=Message("Check the import"),
            due_on=line.due_on,
        )


WAITING.append(previews)
