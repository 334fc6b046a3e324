"""The demonstration: one story, the same every time it is told on a day."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from lumbung.accounts.models import Event, Mandate, User
from lumbung.conftest import load_district, make_user
from lumbung.desk import demo, installation
from lumbung.evidence.models import Evidence
from lumbung.imports.models import Import
from lumbung.measures.models import Observation, PlaceClass
from lumbung.places.actions import load_countries
from lumbung.programmes.models import Case, CasePlace, Decision, Transition
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.verdicts import verdicts

DISTRICTS = ("33.26", "18.72", "14.01", "32.02")


@contextmanager
def told() -> Iterator[None]:
    """The story, told over four real districts; gone again afterwards."""
    with transaction.atomic():
        load_countries()
        for code in DISTRICTS:
            load_district(code)
        installation.load_packs(installation.programmes())
        demo.build(now=timezone.now(), progress=lambda _: None)
        yield
        transaction.set_rollback(True)
    pack_of.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def first_telling(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Any]]:
    """Told twice for this file; the second stays, and no test changes it."""
    with django_db_blocker.unblock():
        with told():
            first = signature()
        with told():
            yield first


@pytest.fixture
def story(db: None) -> None:
    """What the demonstration made."""


def standings() -> dict[str, tuple[str, int, int, int]]:
    """By title: state, position, conditions met, conditions in all."""
    cases = list(Case.objects.all())
    found = verdicts(cases, on=timezone.localdate())
    return {
        case.title: (
            *(case.state, case.position),
            *(len(found[case.pk].passed), len(found[case.pk].lines)),
        )
        for case in cases
    }


def test_it_refuses_to_go_among_real_people(story: None) -> None:
    make_user("Bambang Asli")

    with pytest.raises(demo.RealPeople):
        demo.build(now=timezone.now(), progress=lambda _: None)


def test_every_case_stands_where_the_story_leaves_it(story: None) -> None:
    assert standings() == {
        "Desa Botosari": ("running", 8, 2, 5),
        "Desa Mulyorejo, Tirto": ("running", 9, 4, 4),
        "Desa Kertijayan": ("running", 6, 3, 4),
        "Desa Tlogohendro": ("running", 3, 1, 3),
        "Desa Pedawang": ("running", 3, 1, 3),
        "Desa Windurojo": ("running", 3, 0, 3),
        "Kelurahan Kedungwuni Timur": ("running", 3, 2, 3),
        "Desa Bebel": ("running", 2, 1, 2),
        "Desa Jrebengkembang": ("running", 2, 1, 2),
        "Klaster batik Buaran, Tirto, Wiradesa": ("running", 10, 2, 5),
        "BDC Kota Metro": ("running", 8, 4, 7),
        "KSM Melati, keripik pisang": ("running", 2, 4, 9),
        "Lembaga Ekonomi Desa Kuapan": ("running", 5, 3, 4),
        "KUB Ikan Salai Kuapan": ("paused", 3, 4, 4),
        "Pertukaran Desa Cikelat dengan Korea": ("running", 5, 1, 2),
    }


def test_two_villages_are_stuck_and_by_how_many_days(story: None) -> None:
    today = timezone.localdate()
    late = {
        case.title: (today - case.due_on).days
        for case in Case.objects.stuck(today)
        if case.due_on
    }

    assert late == {"Desa Kertijayan": 112, "Desa Tlogohendro": 63}


def test_one_gate_was_passed_by_a_decision_that_says_why(story: None) -> None:
    row = Transition.objects.get(kind=Transition.Kind.OVERRIDE)

    assert row.case.title == "Desa Botosari"
    assert row.decision is not None
    assert row.decision.number == "050/17"
    assert row.verdict["met"] is False
    missing = [line["fact"] for line in row.verdict["lines"] if not line["met"]]
    assert missing == ["days:in_step"]


def test_six_villages_copy_botosari(story: None) -> None:
    copies = Case.objects.filter(origin__title="Desa Botosari")

    assert copies.count() == 6


def test_places_reach_over_sub_districts_and_abroad(story: None) -> None:
    def places(title: str) -> set[tuple[str, str]]:
        rows = CasePlace.objects.filter(case__title=title)
        return set(rows.values_list("place__code", "role"))

    assert places("Klaster batik Buaran, Tirto, Wiradesa") == {
        ("33.26.14", "main"),
        ("33.26.15", "also"),
        ("33.26.16", "also"),
    }
    assert ("KR", "partner") in places("Pertukaran Desa Cikelat dengan Korea")


def test_everybody_and_every_case_is_marked_as_invented(story: None) -> None:
    assert not User.objects.filter(is_example=False).exists()
    assert not Case.objects.filter(is_example=False).exists()
    assert "ratna" in User.objects.examples().values_list("username", flat=True)


def test_nothing_lies_in_the_future_and_the_last_deeds_in_the_last_weeks(
    story: None,
) -> None:
    today = timezone.localdate()
    days = [
        *Transition.objects.values_list("on", flat=True),
        *Decision.objects.values_list("decided_on", flat=True),
        *Evidence.objects.values_list("dated_on", flat=True),
    ]

    assert max(days) <= today
    recent = [day for day in days if day >= today - timedelta(days=28)]
    assert len(recent) >= 15


def test_no_title_names_a_year(story: None) -> None:
    """Days move with the telling, words do not: 2019 would stand beside this year."""
    words = [
        *Case.objects.values_list("title", flat=True),
        *Evidence.objects.values_list("title", flat=True),
        *Decision.objects.values_list("number", flat=True),
        *Decision.objects.values_list("reason", flat=True),
    ]

    assert [each for each in words if re.search(r"\b20\d\d\b", each)] == []


def test_each_deed_left_its_event_and_each_paper_its_mark(story: None) -> None:
    verbs = Counter(Event.objects.values_list("verb", flat=True))
    papers = Evidence.objects.select_related("file")

    assert verbs["open_case"] == Case.objects.count()
    assert verbs["move_case"] == Transition.objects.filter(kind="move").count()
    assert verbs["add_evidence"] == papers.count()
    assert {paper.file.media_type for paper in papers} == {
        "application/pdf",
        "image/jpeg",
    }
    assert all(paper.file_name.startswith("contoh-") for paper in papers)


def test_the_people_of_the_reference_pages_are_there(story: None) -> None:
    rows = Mandate.objects.filter(user__username__in=["ratna", "siti", "slamet"])

    assert set(rows.values_list("user__name", "role__code", "place__code")) == {
        ("Ratna Dewi", "district_officer", "33.26"),
        ("Slamet Raharjo", "subdistrict_coordinator", "33.26.04"),
        ("Siti Aminah", "facilitator", "33.26.02"),
        ("Siti Aminah", "facilitator", "33.26.09"),
        ("Siti Aminah", "facilitator", "33.26.13"),
    }


def signature() -> list[Any]:
    """What the story made, without keys and moments."""
    return [
        list(Case.objects.order_by("number").values_list("number", "title", "step")),
        list(
            Transition.objects.order_by("pk").values_list(
                "case__number", "kind", "to_step", "on", "by__username", "verdict"
            )
        ),
        list(
            Evidence.objects.order_by("pk").values_list(
                "title", "file_name", "dated_on", "by__username", "file__sha256"
            )
        ),
        list(PlaceClass.objects.order_by("pk").values_list("place__code", "code")),
        list(Observation.objects.order_by("pk").values_list("place__code", "value")),
    ]


def test_told_twice_it_is_the_same_story(story: None, first_telling: list[Any]) -> None:
    assert signature() == first_telling


def test_villages_have_colours_to_the_published_counts_and_say_they_are_invented(
    story: None,
) -> None:
    rows = PlaceClass.objects.current().filter(place__path__startswith="ID.33.26.")

    assert Counter(rows.values_list("code", flat=True)) == {
        "red": 67,
        "yellow": 119,
        "green": 99,
    }
    assert set(rows.values_list("source__is_example", flat=True)) == {True}
    laboratory = CasePlace.objects.filter(case__programme__code="lab")
    ours = rows.filter(place__in=laboratory.values("place"))
    assert list(ours.values_list("code", flat=True)) == ["red"] * 9


def test_values_agree_with_colours_and_with_what_the_cases_declare(
    story: None,
) -> None:
    rows = Observation.objects.current().filter(indicator__code="decile_1_4_share")
    shares = {row.place_id: Decimal(row.value) for row in rows.filter(period="2017")}
    bands = {
        "red": (Decimal("0.4"), Decimal("0.645")),
        "yellow": (Decimal("0.25"), Decimal("0.395")),
        "green": (Decimal("0.08"), Decimal("0.245")),
    }
    for each in PlaceClass.objects.current():
        low, high = bands[each.code]
        assert low <= shares[each.place_id] < high

    botosari = Case.objects.get(title="Desa Botosari")
    [main] = botosari.places.values_list("place", flat=True)
    assert shares[main] == Decimal("0.574")


def test_only_what_has_a_source_stands_unmarked(story: None) -> None:
    real = Observation.objects.current().filter(source__is_example=False)

    assert set(
        real.values_list("indicator__code", "period", "value", "place__code")
    ) == {
        ("poor_share", "2016", "0.1296", "33.26"),
        ("poor_share", "2019", "0.0971", "33.26"),
        ("poor_people", "2019", "87010", "33.26"),
    }
    assert set(real.values_list("source__url", flat=True)) != {""}


def test_a_file_with_three_faulty_rows_waits_for_ratna(story: None) -> None:
    of = Import.objects.get(state=Import.State.WAITING, kind="observations")

    assert (of.by.username, of.rows, of.faulty) == ("ratna", 285, 3)
    # By column: the code, the per cent, the day.
    assert list(of.faults.order_by("row").values_list("row", "column")) == [
        (48, 1),
        (112, 2),
        (201, 3),
    ]
    accepted = Import.objects.filter(state=Import.State.ACCEPTED)
    assert accepted.count() == 3
