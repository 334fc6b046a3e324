"""The verb of taking a territory's data out, for who manages it; and what is written
down where data leaves by a command.
"""

from pathlib import Path

from django.db import transaction

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place
from lumbung.work import queue
from lumbung.work.models import Job

KIND = "archive.export"
# Whoever takes all of it must be allowed to see all of it: people, trail, whereabouts.
ABILITIES = ("mandate.give", "audit.read", "evidence.locate")


class MayNotTakeOut(Refusal):
    code = "may_not_take_out"
    status = 403


def may_take_out(by: User, place: Place) -> bool:
    """Whether `by` manages `place`, in every programme."""
    return all(by.may(ability, place) for ability in ABILITIES)


def note_export(*, place: Place) -> None:
    """Write down that whoever runs the server has taken the data of `place` out."""
    audit.record("ask_for_export", by=None, on=place, place=place)


def note_backup(*, to: Path) -> None:
    """Write down that whoever runs the server has copied everything to `to`.

    After the copy: a failed one is none. Tables that are older than this program,
    before an upgrade, are left as they are.
    """
    country = Place.objects.in_force().filter(parent=None).order_by("code").first()
    if country:
        audit.record(
            "back_up", by=None, on=country, place=country, after={"file": str(to)}
        )


@transaction.atomic
def ask_for_export(*, place: Place, by: User) -> Job:
    """Let a job write all data of `place` into a file for `by`."""
    if not may_take_out(by, place):
        raise MayNotTakeOut(
            Message("You do not manage %(place)s.", place=place.name),
            mend=Message("Ask the officer of this territory."),
        )
    audit.record("ask_for_export", by=by, on=place, place=place)
    return queue.enqueue(KIND, {"place": str(place.uid)}, by=by)
