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
