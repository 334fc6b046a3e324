"""What belongs to one request ends with it."""

import pytest
from django.test import Client

from lumbung.pages import requests


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/api/v1/places"])
def test_the_door_is_closed_after_the_request(client: Client, address: str) -> None:
    door, number = requests.door.get(), requests.number.get()
    client.get(address)

    assert (requests.door.get(), requests.number.get()) == (door, number)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/masuk/?x=%00", "/api/v1/places?q=a%00b", "/api/v1/places/a%00"]
)
def test_an_address_with_a_nul_names_nothing(client: Client, address: str) -> None:
    """No text of a database holds one, and PostgreSQL breaks on it."""
    assert client.get(address).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"),
    [("id", "Formulir ini sudah kedaluwarsa"), ("en", "This form is no longer valid")],
)
def test_a_form_without_its_token_is_refused_in_words(language: str, said: str) -> None:
    """As happens to a page that was open while somebody signed in anew."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["language"] = language

    response = client.post("/akun/masuk/", {"login": "ratna"})

    assert response.status_code == 403
    assert said in response.content.decode()


@pytest.mark.django_db
def test_an_address_of_a_button_says_that_it_takes_a_form(client: Client) -> None:
    """Who signs in again after pressing a button arrives there by GET."""
    response = client.get("/bahasa")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Belum ada yang terkirim" in response.content.decode()


@pytest.mark.django_db
def test_a_host_we_do_not_serve_is_refused_in_words(client: Client) -> None:
    response = client.get("/", headers={"Host": "elsewhere.example"})

    assert response.status_code == 400
    assert "Permintaan tidak terbaca" in response.content.decode()
