"""What the verbs of a case look at first, and how they refuse."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import cast

from django.db.models import QuerySet
from django.utils import timezone

from lumbung.accounts.models import Mandate, User
from lumbung.core.message import Message, Plural, Text
from lumbung.core.refusal import Refusal
from lumbung.evidence.models import Evidence
from lumbung.places.models import Place
from lumbung.programmes.models import Case, CasePlace, Decision, Programme, Transition
from lumbung.programmes.packs.pack import Step, pack_of
from lumbung.programmes.verdicts import step_of

SHORTEST_REASON = 40
# Whoever works on cases may at least do this; who only reads them may not.
WORKING = "evidence.add"
KINDS = {
    Transition.Kind.OPEN: Message("opened this case"),
    Transition.Kind.MOVE: Message("moved this case"),
    Transition.Kind.OVERRIDE: Message("moved this case past its gate by a decision"),
    Transition.Kind.CLOSE: Message("closed this case"),
    Transition.Kind.PAUSE: Message("paused this case"),
    Transition.Kind.RESUME: Message("took this case up again"),
    Transition.Kind.STOP: Message("stopped this case"),
    Transition.Kind.REOPEN: Message("reopened this case"),
    Transition.Kind.HAND_OVER: Message("handed this case over"),
    Transition.Kind.ADOPT: Message("took this case over to newer rules"),
}
STATES = {
    Case.State.RUNNING: Message("running"),
    Case.State.PAUSED: Message("paused"),
    Case.State.STOPPED: Message("stopped"),
    Case.State.CLOSED: Message("closed"),
}


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403


class MovedMeanwhile(Refusal):
    code = "moved_meanwhile"


class WrongState(Refusal):
    code = "wrong_state"


class GateNotMet(Refusal):
    code = "gate_not_met"


class NoSuchStep(Refusal):
    code = "no_such_step"
    status = 422


class BadDate(Refusal):
    code = "bad_date"
    status = 422


class ReasonTooShort(Refusal):
    code = "reason_too_short"
    status = 422


class BadDecision(Refusal):
    code = "bad_decision"
    status = 422


class BadEvidence(Refusal):
    code = "bad_evidence"
    status = 422


class BadPlaces(Refusal):
    code = "bad_places"
    status = 422


class BadSuccessor(Refusal):
    code = "bad_successor"
    status = 422


def must(by: User, ability: str, place: Place, programme: Programme) -> None:
    """Refuse whoever has no mandate for `ability` at `place` in `programme`."""
    if not by.may(ability, place, programme.code):
        raise NotAllowed(
            Message("Your mandates do not allow this in %(place)s.", place=place.name),
            mend=Message("Ask the officer above you for a mandate that does."),
        )


def able(person: User, place: Place, programme: Programme, *, field: str) -> None:
    """Refuse as responsible whoever can do nothing for the case: auditors, say."""
    if not person.is_active or not person.may(WORKING, place, programme.code):
        raise BadSuccessor(
            Message(
                "%(name)s has no mandate to work on cases in %(place)s.",
                name=str(person),
                place=place.name,
            ),
            mend=Message("Give such a mandate first, or choose somebody else."),
            field=field,
        )


def people_at(place: Place, programme: Programme) -> "QuerySet[User]":
    """Who may work on cases of a programme at a place today."""
    mandates = Mandate.objects.in_force(timezone.localdate()).filter(
        place__path__in=place.ancestor_paths(),
        programme__in=["", programme.code],
        role__abilities__name=WORKING,
    )
    people = User.objects.filter(is_active=True, pk__in=mandates.values("user"))
    return cast("QuerySet[User]", people.order_by("name"))


def locked(case: Case, version: int | None) -> Case:
    """Read the case anew for writing; the second of two writers learns what happened.

    On PostgreSQL the row is locked; on SQLite every transaction is IMMEDIATE, so
    there is one writer at a time.
    """
    fresh = (
        Case.objects.select_for_update(of=("self",))
        .select_related("programme", "responsible")
        .with_places()
        .get(pk=case.pk)
    )
    if version is not None and version != fresh.version:
        raise moved_meanwhile(fresh)
    return fresh


def moved_meanwhile(case: Case) -> MovedMeanwhile:
    last = case.transitions.select_related("by").latest("pk")
    return MovedMeanwhile(
        Message(
            "%(name)s %(did)s on %(at)s, while you were looking at it.",
            name=str(last.by),
            did=KINDS[Transition.Kind(last.kind)],
            at=last.at,
        ),
        mend=Message("Look at the case as it is now, then decide again."),
    )


def ready(
    case: Case, by: User, ability: str, version: int, on: date
) -> tuple[Case, Step]:
    """The case, locked, running, open to this person, with its present step."""
    case = locked(case, version)
    must(by, ability, main_place(case), case.programme)
    in_state(case, Case.State.RUNNING)
    sound_date(case, on)
    return case, step_of(case)


def in_state(case: Case, *allowed: str) -> None:
    if case.state not in allowed:
        raise WrongState(
            Message(
                "%(number)s is %(state)s, so this cannot be done.",
                number=case.number,
                state=STATES[Case.State(case.state)],
            ),
            mend=Message("Resume or reopen the case first, or leave it as it is."),
        )


def main_place(case: Case) -> Place:
    """The one main place of a case; every case has exactly one."""
    return case.main_place


def may_leave(step: Step, case: Case, by: User) -> None:
    """Where a step names who moves it on, others are refused."""
    if not step.movers:
        return
    place = main_place(case)
    roles = {
        mandate.role.code
        for mandate in by.mandates_to("case.move")
        if mandate.place.holds(place) and mandate.programme in {"", case.programme.code}
    }
    if not roles & set(step.movers):
        named = pack_of(case.pack_id).role_names(step.movers)
        raise NotAllowed(
            Message("This step is moved on by: %(roles)s.", roles=named),
        )


def refuse_future(day: date, field: str = "on") -> None:
    if day > timezone.localdate():
        raise BadDate(
            Message("%(day)s is still to come.", day=day),
            mend=Message("Write the day on which it happened."),
            field=field,
        )


def sound_date(case: Case, on: date) -> None:
    """A transition is not in the future, and not before the one before it."""
    refuse_future(on)
    if on < case.moved_on:
        raise BadDate(
            Message(
                "%(day)s is before the last change of this case, %(last)s.",
                day=on,
                last=case.moved_on,
            ),
            mend=Message("Write the same day or a later one."),
            field="on",
        )


def long_enough(reason: str) -> None:
    count = len(reason.strip())
    if count < SHORTEST_REASON:
        raise ReasonTooShort(
            Plural(
                "The reason is too short: %(count)s letter, at least %(least)s.",
                "The reason is too short: %(count)s letters, at least %(least)s.",
                count=count,
                least=SHORTEST_REASON,
            ),
            mend=Message("Write it so that people reading it next year understand."),
            field="reason",
        )


def decided(decision: Decision, case: Case, about: str, on: date) -> None:
    """The decision is this case's, at this step, about this, approved and standing.

    Nothing is done by it on a day before it was taken.

    It serves once: after the case comes back here, a body must decide anew.
    """
    fits = (
        decision.case_id == case.pk
        and decision.step in step_of(case).ids
        and decision.about == about
        and decision.result == Decision.Result.APPROVED
        and decision.minutes.voided_at is None
        and not Decision.objects.filter(corrects=decision).exists()
    )
    if not fits:
        raise BadDecision(
            Message(
                "This needs an approved decision about exactly this,"
                " recorded at the present step of this case."
            ),
            field="decision",
        )
    if on < decision.decided_on:
        raise BadDate(
            Message(
                "%(day)s is before the day of the decision, %(decided)s.",
                day=on,
                decided=decision.decided_on,
            ),
            mend=Message("Write the same day or a later one."),
            field="on",
        )
    if any(version.transitions.exists() for version in versions(decision)):
        raise BadDecision(
            Message("This decision has been used already; it serves once."),
            mend=Message("Record what was decided this time."),
            field="decision",
        )


def versions(decision: Decision) -> Iterator[Decision]:
    """A decision and those that it corrects, the latest first."""
    version: Decision | None = decision
    while version is not None:
        yield version
        version = version.corrects


def belongs(evidence: Evidence, case: Case) -> None:
    """Evidence is laid only to cases of its own place and programme."""
    if evidence.voided_at:
        raise BadEvidence(
            Message("“%(title)s” has been withdrawn.", title=evidence.title)
        )
    near = any(
        place.place.holds(evidence.place) or evidence.place.holds(place.place)
        for place in case.places.all()
    )
    if not near or evidence.programme not in {"", case.programme.code}:
        raise BadEvidence(
            Message("“%(title)s” belongs to another place.", title=evidence.title),
            mend=Message("Upload it for this case."),
        )


def latest_of(case: Case, corrects: Decision | None) -> None:
    """Only a standing decision of this case can be corrected."""
    if corrects and (corrects.case_id != case.pk or hasattr(corrects, "corrected_by")):
        raise BadDecision(
            Message("Only the latest version of a decision of this case is corrected."),
            field="corrects",
        )


def check_attendance(
    case: Case, attendance: Mapping[str, tuple[int, int]], invited: int | None
) -> None:
    sectors: Mapping[str, Text] = pack_of(case.pack_id).sectors
    for sector, numbers in attendance.items():
        if sector not in sectors or min(numbers) < 0:
            raise BadDecision(
                Message("The attendance of “%(sector)s” is not sound.", sector=sector),
                field="attendance",
            )
    present = sum(women + men for women, men in attendance.values())
    if not present:
        raise BadDecision(
            Message("Write who was there: nobody is recorded."), field="attendance"
        )
    if invited is not None and invited < 1:
        raise BadDecision(
            Message("At least one person must have been invited."), field="invited"
        )
    if invited is not None and present > invited:
        raise BadDecision(
            Message(
                "%(present)s people were there, more than the %(invited)s invited.",
                present=present,
                invited=invited,
            ),
            mend=Message("Count as invited, too, who came without a letter."),
            field="invited",
        )


def case_places(
    main: Place, also: Iterable[Place], partners: Iterable[Place]
) -> dict[Place, str]:
    """Each place once, with its role; a place named twice is refused."""
    places = {main: CasePlace.Role.MAIN.value}
    named = [(p, CasePlace.Role.ALSO) for p in also]
    named += [(p, CasePlace.Role.PARTNER) for p in partners]
    for place, role in named:
        if place in places:
            raise BadPlaces(
                Message("%(place)s is named twice.", place=place.name), field="also"
            )
        places[place] = role.value
    for place in places:
        if place.closed_in_id:
            raise BadPlaces(
                Message("%(place)s is no longer in force.", place=place.name),
                mend=Message("Choose the place that succeeded it."),
                field="place",
            )
    return places
