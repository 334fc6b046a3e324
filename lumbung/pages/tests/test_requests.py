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
@pytest.mark.parametrize("address", ["/masuk/?x=%00", "/api/v1/places?q=a%00b"])
def test_an_address_with_a_nul_names_nothing(client: Client, address: str) -> None:
    """No text of a database holds one, and PostgreSQL breaks on it."""
    assert client.get(address).status_code == 404
