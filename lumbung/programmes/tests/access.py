"""Who gets which answer at the addresses of a case.

Botosari's case is Ratna's, Slamet's, Siti's, Yusuf's; Maria and Ani see all. One of
Kampar is Budi's alone, but for those two.
"""

from typing import Any

from lumbung.core.message import Share
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.tests.files import paper, upload
from lumbung.programmes import actions
from lumbung.programmes.models import Case
from lumbung.programmes.tests.papers import OPENED, REASON, opened
from tests.access import Answers, Row, World, furnish, to

INSIDE = "ratna slamet siti yusuf maria ani"


@furnish
def cases(world: World) -> None:
    """Two cases, each with a paper, a decision and a declared fact."""
    here = world.things["case"] = world.cast("case")
    there = world.things["kampar case"] = opened(
        world.cast("lab"),
        world.cast("kampar"),
        world.cast("budi"),
        title="Berkas Kampar-Contoh",
    )
    fill(world, here, "botosari", "siti", "here")
    fill(world, there, "kampar", "budi", "there")


def fill(world: World, case: Case, where: str, who: str, key: str) -> None:
    place, by = world.cast(where), world.cast(who)
    evidence = add_evidence(
        upload=upload(paper(), f"{where}.pdf"),
        title=f"Bukti {where}-Contoh",
        place=place,
        programme="lab",
        dated_on=OPENED,
        by=by,
    )
    laid = actions.attach_evidence(
        case=case, requirement="photo", evidence=evidence, by=by
    )
    decision = actions.record_decision(
        case=case,
        body="TKPK",
        decided_on=OPENED,
        venue="Balai desa",
        result="approved",
        reason=REASON,
        attendance={"government": (2, 5)},
        invited=None,
        minutes=evidence,
        by=by,
    )
    fact = actions.declare_fact(
        case=case,
        name="poor",
        value=Share("0.382"),
        as_of=OPENED,
        evidence=evidence,
        by=by,
    )
    world.things |= {f"{key} paper": laid, f"{key} decision": decision}
    world.things[f"{key} evidence"] = evidence
    world.mark(place, evidence.title, fact.uid)
    if key == "there":  # those of here stand in the addresses that are walked
        world.mark(place, case.uid, evidence.uid, laid.uid, decision.uid)


def of(key: str) -> Any:
    return lambda world: world.things[key].uid


def inside(status: int = 200) -> Answers:
    return to(INSIDE, status)


def on_case(**more: Any) -> Row:
    """A form of the case: read by all inside; nothing sent shows it again."""
    return Row(inside(), post=inside(), uid=of("case"), **more)


ROWS = {
    "programmes:move_case": on_case(),
    # At its first step: there is nothing to return to.
    "programmes:return_case": Row(inside(302), post=inside(302), uid=of("case")),
    "programmes:override_gate": on_case(),
    "programmes:record_decision": on_case(),
    "programmes:decision": Row(
        inside(), uid=of("case"), decision_uid=of("here decision")
    ),
    "programmes:attach_evidence": on_case(),
    "programmes:detach_evidence": on_case(paper_uid=of("here paper")),
    "programmes:evidence_file": Row(
        inside(), uid=of("case"), evidence_uid=of("here evidence")
    ),
    "programmes:declare_fact": on_case(name=lambda world: "poor"),
    "programmes:hold_case": on_case(verb=lambda world: "jeda"),
    "programmes:stop_case": on_case(),
    "programmes:hand_over_case": on_case(),
    "programmes:adopt_pack_version": Row(to("ani", 200), code=lambda world: "lab"),
}
