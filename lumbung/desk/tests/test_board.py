"""The board of a programme."""

import pytest
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.programmes.models import Case, Programme

pytestmark = pytest.mark.django_db


def test_it_is_empty_for_somebody_without_a_mandate(
    client: Client, case: Case, tono: User
) -> None:
    client.force_login(tono)

    page = client.get(reverse("desk:board", args=[case.programme.code]))

    assert page.status_code == 200
    assert case.title not in page.content.decode()


def test_it_shows_the_cases_of_one_s_territory(
    client: Client, case: Case, lab: Programme, ratna: User, budi: User
) -> None:
    url = reverse("desk:board", args=[lab.code])
    client.force_login(budi)
    assert case.title not in client.get(url).content.decode()

    client.force_login(ratna)
    assert case.title in client.get(url).content.decode()


def test_steps_without_a_case_that_follow_each_other_stand_together(
    client: Client, case: Case, lab: Programme, ratna: User
) -> None:
    """Only the first step has a case; the other two are said in one breath."""
    client.force_login(ratna)
    client.cookies["language"] = "id"

    page = client.get(reverse("desk:board", args=[lab.code])).content.decode()

    assert page.count("Belum ada berkas di 2 langkah ini.") == 1
    assert "Belum ada berkas di langkah ini." not in page
    assert all(f'id="s{number}"' in page for number in (1, 2, 3))
