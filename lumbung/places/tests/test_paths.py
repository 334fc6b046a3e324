"""A place's path is its ancestry; one range of the index finds all below it."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from lumbung.conftest import load_district, make_place
from lumbung.fields import below
from lumbung.places.models import Place

paths = st.lists(st.integers(0, 99), min_size=1, max_size=4).map(
    lambda parts: "ID." + "".join(f"{part:02}." for part in parts)
)


def in_range(path: str, other: str) -> bool:
    bounds: dict[str, str] = dict(below("path", path).children)  # type: ignore[arg-type]
    return bool(bounds["path__gte"] <= other < bounds["path__lt"])


@given(paths, paths)
def test_the_range_holds_what_begins_with_the_path_and_nothing_else(
    path: str, other: str
) -> None:
    assert in_range(path, other) == other.startswith(path)


@given(paths, st.sampled_from(["4-0-1", "3-1-2", "5"]))
def test_a_closing_mark_keeps_a_place_in_its_territory_but_off_its_old_code(
    path: str, number: str
) -> None:
    closed = f"{path[:-1]}~{number}."

    assert not in_range(path, closed)
    assert in_range(path.rpartition(".")[0].rpartition(".")[0] + ".", closed)


@given(paths)
def test_ancestors_are_what_holds_a_place(path: str) -> None:
    place = Place(path=path)

    assert place.ancestor_paths()[0] == "ID."
    assert place.ancestor_paths()[-1] == path
    assert all(Place(path=above).holds(place) for above in place.ancestor_paths())


def test_the_database_orders_paths_by_bytes(indonesia: Place) -> None:
    """Else the range would miss places or take in strangers (collation id_ID does)."""
    village = make_place("33", "Jawa Tengah", indonesia)
    closed = make_place("33~4-0-1", "Old", indonesia)
    longer = make_place("333", "Stranger", indonesia)

    found = Place.objects.filter(below("path", village.path))

    assert set(found) == {village}
    assert list(Place.objects.filter(level=1).order_by("path")) == [
        village,
        longer,
        closed,
    ]


def test_a_territory_is_found_by_a_range_of_the_index(db: None) -> None:
    district = load_district("33.26")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    plan = Place.objects.below(district).order_by("path").explain()

    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL enable_seqscan = off")
        plan = Place.objects.below(district).order_by("path").explain()
        assert "Index Cond: (((path)::text >= 'ID.33.26.'" in plan
    else:
        assert "SEARCH" in plan
        assert "INDEX" in plan
        assert "(path>? AND path<?)" in plan


@pytest.mark.parametrize("tail", ["ID.33.26", "ID.33.26.02.2008"])
def test_a_path_without_its_last_dot_is_refused_by_the_database(
    indonesia: Place, tail: str
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(pk=indonesia.pk).update(path=tail)
