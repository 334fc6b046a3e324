"""A case and those that copy it lead to each other."""

import pytest
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.places.models import Place
from lumbung.programmes.checks import main_place
from lumbung.programmes.models import Case
from lumbung.programmes.tests.papers import opened

pytestmark = pytest.mark.django_db


def seen(client: Client, case: Case, user: User) -> str:
    client.force_login(user)
    client.cookies["language"] = "id"
    return client.get(reverse("desk:case", args=[case.uid])).content.decode()


def test_the_copied_case_names_its_copies(
    client: Client, case: Case, ratna: User
) -> None:
    assert "Ditiru oleh" not in seen(client, case, ratna)
    place = main_place(case)
    opened(case.programme, place, ratna, title="Desa Tiruan", origin=case)

    page = seen(client, case, ratna)

    assert "Ditiru oleh (1)" in page
    assert "Desa Tiruan" in page


def test_who_may_not_see_a_copy_does_not_read_of_it(
    client: Client, case: Case, ratna: User, kampar: Place, budi: User
) -> None:
    opened(case.programme, kampar, budi, title="Desa Jauh", origin=case)

    assert "Desa Jauh" not in seen(client, case, ratna)
