"""A programme adopts newer rules; each open case goes on where it still can stand."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lumbung.accounts.models import Event, Role, User
from lumbung.conftest import give
from lumbung.desk.case import step_lines, story
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.checks import NotAllowed, WrongState
from lumbung.programmes.models import Case, Decision, Programme, Transition
from lumbung.programmes.packs import adoption_actions as adoption
from lumbung.programmes.packs.actions import write_programmes
from lumbung.programmes.packs.adoption_actions import (
    AdoptedAlready,
    NotItsPack,
    StepGone,
)
from lumbung.programmes.packs.difference import changes, standings, text
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.tests import three_steps
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    decide,
    declare_poor,
    lay,
    opened,
)
from lumbung.programmes.verdicts import template_of, verdict
from lumbung.words import say
from lumbung.work.loop import work_off

LATER = OPENED + timedelta(days=14)
URL = "/program/lab/aturan/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def at_meeting(case: Case, ratna: User) -> Case:
    """Botosari's case at the second step, with its one photo, and minutes laid."""
    lay(case, ratna, "photo")
    moved = actions.move_case(
        case=case, to="meeting", on=LATER, by=ratna, version=case.version
    )
    lay(moved, ratna, "minutes")
    declare_poor(moved, ratna)
    decide(moved, ratna)
    return Case.objects.get(pk=case.pk)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_it_refuses_an_officer_who_loads_no_packs(case: Case, ratna: User) -> None:
    version = three_steps.newer()
    with pytest.raises(NotAllowed):
        adoption.adopt_pack_version(programme=case.programme, version=version, by=ratna)
    with pytest.raises(NotAllowed):
        adoption.take_up_pack(case=case, version=version, on=LATER, by=ratna)


def test_it_refuses_an_administrator_of_one_district_for_cases_of_another(
    case: Case, tono: User, roles: dict[str, Role], kampar: Place
) -> None:
    give(tono, roles["administrator"], kampar)
    with pytest.raises(NotAllowed) as refused:
        adoption.adopt_pack_version(
            programme=case.programme, version=three_steps.newer(), by=tono
        )
    assert refused.value.message.values["count"] == 1


def test_it_refuses_the_pack_of_another_programme(case: Case, ani: User) -> None:
    [lab] = three_steps.CONTENT["programmes"]
    other = three_steps.newer(programmes=[lab | {"id": "kpel"}])
    with pytest.raises(NotItsPack):
        adoption.adopt_pack_version(programme=case.programme, version=other, by=ani)


def test_it_refuses_what_is_in_force_already(case: Case, ani: User) -> None:
    with pytest.raises(AdoptedAlready):
        adoption.adopt_pack_version(
            programme=case.programme, version=case.programme.pack, by=ani
        )


def test_it_refuses_a_closed_case_and_one_without_a_step_left(
    at_meeting: Case, ani: User, ratna: User
) -> None:
    first = three_steps.newer([three_steps.CANDIDATE])
    with pytest.raises(StepGone):
        adoption.take_up_pack(case=at_meeting, version=first, on=LATER, by=ani)
    decision = decide(at_meeting, ratna, about=Decision.About.STOP, reason=REASON)
    actions.stop_case(case=at_meeting, decision=decision, on=LATER, by=ratna, version=2)
    with pytest.raises(WrongState):
        adoption.take_up_pack(
            case=at_meeting, version=three_steps.newer(version="1.2"), on=LATER, by=ani
        )


def test_the_difference_names_what_is_new_dropped_renamed_and_raised(
    lab: Programme,
) -> None:
    old = pack_of(lab.pack_id).templates["village"]
    new = pack_of(three_steps.newer().pk).templates["village"]
    found = {(c.kind, c.step): say(c.said) for c in changes(old, new)}
    assert found.keys() >= {
        ("removed", "meeting"),
        ("added", "survey"),
        ("renamed", "candidate"),
        ("gate", "candidate"),
        ("evidence", "candidate"),
        ("days", "candidate"),
    }
    assert {step for _, step in found} == {"meeting", "survey", "candidate"}
    assert "Calon desa" in found["renamed", "candidate"]
    assert changes(old, old) == []


