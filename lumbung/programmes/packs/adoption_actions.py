"""Verbs of a newer pack: a programme adopts it, and its running cases take it up.

Adopting is one row; the cases follow one by one in a job, each in a transaction of
its own, so that nobody waits for twenty thousand of them.
"""

from datetime import date
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal
from lumbung.programmes.actions import due, write
from lumbung.programmes.checks import NotAllowed, in_state, locked, refuse_future
from lumbung.programmes.models import (
    Case,
    CasePlace,
    PackVersion,
    Programme,
    Transition,
)
from lumbung.programmes.packs.difference import evidence_laid, standing
from lumbung.work import queue
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job

OPEN = (Case.State.RUNNING, Case.State.PAUSED)
KIND = "programmes.take_up"


class NotItsPack(Refusal):
    code = "not_its_pack"
    status = 422


class AdoptedAlready(Refusal):
    code = "adopted_already"


class StepGone(Refusal):
    """The newer rules have no step left at which the case could stand."""

    code = "step_gone"


@transaction.atomic
def adopt_pack_version(
    *, programme: Programme, version: PackVersion, by: User
) -> Programme:
    """Let new cases of `programme` start on `version`, and its open cases take it up.

    The cases follow in a job: `take_up_pack` says how each. Also the way back to an
    earlier version.
    """
    programme = (
        Programme.objects.select_for_update(of=("self",))
        .select_related("pack")
        .get(pk=programme.pk)
    )
    may_adopt(programme, by)
    refuse_other(programme, version)
    before = programme.pack
    if before.pk == version.pk:
        raise AdoptedAlready(
            Message("“%(pack)s” is in force already.", pack=str(version))
        )
    programme.pack = version
    programme.save(update_fields=["pack"])
    audit.record(
        "adopt_pack_version",
        by=by,
        on=programme,
        place=None,
        programme=programme.code,
        before={"pack": before},
        after={"pack": version},
    )
    queue.enqueue(KIND, {"programme": programme.pk, "pack": version.pk}, by=by)
    return programme


@transaction.atomic
def take_up_pack(*, case: Case, version: PackVersion, on: date, by: User) -> Case:
    """Let one open case go on by the rules of `version`.

    It stands at the same step, or where that is gone at the next one that is left;
    what it passed stays passed. At the same step its days go on counting.
    """
    case = locked(case, None)
    may_adopt(case.programme, by, case=case)
    refuse_other(case.programme, version)
    refuse_future(on)
    in_state(case, *OPEN)
    if case.pack_id == version.pk:
        raise AdoptedAlready(
            Message("“%(pack)s” is in force already.", pack=str(version))
        )
    found = standing(case, version, evidence_laid([case])[case.pk])
    if found.then is None:
        raise StepGone(
            Message(
                "“%(step)s” and all steps after it are gone from “%(pack)s”.",
                step=found.now.name,
                pack=str(version),
            ),
            mend=Message("The case goes on by the rules it began with."),
        )
    left, old_step = case.pack, case.step
    case.pack, case.step = version, found.then.id
    case.position = found.then.position
    if found.moves:
        case.since = on
    if case.state == Case.State.RUNNING:
        case.due_on = due(found.then, case.since)
    case.save(update_fields=["pack"])
    return write(
        case,
        Transition.Kind.ADOPT,
        from_step=old_step,
        to=case.step,
        on=on,
        by=by,
        reason=f"{left} → {version}",
        pack=left,
    )


def may_adopt(programme: Programme, by: User, case: Case | None = None) -> None:
    """Refuse whoever does not load packs where *all* open cases of the programme are.

    A programme has one version for all, so it is not one district's to change.
    """
    mine = CasePlace.objects.filter(
        by.inside("path", "case__programme__code", ability="pack.load"),
        role=CasePlace.Role.MAIN,
    )
    cases = Case.objects.filter(pk=case.pk) if case else open_cases(programme)
    if not by.mandates_to("pack.load"):
        raise NotAllowed(
            Message("Your mandates do not allow loading packs."),
            mend=Message("Ask the administrator of this installation."),
        )
    outside = cases.exclude(pk__in=mine.values("case")).count()
    if outside:
        raise NotAllowed(
            Plural(
                "%(count)s open case of this programme lies outside your territory.",
                "%(count)s open cases of this programme lie outside your territory.",
                count=outside,
            ),
            mend=Message("Ask the administrator above you."),
        )


def refuse_other(programme: Programme, version: PackVersion) -> None:
    """Refuse a pack that does not bring this programme."""
    codes = {item["id"] for item in version.content["programmes"]}
    if programme.code not in codes:
        raise NotItsPack(
            Message(
                "“%(pack)s” does not bring the programme “%(code)s”.",
                pack=str(version),
                code=programme.code,
            )
        )


def open_cases(programme: Programme) -> "QuerySet[Case]":
    cases = Case.objects.filter(programme=programme, state__in=OPEN)
    return cast("QuerySet[Case]", cases)


def to_follow(programme: Programme, version: PackVersion) -> "QuerySet[Case]":
    """Open cases of a programme that run by other rules than `version`."""
    return open_cases(programme).exclude(pack=version).order_by("pk")


def offered(programme: Programme) -> "list[PackVersion]":
    """Loaded versions that bring this programme and are newer than the one in force."""
    newer = PackVersion.objects.filter(loaded_at__gt=programme.pack.loaded_at)
    return [
        version
        for version in newer.order_by("-loaded_at")
        if programme.code in {item["id"] for item in version.content["programmes"]}
    ]


def take_up_all(job: Job, progress: Progress) -> dict[str, Any]:
    """Let the open cases of a programme follow. Run twice, it goes on where it was."""
    programme = Programme.objects.get(pk=job.payload["programme"])
    version = PackVersion.objects.get(pk=job.payload["pack"])
    assert job.asked_by is not None
    keys = list(to_follow(programme, version).values_list("pk", flat=True))
    moved, stayed = 0, []
    for count, pk in enumerate(keys, start=1):
        case = Case.objects.get(pk=pk)
        try:
            on = max(timezone.localdate(), case.moved_on)
            take_up_pack(case=case, version=version, on=on, by=job.asked_by)
            moved += 1
        except Refusal:  # it stays as it is; the page of the programme names it
            stayed.append(case.number)
        if count % 20 == 0 or count == len(keys):
            progress(count, len(keys))
    return {"moved": moved, "stayed": stayed[:100]}


JOBS[KIND] = JobKind(take_up_all, Message("Take cases over to newer rules"))
