"""The door: who is let in, who is not, and what is kept of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from lumbung.accounts import actions
from lumbung.accounts.models import SignIn, User
from lumbung.home import key_id

SIGN_IN = "/akun/masuk/"
PASSWORD = "rahasia sekali"
PHONE = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/130.0 Mobile"


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: str):
    return client.post(
        SIGN_IN,
        {"login": login, "password": password, **more},
        headers={"user-agent": PHONE},
    )


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "address",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "password/reset/",
        "password/set/",
        "login/code/",
        "daftar/",
        "2fa/",
        "3rdparty/",
    ],
)
@pytest.mark.django_db
def test_there_is_no_sign_up_and_no_mail(client: Client, address: str) -> None:
    assert client.get(f"/akun/{address}").status_code == 404


def test_an_unknown_name_and_a_wrong_password_hear_the_same(
    client: Client, siti: User
) -> None:
    answers = []
    for login in ("siti", "nobody", "nobody@desa.example"):
        page = sign_in(client, login, "wrong password").content.decode()
        answers.append(re.sub(r'value="[^"]*"', "", page))
    assert answers[0] == answers[1] == answers[2]
    assert "Tidak ada akun" in answers[0]
    assert not signed_in(client)


def test_a_form_that_comes_back_with_its_faults_is_no_success(
    client: Client, siti: User, ratna: User
) -> None:
    link = actions.make_reset_link(person=siti, by=ratna, now=timezone.now())
    assert client.post(f"/akun/tautan/{link}/", {"password": "x"}).status_code == 422
    assert client.get("/akun/tautan/?secret=x").status_code == 422
    client.force_login(ratna)
    for address in (
        *("/akun/sandi/", "/akun/yakin/", "/akun/token/", "/orang/undang/"),
        f"/orang/{siti.uid}/mandat/",
        f"/mandat/{siti.mandates.get().uid}/akhiri/",
    ):
        assert client.post(address, {"password": "x"}).status_code == 422, address


def test_somebody_deactivated_is_told_so_only_with_the_right_password(
    client: Client, siti: User
) -> None:
    User.objects.filter(pk=siti.pk).update(is_active=False)

    assert sign_in(client, "siti", "wrong password").status_code == 422
    assert sign_in(client, "siti").headers["Location"] == "/akun/berhenti/"
    assert client.get("/akun/berhenti/").status_code == 200
    assert not signed_in(client)


def test_the_sixth_wrong_password_is_not_even_read(client: Client, siti: User) -> None:
    for _ in range(5):
        sign_in(client, "siti", "wrong password")

    page = sign_in(client, "siti").content.decode()

    assert "Terlalu banyak percobaan" in page
    assert not signed_in(client)
    assert SignIn.objects.filter(user=siti, succeeded=False).count() == 5


@pytest.mark.parametrize("login", ["siti", "SITI", "siti@desa.example"])
def test_it_lets_in_by_username_or_address_and_notes_it(
    client: Client, siti: User, login: str
) -> None:
    User.objects.filter(pk=siti.pk).update(email="siti@desa.example")

    answer = sign_in(client, login)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    note = SignIn.objects.get()
    assert (note.user, note.succeeded, note.device, note.method) == (
        siti,
        True,
        "Chrome, Android",
        "password",
    )


def test_the_session_gets_a_new_name_at_sign_in(client: Client, siti: User) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key or ""
    client.cookies[settings.SESSION_COOKIE_NAME] = before

    sign_in(client, "siti")

    assert client.session.session_key != before


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "javascript:1"]
)
def test_it_sends_nobody_to_another_house(
    client: Client, siti: User, away: str
) -> None:
    assert sign_in(client, "siti", next=away).headers["Location"] == "/"


def test_it_goes_where_one_wanted_to(client: Client, siti: User) -> None:
    assert sign_in(client, "siti", next="/peran/").headers["Location"] == "/peran/"


def test_a_shared_computer_forgets_after_half_an_hour(
    client: Client, siti: User
) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        answer = sign_in(client, "siti", shared="on")
        cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
        assert (cookie["max-age"], cookie["expires"]) == ("", "")
        client.get("/akun/")
    with time_machine.travel(now + timedelta(minutes=29), tick=False):
        assert client.get("/akun/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=58), tick=False):
        assert client.get("/akun/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=89), tick=False):
        assert client.get("/akun/").headers["Location"] == "/akun/masuk/?next=/akun/"
    assert not signed_in(client)


def test_one_s_own_computer_remembers_for_the_working_day(
    client: Client, siti: User
) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        answer = sign_in(client, "siti")
        age = answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"]
        assert age == settings.SESSION_COOKIE_AGE
    with time_machine.travel(now + timedelta(hours=11), tick=False):
        assert client.get("/akun/").status_code == 200
    with time_machine.travel(now + timedelta(hours=13), tick=False):
        assert client.get("/akun/").status_code == 302


def test_deactivating_ends_the_open_session(
    client: Client, siti: User, slamet: User
) -> None:
    sign_in(client, "siti")
    actions.deactivate_user(person=siti, reason="Left.", by=slamet, now=timezone.now())

    assert client.get("/akun/").status_code == 302


def test_a_reset_ends_all_sessions_but_keeps_the_phone(
    client: Client, siti: User, slamet: User
) -> None:
    sign_in(client, "siti")
    secret = actions.make_reset_link(person=siti, by=slamet, now=timezone.now())

    Client().post(
        f"/akun/tautan/{secret}/",
        {"password": "sawah luas 17", "again": "sawah luas 17"},
    )

    assert client.get("/akun/").status_code == 302
    assert User.objects.get(pk=siti.pk).check_password("sawah luas 17")


# Demo people


@pytest.fixture
def demo_siti(siti: User) -> User:
    User.objects.filter(pk=siti.pk).update(is_example=True)
    return siti


def test_without_the_demo_nobody_enters_by_one_tap(
    client: Client, demo_siti: User
) -> None:
    assert client.post("/akun/contoh/", {"person": "siti"}).status_code == 404
    assert "contoh/" not in client.get(SIGN_IN).content.decode()


def test_on_the_demo_only_invented_people_are_entered_and_only_by_post(
    client: Client, demo_siti: User, ratna: User, settings: Settings
) -> None:
    settings.DEMO = True

    assert client.get("/akun/contoh/?person=siti").status_code == 405
    assert client.post("/akun/contoh/", {"person": "ratna"}).status_code == 404
    page = client.get(SIGN_IN).content.decode()
    assert ("Siti Aminah" in page, "Ratna Dewi" in page) == (True, False)
    assert client.post("/akun/contoh/", {"person": "siti"}).status_code == 302
    assert client.get("/akun/").status_code == 200
    assert SignIn.objects.get().method == "demo"


def test_a_demo_person_has_no_password_to_change(
    client: Client, demo_siti: User
) -> None:
    demo_siti.set_unusable_password()
    demo_siti.save()
    client.force_login(demo_siti)

    assert client.get("/akun/sandi/").status_code == 200
    assert client.get("/akun/sandi/").templates[0].name == "accounts/no_password.html"


# The phone


def code(secret: str) -> str:
    return f"{totp.hotp_value(secret, int(timezone.now().timestamp()) // 30):06}"


@pytest.fixture
def guarded(client: Client, siti: User) -> str:
    """Siti sets up her phone; returns the secret."""
    sign_in(client, "siti")
    asked = client.get("/akun/ponsel/pasang/")
    assert asked.headers["Location"].startswith("/akun/yakin/")
    client.post("/akun/yakin/", {"password": PASSWORD})
    page = client.get("/akun/ponsel/pasang/").content.decode()
    assert "<svg" in page
    assert not re.search("data:|style=", page)
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    secret = found[1]
    answer = client.post("/akun/ponsel/pasang/", {"code": code(secret)})
    assert answer.headers["Location"] == "/akun/kode/"
    assert "10 kode" in client.get("/akun/kode/").content.decode()
    return secret


def test_with_a_phone_the_password_alone_opens_nothing(
    client: Client, siti: User, guarded: str
) -> None:
    SignIn.objects.all().delete()
    other = Client()

    assert sign_in(other, "siti").headers["Location"] == "/akun/ponsel/masuk/"
    assert other.get("/akun/").status_code == 302
    wrong = other.post("/akun/ponsel/masuk/", {"code": "000000"})
    assert wrong.status_code == 422
    assert not signed_in(other)
    assert SignIn.objects.get().succeeded is False


def test_the_code_opens_and_the_shared_computer_is_remembered(
    client: Client, siti: User, guarded: str
) -> None:
    cache.clear()
    other = Client()
    later = timezone.now() + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        sign_in(other, "siti", shared="on")
        other.post("/akun/ponsel/masuk/", {"code": code(guarded)})
        assert signed_in(other)
    note = SignIn.objects.order_by("-pk")[0]
    assert (note.method, note.is_shared) == ("code", True)
    with time_machine.travel(later + timedelta(minutes=5), tick=False):
        assert other.get("/akun/").status_code == 200
    with time_machine.travel(later + timedelta(minutes=40), tick=False):
        assert other.get("/akun/").status_code == 302


def test_the_secret_is_not_in_the_database_as_it_is(guarded: str) -> None:
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert guarded not in kept
    assert f"{key_id('django', settings.SECRET_KEY)}:" in kept


def test_an_officer_takes_the_guard_of_a_lost_phone_away(
    guarded: str, siti: User, slamet: User, budi: User
) -> None:
    with pytest.raises(actions.NotYours):
        actions.remove_second_factor(person=siti, by=budi)

    actions.remove_second_factor(person=siti, by=slamet)

    other = Client()
    sign_in(other, "siti")
    assert signed_in(other)
