"""Papers, decisions and cases at a certain step, for tests about what comes next."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.core.message import Share
from lumbung.evidence.models import Evidence, StoredFile
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.checks import main_place
from lumbung.programmes.models import Case, Decision, Programme

OPENED = date(2017, 12, 4)
REASON = "Jalan ke desa putus karena longsor, rapat belum dapat diadakan."


def opened(programme: Programme, place: Place, by: User, **more: Any) -> Case:
    """A case of the small pack at its first step; who opens it answers for it."""
    values: dict[str, Any] = {
        "template": "village",
        "title": "",
        "responsible": by,
        "on": OPENED,
    } | more
    return actions.open_case(programme=programme, place=place, by=by, **values)


def paper(place: Place, by: User, title: str = "Berita acara", **more: Any) -> Evidence:
    """A piece of evidence with contents of its own, as if it had been uploaded."""
    file = StoredFile.objects.create(
        sha256=uuid4().hex * 2, media_type="application/pdf", size=9, pages=1
    )
    values: dict[str, Any] = {
        "programme": "lab",
        "dated_on": OPENED,
        "file_name": "a.pdf",
    } | more
    return Evidence.objects.create(
        file=file, title=title, place=place, by=by, at=timezone.now(), **values
    )


def lay(case: Case, by: User, *requirements: str) -> None:
    for requirement in requirements:
        actions.attach_evidence(
            case=case,
            requirement=requirement,
            evidence=paper(main_place(case), by, requirement),
            by=by,
        )


def decide(case: Case, by: User, **more: Any) -> Decision:
    """Sixteen of thirty invited, five women, of two sectors: just enough."""
    values: dict[str, Any] = {
        "body": "TKPK",
        "decided_on": OPENED,
        "venue": "Balai desa",
        "result": Decision.Result.APPROVED,
        "reason": REASON,
        "attendance": {"government": (2, 5), "community": (3, 6)},
        "invited": 30,
    }
    if "minutes" not in more:
        values["minutes"] = paper(main_place(case), by)
    return actions.record_decision(case=case, by=by, **values | more)


def declare_poor(case: Case, by: User, value: str = "382/1000") -> None:
    actions.declare_fact(
        case=case,
        name="poor",
        value=Share(value),
        as_of=OPENED,
        evidence=paper(main_place(case), by),
        by=by,
    )


def move(case: Case, by: User, to: str, **more: Any) -> Case:
    values: dict[str, Any] = {
        "on": OPENED + timedelta(days=14),
        "version": case.version,
    } | more
    return actions.move_case(case=case, to=to, by=by, **values)


def at_meeting(case: Case, by: User) -> Case:
    """The case at its second step, whose gate asks for nearly everything."""
    lay(case, by, "photo")
    return move(case, by, "meeting")


def ready_to_leave_meeting(case: Case, by: User) -> Case:
    case = at_meeting(case, by)
    lay(case, by, "minutes", "minutes")
    decide(case, by)
    declare_poor(case, by)
    return case


def at_result(case: Case, by: User) -> Case:
    return move(ready_to_leave_meeting(case, by), by, "result")
