"""Invitations and one-time links: who may let whom in, and only once."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from lumbung.accounts import actions, posts
from lumbung.accounts.actions import Newcomer
from lumbung.accounts.models import AccessLink, Event, Mandate, Role, User
from lumbung.accounts.posts import Post
from lumbung.conftest import give
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place

NOW = timezone.now()
GOOD = "padi-menguning-1997"
Roles = dict[str, Role]


def invite(
    username: str, role: Role, place: Place, by: User | None, email: str = ""
) -> tuple[User, str]:
    return actions.invite_user(
        newcomer=Newcomer(name="Wahyu Hidayat", username=username, email=email),
        post=Post(role=role, place=place, starts_on=timezone.localdate()),
        by=by,
        now=NOW,
    )


def reset(person: User, by: User | None) -> str:
    return actions.make_reset_link(person=person, by=by, now=NOW)


def use(secret: str, password: str = GOOD) -> User:
    return actions.use_link(secret=secret, password=password, now=NOW)


def test_it_refuses_who_may_not_give_the_role_and_writes_nothing(
    siti: User, budi: User, slamet: User, roles: Roles, botosari: Place
) -> None:
    people = User.objects.count()

    for by in (siti, budi):
        with pytest.raises(posts.OutsideTerritory):
            invite("wahyu", roles["fund_officer"], botosari, by)
    with pytest.raises(posts.NotBelow):
        invite("wahyu", roles["subdistrict_coordinator"], botosari, slamet)

    assert (User.objects.count(), Event.objects.count()) == (people, 0)


@pytest.mark.parametrize("username", ["SITI", "siti", "a@b.id"])
def test_it_refuses_a_username_that_is_taken_or_looks_like_an_address(
    siti: User, slamet: User, roles: Roles, botosari: Place, username: str
) -> None:
    with pytest.raises(actions.NameTaken) as refusal:
        invite(username, roles["fund_officer"], botosari, slamet)
    assert refusal.value.field == "username"


def test_it_refuses_an_address_that_somebody_has(
    slamet: User, roles: Roles, botosari: Place
) -> None:
    invite("wahyu", roles["fund_officer"], botosari, slamet, "w@desa.example")

    with pytest.raises(actions.NameTaken) as refusal:
        invite("wahyu2", roles["fund_officer"], botosari, slamet, "W@desa.example")
    assert refusal.value.field == "email"


def test_the_invited_sets_a_password_once(
    slamet: User, roles: Roles, botosari: Place
) -> None:
    person, secret = invite("wahyu", roles["fund_officer"], botosari, slamet)
    assert not person.has_usable_password()

    use(secret.lower().replace("-", " "))

    person.refresh_from_db()
    assert person.check_password(GOOD)
    with pytest.raises(actions.LinkSpent, match="used already"):
        use(secret, "sesuatu-yang-lain-99")
    assert secret not in str(list(Event.objects.values_list("after", flat=True)))
    assert not AccessLink.objects.filter(digest__contains=secret[:5]).exists()


def test_it_refuses_a_weak_password_and_the_link_still_works(
    slamet: User, roles: Roles, botosari: Place
) -> None:
    _, secret = invite("wahyu", roles["fund_officer"], botosari, slamet)

    for weak in ("12345678901", "pendek", "wahyu hidayat"):
        with pytest.raises(actions.WeakPassword):
            use(secret, weak)
    assert use(secret).username == "wahyu"


def test_it_refuses_a_link_that_ended_or_never_was(
    slamet: User, roles: Roles, botosari: Place
) -> None:
    _, secret = invite("wahyu", roles["fund_officer"], botosari, slamet)
    late = NOW + actions.INVITATION_LASTS

    with pytest.raises(actions.LinkSpent, match="ended on"):
        actions.use_link(secret=secret, password=GOOD, now=late)
    with pytest.raises(actions.LinkSpent, match="no such link"):
        use("AAAAA-AAAAA-AAAAA-AAAAA")


def test_of_two_who_use_a_link_at_once_the_second_is_refused(
    slamet: User, siti: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, look = reset(siti, slamet), actions.live_link

    def meanwhile(secret: str, *, now: datetime) -> AccessLink:
        link = look(secret, now=now)
        AccessLink.objects.update(used_at=NOW)  # the other was quicker
        return link

    monkeypatch.setattr(actions, "live_link", meanwhile)
    with pytest.raises(actions.LinkSpent, match="used already"):
        use(secret)


@pytest.mark.parametrize("username", ["", "ab", "wahyu h", "w/../x", "w" * 151])
def test_it_refuses_a_username_that_nobody_could_type(
    slamet: User, roles: Roles, botosari: Place, username: str
) -> None:
    with pytest.raises(actions.OddName) as refusal:
        invite(username, roles["fund_officer"], botosari, slamet)
    assert refusal.value.field == "username"


@pytest.mark.parametrize("name", ["", " W ", "W" * 151])
def test_it_refuses_a_name_that_is_none(
    roles: Roles, botosari: Place, name: str
) -> None:
    with pytest.raises(actions.OddName):
        actions.invite_user(
            newcomer=Newcomer(name=name, username="wahyu"),
            post=Post(roles["fund_officer"], botosari, timezone.localdate()),
            by=None,
            now=NOW,
        )


def test_a_newer_link_voids_the_older(siti: User, slamet: User) -> None:
    older, newer = reset(siti, slamet), reset(siti, slamet)

    with pytest.raises(actions.LinkSpent):
        use(older)
    assert use(newer) == siti


# Who resets a password can sign in as that person.


def test_nobody_resets_the_password_of_who_stands_beside_or_above(
    siti: User,
    slamet: User,
    ratna: User,
    budi: User,
    maria: User,
    tono: User,
    ani: User,
) -> None:
    for by, person in (
        (siti, slamet),
        (slamet, ratna),
        (slamet, slamet),
        (budi, siti),
        (maria, siti),
        (tono, siti),
        (ratna, ani),
        (ratna, tono),
    ):
        with pytest.raises(actions.NotYours):
            reset(person, by)


def test_one_mandate_elsewhere_is_enough_to_refuse(
    siti: User, slamet: User, ratna: User, ani: User, roles: Roles, kampar: Place
) -> None:
    give(siti, roles["facilitator"], kampar)

    for by in (slamet, ratna):
        with pytest.raises(actions.NotYours):
            reset(siti, by)
    assert reset(siti, ani)


def test_a_mandate_that_has_yet_to_begin_counts(
    siti: User, slamet: User, roles: Roles, pekalongan: Place
) -> None:
    mandate = give(siti, roles["district_officer"], pekalongan)
    Mandate.objects.filter(pk=mandate.pk).update(
        starts_on=timezone.localdate() + timedelta(days=30)
    )

    with pytest.raises(actions.NotYours):
        reset(siti, slamet)


def test_a_mandate_that_is_over_does_not_count_while_another_is_in_force(
    siti: User, slamet: User, roles: Roles, kampar: Place
) -> None:
    mandate = give(siti, roles["facilitator"], kampar)
    Mandate.objects.filter(pk=mandate.pk).update(ended_at=NOW)

    assert reset(siti, slamet)


def test_where_all_mandates_are_over_each_of_them_counts(
    siti: User, slamet: User, ratna: User, ani: User, roles: Roles, kampar: Place
) -> None:
    give(siti, roles["facilitator"], kampar)
    Mandate.objects.filter(user=siti).update(ended_at=NOW)

    for by in (slamet, ratna):
        with pytest.raises(actions.NotYours):
            reset(siti, by)
    assert reset(siti, ani)


def test_an_old_link_does_not_take_over_somebody_promoted(
    siti: User, slamet: User, roles: Roles, pekalongan: Place
) -> None:
    secret = reset(siti, slamet)
    give(siti, roles["district_officer"], pekalongan)

    with pytest.raises(actions.LinkSpent, match="no longer valid"):
        use(secret)


def test_a_link_falls_with_the_mandate_or_the_account_of_its_maker(
    siti: User, yusuf: User, slamet: User
) -> None:
    secret, other = reset(siti, slamet), reset(yusuf, slamet)
    User.objects.filter(pk=slamet.pk).update(is_active=False)
    with pytest.raises(actions.LinkSpent):
        use(secret)

    User.objects.filter(pk=slamet.pk).update(is_active=True)
    Mandate.objects.filter(user=slamet).update(ended_at=NOW)
    with pytest.raises(actions.LinkSpent):
        use(other)


def test_only_who_manages_deactivates_and_the_links_fall(
    siti: User, slamet: User, budi: User
) -> None:
    secret = reset(siti, slamet)
    with pytest.raises(actions.NotYours):
        actions.deactivate_user(person=siti, reason="moved", by=budi, now=NOW)

    actions.deactivate_user(person=siti, reason="Left.", by=slamet, now=NOW)

    siti.refresh_from_db()
    assert not siti.is_active
    for refused in (lambda: reset(siti, slamet), lambda: use(secret)):
        with pytest.raises(Refusal):
            refused()
    with pytest.raises(actions.NotYours):
        actions.reactivate_user(person=siti, by=budi)
    assert actions.reactivate_user(person=siti, by=slamet).is_active


def test_the_first_administrator_has_the_highest_role(
    roles: Roles, pekalongan: Place
) -> None:
    newcomer = Newcomer(name="Ani Wulandari", username="ani")

    person, secret = actions.first_administrator(
        newcomer=newcomer, place=pekalongan, now=NOW
    )

    assert person.mandates.get().role.code == "administrator"
    assert use(secret) == person


def test_without_roles_there_is_no_administrator(pekalongan: Place) -> None:
    with pytest.raises(posts.RoleElsewhere):
        actions.first_administrator(
            newcomer=Newcomer(name="Ani", username="ani"), place=pekalongan, now=NOW
        )


def test_people_are_seen_by_their_managers_and_auditors_only(
    ratna: User,
    slamet: User,
    siti: User,
    budi: User,
    maria: User,
    ani: User,
    tono: User,
) -> None:
    def seen(user: User) -> set[str]:
        people = User.objects.visible_to(User.objects.get(pk=user.pk))
        names = list(people.values_list("username", flat=True))
        assert len(names) == len(set(names))
        return set(names)

    everyone = {"ratna", "slamet", "siti", "budi", "maria", "ani", "tono"}
    assert seen(tono) == {"tono"}
    assert seen(siti) == {"siti"}
    assert seen(slamet) == {"slamet", "siti"}
    assert seen(ratna) == {"ratna", "slamet", "siti"}
    assert seen(budi) == {"budi"}
    assert seen(maria) == everyone
    assert seen(ani) == everyone
