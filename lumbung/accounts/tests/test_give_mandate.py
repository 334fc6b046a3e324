"""Officers give roles below their own, inside their territory, and nothing else."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lumbung.accounts import actions, posts
from lumbung.accounts.models import Event, ExclusiveRoles, Mandate, Role, User
from lumbung.accounts.posts import Post
from lumbung.conftest import give, make_place, make_user
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place
from lumbung.words import say

pytestmark = pytest.mark.usefixtures("lab")
TODAY = timezone.localdate()
Roles = dict[str, Role]


def post(role: Role, place: Place, programme: str = "") -> Post:
    return Post(role=role, place=place, starts_on=TODAY, programme=programme)


def ask(person: User, what: Post, by: User | None) -> Mandate:
    return actions.give_mandate(person=person, post=what, by=by, now=timezone.now())


@pytest.fixture
def dewi(roles: Roles, botosari: Place) -> User:
    """Somebody of Botosari with the lowest role, whom officers may promote."""
    user = make_user("Dewi Lestari")
    give(user, roles["forum_member"], botosari)
    return user


def refusal_of(person: User, what: Post, by: User | None) -> type[Refusal]:
    with pytest.raises(Refusal) as caught:
        ask(person, what, by)
    return type(caught.value)


def test_it_refuses_who_may_not_give_mandates_at_all(
    siti: User, tono: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    what = post(roles["fund_officer"], botosari)

    assert refusal_of(dewi, what, tono) is actions.NotYours
    assert refusal_of(dewi, what, siti) is actions.NotYours


def test_it_refuses_an_auditor_who_reads_all_and_changes_nothing(
    maria: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    what = post(roles["fund_officer"], botosari)

    assert refusal_of(dewi, what, maria) is posts.OutsideTerritory


def test_it_refuses_an_officer_of_another_district(
    budi: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    assert refusal_of(dewi, post(roles["fund_officer"], botosari), budi) is (
        actions.NotYours
    )


def test_it_refuses_a_place_outside_the_officer_s_territory(
    ratna: User, dewi: User, roles: Roles, kampar: Place
) -> None:
    assert refusal_of(dewi, post(roles["facilitator"], kampar), ratna) is (
        posts.OutsideTerritory
    )


@pytest.mark.parametrize("role", ["administrator", "auditor", "district_officer"])
def test_it_refuses_a_role_above_or_beside_one_s_own(
    ratna: User, dewi: User, roles: Roles, pekalongan: Place, role: str
) -> None:
    assert refusal_of(dewi, post(roles[role], pekalongan), ratna) is posts.NotBelow


def test_it_refuses_a_mandate_for_oneself(
    ratna: User, roles: Roles, paninggaran: Place
) -> None:
    assert refusal_of(ratna, post(roles["facilitator"], paninggaran), ratna) is (
        posts.OwnMandate
    )


def test_it_refuses_all_programmes_to_who_manages_only_one(
    dewi: User, roles: Roles, pekalongan: Place, botosari: Place
) -> None:
    officer = make_user("Citra Ayu")
    give(officer, roles["district_officer"], pekalongan, programme="lab")
    give(dewi, roles["forum_member"], botosari, programme="lab")
    role = roles["fund_officer"]

    assert refusal_of(dewi, post(role, botosari), officer) is posts.OutsideTerritory
    assert refusal_of(dewi, post(role, botosari, "kpel"), officer) is (
        posts.OutsideTerritory
    )
    assert ask(dewi, post(role, botosari, "lab"), officer).programme == "lab"


def test_it_refuses_a_high_rank_here_and_the_ability_elsewhere(
    ratna: User, dewi: User, roles: Roles, kampar: Place, botosari: Place
) -> None:
    """One mandate must do all: an auditor's rank lends nothing to a coordinator."""
    coordinator = make_user("Eko Prasetyo")
    place = botosari.parent
    assert place
    give(coordinator, roles["subdistrict_coordinator"], place)
    give(coordinator, roles["auditor"], place.parent or place)
    what = post(roles["subdistrict_coordinator"], place)

    assert refusal_of(dewi, what, coordinator) is posts.NotBelow


def test_it_refuses_a_role_at_a_place_of_the_wrong_level(
    ratna: User, dewi: User, roles: Roles, paninggaran: Place
) -> None:
    assert refusal_of(dewi, post(roles["fund_officer"], paninggaran), ratna) is (
        posts.RoleElsewhere
    )


