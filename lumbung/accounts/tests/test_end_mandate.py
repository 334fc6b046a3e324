"""Ending and handing over: only mandates below one's own, never one's own."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from lumbung.accounts import actions, posts
from lumbung.accounts.models import Event, Mandate, Role, User
from lumbung.conftest import give, make_user
from lumbung.core.refusal import Refusal
from lumbung.places.models import Place

Roles = dict[str, Role]


def end(mandate: Mandate, by: User | None) -> Mandate:
    return actions.end_mandate(
        mandate=mandate, reason="Moved away.", by=by, now=timezone.now()
    )


def hand_over(mandate: Mandate, to: User, by: User | None) -> Mandate:
    return actions.hand_over_mandate(
        mandate=mandate, to=to, reason="New term.", by=by, now=timezone.now()
    )


def test_it_refuses_who_does_not_stand_above(
    siti: User, slamet: User, budi: User, maria: User, tono: User, ratna: User
) -> None:
    mandate = slamet.mandates.get()
    for officer in (siti, budi, maria, tono):
        with pytest.raises(posts.NotBelow):
            end(mandate, officer)
    with pytest.raises(posts.OwnMandate):
        end(mandate, slamet)

    assert Mandate.objects.get(pk=mandate.pk).state == "in_force"


def test_it_refuses_an_officer_beside(
    ratna: User, roles: Roles, pekalongan: Place
) -> None:
    colleague = make_user("Joko Widodo-Contoh")
    give(colleague, roles["district_officer"], pekalongan)

    with pytest.raises(posts.NotBelow):
        end(ratna.mandates.get(), colleague)


def test_it_ends_a_mandate_at_once(siti: User, slamet: User, botosari: Place) -> None:
    mandate = end(siti.mandates.get(), slamet)

    assert not User.objects.get(pk=siti.pk).may("evidence.add", botosari)
    assert (mandate.ended_by, mandate.end_reason) == (slamet, "Moved away.")
    with pytest.raises(posts.MandateOver):
        end(mandate, slamet)
    event = Event.objects.get(verb="end_mandate")
    assert event.after == {"person": "Siti Aminah", "reason": "Moved away."}


def test_it_refuses_a_successor_who_holds_an_excluded_role_or_is_the_same(
    siti: User, slamet: User, budi: User
) -> None:
    mandate = siti.mandates.get()
    for to, kind in (
        (siti, posts.AlreadyHeld),
        (slamet, posts.OwnMandate),
        (budi, actions.NotYours),
    ):
        with pytest.raises(Refusal) as refusal:
            hand_over(mandate, to, slamet)
        assert type(refusal.value) is kind

    mandate.refresh_from_db()
    assert (mandate.state, Mandate.objects.filter(user=siti).count()) == ("in_force", 1)


@pytest.mark.usefixtures("lab")
def test_it_hands_role_place_and_programme_to_the_successor(
    siti: User, yusuf: User, slamet: User
) -> None:
    last = timezone.localdate() + timedelta(days=90)
    Mandate.objects.filter(user=siti).update(ends_on=last, programme="lab")
    before = siti.mandates.get()

    after = hand_over(before, yusuf, slamet)

    before.refresh_from_db()
    assert (before.state, before.successor) == ("ended", after)
    assert (after.user, after.role, after.place, after.programme, after.ends_on) == (
        yusuf,
        before.role,
        before.place,
        "lab",
        last,
    )
    assert set(Event.objects.values_list("verb", flat=True)) == {
        "give_mandate",
        "hand_over_mandate",
    }


def test_a_mandate_that_has_yet_to_begin_begins_no_earlier_for_the_successor(
    siti: User, yusuf: User, slamet: User
) -> None:
    later = date(timezone.localdate().year + 1, 1, 1)
    Mandate.objects.filter(user=siti).update(starts_on=later)

    assert hand_over(siti.mandates.get(), yusuf, slamet).starts_on == later
