"""The yearly update of the list of places, with the cases and mandates it touches.

`places` says what a new edition changes and carries it out; it knows neither users nor
cases. These verbs stand above both: they ask who may, write the trail, and let open
cases and mandates of a place that ended follow to its successor, once a person says so.
A place that only got a new code is the same row, so all that hangs on it came along.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from lumbung.accounts import audit
from lumbung.accounts.actions import give
from lumbung.accounts.models import Mandate, User
from lumbung.accounts.posts import AlreadyHeld, Post, refuse_meeting
from lumbung.core.editions import parent
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.places import actions as places
from lumbung.places.editions import EditionFile
from lumbung.places.models import Edition, Level, Place, Succession
from lumbung.places.plans import Plan, preview
from lumbung.programmes.models import Case, CasePlace

OPEN = (Case.State.RUNNING, Case.State.PAUSED)


class MayNotUpdate(Refusal):
    """Only who may update places for the whole country updates the list."""

    code = "may_not_update_places"
    status = 403


class StillInForce(Refusal):
    """Nothing follows from a place that has not ended."""

    code = "place_in_force"


class NoSuccessor(Refusal):
    """The place named as successor has ended itself, or is of another level."""

    code = "no_successor"


@dataclass(frozen=True)
class Effects:
    """What of people's work a plan touches: open cases and mandates, by count.

    `cases_waiting` and `mandates_waiting` are at places that nobody continues: they
    wait until somebody names a successor. `cases_moving` get another sub-district,
    and with it perhaps other people who see them.
    """

    cases_waiting: int
    mandates_waiting: int
    cases_moving: int


@dataclass(frozen=True)
class Followed:
    """What went over to the successor."""

    cases: list[Case]
    mandates: list[Mandate]


def effects(plan: Plan) -> Effects:
    """Count the open cases and mandates that a plan touches; writes nothing."""
    leaving = [
        pair.before
        for pair in plan.moved
        if plan.comparison.pairs.get(parent(pair.before)) != parent(pair.after)
    ]
    ended, moving = (
        Place.objects.in_force().filter(code__in=codes)
        for codes in (plan.ended, leaving)
    )
    return Effects(
        cases_waiting=open_cases(ended).count(),
        mandates_waiting=live_mandates(ended).count(),
        cases_moving=open_cases(moving).count(),
    )


def unsettled() -> "QuerySet[Place]":
    """Places that have ended while open cases or mandates still stand on them."""
    ended = Place.objects.exclude(closed_in=None)
    return ended.filter(
        Q(pk__in=CasePlace.objects.filter(case__state__in=OPEN).values("place"))
        | Q(pk__in=live_mandates(ended).values("place"))
    ).order_by("path")


def open_cases(at: "QuerySet[Place]") -> "QuerySet[Case]":
    here = CasePlace.objects.filter(place__in=at)
    return Case.objects.filter(state__in=OPEN, pk__in=here.values("case"))


def live_mandates(at: "QuerySet[Place]") -> "QuerySet[Mandate]":
    """Mandates that are in force or will be."""
    today = timezone.localdate()
    return Mandate.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), ended_at=None, place__in=at
    )


def update_places(
    *,
    edition: EditionFile,
    decided: Mapping[str, str] | None = None,
    by: User | None,
    now: datetime,
    progress: places.Progress = places.no_progress,
) -> Plan:
    """Put a new edition of the list into force; returns what it changed.

    `decided` answers what the plan has in doubt: code before to code after, '' for
    "is gone". Refuses while a doubt is open, and whoever may not.
    """
    country = Place.objects.get(code="ID", level=Level.COUNTRY)
    must_update(by, country)
    plan = preview(edition, decided)
    with transaction.atomic():
        entered: Edition = places.carry_out(plan, now=now, progress=progress)
        CasePlace.objects.renew_paths()
        audit.record(
            "update_places",
            by=by,
            on=entered,
            place=country,
            after={"edition": entered.number, **plan.counts()},
        )
    return plan


@transaction.atomic
def follow(
    *,
    before: Place,
    after: Place,
    kind: Succession.Kind,
    by: User | None,
    now: datetime,
    cases: Collection[Case] | None = None,
) -> Followed:
    """Let open cases and mandates of a place that ended go over to its successor.

    `cases` names those that go (None: all), for a place that was divided between
    several. Decided and closed cases, observations and evidence stay where they were.
    Refuses where two roles of one person would meet that must not.
    """
    must_update(by, Place.objects.get(code="ID", level=Level.COUNTRY))
    edition = refuse_pair(before, after)
    Succession.objects.get_or_create(
        before=before,
        after=after,
        defaults={"edition": edition, "kind": kind},
    )
    there = Place.objects.filter(pk=before.pk)
    going = open_cases(there).select_for_update().select_related("programme")
    if cases is not None:
        going = going.filter(pk__in=[case.pk for case in cases])
    moved = [move_case(case, before, after, by=by) for case in going]
    mandates = live_mandates(there).select_related("user", "role", "place")
    followed = [move_mandate(each, after, by=by, now=now) for each in mandates]
    audit.record(
        "follow_place",
        by=by,
        on=before,
        place=after,
        before={"place": str(before)},
        after={
            "place": str(after),
            "kind": kind.value,
            "cases": len(moved),
            "mandates": len(followed),
        },
    )
    return Followed(moved, followed)


def must_update(by: User | None, country: Place) -> None:
    if by is not None and not by.may("place.update", country):
        raise MayNotUpdate(
            Message("Your mandates do not allow you to change the list of places."),
            mend=Message("Ask the administrator of this installation."),
        )


def refuse_pair(before: Place, after: Place) -> Edition:
    """Refuse two places that cannot follow; return the edition that ended `before`."""
    if before.closed_in is None:
        raise StillInForce(
            Message("%(place)s is in force; nothing has to follow.", place=str(before))
        )
    if after.closed_in_id is not None or after.level != before.level:
        raise NoSuccessor(
            Message(
                "%(after)s cannot succeed %(before)s.",
                after=str(after),
                before=str(before),
            ),
            mend=Message("Name a place in force of the same level."),
        )
    return before.closed_in


def move_case(case: Case, before: Place, after: Place, *, by: User | None) -> Case:
    """Put `after` where `before` stood among a case's places."""
    here = {row.place_id: row for row in case.places.all()}
    old, new = here[before.pk], here.get(after.pk)
    if new is None:
        old.place, old.path = after, after.path
        old.save(update_fields=["place", "path"])
    elif old.role == CasePlace.Role.MAIN:
        # The successor is in the case already; it takes over being the main place.
        # One main place at a time: the old one steps back first.
        old.role, new.role = new.role, old.role
        old.save(update_fields=["role"])
        new.save(update_fields=["role"])
    case.version += 1
    case.save(update_fields=["version"])
    audit.record(
        "follow_place",
        by=by,
        on=case,
        place=after,
        programme=case.programme.code,
        before={"place": str(before)},
        after={"place": str(after)},
    )
    return case


def move_mandate(
    mandate: Mandate, after: Place, *, by: User | None, now: datetime
) -> Mandate:
    """End a mandate and give its like at `after`; one held there already is enough."""
    reason = f"{mandate.place} → {after}"
    post = Post(
        role=mandate.role,
        place=after,
        starts_on=max(timezone.localdate(now), mandate.starts_on),
        ends_on=mandate.ends_on,
        programme=mandate.programme,
    )
    mandate.end(by=by, now=now, reason=reason)
    try:
        refuse_meeting(mandate.user, post)
    except AlreadyHeld:
        held = mandate.user.mandates.during(post.starts_on, post.ends_on).filter(
            place=after, role=mandate.role, programme=mandate.programme
        )
        successor = held.order_by("starts_on")[0]
    else:
        successor = give(mandate.user, post, by=by, now=now)
    mandate.successor = successor
    mandate.save(update_fields=["successor"])
    audit.record(
        "follow_place",
        by=by,
        on=mandate,
        place=after,
        programme=mandate.programme,
        before={"place": str(mandate.place)},
        after={"place": str(after)},
    )
    return successor
