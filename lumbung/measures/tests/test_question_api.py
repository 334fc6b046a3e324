"""Questions about numbers through the API: who is refused, what is answered."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from lumbung.accounts.models import Event, Role, User
from lumbung.conftest import give, make_user
from lumbung.measures.models import Question
from lumbung.measures.questions import actions
from lumbung.measures.tests import numbers
from lumbung.places.models import Place
from lumbung.programmes.models import Case
from lumbung.tests.calls import Caller, code_of

pytestmark = pytest.mark.django_db
VALUE = "nilai?tempat=33.26.02.2008&indikator=decile_1_4_share&periode=2017"
COUNT = "berkas?program=lab&wilayah=33.26"
TEXT = "Di daftar musyawarah desa ada 315 keluarga."
ANSWER = "Daftar itu dari tahun 2018, bukan 2017."


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest, case: Case) -> None:
    cache.clear()
    numbers.bring_in(request.getfixturevalue)


def ask(by: User, **more: Any) -> Any:
    return Caller(by).post("/questions", {"figure": VALUE, "text": TEXT} | more)


def test_it_is_asked_answered_and_read_by_programs(siti: User, ratna: User) -> None:
    figure = Caller(siti).get(f"/figures/{VALUE}").json()

    asked = ask(siti, figure=figure["address"], believed="38 %")

    assert asked.status_code == 201
    body = asked.json()
    assert body["figure"] == figure["address"]
    assert (body["value"], body["title"]) == (figure["value"], figure["title"])
    assert body["responsible"]["uid"] == str(ratna.uid)
    assert [step["kind"] for step in body["steps"]] == ["asked"]
    path = f"/questions/{body['uid']}"
    answer = {"state": "stands", "answer": ANSWER}
    assert code_of(Caller(siti).post(f"{path}/answer", answer)) == (403, "not_yours")

    answered = Caller(ratna).post(f"{path}/answer", answer)

    assert answered.json()["state"] == "stands"
    assert Caller(siti).get(path).json() == answered.json()
    again = Caller(ratna).post(f"{path}/answer", answer)
    assert code_of(again) == (409, "answered_already")
    doors = Event.objects.filter(verb__endswith="_question").order_by("pk")
    assert [(event.verb, event.door) for event in doors] == [
        ("ask_question", "api"),
        ("answer_question", "api"),
    ]


def test_one_key_asks_once(siti: User) -> None:
    caller, body = Caller(siti), {"figure": VALUE, "text": TEXT}

    first = caller.post("/questions", body, key="one")
    again = caller.post("/questions", body, key="one")

    assert first.json() == again.json()
    assert Question.objects.count() == 1
    assert code_of(caller.post("/questions", body)) == (409, "asked_already")


@pytest.mark.parametrize(
    ("figure", "code"),
    [
        ("nilai?tempat=33.26.02.2008&indikator=none&periode=2017", "no_such_figure"),
        ("nilai", "no_such_figure"),
        ("tiada?tempat=33", "no_such_figure"),
        ("", "no_such_figure"),
        ("berkas?progam=lab", "unknown_parameter"),
    ],
)
def test_what_is_no_number_is_not_asked_about(
    siti: User, figure: str, code: str
) -> None:
    assert code_of(ask(siti, figure=figure)) == (422, code)
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": "salah"}, "too_short"),
        ({"text": "x" * 4001}, "too_long"),
        ({"believed": "x" * 101}, "invalid"),
        ({"figure": "berkas?program=" + "x" * 500}, "invalid"),
        ({"evidence_url": "javascript:alert(1)"}, "bad_proof"),
        ({"evidence_url": "contoh.id/daftar"}, "bad_proof"),
    ],
)
def test_what_the_page_refuses_the_api_refuses(
    siti: User, more: dict[str, str], code: str
) -> None:
    assert code_of(ask(siti, **more)) == (422, code)
    assert not Question.objects.exists()


def test_a_misspelt_key_of_a_figure_does_not_count_everything(ratna: User) -> None:
    found = Caller(ratna).get("/figures/berkas?progam=lab")

    assert code_of(found) == (422, "unknown_parameter")


def test_a_corrected_number_names_the_import_that_the_figure_shows(
    siti: User, ratna: User, budi: User, pekalongan: Place
) -> None:
    path = f"/questions/{ask(siti).json()['uid']}/answer"
    said = {"state": "corrected", "answer": ANSWER}
    before = Caller(ratna).get(f"/figures/{VALUE}").json()["came_in"]["uid"]
    for wrong in (None, before, str(uuid4())):
        refused = Caller(ratna).post(path, said | {"corrected_by": wrong})
        assert code_of(refused) == (422, "no_correction")

    numbers.bring("observations", numbers.VALUES.format("38,9"), pekalongan, ratna)
    came_in = Caller(ratna).get(f"/figures/{VALUE}").json()["came_in"]["uid"]
    answered = Caller(ratna).post(path, said | {"corrected_by": came_in})

    assert answered.json()["corrected_by"] == came_in
    # Whoever does not see that import is not told its uid either.
    outside = Caller(budi).get("/questions").json()["items"][0]
    assert (outside["state"], outside["corrected_by"]) == ("corrected", None)
    figure = Caller(budi).get(f"/figures/{VALUE}").json()
    assert figure["came_in"]["uid"] is None


def test_it_is_passed_on_to_one_of_the_people_offered(
    siti: User, ratna: User, roles: dict[str, Role], jawa_tengah: Place
) -> None:
    province = make_user("Endang Purwanti")
    give(province, roles["provincial_officer"], jawa_tengah)
    path = f"/questions/{ask(siti).json()['uid']}"
    reason = {"reason": "Angka ini dari provinsi."}
    assert code_of(Caller(siti).get(f"{path}/people")) == (403, "not_yours")
    sent = reason | {"to": str(province.uid)}
    assert code_of(Caller(siti).post(f"{path}/pass", sent)) == (403, "not_yours")

    offered = Caller(ratna).get(f"{path}/people").json()
    nobody = Caller(ratna).post(f"{path}/pass", reason | {"to": str(siti.uid)})
    passed = Caller(ratna).post(f"{path}/pass", sent)

    assert [each["name"] for each in offered] == ["Endang Purwanti"]
    assert code_of(nobody) == (422, "not_responsible")
    assert passed.json()["responsible"] == offered[0]
    assert [step["kind"] for step in passed.json()["steps"]] == ["asked", "passed"]
    assert code_of(Caller(ratna).get(f"{path}/people")) == (403, "not_yours")


def test_a_question_about_a_count_of_cases_is_not_there_outside(
    siti: User, budi: User, ratna: User
) -> None:
    path = f"/questions/{ask(siti, figure=COUNT).json()['uid']}"

    for verb, body in {
        "answer": {"state": "stands", "answer": ANSWER},
        "pass": {"to": str(budi.uid), "reason": "Bukan angka kami."},
    }.items():
        assert code_of(Caller(budi).post(f"{path}/{verb}", body)) == (404, "not_found")
    for at in (path, f"{path}/people"):
        assert code_of(Caller(budi).get(at)) == (404, "not_found")
    assert Caller(budi).get("/questions").json()["items"] == []
    assert Caller(ratna).get(path).status_code == 200


def test_a_list_is_narrowed_and_comes_in_parts(siti: User, ratna: User) -> None:
    uids = [ask(siti, figure=f).json()["uid"] for f in (VALUE, COUNT)]
    first = Question.objects.get(uid=uids[0])
    actions.answer_question(
        question=first, state="stands", answer=ANSWER, by=ratna, now=timezone.now()
    )

    def asked(**query: Any) -> list[str]:
        items = Caller(ratna).get("/questions", **query).json()["items"]
        return [item["uid"] for item in items]

    assert asked() == uids
    assert asked(state="open") == uids[1:]
    assert asked(place="33.26") == uids
    assert asked(place="33.26.02") == uids[:1]
    assert asked(figure=first.address) == uids[:1]
    assert asked(responsible=str(ratna.uid)) == uids
    assert asked(asked_by=str(ratna.uid)) == []
    part = Caller(ratna).get("/questions", limit=1).json()
    following = Caller(ratna).get(part["next"]).json()
    assert [part["items"][0]["uid"], following["items"][0]["uid"]] == uids
    assert following["next"] is None


def test_reading_by_a_program_leaves_the_answer_waiting_for_its_asker(
    siti: User, ratna: User
) -> None:
    path = f"/questions/{ask(siti).json()['uid']}"
    Caller(ratna).post(f"{path}/answer", {"state": "stands", "answer": ANSWER})
    Caller(siti).get(path)

    assert not Question.objects.filter(seen__isnull=False).exists()


def test_an_answer_says_what_it_may_be(siti: User, ratna: User) -> None:
    path = f"/questions/{ask(siti).json()['uid']}/answer"

    refused = Caller(ratna).post(path, {"state": "open", "answer": ANSWER})

    assert code_of(refused) == (422, "invalid")
    [error] = refused.json()["errors"]
    assert error["field"] == "data.state"
    assert "'stands' or 'corrected'" in error["detail"]
    assert Question.objects.get().answer_by == timezone.localdate() + timedelta(days=7)
