"""All numbers of a place, and one indicator over the places in it, as a table."""

import csv
import html

import pytest
from django.db import connection
from django.test import Client

from lumbung.accounts.models import User
from lumbung.measures.tests import numbers
from lumbung.measures.views import with_values
from lumbung.places.models import Place
from tests.scenarios import Cast

pytestmark = pytest.mark.django_db
PEOPLE = "kode;nilai\n33.26;87010\n"


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest) -> None:
    cast: Cast = request.getfixturevalue
    numbers.bring_in(cast)
    numbers.bring(
        "observations",
        PEOPLE,
        cast("pekalongan"),
        cast("ratna"),
        indicator="poor_people",
        source_title="BPS",
    )


@pytest.fixture
def reader(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    client.cookies["language"] = "id"
    return client


def rows(client: Client, query: str) -> list[list[str]]:
    """The downloaded table without its header: exactly what the page shows."""
    response = client.get(f"/angka/?{query}&unduh=csv")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(text.splitlines()))[1:]


def page(client: Client, url: str) -> str:
    return html.unescape(client.get(url).content.decode())


def test_a_count_says_what_it_counts(reader: Client) -> None:
    for url in ("/", "/wilayah/33.26/"):
        assert "</a> orang" in page(reader, url)
    assert rows(reader, "wilayah=33.26") == [
        ["Jumlah penduduk miskin", "2017", "87010", "orang", "BPS"]
    ]


def test_a_village_has_the_values_of_every_period_and_source(reader: Client) -> None:
    found = rows(reader, "wilayah=33.26.02.2008")

    assert [(row[1], row[2]) for row in found] == [
        ("2017", "0.574"),
        ("2017", "0.504"),
        ("2016", "0.55"),
    ]
    assert {row[3] for row in found} == {"persen keluarga"}
    assert len(rows(reader, "wilayah=33.26.02.2008&periode=2016")) == 1


def test_places_are_compared_by_one_indicator_in_the_latest_period(
    reader: Client,
) -> None:
    found = rows(reader, "wilayah=33.26&tingkat=4&urut=-value")

    assert [row[0] for row in found] == ["Botosari", "Botosari", "Bedagung", "Tenogo"]
    assert {row[3] for row in found} == {"2017"}
    assert len(rows(reader, "wilayah=33.26&tingkat=4&periode=semua")) == 7


def test_a_place_that_ended_is_not_compared(reader: Client, botosari: Place) -> None:
    numbers.close(botosari)

    names = {row[0] for row in rows(reader, "wilayah=33.26&tingkat=4")}
    assert names == {"Bedagung", "Tenogo"}


def test_an_unknown_code_is_refused_with_a_way_to_find_the_place(
    reader: Client,
) -> None:
    response = reader.get("/angka/?wilayah=99.99")

    assert response.status_code == 422
    assert "/cari/?q=99.99" in response.content.decode()


def test_where_nothing_is_known_the_page_says_what_to_do(reader: Client) -> None:
    assert "Angka masuk lewat impor" in page(reader, "/angka/?wilayah=33.26.02")


def test_which_indicators_have_values_is_looked_up_in_the_index() -> None:
    told = with_values().explain()

    if connection.vendor == "postgresql":
        assert "Limit" in told, told
    else:
        assert "SEARCH U0 USING COVERING INDEX" in told, told
