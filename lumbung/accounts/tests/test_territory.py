"""The territory rule: whoever has no mandate over a place sees nothing of it."""

from lumbung.accounts.models import Role, User
from lumbung.conftest import give, make_place
from lumbung.places.models import Place


def seen(user: User) -> set[str]:
    return set(Place.objects.filter(user.inside("path")).values_list("code", flat=True))


def test_nobody_s_territory_is_nothing(tono: User, botosari: Place) -> None:
    assert seen(tono) == set()


def test_a_facilitator_sees_the_sub_district_and_below(
    siti: User, botosari: Place, kampar: Place
) -> None:
    assert seen(siti) == {"33.26.02", "33.26.02.2008"}


def test_a_code_that_only_begins_alike_lies_outside(
    siti: User, pekalongan: Place
) -> None:
    make_place("33.26.021", "Not below 33.26.02", pekalongan)

    assert seen(siti) == {"33.26.02"}


def test_a_mandate_within_a_programme_opens_only_its_rows(
    tono: User, roles: dict[str, Role], botosari: Place
) -> None:
    give(tono, roles["facilitator"], botosari, programme="lab")

    assert seen(tono) == set()
    assert tono.may("evidence.add", botosari, "lab")
    assert not tono.may("evidence.add", botosari, "kpel")
