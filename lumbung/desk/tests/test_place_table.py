"""The table under a map: in the order that a reader chose."""

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.measures.tests import numbers
from lumbung.places.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def names(
    request: pytest.FixtureRequest, client: Client, ratna: User, pekalongan: Place
) -> Callable[[str], list[str]]:
    """The sub-districts of a district in which Paninggaran alone has classes."""
    numbers.bring_in(request.getfixturevalue)
    make_place("33.26.01", "Kandangserang", pekalongan)
    client.force_login(ratna)

    def read(order: str) -> list[str]:
        url = f"/wilayah/33.26/?tingkat=3&unduh=csv&urut={order}"
        response: Any = client.get(url)
        text = b"".join(response.streaming_content).decode()
        return [row[0] for row in csv.reader(text.splitlines())][1:]

    return read


def test_sub_districts_are_put_in_order_by_a_class(
    names: Callable[[str], list[str]],
) -> None:
    assert names("k-red") == ["Kandangserang", "Paninggaran"]
    assert names("-k-red") == ["Paninggaran", "Kandangserang"]
    assert names("-nothing") == names("")
