"""API tokens: shown once, kept as a digest, ending by themselves."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lumbung.accounts import actions, tokens
from lumbung.accounts.models import ApiToken, User

NOW = timezone.now()


def make(by: User, until: datetime) -> tuple[ApiToken, str]:
    return actions.make_token(label="Excel", until=until, by=by, now=NOW)


@pytest.mark.parametrize("days", [0, -1, 400])
def test_it_refuses_a_token_for_never_or_for_ever(siti: User, days: int) -> None:
    with pytest.raises(actions.TokenTooLong):
        make(siti, NOW + timedelta(days=days))


def test_a_token_opens_until_it_ends_is_revoked_or_its_owner_is_shut_out(
    siti: User, slamet: User
) -> None:
    token, secret = make(siti, NOW + timedelta(days=30))
    soon, late = NOW + timedelta(days=29), NOW + timedelta(days=30)

    assert tokens.authenticate(secret, now=soon) == siti
    assert tokens.authenticate(secret, now=late) is None
    assert tokens.authenticate(secret + "A", now=soon) is None
    assert tokens.authenticate("", now=soon) is None

    actions.revoke_token(token=token, by=siti, now=NOW)
    assert tokens.authenticate(secret, now=soon) is None

    _, other = make(siti, NOW + timedelta(days=30))
    actions.deactivate_user(person=siti, reason="moved", by=slamet, now=NOW)
    assert tokens.authenticate(other, now=soon) is None


def test_nobody_revokes_another_s_token(siti: User, slamet: User) -> None:
    token, _ = make(siti, NOW + timedelta(days=30))

    with pytest.raises(ApiToken.DoesNotExist):
        actions.revoke_token(token=token, by=slamet, now=NOW)


def test_using_it_writes_at_most_once_an_hour(siti: User) -> None:
    token, secret = make(siti, NOW + timedelta(days=30))

    def writes(now: datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            tokens.authenticate(secret, now=now)
        return sum(query["sql"].startswith("UPDATE") for query in captured)

    assert writes(NOW) == 1
    assert writes(NOW + timedelta(minutes=59)) == 0
    assert writes(NOW + timedelta(minutes=60)) == 1
    token.refresh_from_db()
    assert token.used_at == NOW + timedelta(minutes=60)


def test_its_secret_is_on_one_page_only_and_never_in_the_database(
    client: Client, siti: User
) -> None:
    client.force_login(siti)

    answer = client.post("/akun/token/", {"label": "Excel", "days": "90"})

    found = re.search(r"lumbung-[0-9A-Z-]{23}", answer.content.decode())
    assert found
    assert "no-store" in answer.headers["Cache-Control"]
    assert tokens.authenticate(found[0], now=timezone.now()) == siti
    assert found[0] not in client.get("/akun/").content.decode()
    kept = str(list(ApiToken.objects.values()))
    assert found[0] not in kept
    client.post(f"/akun/token/{ApiToken.objects.get().uid}/")
    assert tokens.authenticate(found[0], now=timezone.now()) is None
