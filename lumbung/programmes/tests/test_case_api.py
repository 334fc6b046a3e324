"""The verbs of a case through the API: who is refused, what is answered."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from lumbung.accounts.models import User
from lumbung.conftest import give
from lumbung.evidence.tests import files
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.models import Case, CasePlace, Decision, Programme
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_meeting,
    decide,
    lay,
    opened,
    paper,
    ready_to_leave_meeting,
)
from lumbung.tests.calls import Caller, code_of

TODAY = "2018-01-05"


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings: Settings, tmp_path: Path) -> None:
    cache.clear()
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    }


def bodies(case: Case, ratna: User) -> dict[str, dict[str, Any]]:
    """A sound body for each verb; whether a rule lets it through is another matter."""
    minutes = paper(case.places.get().place, ratna)
    change = {"version": 1, "on": TODAY}
    deciding = {
        "body": "TKPK",
        "decided_on": TODAY,
        "venue": "Balai desa",
        "result": "approved",
        "reason": REASON,
        "attendance": {"government": {"women": 2, "men": 5}},
        "invited": 10,
        "minutes": str(minutes.uid),
    }
    return {
        "move": change | {"to": "meeting"},
        "override": change | {"to": "meeting", "decision": str(uuid4())},
        "pause": change | {"reason": REASON},
        "resume": change,
        "reopen": change | {"reason": REASON},
        "stop": change | {"decision": str(uuid4())},
        "hand-over": change | {"to": str(ratna.uid)},
        "decisions": deciding,
        "evidence/lay": {"requirement": "photo", "evidence": str(minutes.uid)},
        "facts": {
            "name": "families",
            "value": 12,
            "as_of": TODAY,
            "evidence": str(minutes.uid),
        },
    }


OFFICERS = {"ratna": True}
WORKING = {"ratna": True, "slamet": True, "siti": True}
# Who is not stopped by 403 at each verb; all of the territory but these are.
MAY = {
    "move": {"ratna": True, "slamet": True},
    "override": {},  # needs a decision first: 422 or 403, tested with one below
    "pause": OFFICERS,
    "resume": OFFICERS,
    "reopen": OFFICERS,
    "stop": {},
    "hand-over": OFFICERS,
    "decisions": WORKING,
    "evidence/lay": WORKING | {"yusuf": True},
    "facts": WORKING | {"yusuf": True},
}
# Who succeeds comes last: then the case is another one for those after.
INSIDE = ("maria", "yusuf", "siti", "slamet", "ratna")


@pytest.mark.parametrize("verb", sorted(MAY))
def test_each_verb_is_open_to_its_people_alone(
    verb: str, case: Case, ratna: User, request: pytest.FixtureRequest
) -> None:
    body = bodies(case, ratna)[verb]
    answers = {}
    for name in ("tono", "budi", *INSIDE):
        caller = Caller(request.getfixturevalue(name))
        answers[name] = caller.post(f"/cases/{case.uid}/{verb}", body).status_code

    assert answers["tono"] == answers["budi"] == 404
    stopped = {name for name in INSIDE if answers[name] in {403, 404}}
    if MAY[verb]:
        assert stopped == set(INSIDE) - set(MAY[verb])


def test_nobody_outside_learns_that_a_case_is_there(
    case: Case, budi: User, tono: User
) -> None:
    for person in (budi, tono):
        caller = Caller(person)
        for path in (
            "",
            "/transitions",
            "/evidence",
            "/decisions",
            "/facts",
            "/people",
        ):
            assert code_of(caller.get(f"/cases/{case.uid}{path}")) == (404, "not_found")
        assert caller.get("/cases").json() == {"items": [], "next": None}


def test_the_case_it_copies_is_named_only_to_who_may_see_it(
    case: Case, lab: Programme, kampar: Place, budi: User, maria: User
) -> None:
    copy = actions.open_case(
        programme=lab,
        template="village",
        title="",
        place=kampar,
        responsible=budi,
        on=OPENED,
        by=budi,
        origin=case,
    )

    here = Caller(budi).get(f"/cases/{copy.uid}")
    over_all = Caller(maria).get(f"/cases/{copy.uid}").json()

    assert here.json()["origin"] is None
    assert str(case.uid) not in here.content.decode()
    assert over_all["origin"] == {"uid": str(case.uid), "number": case.number}


def test_a_case_is_told_whole(case: Case, ratna: User) -> None:
    case = at_meeting(case, ratna)
    lay(case, ratna, "minutes")
    decide(case, ratna)

    told = Caller(ratna).get(f"/cases/{case.uid}").json()

    assert told["step"] == {
        "id": "meeting",
        "position": 2,
        "name": {"id": "Rapat", "en": "Meeting"},
    }
    assert (told["version"], told["next"], told["state"]) == (2, "result", "running")
    assert told["places"] == [
        {"code": "33.26.02.2008", "name": "Botosari", "role": "main"}
    ]
    lines = {line["fact"]: line for line in told["gate"]["lines"]}
    assert not told["gate"]["met"]
    share = lines["decision:women_share"]
    assert share["have"] == {"type": "share", "value": "0.3125", "said": "31.2\xa0%"}
    assert (share["met"], share["as_of"]) == (True, OPENED.isoformat())
    assert share["source"] == "Decision of TKPK"
    assert lines["evidence:minutes"]["have"]["value"] == 1
    assert lines["declared:poor"]["have"] is None
    assert "id" not in told
    assert "pk" not in told


def test_the_rules_of_a_programme_are_told_with_their_gates(
    lab: Programme, siti: User
) -> None:
    told = Caller(siti).get("/programmes/lab").json()

    [rule] = told["rules"]
    meeting = rule["steps"][1]
    assert [step["id"] for step in rule["steps"]] == ["candidate", "meeting", "result"]
    needs = {part["fact"]: part for part in meeting["gate"]["parts"]}
    assert needs["decision:women_share"]["need"][0]["value"] == "0.3"
    assert needs["decision:women_share"]["operator"] == "at_least"
    assert meeting["returns"] == ["candidate"]
    assert told["pack"] == "lab@1.0"


def test_the_second_of_two_learns_what_happened(
    case: Case, ratna: User, slamet: User
) -> None:
    lay(case, ratna, "photo")
    move = {"to": "meeting", "version": 1, "on": TODAY}

    first = Caller(ratna).post(f"/cases/{case.uid}/move", move)
    second = Caller(slamet).post(f"/cases/{case.uid}/move", move)

    assert first.status_code == 200
    assert code_of(second) == (409, "moved_meanwhile")
    assert second.json()["detail"].startswith("Ratna Dewi moved this case on ")


def test_the_version_may_stand_in_if_match(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    caller = Caller(ratna)
    move = {"to": "meeting", "on": TODAY}
    path = f"/cases/{case.uid}/move"

    assert code_of(caller.post(path, move)) == (428, "version_missing")
    assert code_of(caller.post(path, move, **{"If-Match": '"9"'}))[0] == 409
    assert caller.post(path, move, **{"If-Match": '"1"'}).json()["version"] == 2


def test_a_whole_way_from_opening_to_an_override(
    lab: Programme, botosari: Place, ratna: User
) -> None:
    caller = Caller(ratna)
    opening = {
        "programme": "lab",
        "template": "village",
        "place": "33.26.02.2008",
        "on": TODAY,
    }
    case = caller.post("/cases", opening).json()
    path = f"/cases/{case['uid']}"
    photo = caller.send(
        f"{path}/evidence",
        file=files.upload(files.photo()),
        requirement="photo",
        dated_on=TODAY,
    ).json()
    assert photo["laid"]["evidence"]["uid"] == photo["evidence"]["uid"]
    moved = caller.post(f"{path}/move", {"to": "meeting", "version": 1, "on": TODAY})
    assert moved.json()["gate"]["met"] is False
    minutes = caller.send(f"{path}/evidence", file=files.upload(files.paper(), "b.pdf"))
    assert minutes.json()["laid"] is None
    deciding = {
        "about": "override",
        "body": "TKPK",
        "number": "050/1",
        "decided_on": TODAY,
        "venue": "Balai desa",
        "result": "approved",
        "reason": REASON,
        "attendance": {"government": {"women": 3, "men": 4}},
        "invited": 9,
        "minutes": minutes.json()["evidence"]["uid"],
    }
    decision = caller.post(f"{path}/decisions", deciding).json()
    assert decision["attendance"] == [{"sector": "government", "women": 3, "men": 4}]

    passed = caller.post(
        f"{path}/override",
        {"to": "result", "decision": decision["uid"], "version": 2, "on": TODAY},
    )

    assert passed.json()["step"]["id"] == "result"
    history = caller.get(f"{path}/transitions").json()["items"]
    assert [line["kind"] for line in history] == ["open", "move", "override"]
    assert history[2]["decision"] == decision["uid"]
    assert history[2]["gate"]["met"] is False
    file: Any = caller.client.get(decision["minutes"]["file"], headers=caller.headers)
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_a_paper_that_was_laid_by_mistake_is_taken_back(
    case: Case, ratna: User
) -> None:
    lay(case, ratna, "photo")
    caller = Caller(ratna)
    [laid] = caller.get(f"/cases/{case.uid}/evidence").json()["items"]

    path = f"/cases/{case.uid}/evidence/{laid['uid']}/detach"
    back = caller.post(path, {"reason": "Foto desa lain"}).json()

    assert back["taken_back"] == "Foto desa lain"
    assert caller.get(f"/cases/{case.uid}").json()["gate"]["met"] is False


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("families", 12, {"type": "count", "value": 12, "said": "12"}),
        ("poor", "0.382", {"type": "share", "value": "0.382", "said": "38.2\xa0%"}),
        ("budget", 5000, {"type": "rupiah", "value": 5000, "said": "Rp\xa05,000"}),
        ("agreed", "yes", {"type": "choice", "value": "yes", "said": "yes"}),
        ("colour", "red", {"type": "choice", "value": "red", "said": "red"}),
    ],
)
def test_a_fact_is_declared_in_its_own_type(
    name: str, sent: Any, kept: dict[str, Any], case: Case, siti: User
) -> None:
    proof = paper(case.places.get().place, siti)
    caller = Caller(siti)
    declaring = {
        "name": name,
        "value": sent,
        "as_of": TODAY,
        "evidence": str(proof.uid),
    }

    told = caller.post(f"/cases/{case.uid}/facts", declaring).json()

    assert (told["name"], told["value"]) == (name, kept)
    assert caller.get(f"/cases/{case.uid}/facts").json()["items"] == [told]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        *[("families", value) for value in (-1, "12", 10**16, "1.5")],
        *[("poor", value) for value in (2, "38 %", "1.01", "-0.1", "1e-9")],
        *[("agreed", "perhaps"), ("colour", "blue"), ("signed_on", "2017-02-30")],
    ],
)
def test_a_value_of_another_type_is_refused(
    name: str, sent: Any, case: Case, siti: User
) -> None:
    proof = paper(case.places.get().place, siti)
    declaring = {
        "name": name,
        "value": sent,
        "as_of": TODAY,
        "evidence": str(proof.uid),
    }

    response = Caller(siti).post(f"/cases/{case.uid}/facts", declaring)

    assert code_of(response) == (422, "bad_value")
    assert response.json()["field"] == "value"


def test_evidence_of_another_territory_is_as_if_it_were_not(
    case: Case, siti: User, budi: User, kampar: Place
) -> None:
    foreign = paper(kampar, budi)
    body = {"requirement": "photo", "evidence": str(foreign.uid)}

    response = Caller(siti).post(f"/cases/{case.uid}/evidence/lay", body)

    assert code_of(response) == (422, "bad_evidence")
    assert foreign.title not in response.content.decode()
    assert Caller(siti).get(f"/evidence/{foreign.uid}").status_code == 404


def test_a_file_that_is_no_photo_is_refused_and_nothing_is_kept(
    case: Case, siti: User
) -> None:
    response = Caller(siti).send(
        f"/cases/{case.uid}/evidence", file=files.upload(b"<html>", "foto.jpg")
    )

    assert 400 <= response.status_code < 500
    assert code_of(response)
    assert not case.evidence.exists()


def test_one_upload_sent_twice_is_one_paper(case: Case, siti: User) -> None:
    caller, photo = Caller(siti), files.photo()
    path = f"/cases/{case.uid}/evidence"

    first = caller.send(path, "one", file=files.upload(photo), requirement="photo")
    again = caller.send(path, "one", file=files.upload(photo), requirement="photo")
    other = caller.send(
        path, "one", file=files.upload(files.photo(colour="blue")), requirement="photo"
    )

    assert (first.status_code, again.json()) == (201, first.json())
    assert code_of(other) == (409, "idempotency_key_used")
    assert case.evidence.count() == 1


def test_it_is_handed_only_to_people_with_a_mandate_there(
    case: Case, ratna: User, slamet: User, budi: User
) -> None:
    caller, path = Caller(ratna), f"/cases/{case.uid}"
    names = [person["name"] for person in caller.get(f"{path}/people").json()]

    def hand(to: User) -> Any:
        body = {"to": str(to.uid), "version": 1, "on": TODAY}
        return caller.post(f"{path}/hand-over", body)

    assert names == ["Ratna Dewi", "Slamet Raharjo"]
    assert code_of(hand(budi)) == (422, "bad_successor")
    assert budi.name not in hand(budi).content.decode()
    assert hand(slamet).json()["responsible"]["name"] == "Slamet Raharjo"


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"stuck", "paused", "kampar"}),
    ({"programme": "lab", "template": "village"}, {"stuck", "paused", "kampar"}),
    ({"programme": "kpel"}, set()),
    ({"state": "paused"}, {"paused"}),
    ({"step": "candidate"}, {"stuck", "paused", "kampar"}),
    ({"place": "33.26"}, {"stuck", "paused"}),
    ({"place": "14.01"}, {"kampar"}),
    ({"stuck": "true"}, {"stuck"}),
    ({"stuck": "false"}, {"paused", "kampar"}),
]


@pytest.mark.parametrize(("asked", "expected"), FILTERS)
def test_a_list_is_narrowed_by_what_is_asked(
    asked: dict[str, Any],
    expected: set[str],
    case: Case,
    kampar: Place,
    budi: User,
    maria: User,
) -> None:
    botosari, ratna = case.places.get().place, case.responsible
    paused = opened(case.programme, botosari, ratna)
    actions.pause_case(case=paused, reason=REASON, on=OPENED, by=ratna, version=1)
    fresh = opened(case.programme, kampar, budi)
    Case.objects.filter(pk=fresh.pk).update(due_on=timezone.localdate())
    names = {
        str(case.uid): "stuck",
        str(paused.uid): "paused",
        str(fresh.uid): "kampar",
    }

    found = Caller(maria).get("/cases", **asked).json()["items"]

    assert {names[row["uid"]] for row in found} == expected


def test_what_changed_since_a_moment_and_whose_it_is(
    case: Case, botosari: Place, ratna: User, slamet: User
) -> None:
    moment = timezone.now()
    other = opened(case.programme, botosari, ratna)
    caller = Caller(ratna)

    changed = caller.get("/cases", changed_since=moment.isoformat()).json()["items"]
    later = (moment + timedelta(hours=1)).isoformat()

    assert [row["uid"] for row in changed] == [str(other.uid)]
    assert caller.get("/cases", changed_since=later).json()["items"] == []
    assert len(caller.get("/cases", responsible=ratna.uid).json()["items"]) == 2
    assert caller.get("/cases", responsible=slamet.uid).json()["items"] == []


def many_cases(case: Case, count: int) -> None:
    """Copies of a case in the same place, each with the case it copies named."""
    rows = [
        Case(
            **{
                field.attname: getattr(case, field.attname)
                for field in Case._meta.concrete_fields
                if field.name not in {"id", "uid", "number", "origin"}
            },
            number=f"LK-2017-9{n:04d}",
            origin=case,
        )
        for n in range(count)
    ]
    Case.objects.bulk_create(rows)
    place = case.places.get().place
    CasePlace.objects.bulk_create(
        CasePlace(case=row, place=place, path=place.path, role="main") for row in rows
    )


def papers_and_decisions(case: Case, by: User, count: int) -> None:
    for _ in range(count):
        lay(case, by, "minutes")
        decide(case, by)
        actions.declare_fact(
            case=case,
            name="families",
            value=3,
            as_of=OPENED,
            evidence=paper(case.places.get().place, by),
            by=by,
        )


def queries(ask: Callable[[], Any]) -> tuple[int, int]:
    """How many queries an answer took, and how many items it had."""
    with CaptureQueriesContext(connection) as found:
        items = ask().json()["items"]
    return len(found), len(items)


def test_the_queries_of_a_list_do_not_grow_with_it(case: Case, ratna: User) -> None:
    """At 4 rows and at 301: the same number, and at most 15."""
    caller = Caller(ratna)
    many_cases(case, 3)
    caller.get("/cases")
    few = queries(lambda: caller.get("/cases", limit=200))
    Case.objects.filter(origin=case).delete()
    many_cases(case, 300)
    many = queries(lambda: caller.get("/cases", limit=200))

    assert (few[1], many[1]) == (4, 200)
    assert many[0] == few[0] <= 15


@pytest.mark.parametrize("name", ["evidence", "decisions", "facts"])
def test_the_queries_of_what_hangs_on_a_case_do_not_grow(
    name: str, case: Case, ratna: User
) -> None:
    case = ready_to_leave_meeting(case, ratna)
    papers_and_decisions(case, ratna, 2)
    caller, path = Caller(ratna), f"/cases/{case.uid}/{name}"
    caller.get(path)
    few = queries(lambda: caller.get(path, limit=200))
    papers_and_decisions(case, ratna, 20)
    many = queries(lambda: caller.get(path, limit=200))

    assert many[1] == few[1] + 20
    assert many[0] == few[0] <= 15


def test_a_mandate_within_one_programme_shows_no_other(
    case: Case, paninggaran: Place, tono: User, roles: dict[str, Any]
) -> None:
    give(tono, roles["facilitator"], paninggaran, programme="kpel")

    assert Caller(tono).get("/cases").json()["items"] == []
    assert Decision.objects.count() == 0


def test_it_copies_no_case_that_one_may_not_see(
    case: Case, kampar: Place, budi: User
) -> None:
    opening = {
        "programme": "lab",
        "template": "village",
        "place": kampar.code,
        "origin": str(case.uid),
    }

    assert code_of(Caller(budi).post("/cases", opening)) == (404, "not_found")


def test_a_file_of_somebody_who_may_not_add_it_is_not_even_looked_into(
    case: Case, maria: User
) -> None:
    response = Caller(maria).send(
        f"/cases/{case.uid}/evidence", file=files.upload(b"<html>", "foto.jpg")
    )

    assert code_of(response) == (403, "not_allowed")


def test_a_number_of_a_letter_longer_than_its_column_is_refused(
    case: Case, ratna: User
) -> None:
    path, body = f"/cases/{case.uid}/decisions", bodies(case, ratna)["decisions"]

    refused = Caller(ratna).post(path, body | {"number": "1" * 61})

    assert code_of(refused) == (422, "invalid")
    assert refused.json()["errors"][0]["detail"] == "At most 60 letters."
    assert Caller(ratna).post(path, body | {"number": "1" * 60}).status_code == 201


def test_a_misspelt_field_of_an_upload_is_not_left_out_unsaid(
    case: Case, siti: User
) -> None:
    path = f"/cases/{case.uid}/evidence"

    refused = Caller(siti).send(
        path, file=files.upload(files.photo()), requirment="photo"
    )

    assert code_of(refused) == (422, "unknown_parameter")
    assert refused.json()["mend"] == "It takes: dated_on, file, requirement, title."
    assert Caller(siti).get(path).json()["items"] == []


def test_a_refusal_names_the_field_as_it_is_called_in_the_request(
    case: Case, ratna: User
) -> None:
    path, body = f"/cases/{case.uid}", bodies(case, ratna)["decisions"]

    text = Caller(ratna).send(f"{path}/evidence", file=files.upload(b"a letter"))
    unknown = Caller(ratna).post(f"{path}/decisions", body | {"corrects": str(uuid4())})

    assert (text.json()["field"], unknown.json()["field"]) == ("file", "corrects")
