"""A new installation: every empty page says what to do first."""

import pytest
from django.test import Client

from lumbung.accounts.models import User
from lumbung.places.models import Place
from lumbung.programmes.models import Case, Programme

pytestmark = pytest.mark.django_db


def shown(client: Client, by: User, url: str) -> str:
    client.force_login(by)
    client.cookies["language"] = "id"
    return client.get(url).content.decode()


def test_home_names_the_first_steps_by_what_one_may(
    client: Client, ratna: User, ani: User, maria: User
) -> None:
    officer, administrator = shown(client, ratna, "/"), shown(client, ani, "/")

    assert "Undang orang di wilayah Anda" in officer
    assert "Impor kelas dan angka desa" in officer
    assert "Buka berkas pertama" in officer
    assert "Undang orang di wilayah Anda" in administrator
    assert "Buka berkas pertama" not in administrator
    assert "Mulai dari sini" not in shown(client, maria, "/")


def test_home_names_no_first_steps_where_there_are_cases(
    client: Client, case: Case, ratna: User
) -> None:
    assert "Mulai dari sini" not in shown(client, ratna, "/")


def test_a_list_that_nobody_filtered_offers_no_way_out_of_a_filter(
    client: Client, lab: Programme, ratna: User
) -> None:
    assert "Tampilkan semua berkas" not in shown(client, ratna, "/program/lab/berkas/")
    assert "Tampilkan semua berkas" in shown(
        client, ratna, "/program/lab/berkas/?macet=1"
    )


def test_a_map_without_classes_says_where_they_come_from(
    client: Client, botosari: Place, ratna: User
) -> None:
    assert "Belum ada desa di sini yang punya kelas." in shown(
        client, ratna, "/wilayah/33.26/"
    )


def test_a_place_that_nobody_knows_is_not_a_place_without_cases(
    client: Client, case: Case, ratna: User
) -> None:
    page = shown(client, ratna, "/program/lab/berkas/?wilayah=Botosari")

    assert "Tidak ada wilayah dengan kode “Botosari”." in page
    assert 'href="/cari/?q=Botosari"' in page
