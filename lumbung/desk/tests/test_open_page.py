"""Opening a case on a page: the village by its name, as people know it."""

import pytest
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.places.models import Place
from lumbung.programmes.models import Case, Programme

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text", ["Botosari", "botosari ", "33.26.02.2008", "3326022008"]
)
def test_a_case_is_opened_by_name_or_code(
    client: Client, lab: Programme, botosari: Place, ratna: User, text: str
) -> None:
    client.force_login(ratna)

    page = client.post(
        reverse("desk:open_case", args=[lab.code]),
        {"template": "village", "place": text, "on": "2020-01-31"},
    )

    assert page.status_code == 302, page.content.decode()
    assert Case.objects.get().main_place == botosari


def test_a_name_is_looked_up_where_one_may_open_cases(
    client: Client, lab: Programme, botosari: Place, budi: User
) -> None:
    client.force_login(budi)
    client.cookies["language"] = "id"

    page = client.post(
        reverse("desk:open_case", args=[lab.code]),
        {"template": "village", "place": "Botosari", "on": "2020-01-31"},
    )

    assert page.status_code == 422
    assert "Tidak ada wilayah di sini dengan nama" in page.content.decode()


def test_the_page_of_a_village_leads_whoever_may_to_a_new_case_there(
    client: Client, lab: Programme, botosari: Place, ratna: User, siti: User
) -> None:
    door = (
        f'href="{reverse("desk:open_case", args=[lab.code])}?wilayah={botosari.code}"'
    )

    client.force_login(siti)
    assert door not in client.get(f"/wilayah/{botosari.code}/").content.decode()
    client.force_login(ratna)
    assert door in client.get(f"/wilayah/{botosari.code}/").content.decode()
