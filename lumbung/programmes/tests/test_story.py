"""The story of a case: every package's lines, in words, with their days."""

from datetime import timedelta

from lumbung.accounts.models import User
from lumbung.core.message import Message, Share, Text
from lumbung.programmes import actions
from lumbung.programmes.models import Case
from lumbung.programmes.registry import STORY, StoryLine
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_result,
    decide,
    lay,
    move,
)


def told(case: Case, viewer: User) -> list[StoryLine]:
    return [line for tell in STORY for line in tell(case, viewer)]


def test_it_tells_moves_meetings_papers_and_facts(case: Case, ratna: User) -> None:
    case = at_result(case, ratna)
    lines = told(case, ratna)

    assert [line.kind for line in lines] == (
        ["step"] * 3 + ["meeting"] + ["evidence"] * 3 + ["fact"]
    )
    assert [line.title for line in lines if line.kind == "step"] == [
        Message("Case opened"),
        Message(
            "Moved to step %(number)s, %(step)s",
            number=2,
            step=Text("Rapat", "Meeting"),
        ),
        Message(
            "Moved to step %(number)s, %(step)s",
            number=3,
            step=Text("Penetapan hasil", "Result"),
        ),
    ]
    assert lines[3].title == Message(
        "%(body)s: %(result)s", body="TKPK", result=Message("approved")
    )
    assert lines[-1].title == Message(
        "%(fact)s: %(value)s", fact=Text("poor", "poor"), value=Share("0.382")
    )
    assert {line.by for line in lines} == {ratna}


def test_what_was_passed_by_decision_stands_out(case: Case, ratna: User) -> None:
    actions.override_gate(
        case=case,
        to="meeting",
        decision=decide(case, ratna, about="override"),
        on=OPENED,
        by=ratna,
        version=1,
    )

    assert [line.tone for line in told(case, ratna)] == ["", "over", ""]


def test_a_correction_and_what_was_taken_back_say_so(case: Case, ratna: User) -> None:
    wrong = decide(case, ratna)
    decide(case, ratna, corrects=wrong, result="rejected")
    lay(case, ratna, "photo")
    assert told(case, ratna)[-1].url == f"arsip/{case.evidence.get().evidence.uid}/"
    actions.detach_evidence(paper=case.evidence.get(), reason=REASON, by=ratna)
    opened, first, second, paper = told(case, ratna)

    assert second.title.id == ("%(body)s: %(result)s, corrects the decision of %(day)s")
    assert second.title.values["day"] == OPENED
    assert paper.title == Message("Evidence taken back: %(title)s", title="photo")
    assert (paper.text, paper.url) == (REASON, "")


def test_holding_closing_and_handing_over_are_told(
    case: Case, ratna: User, siti: User
) -> None:
    day = OPENED + timedelta(days=30)
    case = at_result(case, ratna)
    case = actions.pause_case(
        case=case, reason=REASON, on=day, by=ratna, version=case.version
    )
    case = actions.resume_case(case=case, on=day, by=ratna, version=case.version)
    case = actions.hand_over_case(
        case=case, to=siti, reason="", on=day, by=ratna, version=case.version
    )
    case = move(case, ratna, "graduated", on=day + timedelta(days=7))
    actions.reopen_case(
        case=case, reason=REASON, on=case.moved_on, by=ratna, version=case.version
    )
    steps = [line.title for line in told(case, ratna) if line.kind == "step"]

    assert steps[3:] == [
        Message("Case paused"),
        Message("Case taken up again"),
        Message("Handed over to %(name)s", name="Siti Aminah"),
        Message("Case closed: %(outcome)s", outcome=Text("Lulus", "Graduated")),
        Message("Case reopened"),
    ]
