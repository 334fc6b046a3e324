"""Each verb of a case, once, for the watcher of the trail."""

from datetime import timedelta

from django.utils import timezone

from lumbung.programmes import actions
from lumbung.programmes.models import Case, Decision
from lumbung.programmes.packs import actions as pack_actions
from lumbung.programmes.packs import adoption_actions as adoption
from lumbung.programmes.packs.actions import shipped
from lumbung.programmes.tests import three_steps
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    decide,
    declare_poor,
    lay,
    paper,
)
from tests.scenarios import Cast, Deed, scenario

LATER = OPENED + timedelta(days=14)


def stopped(cast: Cast) -> Case:
    case, by = cast("case"), cast("ratna")
    decision = decide(case, by, about=Decision.About.STOP)
    return actions.stop_case(
        case=case, decision=decision, on=LATER, by=by, version=case.version
    )


@scenario
def load_pack(cast: Cast) -> Deed:
    by = cast("ani")
    folder = next(folder for folder in shipped() if folder.name == "indonesia")
    return lambda: pack_actions.load_pack(folder=folder, by=by)


@scenario
def open_case(cast: Cast) -> Deed:
    programme, place, by = cast("lab"), cast("botosari"), cast("ratna")
    return lambda: actions.open_case(
        programme=programme,
        template="village",
        title="",
        place=place,
        responsible=by,
        on=OPENED,
        by=by,
    )


@scenario
def move_case(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ratna")
    lay(case, by, "photo")
    return lambda: actions.move_case(
        case=case, to="meeting", on=LATER, by=by, version=1
    )


@scenario
def override_gate(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ratna")
    decision = decide(case, by, about=Decision.About.OVERRIDE)
    return lambda: actions.override_gate(
        case=case, to="meeting", decision=decision, on=LATER, by=by, version=1
    )


@scenario
def pause_case(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ratna")
    return lambda: actions.pause_case(
        case=case, reason=REASON, on=LATER, by=by, version=1
    )


@scenario
def resume_case(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ratna")
    actions.pause_case(case=case, reason=REASON, on=LATER, by=by, version=1)
    return lambda: actions.resume_case(case=case, on=LATER, by=by, version=2)


@scenario
def stop_case(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ratna")
    decision = decide(case, by, about=Decision.About.STOP)
    return lambda: actions.stop_case(
        case=case, decision=decision, on=LATER, by=by, version=1
    )


@scenario
def reopen_case(cast: Cast) -> Deed:
    case, by = stopped(cast), cast("ratna")
    return lambda: actions.reopen_case(
        case=case, reason=REASON, on=LATER, by=by, version=2
    )


@scenario
def hand_over_case(cast: Cast) -> Deed:
    case, by, to = cast("case"), cast("ratna"), cast("siti")
    return lambda: actions.hand_over_case(
        case=case, to=to, reason="", on=LATER, by=by, version=1
    )


@scenario
def hand_over_mandate(cast: Cast) -> Deed:
    case, by, to = cast("case"), cast("ratna"), cast("siti")
    case = actions.hand_over_case(
        case=case, to=to, reason="", on=LATER, by=by, version=1
    )
    mandate, slamet = to.mandates.get(), cast("slamet")
    return lambda: actions.hand_over_mandate(
        mandate=mandate, to=slamet, reason="moved away", by=by, now=timezone.now()
    )


@scenario
def record_decision(cast: Cast) -> Deed:
    case, by = cast("case"), cast("siti")
    minutes = paper(cast("botosari"), by)
    return lambda: decide(case, by, minutes=minutes)


@scenario
def attach_evidence(cast: Cast) -> Deed:
    case, by = cast("case"), cast("siti")
    evidence = paper(cast("botosari"), by)
    return lambda: actions.attach_evidence(
        case=case, requirement="photo", evidence=evidence, by=by
    )


@scenario
def detach_evidence(cast: Cast) -> Deed:
    case, by = cast("case"), cast("siti")
    lay(case, by, "photo")
    laid = case.evidence.get()
    return lambda: actions.detach_evidence(paper=laid, reason=REASON, by=by)


@scenario
def declare_fact(cast: Cast) -> Deed:
    case, by = cast("case"), cast("siti")
    return lambda: declare_poor(case, by)


@scenario
def adopt_pack_version(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ani")
    version = three_steps.newer()
    return lambda: adoption.adopt_pack_version(
        programme=case.programme, version=version, by=by
    )


@scenario
def take_up_pack(cast: Cast) -> Deed:
    case, by = cast("case"), cast("ani")
    version = three_steps.newer()
    return lambda: adoption.take_up_pack(case=case, version=version, on=LATER, by=by)
