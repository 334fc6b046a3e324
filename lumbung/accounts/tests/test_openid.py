"""OpenID Connect: it lets in who was invited, and nobody else."""

import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from lumbung.accounts.models import Event, OpenIdLink, SignIn, User
from lumbung.accounts.tests.house import CLIENT, OTHER_KEY, SECRET, House, open_house

pytestmark = pytest.mark.django_db
OUT, BACK = "/akun/layanan/", "/akun/layanan/kembali/"
VERIFIED = {"email": "Siti@Desa.example", "email_verified": True}


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    with open_house() as made:
        settings.OIDC_ISSUER = made.issuer
        settings.OIDC_CLIENT, settings.OIDC_SECRET = CLIENT, SECRET
        settings.OIDC_NAME = "Masuk ASN"
        yield made


@pytest.fixture
def siti(siti: User) -> User:
    siti.email = "siti@desa.example"
    siti.save(update_fields=["email"])
    return siti


def go(client: Client, house: House, **claims: Any) -> Any:
    """Out to the provider, where they sign in, and back with its code."""
    out = client.get(OUT)
    asked = {
        k: v[0] for k, v in parse_qs(urlsplit(out.headers["Location"]).query).items()
    }
    house.challenge = asked["code_challenge"]
    house.claims = {"nonce": asked["nonce"]} | claims
    return client.get(BACK, {"state": asked["state"], "code": "kode"})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_without_the_setting_there_is_no_such_door(client: Client) -> None:
    assert client.get(OUT).status_code == client.get(BACK).status_code == 404
    assert OUT not in client.get("/akun/masuk/").content.decode()


def test_the_question_names_us_and_proves_nothing_yet(
    client: Client, house: House
) -> None:
    assert "Masuk dengan Masuk ASN" in client.get("/akun/masuk/").content.decode()
    out = urlsplit(client.get(OUT).headers["Location"])
    asked = parse_qs(out.query)

    assert f"{out.scheme}://{out.netloc}" == house.issuer
    assert asked["redirect_uri"] == ["http://testserver" + BACK]
    assert asked["code_challenge_method"] == ["S256"]
    assert SECRET not in out.query


def test_who_was_invited_comes_in_by_a_verified_address(
    client: Client, house: House, siti: User
) -> None:
    answer = go(client, house, **VERIFIED)

    assert answer.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(siti.pk)
    noted = SignIn.objects.get()
    assert (noted.user, noted.method, noted.succeeded) == (siti, "openid", True)
    assert Event.objects.filter(verb="link_openid", by=siti).count() == 1


def test_the_second_time_the_link_counts_not_the_address(
    client: Client, house: House, siti: User
) -> None:
    go(client, house, **VERIFIED)
    other = Client()

    go(other, house, email="lain@desa.example", email_verified=False)
    assert other.session["_auth_user_id"] == str(siti.pk)
    assert OpenIdLink.objects.count() == 1


def refused(answer: Any, client: Client, words: str, status: int = 403) -> None:
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not signed_in(client)
    assert not SignIn.objects.filter(succeeded=True).exists()


def test_who_was_not_invited_stays_outside_and_gets_no_account(
    client: Client, house: House, siti: User
) -> None:
    before = User.objects.count()
    answer = go(client, house, email="asing@desa.example", email_verified=True)

    refused(answer, client, "tidak diundang")
    assert User.objects.count() == before
    assert SignIn.objects.get().method == "openid"


@pytest.mark.parametrize("verified", [False, "true", None])
def test_an_address_that_is_not_verified_opens_nothing(
    verified: Any, client: Client, house: House, siti: User
) -> None:
    answer = go(client, house, email=siti.email, email_verified=verified)
    refused(answer, client, "belum diperiksa")


def test_who_was_deactivated_stays_outside_linked_or_not(
    client: Client, house: House, siti: User
) -> None:
    User.objects.filter(pk=siti.pk).update(is_active=False)
    refused(go(client, house, **VERIFIED), client, "dinonaktifkan")

    OpenIdLink.objects.create(
        user=siti, issuer=house.issuer, subject="pegawai-17", linked_at=siti.date_joined
    )
    refused(go(client, house, **VERIFIED), client, "dinonaktifkan")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "lain"},
        {"nonce": ""},
        {"iss": "https://lain.example"},
        {"aud": "lain"},
        {"exp": 1},
        {"azp": "lain"},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_question_is_not_believed(
    claims: dict[str, Any], client: Client, house: House, siti: User
) -> None:
    refused(go(client, house, **VERIFIED | claims), client, "tidak cocok")


def test_a_token_signed_by_somebody_else_is_not_believed(
    client: Client, house: House, siti: User
) -> None:
    house.key = OTHER_KEY
    refused(go(client, house, **VERIFIED), client, "tidak cocok")


def test_a_provider_that_calls_itself_otherwise_is_not_asked(
    client: Client, house: House
) -> None:
    house.said_issuer = "https://lain.example"
    refused(client.get(OUT), client, "menyebut dirinya “https://lain.example”")


@pytest.mark.parametrize(("set_up", "said"), [("/", ""), ("", "/"), ("/", "/")])
def test_a_slash_at_the_end_of_the_issuer_is_the_same_issuer(
    client: Client,
    house: House,
    siti: User,
    settings: Settings,
    set_up: str,
    said: str,
) -> None:
    house.said_issuer = house.issuer + said
    settings.OIDC_ISSUER = house.issuer + set_up

    go(client, house, **VERIFIED, iss=house.said_issuer)

    assert signed_in(client)
    assert OpenIdLink.objects.get().issuer == house.said_issuer


def test_an_answer_without_our_question_is_not_believed(
    client: Client, house: House, siti: User
) -> None:
    """Neither a foreign state nor the same answer twice."""
    refused(client.get(BACK, {"state": "x", "code": "kode"}), client, "tidak cocok")
    client.get(OUT)
    refused(client.get(BACK, {"state": "x", "code": "kode"}), client, "tidak cocok")
    assert house.asked == []


def test_a_provider_that_is_away_is_said_so(
    client: Client, house: House, settings: Settings
) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    refused(client.get(OUT), client, "tidak menjawab", 502)
    settings.OIDC_ISSUER = "http://masuk.example"  # never in the clear
    refused(client.get(OUT), client, "tidak menjawab", 502)


@pytest.mark.parametrize(
    "lacks", ["authorization_endpoint", "token_endpoint", "jwks_uri"]
)
def test_a_provider_that_does_not_say_where_its_doors_are_is_said_so(
    lacks: str, client: Client, house: House
) -> None:
    house.lacks = lacks
    refused(client.get(OUT), client, "tidak menjawab", 502)


def test_a_provider_that_speaks_no_http_is_said_so(
    client: Client, house: House, settings: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.OIDC_ISSUER = f"http://127.0.0.1:{door.getsockname()[1]}"

        def say() -> None:
            line, _ = door.accept()
            with line:
                line.recv(4000)
                line.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=say)
        thread.start()
        refused(client.get(OUT), client, "tidak menjawab", 502)
        thread.join()


def test_one_links_one_s_account_while_signed_in_and_unlinks_it(
    client: Client, house: House, siti: User, ratna: User
) -> None:
    client.force_login(siti)
    assert go(client, house).headers["Location"] == "/akun/"
    assert OpenIdLink.objects.get().user == siti

    other = Client()
    other.force_login(ratna)
    assert go(other, house).status_code == 409

    assert client.post("/akun/layanan/lepas/").status_code == 302
    assert not OpenIdLink.objects.exists()
