"""The whole official list, loaded once for this file: two editions, one after another."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from lumbung.core.editions import Pair
from lumbung.places import actions
from lumbung.places.codes import resolve
from lumbung.places.editions import read, shipped
from lumbung.places.models import Edition, Level, Place, PlaceCode, Succession
from lumbung.places.plans import Plan, preview
from lumbung.places.search import search

NOW = datetime(2026, 11, 23, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def plan(django_db_setup: None, django_db_blocker: object) -> Iterator[Plan]:
    """Both editions loaded; yields what the second one was to change."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        actions.load_countries()
        older, newer = map(read, shipped())
        actions.carry_out(preview(older), now=NOW)
        found = preview(newer)
        actions.carry_out(found, now=NOW)
        yield found
        transaction.set_rollback(True)


def test_the_preview_counts_what_the_two_decrees_differ_by(plan: Plan) -> None:
    counts = plan.counts()

    assert (counts["gone"], counts["new_villages"], counts["new_subdistricts"]) == (
        117,
        116,
        8,
    )
    assert counts["doubtful"] == 0
    assert counts["new"] - counts["gone"] == counts["opened"] - counts["ended"]


def test_all_places_are_there(plan: Plan) -> None:
    levels = Counter(Place.objects.in_force().values_list("level", flat=True))

    assert levels == {
        Level.COUNTRY: 249,
        Level.PROVINCE: 38,
        Level.DISTRICT: 514,
        Level.SUBDISTRICT: 7285,
        Level.VILLAGE: 83762,
    }
    assert (
        Place.objects.filter(closed_in=None).exclude(codes__valid_to=None).count() == 0
    )


def test_kinds_follow_the_code(plan: Plan) -> None:
    kinds = Counter(Place.objects.in_force().values_list("kind", flat=True))

    assert kinds["kota"] == 98
    assert kinds["kabupaten"] == 416
    assert kinds["kelurahan"] == 8496
    assert kinds["desa"] == 75266
    cities = Place.objects.in_force().filter(kind=Place.Kind.CITY)
    assert all(
        name.startswith("Kota ") for name in cities.values_list("name", flat=True)
    )


def test_every_place_of_indonesia_has_one_of_its_three_times(plan: Plan) -> None:
    zones = Counter(
        Place.objects.in_force()
        .filter(level=Level.PROVINCE)
        .values_list("time_zone", flat=True)
    )

    assert zones == {
        "Asia/Jakarta": 16,
        "Asia/Pontianak": 2,
        "Asia/Makassar": 12,
        "Asia/Jayapura": 8,
    }
    assert not Place.objects.filter(level__gt=0, time_zone="").exists()


def test_every_path_is_the_parent_s_path_and_the_own_code(plan: Plan) -> None:
    wrong = [
        (path, code)
        for path, code, above in Place.objects.in_force()
        .filter(level__gt=0)
        .values_list("path", "code", "parent__path")
        if path != f"{above}{code.rpartition('.')[2]}." or f"ID.{code}." != path
    ]

    assert wrong == []


def test_a_village_that_got_its_neighbour_s_code_is_the_same_row(plan: Plan) -> None:
    warmon = Place.objects.get(name="Warmon", parent__code="96.01.05")

    assert warmon.code == "96.01.05.1007"
    assert warmon.opened_in == Edition.objects.get(number="3.1.2")
    assert list(
        warmon.codes.order_by("valid_from").values_list(
            "code", "valid_from", "valid_to"
        )
    ) == [
        ("96.01.05.1006", date(2022, 11, 9), date(2025, 4, 25)),
        ("96.01.05.1007", date(2025, 4, 25), None),
    ]


def test_an_old_code_still_resolves_and_a_day_says_which(plan: Plan) -> None:
    assert resolve("96.01.05.1006").name == "Warmon"
    assert resolve("96.01.05.1007").name == "Warmon"
    assert resolve("96.01.05.1007", on=date(2024, 1, 1)).name == "Klabinain"


def test_a_village_moved_to_a_new_sub_district_along_with_its_territory(
    plan: Plan,
) -> None:
    yenko = resolve("92.02.05.2013")

    assert (yenko.name, yenko.code) == ("Sibuni", "92.02.33.2001")
    assert yenko.path == "ID.92.02.33.2001."
    assert yenko.parent == Place.objects.get(code="92.02.33")


def test_new_sub_districts_name_those_they_came_from(plan: Plan) -> None:
    origins = Succession.objects.filter(kind=Succession.Kind.SPLIT)

    assert len(origins) == 10
    assert Pair("72.01.09", "72.01.24") in plan.comparison.split
    assert origins.filter(before__name="Toili", after__name="Toili Jaya").exists()


def test_a_place_that_ended_keeps_its_row_with_a_closing_mark(plan: Plan) -> None:
    rukuwa = resolve("74.07.07.1011")

    assert rukuwa.path == "ID.74.07.07.1011~4-0-1."
    assert rukuwa.closed_in == Edition.objects.get(number="4.0.1")
    assert not Place.objects.in_force().filter(pk=rukuwa.pk).exists()
    above = Place.objects.below(Place.objects.get(code="74.07.07"))
    assert above.filter(pk=rukuwa.pk).exists()


def test_loading_again_changes_nothing(plan: Plan) -> None:
    newest = Place.objects.latest("pk").pk

    with CaptureQueriesContext(connection) as asked:
        assert actions.load_shipped(now=NOW) == []

    assert Place.objects.latest("pk").pk == newest
    written = ("INSERT", "UPDATE", "DELETE", "COPY")
    assert [q for q in asked if q["sql"].lstrip().startswith(written)] == []


def test_a_first_load_that_was_stopped_goes_on_where_it_was(plan: Plan) -> None:
    newest = Edition.objects.get(number="4.0.1")
    district = Place.objects.get(code="33.26")
    lost = Place.objects.below(district).filter(level=Level.VILLAGE)
    PlaceCode.objects.filter(place__in=lost).delete()
    lost.delete()
    Edition.objects.filter(pk=newest.pk).update(loaded_at=None)

    assert actions.load_shipped(now=NOW) == [newest]
    assert lost.count() == 285
    assert resolve("33.26.02.2008").name == "Botosari"


def test_namesakes_are_shown_with_what_they_lie_in(plan: Plan) -> None:
    district = Place.objects.get(code="33.26")

    villages = search("Mulyorejo", within=district)[:2]
    districts = search("Pekalongan", levels=[Level.DISTRICT])[:2]

    assert {(hit.place.code, hit.where) for hit in villages} == {
        ("33.26.09.2020", "Kesesi, Kabupaten Pekalongan, Jawa Tengah"),
        ("33.26.15.2014", "Tirto, Kabupaten Pekalongan, Jawa Tengah"),
    }
    assert {hit.place.name for hit in districts} == {
        "Kota Pekalongan",
        "Kabupaten Pekalongan",
    }


def test_the_territory_query_uses_the_index_on_the_whole_list(plan: Plan) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    explained = Place.objects.below(Place.objects.get(code="33.26")).explain()

    if connection.vendor == "postgresql":
        assert "Index" in explained
        assert "Seq Scan" not in explained
        assert "path)::text >= 'ID.33.26.'" in explained
    else:
        assert "SEARCH" in explained
        assert "(path>? AND path<?)" in explained
