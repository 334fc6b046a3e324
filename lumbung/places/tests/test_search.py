"""People find a place though they mistype it, within their district or anywhere."""

import random

import pytest

from bench.search import misspelled
from lumbung.conftest import load_district, make_place
from lumbung.places.models import Edition, FormerName, Level, Place
from lumbung.places.search import search


@pytest.fixture
def district(db: None) -> Place:
    load_district("18.72")
    return load_district("33.26")


def first(words: str, within: Place | None = None) -> str:
    return search(words, within=within)[0].place.code


def test_nothing_is_found_for_nothing(district: Place) -> None:
    assert search("") == search("  , ") == search("qqqqqqqq") == []


def test_an_empty_list_of_places_finds_nothing(db: None) -> None:
    assert search("Botosari") == []


@pytest.mark.parametrize(
    "words",
    [
        "Botosari",
        "botosari",
        "BOTO SARI",
        "boto-sari",
        "Desa Botosari",
        "botosri",
        "btoosari",
    ],
)
def test_case_spaces_kinds_and_slips_do_not_matter(words: str, district: Place) -> None:
    assert first(words) == "33.26.02.2008"


def test_most_of_200_slips_within_a_district_find_the_name(district: Place) -> None:
    """`bench/search.py` asks 1,000 over the whole country: 98 % there."""
    rng = random.Random(7)  # noqa: S311
    places = list(
        Place.objects.below(district).filter(level__gt=Level.DISTRICT).order_by("code")
    )
    asked = [
        (place, misspelled(place.name, 1 + n % 2, rng))
        for n, place in enumerate(rng.choices(places, k=200))
    ]

    right = sum(
        search(words, within=district)[0].place.name == place.name
        for place, words in asked
        if search(words, within=district)
    )

    assert right >= 190


def test_a_beginning_is_enough(district: Place) -> None:
    assert first("botos") == "33.26.02.2008"


def test_the_kind_tells_a_sub_district_from_its_village(district: Place) -> None:
    assert first("kec. Tirto") == "33.26.15"
    assert search("kelurahan Metro")[0].place.kind == Place.Kind.URBAN_VILLAGE


def test_words_after_a_comma_say_where(district: Place) -> None:
    assert first("Mulyorejo, Kesesi") == "33.26.09.2020"
    assert first("Mulyorejo, Tirto") == "33.26.15.2014"


def test_only_the_territory_asked_for_answers(district: Place) -> None:
    metro = Place.objects.get(code="18.72")

    assert all(
        hit.place.path.startswith(metro.path) for hit in search("sari", within=metro)
    )
    assert search("33.26.02.2008", within=metro) == []


def test_only_the_levels_asked_for_answer(district: Place) -> None:
    assert {hit.place.level for hit in search("Tirto", levels=[3])} == {3}


def test_a_code_or_its_beginning_finds_too(district: Place) -> None:
    assert first("33.26.02.2008") == first("3326022008") == "33.26.02.2008"
    assert first("33.26") == "33.26"
    assert [hit.place.code for hit in search("33.26.02.200", limit=3)] == [
        "33.26.02.2001",
        "33.26.02.2002",
        "33.26.02.2003",
    ]


def test_a_place_is_found_by_the_name_it_had(district: Place) -> None:
    village = Place.objects.get(code="33.26.02.2008")
    FormerName.objects.create(
        place=village, name="Wringinanom", until=Edition.objects.get()
    )
    make_place("33.26.99", "Baru", district)  # so that the array is built anew

    hit = search("wringin anom")[0]

    assert (hit.place, hit.former) == (village, "Wringinanom")


def test_a_place_that_ended_is_not_found(district: Place) -> None:
    Place.objects.filter(code="33.26.02.2008").update(closed_in=Edition.objects.get())
    make_place("33.26.99", "Baru", district)

    assert "33.26.02.2008" not in [hit.place.code for hit in search("Botosari")]


def test_a_search_asks_the_database_little(
    district: Place, django_assert_max_num_queries: object
) -> None:
    search("Botosari")

    with django_assert_max_num_queries(4):  # type: ignore[operator]
        search("Tirto")
