"""The pages on people: what they show of whom, and what they let an officer do."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lumbung.accounts import actions
from lumbung.accounts.models import Event, Mandate, Role, User
from lumbung.conftest import give, make_place, make_user
from lumbung.places.models import Place

Roles = dict[str, Role]


@pytest.fixture
def as_slamet(client: Client, slamet: User) -> Client:
    client.force_login(slamet)
    return client


def words(client: Client, url: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(url).content.decode()).split())


INVITATION = {
    "name": "Wahyu Hidayat",
    "username": "wahyu",
    "role": "fund_officer",
    "place": "Botosari",
    "starts_on": "2026-01-05",
}


def test_it_shows_the_refusal_beside_the_field(
    as_slamet: Client, siti: User, botosari: Place
) -> None:
    page = as_slamet.post("/orang/undang/", INVITATION | {"username": "SITI"})

    assert "Nama pengguna SITI sudah dipakai" in page.content.decode()
    assert not User.objects.filter(username="wahyu").exists()


def test_it_refuses_a_role_that_the_list_does_not_offer(
    as_slamet: Client, botosari: Place
) -> None:
    as_slamet.post("/orang/undang/", INVITATION | {"role": "district_officer"})

    assert not User.objects.filter(username="wahyu").exists()


def test_a_name_that_two_places_share_is_asked_back(
    as_slamet: Client, botosari: Place, paninggaran: Place
) -> None:
    make_place("33.26.02.2099", "Botosari", paninggaran)

    page = as_slamet.post("/orang/undang/", INVITATION).content.decode()

    assert "33.26.02.2008" in page
    assert "33.26.02.2099" in page
    assert not User.objects.filter(username="wahyu").exists()


def test_the_slip_is_shown_once_and_lets_the_person_in(
    as_slamet: Client, botosari: Place
) -> None:
    answer = as_slamet.post("/orang/undang/", INVITATION)

    assert "no-store" in answer.headers["Cache-Control"]
    page = answer.content.decode()
    found = re.search(r"http://testserver(/akun/tautan/[0-9A-Z-]+/)", page)
    assert found
    assert "<svg" in page
    guest = Client()
    for _ in range(2):  # a messenger that looks at the link does not use it up
        assert guest.get(found[1]).status_code == 200
    guest.post(found[1], {"password": "sawah luas 17", "again": "sawah luas 17"})
    assert guest.get(found[1]).status_code == 410
    sent = {"login": "wahyu", "password": "sawah luas 17"}
    assert guest.post("/akun/masuk/", sent).headers["Location"] == "/"


def test_two_passwords_that_differ_or_are_weak_are_asked_back(
    siti: User, slamet: User
) -> None:
    secret = actions.make_reset_link(person=siti, by=slamet, now=timezone.now())
    guest = Client()
    url = f"/akun/tautan/{secret}/"

    differ = guest.post(url, {"password": "sawah luas 17", "again": "sawah luas 18"})
    weak = guest.post(url, {"password": "12345678", "again": "12345678"})

    assert "Kedua kata sandi berbeda" in differ.content.decode()
    assert "terlalu pendek" in weak.content.decode()
    found = guest.get("/akun/tautan/", {"secret": secret.replace("-", " ").lower()})
    assert found.status_code == 302
    assert guest.get(found.headers["Location"]).status_code == 200


def test_it_gives_ends_and_hands_over_a_mandate(
    as_slamet: Client, siti: User, yusuf: User, botosari: Place
) -> None:
    sent = {"role": "fund_officer", "place": botosari.code, "starts_on": "2026-01-05"}
    as_slamet.post(f"/orang/{siti.uid}/mandat/", sent)
    given = siti.mandates.get(role__code="fund_officer")

    as_slamet.post(f"/mandat/{given.uid}/akhiri/", {"reason": "Salah catat"})
    first = siti.mandates.get(role__code="facilitator")
    as_slamet.post(
        f"/mandat/{first.uid}/serahkan/", {"to": "YUSUF", "reason": "Masa jabatan"}
    )

    given.refresh_from_db()
    first.refresh_from_db()
    assert (given.state, given.end_reason) == ("ended", "Salah catat")
    assert first.successor
    assert first.successor.user == yusuf


def test_it_shows_no_deed_that_would_be_refused(
    client: Client, ratna: User, slamet: User, maria: User
) -> None:
    client.force_login(maria)
    page = words(client, f"/orang/{slamet.uid}/")
    assert "Slamet Raharjo" in page
    assert not re.search("Akhiri|Beri mandat|Buat tautan|Tutup akun", page)

    client.force_login(ratna)
    page = words(client, f"/orang/{slamet.uid}/")
    for deed in ("Akhiri", "Beri mandat", "Buat tautan", "Tutup akun"):
        assert deed in page
    own = words(client, f"/orang/{ratna.uid}/")
    assert not re.search("Akhiri|Beri mandat|Buat tautan|Tutup akun", own)


def test_it_says_that_other_mandates_exist_but_not_which(
    as_slamet: Client, siti: User, roles: Roles, kampar: Place
) -> None:
    give(siti, roles["facilitator"], kampar)

    page = words(as_slamet, f"/orang/{siti.uid}/")

    assert "1 mandat lain berada di luar wilayah Anda" in page
    assert "Kampar" not in page
    assert "Buat tautan" not in page
    refused = as_slamet.post(f"/orang/{siti.uid}/tautan/")
    assert refused.status_code == 409
    assert "tidak berada di bawah Anda" in refused.content.decode()


def test_it_filters_by_name_role_place_and_state(
    client: Client,
    ratna: User,
    slamet: User,
    siti: User,
    yusuf: User,
    tono: User,
    ani: User,
) -> None:
    def shown(query: str) -> set[str]:
        page = client.get(f"/orang/?{query}").content.decode()
        return set(re.findall(r'/orang/[0-9a-f-]{36}/">(\w+)', page))

    client.force_login(ratna)
    assert shown("") == {"Ratna", "Slamet", "Siti", "Yusuf"}
    assert shown("q=sit") == {"Siti"}
    assert shown("role=facilitator") == {"Siti"}
    assert shown("place=33.26.02.2008") == {"Yusuf"}
    assert shown("place=33.26.02") == {"Slamet", "Siti", "Yusuf"}
    Mandate.objects.filter(user=yusuf).update(ended_at=timezone.now())
    User.objects.filter(pk=siti.pk).update(is_active=False)
    assert shown("state=without") == {"Yusuf"}
    assert shown("state=in_force") == {"Ratna", "Slamet", "Siti"}
    assert shown("state=inactive") == {"Siti"}
    assert shown("place=nowhere") == {"Ratna", "Slamet", "Siti", "Yusuf"}
    client.force_login(ani)
    assert shown("state=without") >= {"Tono", "Yusuf"}


@pytest.mark.parametrize("url", ["/orang/", "/jejak/"])
def test_the_list_asks_as_often_for_three_hundred_as_for_three(
    client: Client,
    ratna: User,
    siti: User,
    roles: Roles,
    botosari: Place,
    url: str,
) -> None:
    def people(count: int, start: int) -> None:
        for n in range(start, start + count):
            person = make_user(f"orang{n} Contoh")
            mandate = give(person, roles["fund_officer"], botosari)
            actions.end_mandate(
                mandate=mandate, reason="moved", by=ratna, now=timezone.now()
            )

    people(3, 0)
    client.force_login(ratna)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    people(45, 3)
    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(few) == len(many)
    assert len(many) <= 15


def test_the_trail_is_told_in_words_and_filtered(
    client: Client, ratna: User, slamet: User, siti: User, budi: User, botosari: Place
) -> None:
    actions.end_mandate(
        mandate=siti.mandates.get(),
        reason="Pindah tugas",
        by=slamet,
        now=timezone.now(),
    )
    client.force_login(ratna)

    page = words(client, "/jejak/")
    assert "mengakhiri mandat" in page
    assert "alasan: Pindah tugas" in page
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    row = Event.objects.get().row
    for query, lines in {
        "who=slamet": 1,
        "who=siti": 0,
        "verb=end_mandate": 1,
        "verb=give_mandate": 0,
        "place=33.26.02": 1,
        "place=33.26.02.2008": 0,
        f"since={today}": 1,
        f"since={tomorrow}": 0,
        f"until={today}": 1,
        f"row={row}": 1,
        "since=rubbish": 1,
        "since=0001-01-01": 1,
        "until=9999-12-31": 1,
    }.items():
        assert f"{lines} baris jejak" in words(client, f"/jejak/?{query}"), query
    assert (
        "Pindah tugas"
        in b"".join(
            client.get("/jejak/?unduh=csv").streaming_content  # type: ignore[attr-defined]
        ).decode()
    )
    client.force_login(budi)
    assert "0 baris jejak" in words(client, "/jejak/")
    client.force_login(siti)
    assert "0 baris jejak" in words(client, "/jejak/")
    client.force_login(slamet)
    assert "1 baris jejak" in words(client, "/jejak/")