def test_it_refuses_a_programme_s_role_in_another_programme(
    ratna: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    role = Role.objects.create(
        code="bdc_manager", name_id="x", name_en="x", rank=50, levels=[4]
    )
    Role.objects.filter(pk=role.pk).update(programme="lab")
    role.refresh_from_db()

    assert refusal_of(dewi, post(role, botosari, "bdc"), ratna) is posts.RoleElsewhere
    assert ask(dewi, post(role, botosari, "lab"), ratna).programme == "lab"


def test_it_refuses_a_programme_that_is_not_here_and_names_those_that_are(
    ratna: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    with pytest.raises(posts.NoSuchProgramme) as refusal:
        ask(dewi, post(roles["fund_officer"], botosari, "nosuch"), ratna)

    assert say(refusal.value.mend) == "Yang ada: lab."


def test_the_page_offers_each_programme_before_its_first_case(
    client: Client, ratna: User, dewi: User
) -> None:
    client.force_login(ratna)

    page = client.get(f"/orang/{dewi.uid}/mandat/").content.decode()

    assert '<option value="lab">' in page


def test_it_refuses_a_last_day_before_the_first(
    ratna: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    what = Post(roles["fund_officer"], botosari, TODAY, TODAY - timedelta(days=1))

    assert refusal_of(dewi, what, ratna) is posts.DatesReversed


def test_it_refuses_the_same_mandate_twice_at_once(
    ratna: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    ask(dewi, post(roles["fund_officer"], botosari), ratna)

    assert refusal_of(dewi, post(roles["fund_officer"], botosari), ratna) is (
        posts.AlreadyHeld
    )


def test_it_refuses_somebody_deactivated(
    ratna: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    User.objects.filter(pk=dewi.pk).update(is_active=False)
    dewi.refresh_from_db()

    assert refusal_of(dewi, post(roles["fund_officer"], botosari), ratna) is (
        posts.PersonInactive
    )


def role_and_place(words: str) -> tuple[Role, Place]:
    role, place = words.split()
    return Role.objects.get(code=role), Place.objects.get(code=place)


@pytest.fixture
def excluded(roles: Roles) -> ExclusiveRoles:
    return ExclusiveRoles.objects.create(
        one=roles["fund_officer"],
        other=roles["facilitator"],
        reason_id="Yang mencatat bukan yang memeriksa.",
        reason_en="Who records is not who checks.",
    )


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("facilitator 33.26.02", "fund_officer 33.26.02.2008"),
        ("fund_officer 33.26.02.2008", "facilitator 33.26.02"),
        ("fund_officer 33.26.02.2008", "facilitator 33.26.02.2008"),
    ],
)
@pytest.mark.usefixtures("excluded", "botosari")
def test_it_refuses_roles_that_exclude_each_other_where_their_places_meet(
    ratna: User, tono: User, held: str, asked: str
) -> None:
    role, place = role_and_place(held)
    give(tono, role, place)
    role, place = role_and_place(asked)

    with pytest.raises(posts.RolesExclude) as refusal:
        ask(tono, post(role, place, "lab"), ratna)
    reason = refusal.value.message.values["reason"]
    assert getattr(reason, "en", "") == "Who records is not who checks."


def test_it_gives_excluded_roles_in_villages_that_do_not_meet(
    ratna: User,
    yusuf: User,
    roles: Roles,
    paninggaran: Place,
    excluded: ExclusiveRoles,
) -> None:
    other = make_place("33.26.02.2009", "Tenogo", paninggaran)

    assert ask(yusuf, post(roles["facilitator"], other), ratna).place == other


def test_it_gives_excluded_roles_one_after_the_other(
    ratna: User,
    yusuf: User,
    roles: Roles,
    botosari: Place,
    excluded: ExclusiveRoles,
) -> None:
    Mandate.objects.filter(user=yusuf).update(ends_on=TODAY)
    late = Post(roles["facilitator"], botosari, TODAY + timedelta(days=1))

    assert refusal_of(yusuf, post(roles["facilitator"], botosari), ratna) is (
        posts.RolesExclude
    )
    assert ask(yusuf, late, ratna).state == "coming"


def test_it_gives_the_mandate_and_tells_the_trail(
    ratna: User, dewi: User, roles: Roles, botosari: Place
) -> None:
    until = date(TODAY.year + 1, 12, 31)
    what = Post(roles["fund_officer"], botosari, TODAY, until, "lab")

    mandate = ask(dewi, what, ratna)

    assert User.objects.get(pk=dewi.pk).may("fact.declare", botosari, "lab")
    assert not User.objects.get(pk=dewi.pk).may("fact.declare", botosari, "kpel")
    event = Event.objects.get(verb="give_mandate")
    assert (event.by, event.row, event.place) == (ratna, mandate.uid, botosari)
    assert event.after == {
        "person": "Dewi Lestari",
        "role": {"id": "fund_officer", "en": "fund_officer"},
        "starts_on": {"date": TODAY.isoformat()},
        "ends_on": {"date": until.isoformat()},
    }


def test_the_command_line_gives_any_role(
    tono: User, roles: Roles, kampar: Place
) -> None:
    mandate = ask(tono, post(roles["administrator"], kampar), None)

    assert mandate.given_by is None
