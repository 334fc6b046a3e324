"""What a page of one's own may tell of others: no number, name, choice or job of theirs.

Each test belongs to the walk: without the rule on that page it fails.
"""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from lumbung.measures.models import Observation, Question, Run
from lumbung.measures.runs.actions import key_of
from lumbung.programmes.actions import open_case
from lumbung.programmes.models import Case, CasePlace
from lumbung.work.models import Job
from tests.access import TERRITORY, World
from tests.test_access import client_of, text_of, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db
OFFICERS = ("ratna", "budi", "maria")


def answer(world: World, who: str, name: str, query: str = "", **keys: Any) -> Any:
    return client_of(world, who).get(reverse(name, kwargs=keys) + query)


def told(world: World, key: str, name: str, query: str = "", **keys: Any) -> Any:
    """What a page puts under `key`, for each of three officers."""
    return {
        who: answer(world, who, name, query, **keys).context[key] for who in OFFICERS
    }


def job(world: World, asker: str, kind: str, **more: Any) -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind=kind, asked_by=world.cast(asker), asked_at=now, run_after=now, **more
    )


def test_programmes_and_districts_count_the_cases_inside(world: World) -> None:
    inside = {
        who: CasePlace.objects.filter(path__startswith=TERRITORY[who])
        .values("case")
        .distinct()
        .count()
        for who in OFFICERS
    }
    rows = told(world, "rows", "desk:programmes")
    totals = {who: sum(r.get("total", 0) for r in rows[who]) for who in OFFICERS}

    assert totals == inside
    assert told(world, "total", "desk:districts", code="lab") == inside
    assert inside["maria"] > max(inside["ratna"], inside["budi"])


def test_places_with_a_case_are_those_of_cases_inside(world: World) -> None:
    query = "?tempat=ID&tingkat=2&ada=berkas&unduh=csv"
    kampar = {
        who: "14.01"
        in text_of(answer(world, who, "measures:figure_rows", query, kind="tempat"))
        for who in OFFICERS
    }

    assert kampar == {"ratna": False, "budi": True, "maria": True}


def test_at_home_waits_no_case_that_one_no_longer_sees(world: World) -> None:
    case = world.things["case"]

    def waits(who: str) -> bool:
        return str(case.uid) in text_of(answer(world, who, "desk:home"))

    assert waits("ratna")
    Case.objects.filter(pk=case.pk).update(responsible=world.cast("budi"))
    assert not waits("budi")


def test_a_program_is_not_told_the_model_of_a_copy_either(world: World) -> None:
    model = world.things["case"]
    copy = open_case(
        programme=model.programme,
        template="village",
        title="Salinan",
        place=world.cast("kampar"),
        responsible=world.cast("budi"),
        on=timezone.localdate(),
        by=world.cast("budi"),
        origin=model,
    )

    assert {
        who: bool(answer(world, who, "api:case", uid=copy.uid).json()["origin"])
        for who in ("budi", "maria")
    } == {"budi": False, "maria": True}


def test_a_paper_from_outside_is_not_even_named(world: World) -> None:
    paper, case = world.things["there evidence"], world.things["case"]
    refused = client_of(world, "ratna").post(
        reverse("api:attach_evidence", args=[case.uid]),
        {"requirement": "photo", "evidence": str(paper.uid)},
        content_type="application/json",
        headers={"Idempotency-Key": "a paper of Kampar"},
    )

    assert refused.status_code == 422
    assert paper.title not in text_of(refused)


def test_no_page_shows_another_s_job(world: World) -> None:
    found, run = world.things["import"], world.things["run"]
    Run.objects.filter(pk=run.pk).update(labels="")  # still being computed
    staged, theirs = (
        job(world, who, "imports.stage", payload={"import": str(found.uid)})
        for who in ("ratna", "budi")
    )
    Job.objects.filter(key=key_of(run)).delete()
    computed = job(world, "ratna", "measures.classify", key=key_of(run))
    pages = {"imports:review": (found, staged), "runs:run": (run, computed)}
    for name, (row, own) in pages.items():
        shown = {
            who: answer(world, who, name, uid=row.uid).context["job"]
            for who in ("ratna", "maria")
        }
        assert shown == {"ratna": own, "maria": None}, name

    text = text_of(answer(world, "ratna", "work:jobs"))
    assert [str(each.uid) in text for each in (staged, theirs)] == [True, False]


def test_a_run_that_waits_elsewhere_is_compared_with_nothing(world: World) -> None:
    query = f"?kiri=hitungan:{world.things['run'].uid}"
    answers = {
        who: answer(world, who, "runs:compare", query).status_code for who in OFFICERS
    }

    assert answers == {"ratna": 200, "budi": 404, "maria": 200}


def test_the_file_of_a_value_is_named_only_to_who_may_see_its_import(
    world: World,
) -> None:
    came = world.things["accepted"]
    value = Observation.objects.filter(of=came).select_related("place", "indicator")[0]
    query = (
        f"?tempat={value.place.code}&indikator={value.indicator.code}"
        f"&periode={value.period}"
    )

    page = told(world, "may_see_import", "measures:figure", query, kind="nilai")
    came_in = {
        who: answer(world, who, "api:figure", query, kind="nilai").json()["came_in"]
        for who in OFFICERS
    }
    seen = {"ratna": True, "budi": False, "maria": True}
    assert page == seen
    assert {who: came_in[who]["file"] is not None for who in OFFICERS} == seen


def test_a_question_from_outside_stands_beside_no_number(world: World) -> None:
    asked = world.things["question kampar"]
    query = "?program=lab&jenis=village&wilayah=14.01"

    assert told(world, "asked", "measures:figure", query, kind="berkas") == {
        "ratna": [],
        "budi": [asked],
        "maria": [asked],
    }


def test_a_question_names_and_offers_only_imports_one_may_see(world: World) -> None:
    came, asked = world.things["accepted"], world.things["question kampar"]
    Question.objects.filter(pk=asked.pk).update(
        responsible=world.cast("budi"),
        asked_at=came.decided_at,
        is_reference=True,
        corrected_by=came,
    )

    names = told(world, "sees_import", "measures:question", uid=asked.uid)
    form = answer(world, "budi", "measures:question", uid=asked.uid).context
    offered = form["answer_form"].fields["corrected_by"].queryset
    assert names == {"ratna": True, "budi": False, "maria": True}
    assert came not in offered
