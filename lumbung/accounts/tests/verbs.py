"""Each verb of `accounts`, once, for the watcher of the trail."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from lumbung.accounts import actions, openid_actions, seals
from lumbung.accounts.actions import Newcomer
from lumbung.accounts.models import User
from lumbung.accounts.openid import Somebody
from lumbung.accounts.posts import Post
from tests.scenarios import Cast, Deed, scenario

NOW = timezone.now()
TODAY = timezone.localdate()
WAHYU = Newcomer(name="Wahyu Hidayat", username="wahyu")


def fund_officer(cast: Cast) -> Post:
    return Post(cast("roles")["fund_officer"], cast("botosari"), TODAY)


@scenario
def invite_user(cast: Cast) -> Deed:
    post, by = fund_officer(cast), cast("slamet")
    return lambda: actions.invite_user(newcomer=WAHYU, post=post, by=by, now=NOW)


@scenario
def give_mandate(cast: Cast) -> Deed:
    person, post, by = cast("siti"), fund_officer(cast), cast("slamet")
    return lambda: actions.give_mandate(person=person, post=post, by=by, now=NOW)


@scenario
def end_mandate(cast: Cast) -> Deed:
    mandate, by = cast("siti").mandates.get(), cast("slamet")
    return lambda: actions.end_mandate(mandate=mandate, reason="moved", by=by, now=NOW)


@scenario
def hand_over_mandate(cast: Cast) -> Deed:
    mandate, to, by = cast("siti").mandates.get(), cast("yusuf"), cast("slamet")
    return lambda: actions.hand_over_mandate(
        mandate=mandate, to=to, reason="moved", by=by, now=NOW
    )


@scenario
def make_reset_link(cast: Cast) -> Deed:
    person, by = cast("siti"), cast("slamet")
    return lambda: actions.make_reset_link(person=person, by=by, now=NOW)


@scenario
def use_link(cast: Cast) -> Deed:
    secret = actions.make_reset_link(person=cast("siti"), by=cast("slamet"), now=NOW)
    return lambda: actions.use_link(secret=secret, password="sawah luas 17", now=NOW)


@scenario
def deactivate_user(cast: Cast) -> Deed:
    person, by = cast("siti"), cast("slamet")
    return lambda: actions.deactivate_user(
        person=person, reason="moved", by=by, now=NOW
    )


@scenario
def reactivate_user(cast: Cast) -> Deed:
    person, by = cast("siti"), cast("slamet")
    User.objects.filter(pk=person.pk).update(is_active=False)
    return lambda: actions.reactivate_user(person=person, by=by)


@scenario
def remove_second_factor(cast: Cast) -> Deed:
    person, by = cast("siti"), cast("slamet")
    return lambda: actions.remove_second_factor(person=person, by=by)


@scenario
def first_administrator(cast: Cast) -> Deed:
    cast("roles")
    place = cast("indonesia")
    return lambda: actions.first_administrator(newcomer=WAHYU, place=place, now=NOW)


SOMEBODY = Somebody("https://masuk.example", "123", "siti@example.org")


@scenario
def recognise(cast: Cast) -> Deed:
    siti = cast("siti")
    User.objects.filter(pk=siti.pk).update(email="siti@example.org")
    return lambda: openid_actions.recognise(somebody=SOMEBODY, now=NOW)


@scenario
def link_openid(cast: Cast) -> Deed:
    by = cast("siti")
    return lambda: openid_actions.link_openid(somebody=SOMEBODY, by=by, now=NOW)


@scenario
def unlink_openid(cast: Cast) -> Deed:
    by = cast("siti")
    return lambda: openid_actions.unlink_openid(by=by)


@scenario
def make_token(cast: Cast) -> Deed:
    by = cast("siti")
    until = NOW + timedelta(days=90)
    return lambda: actions.make_token(label="Excel", until=until, by=by, now=NOW)


@scenario
def revoke_token(cast: Cast) -> Deed:
    by = cast("siti")
    until = NOW + timedelta(days=90)
    token, _ = actions.make_token(label="Excel", until=until, by=by, now=NOW)
    return lambda: actions.revoke_token(token=token, by=by, now=NOW)


@scenario
def accept_history(cast: Cast) -> Deed:
    """The folder remembers a batch that the database has not."""
    cast("roles")
    actions.first_administrator(newcomer=WAHYU, place=cast("indonesia"), now=NOW)
    newest = seals.seal(NOW)
    assert newest
    seals.keep_head(replace(newest, number=newest.number + 1))
    return lambda: actions.accept_history(now=NOW)
