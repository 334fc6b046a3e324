"""The verbs of an import: start, accept, reject, undo."""

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.imports.importers import IMPORTERS
from lumbung.imports.models import Import
from lumbung.imports.staging import file_of, stage
from lumbung.places.models import Place
from lumbung.work.queue import enqueue

WAITS = timedelta(days=28)
AT_ONCE = 400_000  # bytes; a larger file is read by a job
SURELY_READ = timedelta(minutes=2)  # or else whoever read a small file has died
STATES = {
    Import.State.READING: Message("being read"),
    Import.State.WAITING: Message("waiting for a decision"),
    Import.State.ACCEPTED: Message("accepted"),
    Import.State.REJECTED: Message("rejected"),
    Import.State.UNDONE: Message("undone"),
    Import.State.FAILED: Message("not readable"),
}


class MayNotImport(Refusal):
    code = "may_not_import"
    status = 403


class TooLarge(Refusal):
    code = "too_large"
    status = 413


class DecidedAlready(Refusal):
    code = "decided_already"


class Outdated(Refusal):
    code = "import_outdated"


class InUse(Refusal):
    code = "import_in_use"


class NotOffered(Refusal):
    code = "not_offered"
    status = 422


class FileGone(Refusal):
    code = "import_file_gone"


class NothingGood(Refusal):
    code = "nothing_to_accept"


def start_import(
    *,
    kind: str,
    upload: "File[Any]",
    sheet: str,
    parameters: dict[str, Any],
    place: Place,
    by: User,
    now: datetime,
    report: Callable[[int], None] | None = None,
) -> Import:
    """Keep an uploaded file and stage it: at once if it is small, else by a job.

    With `report` the caller waits for it, however large, and is told the rows done.
    """
    must(by, place)
    size = upload.size or 0
    refuse_too_large(size)
    is_small = size <= AT_ONCE
    by_job = report is None and not is_small
    of = Import(
        kind=kind,
        file_name=PurePath(upload.name or "?").name[:200],
        sheet=sheet,
        parameters=parameters,
        place=place,
        by=by,
        at=now,
        expires_on=(now + WAITS).date(),
        choices=remembered(kind, place),
    )
    path = file_of(of)
    try:
        of.sha256 = keep(upload, path)
        with transaction.atomic():
            of.save()
            record("start_import", of, by)
            # Who waits for a large file on the command line sees it break off.
            if by_job or is_small:
                enqueue_reading(of, by, small=is_small)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return of if by_job else stage(of, report=report or unheard)


def refuse_too_large(size: int) -> None:
    if size > settings.IMPORT_MAX_BYTES:
        raise TooLarge(
            Message(
                "The file has %(size)s MB; at most %(most)s are taken.",
                size=size // 1_000_000,
                most=settings.IMPORT_MAX_BYTES // 1_000_000,
            ),
            mend=Message("Split it into several files."),
            field="upload",
        )


def unheard(done: int) -> None:
    """Nobody waits to hear how far it is."""


def remembered(kind: str, place: Place) -> dict[str, str]:
    """Which places were meant by names, as decided for this territory before."""
    choices: dict[str, str] = {}
    earlier = Import.objects.filter(kind=kind, place=place).exclude(choices={})
    for known in earlier.order_by("pk").values_list("choices", flat=True):
        choices |= known
    return choices


def choose_places(*, of: Import, choices: Mapping[str, str], by: User) -> Import:
    """Say which places doubtful names of the file mean, and read it again with that.

    `choices` leads from a name as the file writes it to a place's code, or to '' for
    rows to be left out. They are remembered for the territory.
    """
    must(by, of.place)
    offered = {doubt["written"]: doubt["candidates"] for doubt in of.doubts}
    for written, code in choices.items():
        if code not in ["", *offered.get(written, ())]:
            raise NotOffered(
                Message("That is no choice for “%(name)s”.", name=written),
                mend=Message("Choose one of the places that are offered."),
            )
    if not file_of(of).exists():
        raise FileGone(
            Message("The file of this import is no longer here."),
            mend=Message("Upload it again."),
        )
    large = file_of(of).stat().st_size > AT_ONCE
    with transaction.atomic():
        decide(of, Import.State.WAITING, Import.State.READING, None, None)
        of.choices = {**of.choices, **choices}
        of.save(update_fields=["choices"])
        record("choose_places", of, by, choices=dict(choices))
        enqueue_reading(of, by, small=not large)
    return of if large else stage(of)