def test_steps_in_another_order_are_said_to_be(lab: Programme) -> None:
    old = pack_of(lab.pack_id).templates["village"]
    turned = [three_steps.MEETING | {"returns": []}, three_steps.CANDIDATE]
    new = pack_of(three_steps.newer([*turned, three_steps.RESULT]).pk)
    assert [c.kind for c in changes(old, new.templates["village"])] == ["order"]


def test_it_shows_where_a_case_would_stand_and_what_it_would_lack(
    at_meeting: Case,
) -> None:
    """Its step is dropped: it would stand at the next one, behind a new step."""
    [found] = standings([at_meeting], three_steps.newer())
    assert found.then is not None
    assert (found.now.id, found.then.id) == ("meeting", "result")
    assert [step.id for step in found.skipped] == ["survey"]
    lacking = [(each.step.id, each.paper.id, each.have) for each in found.lacking]
    assert lacking == [("candidate", "photo", 1), ("survey", "form", 0)]
    assert "2" in text(found)


def test_evidence_that_is_there_is_not_lacking(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo", "photo")
    moved = actions.move_case(
        case=case, to="meeting", on=LATER, by=ratna, version=case.version
    )
    [found] = standings([moved], three_steps.newer())
    assert [each.step.id for each in found.lacking] == ["survey"]


def test_a_case_stands_at_its_step_and_its_days_go_on(case: Case, ani: User) -> None:
    version = three_steps.newer()
    adoption.take_up_pack(case=case, version=version, on=LATER, by=ani)
    now = fresh(case)
    assert (now.pack, now.step, now.position) == (version, "candidate", 1)
    assert now.since == case.since
    assert now.due_on == case.since + timedelta(days=20)


def test_a_case_whose_step_is_gone_goes_on_at_the_next(
    at_meeting: Case, ani: User
) -> None:
    adoption.take_up_pack(
        case=at_meeting, version=three_steps.newer(), on=LATER, by=ani
    )
    now = fresh(at_meeting)
    assert (now.step, now.position, now.since) == ("result", 3, LATER)
    line = now.transitions.latest("pk")
    assert (line.kind, line.from_step, line.to_step) == ("adopt", "meeting", "result")
    assert line.pack == at_meeting.pack
    assert line.reason == "lab@1.0 → lab@1.1"


FORUM = three_steps.MEETING | {"id": "forum", "was": ["meeting"]}
RENAMED = [three_steps.CANDIDATE, FORUM, three_steps.RESULT | {"returns": ["forum"]}]


def test_a_step_with_another_id_is_shown_as_renamed(lab: Programme) -> None:
    old = pack_of(lab.pack_id).templates["village"]
    new = pack_of(three_steps.newer(RENAMED).pk).templates["village"]
    for one, other in ((old, new), (new, old)):
        assert [change.kind for change in changes(one, other)] == ["renamed"]


def test_a_case_at_a_step_with_another_id_keeps_all_that_lies_there(
    at_meeting: Case, ani: User, ratna: User, client: Client
) -> None:
    """Its minutes and its decision were recorded under the old id."""
    before, now = verdict(at_meeting, on=LATER), at_meeting.pack
    version = three_steps.newer(RENAMED)
    [found] = standings([at_meeting], version)
    assert (found.moves, found.lacking, found.skipped) == (False, (), ())
    case = adoption.take_up_pack(case=at_meeting, version=version, on=LATER, by=ani)
    assert (case.step, case.since) == ("forum", at_meeting.since)
    assert verdict(case, on=LATER) == before
    client.force_login(ratna)
    assert "Berita acara" in client.get(f"/berkas/{case.uid}/").content.decode()

    lay(case, ratna, "minutes")
    moved = actions.move_case(
        case=case, to="result", on=LATER, by=ratna, version=case.version
    )
    assert [line.state for line in step_lines(moved, template_of(moved))] == [
        *("done", "done", "now")
    ]
    returned = actions.move_case(
        case=moved, to="forum", on=LATER, by=ratna, version=moved.version, reason=REASON
    )
    back = adoption.take_up_pack(case=returned, version=now, on=LATER, by=ani)
    assert back.step == "meeting"


def test_its_story_still_tells_of_steps_and_facts_that_are_gone(
    at_meeting: Case, ani: User, client: Client, ratna: User
) -> None:
    content = three_steps.newer(facts=[])
    adoption.take_up_pack(case=at_meeting, version=content, on=LATER, by=ani)
    told = [say(line.title) for line in story(fresh(at_meeting), ratna)]
    assert any("Rapat" in line for line in told)
    assert any("poor" in line for line in told)
    client.force_login(ratna)
    assert client.get(f"/berkas/{at_meeting.uid}/").status_code == 200
    decision = at_meeting.decisions.get()
    page = client.get(f"/berkas/{at_meeting.uid}/keputusan/{decision.uid}/")
    assert "Rapat" in page.content.decode()


def test_a_paused_case_stays_paused(case: Case, ratna: User, ani: User) -> None:
    actions.pause_case(case=case, reason=REASON, on=LATER, by=ratna, version=1)
    adoption.take_up_pack(case=case, version=three_steps.newer(), on=LATER, by=ani)
    assert (fresh(case).state, fresh(case).due_on) == (Case.State.PAUSED, None)


def test_open_cases_follow_in_a_job_and_closed_ones_stay(
    case: Case, lab: Programme, ratna: User, ani: User, botosari: Place
) -> None:
    ended = opened(lab, botosari, ratna, title="Selesai")
    Case.objects.filter(pk=ended.pk).update(state=Case.State.CLOSED)
    version = three_steps.newer()
    adoption.adopt_pack_version(programme=lab, version=version, by=ani)
    assert fresh(case).pack == lab.pack  # not yet: nobody waits for all of them
    work_off()
    assert fresh(case).pack == version
    assert fresh(ended).pack == lab.pack
    verbs = Event.objects.filter(by=ani).values_list("verb", flat=True)
    assert {"adopt_pack_version", "take_up_pack"} <= set(verbs)
    assert Transition.objects.filter(kind="adopt").count() == 1


def test_a_programme_goes_back_to_the_rules_it_had(
    case: Case, lab: Programme, ani: User
) -> None:
    first = lab.pack
    adoption.adopt_pack_version(programme=lab, version=three_steps.newer(), by=ani)
    work_off()
    adoption.adopt_pack_version(programme=lab, version=first, by=ani)
    work_off()
    assert fresh(case).pack == first
    assert fresh(case).due_on == case.due_on


def test_a_programme_with_cases_keeps_its_rules_when_newer_ones_are_loaded(
    case: Case, lab: Programme
) -> None:
    version = three_steps.newer()
    write_programmes(version)
    lab.refresh_from_db()
    assert lab.pack != version
    assert adoption.offered(lab) == [version]


def test_a_programme_without_cases_follows_by_itself(lab: Programme) -> None:
    version = three_steps.newer()
    write_programmes(version)
    lab.refresh_from_db()
    assert lab.pack == version


def test_the_page_shows_the_difference_and_adopts(
    at_meeting: Case, ani: User, ratna: User, client: Client
) -> None:
    version = three_steps.newer()
    client.force_login(ratna)
    assert client.get(URL).status_code == 404
    client.force_login(ani)
    page = client.get(URL).content.decode()
    for word in ("Calon desa", "Survei", "Formulir", at_meeting.number):
        assert word in page
    answer = client.post(URL, {"versi": str(version)})
    assert answer.status_code == 302
    assert Programme.objects.get().pack == version
    assert timezone.localdate() >= LATER
