"""A page is kept for its reader until anything changes, and for nobody else."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import INFO
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.conftest import load_district
from lumbung.imports.models import Import
from lumbung.imports.tests.files import bring, decide, text
from lumbung.imports.tests.verbs import indonesia
from lumbung.places.models import Level, Place
from lumbung.programmes import actions
from lumbung.programmes.models import Case, Programme
from lumbung.programmes.packs.actions import load_pack

pytestmark = pytest.mark.django_db
WARM = 5  # session, reader, standing: nothing is looked up to be shown


def page(place: Place) -> str:
    return reverse("desk:place", args=[place.code])


def queries(client: Client, url: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(url, headers=headers).status_code in {200, 304}
    return len(found)


@pytest.fixture
def ratna_in(client: Client, ratna: User, pekalongan: Place) -> Client:
    client.force_login(ratna)
    client.get(page(pekalongan))  # the form token's cookie
    return client


def test_the_second_time_nothing_is_looked_up(
    ratna_in: Client, paninggaran: Place
) -> None:
    first = ratna_in.get(page(paninggaran))

    assert queries(ratna_in, page(paninggaran)) <= WARM
    again = ratna_in.get(page(paninggaran))
    assert again.templates == []
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "private, no-cache"


def test_a_browser_that_has_the_page_is_told_so(
    ratna_in: Client, pekalongan: Place
) -> None:
    etag = ratna_in.get(page(pekalongan))["ETag"]

    answer = ratna_in.get(page(pekalongan), headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_a_page_of_another_reader_is_never_given(
    ratna_in: Client, case: Case, pekalongan: Place, tono: User
) -> None:
    """Tono may open the page of any place, and sees no case on it."""
    etag = ratna_in.get(page(pekalongan))["ETag"]
    assert str(case.uid) in ratna_in.get(page(pekalongan)).content.decode()
    other = Client()
    other.force_login(tono)

    answer = other.get(page(pekalongan), headers={"If-None-Match": etag})

    assert answer.status_code == 200
    assert str(case.uid) not in answer.content.decode()
    assert "Tono" in answer.content.decode()


def test_it_is_not_given_after_signing_out(ratna_in: Client, pekalongan: Place) -> None:
    etag = ratna_in.get(page(pekalongan))["ETag"]
    ratna_in.logout()

    answer = ratna_in.get(page(pekalongan), headers={"If-None-Match": etag})

    assert answer.status_code == 302


def test_a_mandate_that_ended_takes_its_cases_along(
    ratna: User, case: Case, pekalongan: Place
) -> None:
    """By its own date at midnight, without anybody doing anything."""
    evening = datetime(2026, 11, 23, 23, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
    client = Client()
    with time_machine.travel(evening, tick=False):
        ratna.mandates.update(ends_on=timezone.localdate())
        client.force_login(ratna)
        for _ in range(2):
            late = client.get(page(pekalongan)).content.decode()

    with time_machine.travel(evening + timedelta(hours=1), tick=False):
        after = client.get(page(pekalongan)).content.decode()

    assert str(case.uid) in late
    assert str(case.uid) not in after


def test_classes_are_new_as_soon_as_an_import_is_accepted_and_undone(
    ratna_in: Client, pekalongan: Place, botosari: Place
) -> None:
    load_pack(folder=indonesia(), by=None)
    of = bring(
        ratna_in,
        text("kode_desa;kelas\n33.26.02.2008;merah\n"),
        kind="classes",
        scheme="village_colour",
        period="2018",
    )
    assert isinstance(of, Import)
    assert "tag red" not in ratna_in.get(page(pekalongan)).content.decode()
    decide(ratna_in, of, "accept")
    assert "1 Merah" in ratna_in.get(page(pekalongan)).content.decode()
    ratna_in.post(reverse("imports:undo", args=[of.uid]), {"confirm": "on"})
    of.refresh_from_db()
    assert of.state == Import.State.UNDONE
    assert "tag red" not in ratna_in.get(page(pekalongan)).content.decode()


def test_a_case_that_was_opened_shows_at_once(
    ratna_in: Client, ratna: User, lab: Programme, botosari: Place, pekalongan: Place
) -> None:
    assert "Desa Botosari" not in ratna_in.get(page(pekalongan)).content.decode()

    actions.open_case(
        programme=lab,
        template="village",
        title="Desa Botosari",
        place=botosari,
        responsible=ratna,
        on=timezone.localdate(),
        by=ratna,
    )

    assert "Desa Botosari" in ratna_in.get(page(pekalongan)).content.decode()


def test_each_language_has_its_own(ratna_in: Client, pekalongan: Place) -> None:
    indonesian = ratna_in.get(page(pekalongan)).content.decode()
    ratna_in.cookies["language"] = "en"

    english = ratna_in.get(page(pekalongan)).content.decode()

    assert "Tabel" in indonesian
    assert "Table" in english


def test_forms_of_a_kept_page_carry_the_token_of_this_request(
    ratna: User, pekalongan: Place
) -> None:
    """Also when the browser lost the cookie that the kept page was drawn with."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ratna)
    client.get(page(pekalongan))
    del client.cookies["csrftoken"]
    body = client.get(page(pekalongan)).content.decode()
    token = body.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    answer = client.post(
        reverse("pages:language"),
        {"language": "en", "next": "/", "csrfmiddlewaretoken": token},
    )

    assert answer.status_code == 302


def test_a_message_is_said_once(ratna_in: Client, pekalongan: Place) -> None:
    ratna_in.get(page(pekalongan))
    ratna_in.cookies["messages"] = said("Tersimpan.")

    first = ratna_in.get(page(pekalongan)).content.decode()
    second = ratna_in.get(page(pekalongan)).content.decode()

    assert "Tersimpan." in first
    assert "Tersimpan." not in second


def said(words: str) -> str:
    """The cookie of a message that waits to be said."""
    store = CookieStorage(RequestFactory().get("/"))
    return str(store._encode([Message(INFO, words)]))  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["petak", "batas"])
@pytest.mark.parametrize("code", ["ID", "33", "33.26", "33.26.02", "33.26.02.2008"])
def test_a_list_of_places_takes_as_many_queries_for_few_as_for_many(
    code: str, form: str, ratna: User, client: Client, lab: Programme, botosari: Place
) -> None:
    """The rows of one village, then of 285 with a class and 30 with an open case."""
    load_pack(folder=indonesia(), by=None)
    client.force_login(ratna)
    furnished(client, ratna, lab, [botosari])
    small = cold_queries(client, code, form)
    load_district("33.26")
    villages = Place.objects.filter(level=Level.VILLAGE).exclude(pk=botosari.pk)
    furnished(client, ratna, lab, list(villages))

    large = cold_queries(client, code, form)

    assert (large, large <= 15) == (small, True)


def furnished(client: Client, by: User, lab: Programme, villages: list[Place]) -> None:
    """A class for each village, accepted, and a case in thirty of them."""
    rows = "".join(f"{each.code};merah\n" for each in villages)
    of = bring(
        client,
        text(f"kode_desa;kelas\n{rows}"),
        kind="classes",
        scheme="village_colour",
        period="2018",
    )
    decide(client, of, "accept")
    for village in villages[:30]:
        actions.open_case(
            programme=lab,
            template="village",
            title="",
            place=village,
            responsible=by,
            on=timezone.localdate(),
            by=by,
        )


def cold_queries(client: Client, code: str, form: str) -> int:
    """Of a page that is not kept, while what all readers share is."""
    client.get(f"/wilayah/{code}/?peta={form}&dingin=1")
    return queries(client, f"/wilayah/{code}/?peta={form}&dingin=2")
