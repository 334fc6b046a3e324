import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pydantic import ValidationError

import lumbung.api
from lumbung.accounts import answers
from lumbung.accounts.actions import revoke_token
from lumbung.accounts.models import Event, KeptAnswer, User
from lumbung.pages.shapes import Body
from lumbung.places.models import Place, PlaceCode
from lumbung.programmes.models import Case, Programme
from lumbung.tests.calls import ROOT, Caller, code_of

OPENING = {"programme": "lab", "template": "village", "place": "33.26.02.2008"}


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


def test_it_refuses_whoever_brings_no_key(db: None, client: Client) -> None:
    response = client.get(f"{ROOT}/cases")

    assert code_of(response) == (401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_it_refuses_a_key_that_was_revoked_or_has_run_out(siti: User) -> None:
    caller = Caller(siti)
    assert caller.get("/cases").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        assert code_of(caller.get("/cases")) == (401, "not_signed_in")

    revoke_token(token=caller.token, by=siti, now=timezone.now())

    assert code_of(caller.get("/cases")) == (401, "not_signed_in")


def test_a_wrong_key_does_not_fall_back_to_a_cookie(siti: User) -> None:
    client = Client(headers={"Authorization": "Bearer wrong"})
    client.force_login(siti)

    assert client.get(f"{ROOT}/cases").status_code == 401


def test_a_cookie_reads_and_changes_only_with_a_csrf_token(
    siti: User, case: Case
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(siti)
    address = f"{ROOT}/cases/{case.uid}/move"
    sent: dict[str, Any] = {
        "data": {"to": "meeting", "version": 1},
        "content_type": "application/json",
    }

    assert client.get(f"{ROOT}/cases").json()["items"][0]["uid"] == str(case.uid)
    named = {"Idempotency-Key": "a"}
    assert code_of(client.post(address, **sent, headers=named)) == (403, "csrf_missing")
    client.cookies["csrftoken"] = "c" * 32
    named["X-CSRFToken"] = "c" * 32
    # It came in: what stops it now is the rule that facilitators do not move cases.
    assert code_of(client.post(address, **sent, headers=named)) == (403, "not_allowed")


@pytest.mark.parametrize("path", ["/nothing", "/cases/abc", f"/cases/{UUID(int=4)}"])
def test_what_is_not_there_is_a_problem_too(ratna: User, path: str) -> None:
    assert code_of(Caller(ratna).get(path)) == (404, "not_found")


def test_a_method_that_an_address_does_not_know_is_a_problem(ratna: User) -> None:
    caller = Caller(ratna)

    response = caller.client.delete(f"{ROOT}/cases", headers=caller.headers)

    assert code_of(response) == (405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_a_problem_is_in_the_language_that_the_request_accepts(
    case: Case, ratna: User
) -> None:
    path = f"/cases/{case.uid}/move"
    move = {"to": "meeting", "version": 1}

    english = Caller(ratna, "fr, en-GB;q=0.8, id;q=0.5").post(path, move)
    indonesian = Caller(ratna, "id").post(path, move)

    assert english.json()["parts"] == ["Photo: none yet."]
    assert english.headers["Content-Language"] == "en"
    assert indonesian.json()["title"] == "Ditolak oleh aturan"
    assert indonesian.json()["parts"] == ["Foto: belum ada."]
    assert "Accept-Language" in indonesian.headers["Vary"]
    assert indonesian.headers["Cache-Control"] == "no-store"


def test_each_value_that_is_not_right_is_named(
    ratna: User, lab: Programme, botosari: Place
) -> None:
    response = Caller(ratna).post("/cases", {"template": 3, "titel": "", "on": "soon"})

    assert code_of(response) == (422, "invalid")
    assert {(e["field"], e["detail"]) for e in response.json()["errors"]} == {
        ("data.programme", "This is needed."),
        ("data.place", "This is needed."),
        ("data.template", "Write a text."),
        ("data.titel", "This name is not known here."),
        ("data.on", "Write a day, such as 2020-01-31."),
    }


def test_what_is_no_json_or_too_large_is_a_problem(ratna: User, case: Case) -> None:
    caller = Caller(ratna)
    address = f"{ROOT}/cases/{case.uid}/move"
    named = caller.headers | {"Idempotency-Key": "a"}

    def send(body: bytes, **more: Any) -> Any:
        return caller.client.post(
            address, body, content_type="application/json", headers=named, **more
        )

    assert code_of(send(b"{")) == (400, "bad_request")
    assert code_of(send(b" " * 3_000_000)) == (413, "too_large")
    assert code_of(send(b"{}", CONTENT_LENGTH="999999999")) == (413, "too_large")


def test_a_fault_of_ours_is_a_problem_with_the_number_that_is_in_the_log(
    ratna: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(lumbung.api.PerSender, "allow_request", broken)

    response = Caller(ratna).get("/cases")

    assert code_of(response) == (500, "broken")
    assert "a bug" in caplog.text
    assert "a bug" not in response.content.decode()
    number = response.json()["instance"].removeprefix("urn:lumbung:request:")
    assert len(number) == 8


def test_too_many_requests_are_slowed_for_that_key_alone(
    ratna: User, budi: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lumbung.api, "REQUESTS_A_MINUTE", 3)
    caller = Caller(ratna)
    with time_machine.travel("2026-11-23T02:00:10Z", tick=False):
        key = Caller(ratna)
        found = [key.get("/cases").status_code for _ in range(5)]
        response = key.get("/cases")
        assert Caller(budi).get("/cases").status_code == 200
    with time_machine.travel("2026-11-23T02:01:01Z", tick=False):
        assert key.get("/cases").status_code == 200

    assert found == [200, 200, 200, 429, 429]
    assert code_of(response) == (429, "too_many_requests")
    assert response.headers["Retry-After"] == "50"
    assert caller.get("/cases").status_code == 200


def test_a_post_without_a_key_of_its_own_is_refused(ratna: User) -> None:
    caller = Caller(ratna)

    response = caller.client.post(
        f"{ROOT}/cases",
        json.dumps(OPENING),
        content_type="application/json",
        headers=caller.headers,
    )

    assert code_of(response) == (400, "idempotency_key_missing")
    assert not Case.objects.exists()


def test_sent_twice_it_happens_once_and_is_answered_twice(
    ratna: User, lab: Programme, botosari: Place
) -> None:
    caller = Caller(ratna)

    first = caller.post("/cases", OPENING, key="one")
    again = caller.post("/cases", OPENING, key="one")

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Case.objects.count() == 1
    assert Event.objects.filter(verb="open_case").count() == 1


def test_a_key_is_not_used_for_another_request(
    ratna: User, siti: User, lab: Programme, botosari: Place
) -> None:
    caller = Caller(ratna)
    caller.post("/cases", OPENING, key="one")

    other = caller.post("/cases", OPENING | {"title": "Another"}, key="one")

    assert code_of(other) == (409, "idempotency_key_used")
    assert Case.objects.count() == 1
    # Somebody else's key of the same name is another key.
    assert code_of(Caller(siti).post("/cases", OPENING, key="one")) == (
        403,
        "not_allowed",
    )


def test_a_refused_request_may_be_mended_and_sent_under_its_key(
    ratna: User, lab: Programme, botosari: Place
) -> None:
    caller = Caller(ratna)
    wrong = OPENING | {"template": "town"}

    assert code_of(caller.post("/cases", wrong, key="one")) == (422, "no_such_step")
    assert not KeptAnswer.objects.exists()
    assert caller.post("/cases", OPENING, key="one").status_code == 201


def test_a_key_is_free_again_after_a_day(
    ratna: User, lab: Programme, botosari: Place
) -> None:
    caller = Caller(ratna)
    now = timezone.now()
    caller.post("/cases", OPENING, key="one")

    with time_machine.travel(now + timedelta(hours=24, minutes=1)):
        other = caller.post("/cases", OPENING | {"title": "Next"}, key="one")

    assert other.status_code == 201
    assert answers.forget_old(now + timedelta(hours=50)) == 1
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_happens_and_both_are_answered_alike(
    ratna: User, lab: Programme, botosari: Place
) -> None:
    caller = Caller(ratna)
    both_ready = threading.Barrier(2)
    found = []

    def send() -> None:
        both_ready.wait()
        response = caller.post("/cases", OPENING, key="one")
        found.append((response.status_code, response.json()["number"]))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    number = Case.objects.get().number
    assert found == [(201, number), (201, number)]


def test_a_list_comes_in_parts_that_new_rows_do_not_disturb(
    ratna: User, lab: Programme, botosari: Place
) -> None:
    caller = Caller(ratna)
    opened = [caller.post("/cases", OPENING).json()["uid"] for _ in range(5)]

    first = caller.get("/cases", limit=2).json()
    opened.append(caller.post("/cases", OPENING).json()["uid"])
    second = caller.get(first["next"]).json()
    third = caller.get(second["next"]).json()

    parts = [[row["uid"] for row in part["items"]] for part in (first, second, third)]
    assert parts == [opened[:2], opened[2:4], opened[4:]]
    assert third["next"] is None


@pytest.mark.parametrize("after", ["x", "%00", "cGF0aDpJRC4", "dWlkOjEnIE9SIDE9MQ"])
def test_a_cursor_that_we_did_not_give_is_refused(ratna: User, after: str) -> None:
    response = Caller(ratna).get("/cases", after=after)

    assert code_of(response) == (422, "bad_cursor")


def test_a_misspelt_parameter_does_not_give_everything(ratna: User, case: Case) -> None:
    response = Caller(ratna).get("/cases?programe=lab")

    assert code_of(response) == (422, "unknown_parameter")
    assert response.json()["field"] == "programe"
    assert Caller(ratna).get("/cases?programme=lab&limit=5").status_code == 200


def test_the_page_that_describes_it_asks_nobody_else(db: None, client: Client) -> None:
    page = client.get("/api").content.decode()
    schema = client.get(f"{ROOT}/openapi.json").json()

    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page
            assert operation["description"], f"{path} says nothing"
    assert "//cdn" not in page
    assert "<script" not in page


def test_every_operation_wants_a_key_or_a_cookie(db: None, client: Client) -> None:
    schema = client.get(f"{ROOT}/openapi.json").json()

    for path, methods in schema["paths"].items():
        for method in methods:
            address = path.replace("{uid}", str(UUID(int=4))).replace("{code}", "33.26")
            address = address.replace("{paper}", str(UUID(int=4)))
            response = getattr(client, method)(address)
            assert code_of(response) == (401, "not_signed_in"), address


def test_problems_leave_pages_alone(db: None, client: Client) -> None:
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_move_by_the_api_is_in_the_trail_with_its_door(
    ratna: User, case: Case
) -> None:
    Caller(ratna).post(
        f"/cases/{case.uid}/pause",
        {"version": 1, "reason": "Jalan ke desa putus karena longsor sejak kemarin."},
    )

    event = Event.objects.get(verb="pause_case")
    assert (event.door, event.by) == ("api", ratna)
    assert Case.objects.get().state == "paused"


def bodies(of: type[Body] = Body) -> Iterator[type[Body]]:
    for each in of.__subclasses__():
        yield each
        yield from bodies(each)


def refused(body: type[Body], field: str, value: Any) -> bool:
    try:
        body.model_validate({field: value})
    except ValidationError as error:
        return any(fault["loc"][0] == field for fault in error.errors())
    return False


def test_no_body_takes_one_kind_of_value_for_another() -> None:
    """`true` is no 1, "3" no 3, and 86400 no second of January 1970."""
    wrong: dict[Any, list[Any]] = {
        int: [True, "3", 3.0],
        date: [86400, "86400", True, "2020-01-31T00:00:00", "0001-01-01"],
        str: [3, True],
        UUID: [3, True],
    }
    taken = [
        (body.__name__, field, value)
        for body in bodies()
        for field, of in body.model_fields.items()
        for kind in [list(kinds(of.annotation))]
        for value in (wrong.get(kind[0], []) if len(kind) == 1 else [])
        if not refused(body, field, value)
    ]

    assert taken == []


def kinds(of: Any) -> Iterator[Any]:
    """The classes an annotation is made of, without None."""
    if isinstance(of, type) and of is not type(None):
        yield of
    for part in get_args(of):
        yield from kinds(part)


def test_a_moment_is_written_as_one(ratna: User, case: Case) -> None:
    for moment in ("5", "1577836800", "2020-01-31", "2020-01-31T08:00:00"):
        found = Caller(ratna).get("/cases", changed_since=moment)
        assert code_of(found) == (422, "invalid"), moment
    for sign in ("%2B", "+"):  # the latter is a space to whoever reads addresses
        found = Caller(ratna).get(
            f"/cases?changed_since=2020-01-31T08:00:00{sign}07:00"
        )
        assert found.status_code == 200


def test_a_code_as_lists_write_it_means_its_place(ratna: User, kampar: Place) -> None:
    riau = Place.objects.get(code="14")
    for place, code in [(kampar, "14"), (riau, "1401")]:
        PlaceCode.objects.create(place=place, scheme=PlaceCode.Scheme.BPS, code=code)

    found = Caller(ratna).get("/places/14").json()
    below = Caller(ratna).get("/places", below="14", level=2).json()["items"]

    assert found["name"] == riau.name
    assert [each["code"] for each in below] == ["14.01"]
    assert code_of(Caller(ratna).get("/places/1401"))[1] == "ambiguous_code"
