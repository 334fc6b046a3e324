"""The list of places as pages show it: its editions, their changes, what they left."""

import html
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.desk.place_update import update_places
from lumbung.places.editions import EditionFile
from lumbung.places.models import Place
from lumbung.programmes.models import Case

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ABOVE = {"33": "Jawa Tengah", "33.26": "Pekalongan", "33.26.02": "Paninggaran"}
BEFORE = ABOVE | {
    "33.26.02.2008": "Botosari",
    "33.26.02.2009": "Domiyang",
    "33.26.02.2010": "Tenogo",
}
AFTER = ABOVE | {
    "33.26.02.2001": "Bedagung",
    "33.26.02.2009": "Domiyang Indah",
    "33.26.02.2020": "Tenogo",
}
DECIDED = {"33.26.02.2008": "", "33.26.02.2009": "33.26.02.2009"}


@pytest.fixture(autouse=True)
def two_editions(case: Case, paninggaran: Place) -> None:
    """Botosari ends, with a case on it that no place took over."""
    make_place("33.26.02.2009", "Domiyang", paninggaran)
    make_place("33.26.02.2010", "Tenogo", paninggaran)
    put("1", date(2025, 1, 1), BEFORE, {})
    put("2", date(2026, 1, 1), AFTER, DECIDED)


def put(number: str, on: date, names: dict[str, str], decided: dict[str, str]) -> None:
    file = EditionFile(number, "", "a source", "ODbL-1.0", on, number, names, {})
    update_places(edition=file, decided=decided, by=None, now=NOW)


def shown(client: Client, by: User, url: str = "/daftar-wilayah/") -> str:
    client.force_login(by)
    client.cookies["language"] = "id"
    return html.unescape(client.get(url).content.decode())


def changes(client: Client, by: User) -> set[tuple[str, ...]]:
    client.force_login(by)
    response: Any = client.get("/daftar-wilayah/?unduh=csv")
    lines = b"".join(response.streaming_content).decode().splitlines()[1:]
    return {tuple(line.split(",")[:4]) for line in lines}


def test_each_change_of_an_edition_is_told(tono: User, client: Client) -> None:
    assert changes(client, tono) == {
        ("Botosari", "33.26.02.2008", "berakhir", ""),
        ("Bedagung", "33.26.02.2001", "baru", ""),
        ("Tenogo", "33.26.02.2020", "berganti kode", "33.26.02.2010"),
        ("Domiyang Indah", "33.26.02.2009", "berganti nama", "Domiyang"),
    }


def test_only_who_updates_the_list_hears_which_work_lost_its_place(
    ani: User, ratna: User, client: Client
) -> None:
    for url in ("/", "/daftar-wilayah/"):
        assert "berkas atau mandat terbuka" in shown(client, ani, url)
        assert "berkas atau mandat terbuka" not in shown(client, ratna, url)


def test_a_page_says_that_its_place_has_ended(tono: User, client: Client) -> None:
    assert "tidak berlaku lagi" in shown(client, tono, "/wilayah/33.26.02.2008/")
