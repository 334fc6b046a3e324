"""What running cases wait for: many at once, from the pack they started on."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from lumbung.accounts.models import User
from lumbung.core.gates import Unknown
from lumbung.core.message import Message
from lumbung.programmes import actions
from lumbung.programmes.models import Case, Programme
from lumbung.programmes.registry import FACTS
from lumbung.programmes.tests import three_steps
from lumbung.programmes.tests.papers import (
    OPENED,
    at_meeting,
    at_result,
    lay,
    move,
    opened,
)
from lumbung.programmes.verdicts import verdict, verdicts


def open_another(case: Case, by: User, programme: Programme | None = None) -> Case:
    programme = programme or case.programme
    return opened(programme, case.places.get().place, by, title="Another")


def test_each_case_is_judged_at_its_own_step(case: Case, ratna: User) -> None:
    ready = open_another(case, ratna)
    lay(ready, ratna, "photo")
    last = at_result(open_another(case, ratna), ratna)
    found = verdicts([case, ready, last], on=last.since)

    assert {pk: (v.met, len(v.lines)) for pk, v in found.items()} == {
        case.pk: (False, 1),
        ready.pk: (True, 1),
        last.pk: (False, 1),
    }


def test_a_paper_of_an_earlier_step_is_none_of_this_one(
    case: Case, ratna: User
) -> None:
    """Two steps may ask for a photo: each for one of its own."""
    candidate, meeting, result = three_steps.STEPS
    again = meeting | {"evidence": candidate["evidence"], "gate": candidate["gate"]}
    [form] = three_steps.CONTENT["templates"]
    steps = [candidate, again, result]
    programme = three_steps.load(
        three_steps.CONTENT
        | {"version": "1.1", "templates": [form | {"steps": steps}]},
        sha256="1" * 64,
    )
    twice = open_another(case, ratna, programme)
    lay(twice, ratna, "photo")
    assert verdict(twice, on=OPENED).met

    moved = move(twice, ratna, "meeting")
    assert not verdict(moved, on=OPENED).met

    lay(moved, ratna, "photo")
    assert verdict(moved, on=OPENED).met


def test_a_hundred_cases_ask_as_often_as_one(case: Case, ratna: User) -> None:
    def asked(cases: list[Case]) -> int:
        with CaptureQueriesContext(connection) as queries:
            verdicts(cases, on=OPENED)
        return len(queries)

    one = at_meeting(case, ratna)
    some = [at_meeting(open_another(case, ratna), ratna) for _ in range(9)]

    assert asked([Case.objects.get(pk=one.pk)]) == asked(some)


def test_a_fact_nobody_computes_is_not_met_and_says_why(
    case: Case, ratna: User
) -> None:
    gate = {"fact": "ledger:balance", "at_least": 1}
    template = three_steps.CONTENT["templates"][0]
    steps = [three_steps.STEPS[0] | {"gate": gate}, *three_steps.STEPS[1:]]
    content = three_steps.CONTENT | {
        "version": "3.0",
        "templates": [template | {"steps": steps}],
    }
    other = open_another(case, ratna, three_steps.load(content, "3" * 64))
    [line] = verdict(other, on=OPENED).missing

    assert line.sentence.values["why"] == Message(
        "This installation cannot compute this fact."
    )
    assert line.have is None


def test_what_is_laid_after_a_look_counts_at_the_next_look(
    case: Case, ratna: User
) -> None:
    assert not verdict(case, on=OPENED).met
    lay(case, ratna, "photo")

    assert verdict(case, on=OPENED).met


def test_facts_about_the_case_itself(case: Case, ratna: User) -> None:
    copy = actions.open_case(
        programme=case.programme,
        template="village",
        title="",
        place=case.places.get().place,
        responsible=ratna,
        on=OPENED,
        by=ratna,
        origin=case,
    )
    day = OPENED + timedelta(days=14)

    def value(name: str, of: Case) -> object:
        found = FACTS[name].compute([of], day, "")[of.pk]
        assert not isinstance(found, Unknown)
        return found.value

    assert [value("case:origin", each) for each in (case, copy)] == ["no", "yes"]
    assert [value(name, case) for name in ("days:open", "places")] == [14, 1]
    moved = at_meeting(case, ratna)
    assert [value(name, moved) for name in ("days:open", "days:in_step")] == [14, 0]