def enqueue_reading(of: Import, by: User, *, small: bool) -> None:
    """Ask for a large file to be read. Of a small one, which is read at once, the job
    makes sure: it reads what broke off.
    """
    enqueue(
        "imports.stage",
        {"import": str(of.uid)},
        by=None if small else by,
        after=timezone.now() + SURELY_READ if small else None,
    )


def keep(upload: "File[Any]", path: Path) -> str:
    """Write the file, safely on the disk, and return its digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in upload.chunks():
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


@transaction.atomic
def accept_import(*, of: Import, by: User, now: datetime) -> Import:
    """Let the staged rows count from now on. One update, however many rows."""
    must(by, of.place)
    if not of.good:
        raise NothingGood(Message("There is no good row to accept."))
    # Two officers accepting different files at once: the second waits here.
    list(Import.objects.select_for_update().filter(kind=of.kind, state=of.state))
    if other := decided_since(of):
        raise Outdated(
            Message(
                "“%(name)s” was decided about after this preview was made.",
                name=other.file_name,
            ),
            mend=Message("Upload the file again: the preview will be true then."),
        )
    decide(of, Import.State.WAITING, Import.State.ACCEPTED, by, now)
    record("accept_import", of, by, new=of.new, revised=of.revised, skipped=of.faulty)
    return of


def decided_since(of: Import) -> Import | None:
    """An import that changed what the preview of `of` compared with."""
    decided = [Import.State.ACCEPTED, Import.State.UNDONE]
    later = Import.objects.filter(
        kind=of.kind, state__in=decided, decided_at__gt=of.at
    ).select_related("place")
    return next((other for other in later if other.meets(of)), None)


@transaction.atomic
def reject_import(*, of: Import, by: User, now: datetime) -> Import:
    """Take nothing from the file. Its staged rows are cleared by a job."""
    must(by, of.place)
    decide(of, Import.State.WAITING, Import.State.REJECTED, by, now)
    record("reject_import", of, by)
    enqueue("imports.clear", {"import": str(of.uid)}, by=by)
    return of


@transaction.atomic
def undo_import(*, of: Import, by: User, now: datetime) -> Import:
    """Take an accepted import back, all of it, unless something rests on it."""
    must(by, of.place)
    reasons = [*built_on(of), *IMPORTERS[of.kind].used(of)]
    if reasons:
        raise InUse(
            Message("This import is used already."),
            parts=tuple(reasons),
            mend=Message("Import a corrected file instead: the old values stay."),
        )
    decide(of, Import.State.ACCEPTED, Import.State.UNDONE, by, now)
    record("undo_import", of, by)
    return of


def built_on(of: Import) -> list[Message]:
    """Later imports compared with this one: a value of theirs may rest on its value."""
    later = Import.objects.accepted().filter(kind=of.kind, pk__gt=of.pk)
    return [
        Message("“%(name)s” was accepted after it.", name=other.file_name)
        for other in later.select_related("place")
        if other.meets(of)
    ]


@transaction.atomic
def expire_import(*, of: Import, on: date, now: datetime) -> Import:
    """Reject a preview that waited past its last day."""
    assert of.expires_on < on, "it may still be decided about"
    decide(of, Import.State.WAITING, Import.State.REJECTED, None, now)
    record("expire_import", of, None)
    enqueue("imports.clear", {"import": str(of.uid)}, by=None)
    return of


def must(by: User, place: Place) -> None:
    if not by.may("import", place):
        raise MayNotImport(
            Message(
                "Your mandates do not let you import for %(place)s.", place=place.name
            ),
            field="place",
        )


def decide(
    of: Import, before: str, after: str, by: User | None, now: datetime | None
) -> None:
    """Change the state once; whoever comes second learns who was first."""
    changed = Import.objects.filter(pk=of.pk, state=before).update(
        state=after, decided_by=by, decided_at=now
    )
    of.refresh_from_db()
    if not changed:
        name = str(of.decided_by or of.by)
        raise DecidedAlready(
            Message(
                "This import is %(state)s already, by %(name)s.",
                state=STATES[Import.State(of.state)],
                name=name,
            )
        )


def record(verb: str, of: Import, by: User | None, **more: Any) -> None:
    after = {"file": of.file_name, "kind": of.kind, "sha256": of.sha256, **more}
    audit.record(verb, by=by, on=of, place=of.place, after=after)
