"""Runs through the API: read, part by part."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.imports.actions import accept_import
from lumbung.measures.models import Run
from lumbung.measures.runs.snapshots import path_of
from lumbung.measures.tests.verbs import started
from lumbung.measures.tests.villages import CUT_OFFS
from lumbung.tests.calls import Caller, code_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    cache.clear()
    return started(request.getfixturevalue)


def test_a_run_that_waits_is_for_its_territory_one_that_counts_for_all(
    run: Run, ratna: User, budi: User
) -> None:
    path = f"/runs/{run.uid}"
    assert code_of(Caller(budi).get(path)) == (404, "not_found")
    assert code_of(Caller(budi).get(f"{path}/classes")) == (404, "not_found")
    assert Caller(budi).get("/runs").json()["items"] == []

    accept_import(of=run.of, by=ratna, now=timezone.now())

    [item] = Caller(budi).get("/runs").json()["items"]
    assert (item["uid"], item["state"]) == (str(run.uid), "accepted")
    assert Caller(budi).get(f"{path}/classes").status_code == 200


def test_it_says_the_rule_the_counts_and_what_it_kept(run: Run, ratna: User) -> None:
    found = Caller(ratna).get(f"/runs/{run.uid}").json()

    counts = {each["code"]: each["count"] for each in found["counts"]}
    assert counts == {"red": 2, "yellow": 2, "green": 1, "": 1}
    assert (found["rule"], found["period"]) == (run.rule, "2019")
    assert (found["rows"], found["labels"]) == (run.rows, run.labels)
    assert found["is_example"] is True  # by the status of its rule
    assert any("40" in sentence for sentence in found["sentences"])


def test_each_place_has_its_class_and_value(run: Run, ratna: User) -> None:
    items = Caller(ratna).get(f"/runs/{run.uid}/classes").json()["items"]

    assert {i["place"]: i["code"] for i in items if i["code"]} == CUT_OFFS
    botosari, bare = items[0], next(i for i in items if not i["code"])
    assert (botosari["place_name"], botosari["exact"]) == ("Botosari", "2/5")
    assert botosari["value"]["value"] == "0.4"
    assert (bare["place_name"], bare["value"], bare["exact"]) == (
        "Domiyang",
        None,
        None,
    )
    assert bare["name"]["en"] == "No data"


def test_classes_come_in_parts_and_are_narrowed(run: Run, ratna: User) -> None:
    caller, path = Caller(ratna), f"/runs/{run.uid}/classes"

    def places(answer: Any) -> list[str]:
        return [item["place"] for item in answer.json()["items"]]

    whole = places(caller.get(path))
    part = caller.get(path, limit=4)
    rest = caller.get(part.json()["next"])
    assert places(part) + places(rest) == whole == sorted(whole)
    assert rest.json()["next"] is None
    assert places(caller.get(path, within="33.26.13")) == whole[4:]
    assert places(caller.get(path, within="33.26.13.2001")) == ["33.26.13.2001"]
    assert places(caller.get(path, within="ID")) == whole
    assert places(caller.get(path, code="-")) == ["33.26.02.2011"]
    red = {code for code, klass in CUT_OFFS.items() if klass == "red"}
    assert set(places(caller.get(path, code="red"))) == red
    assert code_of(caller.get(path, within="99")) == (422, "unknown_code")
    assert code_of(caller.get(path, kode="red")) == (422, "unknown_parameter")
    assert code_of(caller.get(path, limit=5001)) == (422, "invalid")


def test_a_list_is_narrowed(run: Run, ratna: User) -> None:
    def found(**query: str) -> int:
        return len(Caller(ratna).get("/runs", **query).json()["items"])

    assert found(rule=run.rule, period="2019", state="waiting", place="33") == 1
    for other in ({"rule": "x"}, {"period": "2018"}, {"state": "accepted"}):
        assert found(**other) == 0
    assert found(place="33.26.02") == 0


def test_a_run_without_labels_or_with_a_damaged_file_says_so(
    run: Run, ratna: User
) -> None:
    path = f"/runs/{run.uid}/classes"
    storages["snapshots"].delete(path_of(run.labels))
    assert code_of(Caller(ratna).get(path)) == (409, "snapshot_damaged")

    Run.objects.filter(pk=run.pk).update(labels="", counts={})

    assert code_of(Caller(ratna).get(path)) == (409, "run_not_done")
    assert Caller(ratna).get(f"/runs/{run.uid}").json()["counts"] == []
