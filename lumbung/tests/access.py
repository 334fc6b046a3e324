"""Who gets which answer at the addresses of the API, by the cookie of a page.

What each may do with a sound body stands in `test_api_access.py`: an empty one is
refused before anybody looks for the case.
"""

from datetime import date
from typing import Any

from lumbung.evidence.actions import add_evidence
from lumbung.evidence.tests import files
from lumbung.programmes import actions
from lumbung.programmes.checks import main_place
from lumbung.programmes.models import Case
from tests.access import Answers, Row, World, everyone, furnish, public

DAY = date(2017, 12, 4)


@furnish
def two_cases(world: World) -> None:
    """One case in Botosari with a paper laid to it, one in Kampar."""
    for officer, place in (("ratna", "botosari"), ("budi", "kampar")):
        by, here = world.cast(officer), world.cast(place)
        case = actions.open_case(
            programme=world.cast("lab"),
            template="village",
            title=f"Berkas API {place}",
            place=here,
            responsible=by,
            on=DAY,
            by=by,
        )
        paper = add_evidence(
            upload=files.upload(files.photo()),
            title=f"Foto API {place}",
            place=main_place(case),
            programme="lab",
            dated_on=DAY,
            by=by,
        )
        laid = actions.attach_evidence(
            case=case, requirement="photo", evidence=paper, by=by
        )
        world.things[f"api {place}"] = case
        world.things[f"api {place} paper"] = paper
        world.things[f"api {place} laid"] = laid
        words = (case.uid, case.title, paper.uid, paper.title, laid.uid)
        world.mark(here, *words)


def uid_of_case(world: World) -> Any:
    case: Case = world.things["api botosari"]
    return case.uid


def uid_of_paper(world: World) -> Any:
    return world.things["api botosari paper"].uid


def uid_of_laid(world: World) -> Any:
    return world.things["api botosari laid"].uid


def question(world: World) -> Any:
    return world.things["question pekalongan"].uid


def run(world: World) -> Any:
    return world.things["run"].uid


def code(world: World) -> str:
    return "33.26.02.2008"


INSIDE = "siti slamet ratna maria ani yusuf"


def reading(names: str, status: int = 200) -> Answers:
    """For those named; to others it is not there."""
    return everyone(404, 401) | dict.fromkeys(names.split(), status)


def inside(status: int = 200) -> Answers:
    """Outside is not there, and neither is anything for who has no mandate."""
    return reading(INSIDE, status)


def leading() -> Answers:
    """Those who give cases to others."""
    return inside(403) | {"ratna": 200}


ALL = everyone(200, 401)
ONLY_POST = public(405)
UNREADABLE = everyone(400, 401)
INCOMPLETE = everyone(422, 401)


def changing(**arguments: Any) -> Row:
    """An address that is only written to."""
    return Row(ONLY_POST, post=UNREADABLE, uid=uid_of_case, **arguments)


ROWS = {
    "documentation": Row(public()),
    "api:api-root": Row(public(404)),
    "api:openapi-json": Row(public()),
    "api:places": Row(ALL, post=public(405)),
    "api:place": Row(ALL, post=public(405), code=code),
    "api:classes": Row(ALL, post=public(405), code=code),
    "api:programmes": Row(ALL, post=public(405)),
    "api:programme": Row(ALL, post=public(405), code=lambda world: "lab"),
    "api:cases": Row(ALL, post=UNREADABLE),
    "api:open_case": Row(ALL, post=UNREADABLE),
    "api:case": Row(inside(), post=public(405), uid=uid_of_case),
    "api:transitions": Row(inside(), post=public(405), uid=uid_of_case),
    "api:people": Row(leading(), post=public(405), uid=uid_of_case),
    "api:case_file": Row(
        inside(), post=public(405), uid=uid_of_case, paper=uid_of_paper
    ),
    "api:laid": Row(inside(), post=INCOMPLETE, uid=uid_of_case),
    "api:add_paper": Row(inside(), post=INCOMPLETE, uid=uid_of_case),
    "api:decisions": Row(inside(), post=UNREADABLE, uid=uid_of_case),
    "api:record_decision": Row(inside(), post=UNREADABLE, uid=uid_of_case),
    "api:facts": Row(inside(), post=UNREADABLE, uid=uid_of_case),
    "api:declare_fact": Row(inside(), post=UNREADABLE, uid=uid_of_case),
    "api:move_case": changing(),
    "api:override_gate": changing(),
    "api:pause_case": changing(),
    "api:resume_case": changing(),
    "api:reopen_case": changing(),
    "api:stop_case": changing(),
    "api:hand_over_case": changing(),
    "api:attach_evidence": changing(),
    "api:detach_evidence": changing(paper=uid_of_laid),
    "api:evidences": Row(ALL, post=public(405)),
    "api:evidence": Row(inside(), post=public(405), uid=uid_of_paper),
    "api:figure": Row(
        ALL, post=public(405), kind=lambda world: "berkas", query="?program=lab"
    ),
    "api:questions": Row(ALL, post=UNREADABLE),
    "api:ask_question": Row(ALL, post=UNREADABLE),
    "api:question": Row(
        reading("siti ratna maria ani"), post=public(405), uid=question
    ),
    # It waits for Ratna: who else sees it is told so.
    "api:takers": Row(
        reading("siti maria ani", 403) | {"ratna": 200}, post=public(405), uid=question
    ),
    "api:answer_question": Row(ONLY_POST, post=UNREADABLE, uid=question),
    "api:pass_question": Row(ONLY_POST, post=UNREADABLE, uid=question),
    "api:runs": Row(ALL, post=public(405)),
    "api:run": Row(reading("ratna maria ani"), post=public(405), uid=run),
    "api:labels": Row(reading("ratna maria ani"), post=public(405), uid=run),
    "api:evidence_file": Row(inside(), post=public(405), uid=uid_of_paper),
}
