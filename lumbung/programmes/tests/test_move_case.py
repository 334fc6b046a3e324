"""Moving on: by facts, back with a reason, out with an outcome."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from lumbung.accounts.models import Event, Role, User
from lumbung.conftest import give, make_user
from lumbung.core.gates import Verdict
from lumbung.core.message import Message, Share
from lumbung.places.models import Place
from lumbung.programmes import actions, checks
from lumbung.programmes.models import Case, PackVersion, Transition
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.tests import three_steps
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_meeting,
    at_result,
    decide,
    declare_poor,
    lay,
    move,
    opened,
    paper,
    ready_to_leave_meeting,
)
from lumbung.programmes.verdicts import verdict

LATER = OPENED + timedelta(days=14)


def facts_of(found: Verdict) -> dict[str, bool]:
    return {line.fact: line.met for line in found.lines}


def test_it_refuses_who_has_no_mandate_for_it_here(
    case: Case, ratna: User, siti: User, yusuf: User, budi: User, maria: User
) -> None:
    lay(case, ratna, "photo")
    for person in (siti, yusuf, budi, maria):
        with pytest.raises(checks.NotAllowed):
            move(case, person, "meeting")

    assert Case.objects.get().step == "candidate"


def test_it_refuses_while_a_paper_is_missing_and_changes_nothing(
    case: Case, ratna: User
) -> None:
    before = Case.objects.values().get()
    with pytest.raises(checks.GateNotMet) as refused:
        move(case, ratna, "meeting")

    assert [part.id for part in refused.value.parts] == ["%(name)s: none yet."]
    assert Case.objects.values().get() == before
    assert not Event.objects.filter(verb="move_case").exists()


def test_it_names_everything_that_is_missing(case: Case, ratna: User) -> None:
    case = at_meeting(case, ratna)
    lay(case, ratna, "minutes")
    decide(
        case, ratna, attendance={"government": (1, 14)}, result="approved", invited=30
    )
    found = verdict(case, on=LATER)

    assert facts_of(found) == {
        "evidence:minutes": False,
        "decision:approved": True,
        "decision:quorum": False,
        "decision:women_share": False,
        "decision:sectors": False,
        "declared:poor": False,
    }
    with pytest.raises(checks.GateNotMet) as refused:
        move(case, ratna, "result")
    assert refused.value.message.values["count"] == 5
    assert refused.value.parts == tuple(line.sentence for line in found.missing)


def test_it_moves_when_all_is_there_and_keeps_the_facts(
    case: Case, ratna: User
) -> None:
    moved = at_result(case, ratna)

    assert (moved.step, moved.position, moved.since) == ("result", 3, LATER)
    assert (moved.due_on, moved.version) == (None, 3)
    kept = Transition.objects.get(to_step="result")
    found = Verdict.from_json(kept.verdict)
    assert {line.fact: line.have for line in found.lines} == {
        "evidence:minutes": 2,
        "decision:approved": "yes",
        "decision:quorum": "yes",
        "decision:women_share": Share(5, 16),
        "decision:sectors": 2,
        "declared:poor": Share("0.382"),
    }
    assert found.lines[5].source == Message("Declared by %(name)s", name="Ratna Dewi")
    assert found.lines[5].as_of == OPENED


def test_the_kept_verdict_stays_when_the_facts_change_later(
    case: Case, ratna: User
) -> None:
    at_result(case, ratna)
    kept = Transition.objects.get(to_step="result").verdict
    declare_poor(case, ratna, "2/3")

    assert Transition.objects.get(to_step="result").verdict == kept


def test_a_coordinator_moves_only_steps_that_no_one_else_is_named_for(
    case: Case, ratna: User, slamet: User
) -> None:
    lay(case, ratna, "photo")
    move(case, slamet, "meeting")
    at_last = ready_from_meeting(Case.objects.get(), ratna)

    with pytest.raises(checks.NotAllowed) as refused:
        move(at_last, slamet, "graduated", on=LATER + timedelta(days=9))
    assert refused.value.message.id == "This step is moved on by: %(roles)s."


def test_an_officer_elsewhere_who_coordinates_here_is_not_the_officer_here(
    case: Case, ratna: User, slamet: User, roles: dict[str, Role], kampar: Place
) -> None:
    case = at_result(case, ratna)
    give(slamet, roles["district_officer"], kampar)

    with pytest.raises(checks.NotAllowed):
        move(case, slamet, "graduated", on=LATER + timedelta(days=9))


def ready_from_meeting(case: Case, by: User) -> Case:
    lay(case, by, "minutes", "minutes")
    decide(case, by)
    declare_poor(case, by)
    return move(case, by, "result")


def test_a_mandate_of_another_programme_does_not_move_it(
    case: Case, ratna: User, roles: dict[str, Role], pekalongan: Place
) -> None:
    lay(case, ratna, "photo")
    joko = make_user("Joko Susilo")
    give(joko, roles["district_officer"], pekalongan, programme="kpel")

    with pytest.raises(checks.NotAllowed):
        move(case, joko, "meeting")


def test_it_skips_no_step(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    for to in ("result", "candidate", "graduated", ""):
        with pytest.raises(checks.NoSuchStep):
            move(case, ratna, to)


def test_it_refuses_a_day_to_come_and_one_before_the_last_change(
    case: Case, ratna: User
) -> None:
    lay(case, ratna, "photo")
    for on in (
        timezone.localdate() + timedelta(days=1),
        OPENED - timedelta(days=1),
    ):
        with pytest.raises(checks.BadDate):
            move(case, ratna, "meeting", on=on)

    assert move(case, ratna, "meeting", on=OPENED).since == OPENED


def test_it_goes_back_only_where_the_pack_says_and_only_with_a_reason(
    case: Case, ratna: User
) -> None:
    case = at_meeting(case, ratna)
    with pytest.raises(checks.ReasonTooShort) as refused:
        move(case, ratna, "candidate", reason="  keliru  ")
    assert refused.value.message.values == {"count": 6, "least": 40}

    case = move(case, ratna, "candidate", reason=REASON)
    assert (case.step, case.position, case.since) == ("candidate", 1, LATER)
    assert case.due_on == LATER + timedelta(days=30)
    assert Transition.objects.latest("pk").reason == REASON
    assert Transition.objects.latest("pk").verdict is None


def test_what_was_written_with_a_move_is_in_the_history(
    case: Case, ratna: User
) -> None:
    lay(case, ratna, "photo")
    move(case, ratna, "meeting", reason="Disepakati camat")

    assert Transition.objects.latest("pk").reason == "Disepakati camat"


def test_at_the_last_step_it_ends_with_an_outcome_of_the_pack(
    case: Case, ratna: User
) -> None:
    case = at_result(case, ratna)
    late = LATER + timedelta(days=7)
    for to in ("", "result", "won"):
        with pytest.raises(checks.NoSuchStep):
            move(case, ratna, to, on=late)
    case = move(case, ratna, "graduated", on=late)

    assert (case.state, case.outcome, case.due_on) == ("closed", "graduated", None)
    with pytest.raises(checks.WrongState):
        move(case, ratna, "graduated", on=late)


def test_the_calendar_is_read_on_the_day_of_the_move(case: Case, ratna: User) -> None:
    case = at_result(case, ratna)

    with pytest.raises(checks.GateNotMet):
        move(case, ratna, "graduated", on=LATER + timedelta(days=6))
    assert move(case, ratna, "graduated", on=LATER + timedelta(days=7)).outcome


def test_evidence_taken_back_or_withdrawn_no_longer_counts(
    case: Case, ratna: User, botosari: Place
) -> None:
    photo = paper(botosari, ratna)
    laid = actions.attach_evidence(
        case=case, requirement="photo", evidence=photo, by=ratna
    )
    assert verdict(case, on=LATER).met
    actions.detach_evidence(paper=laid, reason=REASON, by=ratna)
    with pytest.raises(checks.GateNotMet):
        move(case, ratna, "meeting")

    lay(case, ratna, "photo")
    standing = case.evidence.get(voided_at=None).evidence
    standing.voided_at = timezone.now()
    standing.save(update_fields=["voided_at"])
    with pytest.raises(checks.GateNotMet):
        move(case, ratna, "meeting")


def test_a_photo_of_an_earlier_step_is_none_of_the_next_that_asks_for_one(
    ratna: User, botosari: Place
) -> None:
    [candidate, *_], [template] = three_steps.STEPS, three_steps.CONTENT["templates"]
    steps = [candidate, candidate | {"id": "survey"}]
    programme = three_steps.load(
        three_steps.CONTENT | {"templates": [template | {"steps": steps}]}
    )
    case = opened(programme, botosari, ratna)
    lay(case, ratna, "photo")
    case = move(case, ratna, "survey")

    assert not verdict(case, on=LATER).met


def test_one_photo_laid_twice_is_one_photo(
    case: Case, ratna: User, botosari: Place
) -> None:
    case = at_meeting(case, ratna)
    first = paper(botosari, ratna)
    again = paper(botosari, ratna)
    again.file = first.file
    again.save(update_fields=["file"])
    for evidence in (first, again):
        actions.attach_evidence(
            case=case, requirement="minutes", evidence=evidence, by=ratna
        )

    assert facts_of(verdict(case, on=LATER))["evidence:minutes"] is False


def test_a_case_runs_on_after_its_pack_was_superseded(
    case: Case, ratna: User, botosari: Place
) -> None:
    """What ran keeps the version it ran with, though the programme has a newer one."""
    stricter = three_steps.CONTENT | {
        "version": "2.0",
        "templates": [
            three_steps.CONTENT["templates"][0] | {"steps": three_steps.STEPS[:1]}
        ],
    }
    programme = three_steps.load(stricter, sha256="1" * 64)
    pack_of.cache_clear()

    assert at_result(case, ratna).step == "result"
    newer = opened(programme, botosari, ratna)
    lay(newer, ratna, "photo")
    assert move(newer, ratna, "graduated").state == "closed"
    assert PackVersion.objects.count() == 2


def test_the_second_of_two_officers_learns_what_happened(
    case: Case, ratna: User, slamet: User
) -> None:
    lay(case, ratna, "photo")
    seen = Case.objects.get()
    move(case, ratna, "meeting")

    with pytest.raises(checks.MovedMeanwhile) as refused:
        move(seen, slamet, "meeting", version=seen.version)
    said = refused.value.message.values
    assert (said["name"], said["did"]) == ("Ratna Dewi", Message("moved this case"))
    assert Transition.objects.filter(kind="move").count() == 1


def test_a_case_of_1999_can_be_walked_today(case: Case, ratna: User) -> None:
    """Paper backlogs are normal: the days are those on the papers."""
    assert at_result(case, ratna).moved_on < timezone.localdate()
    assert ready_dates() == sorted(ready_dates())


def ready_dates() -> list[date]:
    return list(Transition.objects.order_by("pk").values_list("on", flat=True))


def test_a_share_exactly_on_the_line_or_declared_for_later_is_not_below_it(
    case: Case, ratna: User
) -> None:
    case = ready_to_leave_meeting(case, ratna)
    declare_poor(case, ratna, "2/5")

    assert facts_of(verdict(case, on=LATER))["declared:poor"] is False
    assert facts_of(verdict(case, on=OPENED - timedelta(days=1)))["declared:poor"] is (
        False
    )
