"""What packages below the registry have waiting, as lines for the home page."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.message import Message, Plural
from lumbung.desk.place_update import unsettled
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


def ended_places(user: User, on: date) -> Iterator[Waiting]:
    """Places that an edition ended while work stands on them, for who updates the list."""
    if not user.mandates_to("place.update"):
        return
    count = unsettled().count()
    if count:
        yield Waiting(
            title=Plural(
                "%(count)s place has ended, with open cases or mandates",
                "%(count)s places have ended, with open cases or mandates",
                count=count,
            ),
            text=Message("They wait for somebody to say which place takes them over."),
            state=Message("Waits for a decision"),
            tone="waits",
            where="",
            url=reverse("desk:editions"),
            button=Message("See which"),
        )


WAITING += [previews, ended_places]
