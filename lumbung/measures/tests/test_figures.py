"""Each number of a page opens to its certificate, and says there what it says here."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.imports.actions import accept_import
from lumbung.measures.figures.figure import address, digest, read
from lumbung.measures.models import Source
from lumbung.measures.runs.actions import start_run
from lumbung.measures.tests import numbers
from lumbung.measures.tests.villages import observe, rule
from lumbung.places.models import Place
from lumbung.programmes.models import Case, PackVersion

pytestmark = pytest.mark.django_db
ANCHOR = re.compile(r'<a class="figure" href="([^"]*)">(.*?)<span class="hide">')
VALUE = re.compile(r'id="value">(.*?)</(?:p|span)>')
ROWS = re.compile(r'id="rows" href="([^"]*)">(.*?)</a>')
COUNT = re.compile(r"\d+")


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest, case: Case) -> None:
    numbers.bring_in(request.getfixturevalue)


@pytest.fixture
def reader(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    client.cookies["language"] = "id"
    return client


def read_page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, f"{url}: {response.status_code}"
    return str(response.content.decode())


def figures_of(page: str) -> list[tuple[str, str]]:
    """Addresses and words of all numbers on a page that open."""
    return [
        (html.unescape(url), html.unescape(text)) for url, text in ANCHOR.findall(page)
    ]


def value_on(certificate: str) -> str:
    found = VALUE.search(certificate)
    assert found
    return html.unescape(found[1])


PAGES = [
    "/",
    "/wilayah/ID/",
    "/wilayah/33/",
    "/wilayah/33.26/",
    "/wilayah/33.26/?kelas=red",
    "/wilayah/33.26.02/",
    "/wilayah/33.26.02.2008/",
    "/angka/?wilayah=33.26.02.2008",
    "/angka/?tingkat=4",
    "/program/",
    "/program/lab/",
    "/program/lab/?wilayah=33.26.02",
    "/program/lab/kabupaten/",
]


@pytest.mark.parametrize("url", PAGES)
def test_a_number_says_the_same_on_page_certificate_and_rows(
    url: str, reader: Client
) -> None:
    found = figures_of(read_page(reader, url))
    assert found, "no number of this page opens"

    for origin, text in found:
        certificate = read_page(reader, origin)
        value = value_on(certificate)
        assert said_in(value, text), f"{text!r} on {url}, {value!r} on {origin}"
        if rows := ROWS.search(certificate):
            listing = read_page(reader, html.unescape(rows[1]))
            assert numbers_in(rows[2])[:1] == counted(listing), origin


def said_in(value: str, text: str) -> bool:
    """`3` stands in `3 merah`; a sentence of one case has no digit in English only."""
    return value == text or value in text.split() or value in numbers_in(text)


def numbers_in(text: str) -> list[str]:
    return COUNT.findall(text.replace("\N{NO-BREAK SPACE}", " "))


def counted(listing: str) -> list[str]:
    """How many rows a list says it has: in its head, and by its download."""
    total = re.search(r'id="total">(.*?)<', listing)
    assert total
    found = numbers_in(total[1])[-1:]
    download = re.search(r"Unduh (\d+) baris", listing)
    assert found == ([download[1]] if download else ["0"])
    return found


def test_every_number_of_a_village_opens(reader: Client) -> None:
    """Its class, its cases and its latest values, both sources side by side."""
    page = read_page(reader, "/wilayah/33.26.02.2008/")

    texts = [text for _, text in figures_of(page)]
    assert texts == ["Merah", "1", "57,4\xa0%", "50,4\xa0%"]
    assert "Semua periode, sebagai tabel untuk diunduh (3)" in page


def test_a_value_names_its_source_file_row_and_rule(reader: Client) -> None:
    keys = {
        "tempat": "33.26.02.2008",
        "indikator": "decile_1_4_share",
        "periode": "2017",
    }
    page = read_page(reader, address("nilai", keys).url)

    assert value_on(page) == "57,4\xa0%"
    for words in (
        "Bagian keluarga di suatu wilayah",
        "BDT 2015, diperiksa ulang",
        "31 Desember 2017",
        f"indonesia {PackVersion.objects.get(code='indonesia').version}",
        "Baris 3 dari file observations-2017.csv",
        "Ratna Dewi",
        "Yang dihitung: keluarga",
    ):
        assert words in page, words


def test_a_revised_value_keeps_the_old_one_in_sight(reader: Client) -> None:
    keys = {
        "tempat": "33.26.02.2008",
        "indikator": "decile_1_4_share",
        "periode": "2017",
    }
    page = read_page(reader, address("nilai", keys).url)

    assert "Revisi (2)" in page
    assert "1: 61,7\xa0%; 2: 57,4\xa0%" in html.unescape(page)  # the drawing, in words
    assert "2016: 55\xa0%; 2017: 57,4\xa0%" in html.unescape(page)


def test_two_sources_stand_side_by_side_with_their_difference(reader: Client) -> None:
    keys = {
        "tempat": "33.26.02.2008",
        "indikator": "decile_1_4_share",
        "periode": "2017",
    }
    page = html.unescape(read_page(reader, address("nilai", keys).url))

    assert "1 sumber lain menyebut" in page
    assert re.search(r"Regsosek.*?50,4\xa0%.*?-7\xa0%", page, re.DOTALL)

    other = Source.objects.get(title="Regsosek")
    page = read_page(reader, address("nilai", keys | {"sumber": other.uid}).url)
    assert value_on(page) == "50,4\xa0%"


def test_who_does_not_see_the_imports_sees_no_name_of_the_file(
    client: Client, budi: User
) -> None:
    client.force_login(budi)
    keys = {
        "tempat": "33.26.02.2008",
        "indikator": "decile_1_4_share",
        "periode": "2017",
    }
    page = read_page(client, address("nilai", keys).url)

    assert "observations-2017.csv" not in page
    assert "Ratna" not in page
    assert "Baris 3 dari file yang diimpor" in page


def test_a_count_of_classes_and_its_share(reader: Client) -> None:
    keys = {"tempat": "33.26", "skema": "village_colour", "periode": "2017"}
    count = address("jumlah-kelas", keys | {"tingkat": 4, "kelas": "red"})
    page = read_page(reader, count.url)

    assert value_on(page) == "1"
    assert digest(["33.26.02.2008"]) in page
    share = read_page(reader, count.but("bagian-kelas").url)
    assert value_on(share) == "33,3\xa0%"
    assert "1 berkelas ini ÷ 3 yang punya kelas" in share


def test_a_closed_place_is_counted_nowhere(reader: Client, botosari: Place) -> None:
    numbers.close(botosari)
    keys = {"tempat": "33.26", "skema": "village_colour", "periode": "2017"}
    count = address("jumlah-kelas", keys | {"tingkat": 4, "kelas": "red"})

    assert value_on(read_page(reader, count.url)) == "0"


def test_cases_are_counted_as_each_reader_may_see_them(
    client: Client, case: Case, ratna: User, budi: User
) -> None:
    url = address("berkas", {"program": case.programme.code}).url
    answers = {}
    for person in (ratna, budi):
        client.force_login(person)
        page = read_page(client, url)
        answers[person.username] = (value_on(page), digest([case.uid]) in page)

    assert answers == {"ratna": ("1", True), "budi": ("0", False)}


@pytest.mark.parametrize(
    "query",
    [
        "angka/bukan-jenis/",
        "angka/nilai/",
        "angka/nilai/?" + urlencode({"tempat": "33.26.02.2008", "indikator": "tiada"}),
        "angka/kelas/?tempat=33.26.02.2008&skema=village_colour&periode=1999",
        "angka/jumlah-kelas/?tempat=33.26&skema=village_colour&periode=2017&kelas=ungu",
        "angka/jumlah-kelas/?tempat=33.26&tingkat=9&skema=village_colour&periode=2017",
        "angka/tempat/?tempat=33.26&ada=apa",
        "angka/berkas/?wilayah=99.99",
        "angka/berkas/?program=tiada",
        "angka/berkas/baris/?program=lab",
    ],
)
def test_what_is_no_figure_is_not_there(query: str, reader: Client) -> None:
    """Never a zero for something that cannot be known."""
    assert reader.get(f"/{query}").status_code == 404


def test_an_address_is_the_same_however_it_is_asked() -> None:
    one = address(
        "kelas", {"periode": "2017", "skema": "x", "tempat": "33", "urut": "a"}
    )
    assert str(one) == "kelas?tempat=33&skema=x&periode=2017"
    assert read(str(one)) == one
    odd = address("nilai", {"tempat": "33", "rincian": "laki-laki & 60+"})
    assert read(str(odd)) == odd
    assert read("tiada?x=1") is None


def test_rows_can_be_downloaded(reader: Client) -> None:
    keys = {"tempat": "33.26", "skema": "village_colour", "periode": "2017"}
    count = address("jumlah-kelas", keys | {"tingkat": 4, "kelas": "red"})
    url = reverse("measures:figure_rows", args=["jumlah-kelas"])

    response = reader.get(f"{url}?{count.query}&unduh=csv")

    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["Botosari"]


def test_a_program_reads_the_same_certificate(reader: Client) -> None:
    keys = {
        "tempat": "33.26.02.2008",
        "indikator": "decile_1_4_share",
        "periode": "2017",
    }
    found = reader.get("/api/v1/figures/nilai", keys).json()

    assert found["value"] == {"type": "share", "value": "0.574", "said": "57,4\xa0%"}
    assert found["address"].startswith("nilai?tempat=33.26.02.2008&indikator=")
    assert found["came_in"]["file"] == "observations-2017.csv"
    assert [each["value"]["value"] for each in found["revisions"]] == ["0.617", "0.574"]
    assert found["others"][0]["difference"]["value"] == "-0.07"
    assert reader.get("/api/v1/figures/tiada").status_code == 404
    assert reader.get("/api/v1/figures/kelas?tempat=33").status_code == 404


def test_a_class_that_a_run_gave_names_the_run_and_its_digests(
    reader: Client, ratna: User, pekalongan: Place
) -> None:
    observe(ratna, {"33.26.02.2008": "0.574"}, period="2019")
    run = start_run(
        rule=rule(), place=pekalongan, period="2019", by=ratna, now=timezone.now()
    )
    accept_import(of=run.of, by=ratna, now=timezone.now())
    run.refresh_from_db()
    keys = {"tempat": "33.26.02.2008", "skema": run.scheme.code, "periode": "2019"}

    page = read_page(reader, address("kelas", keys).url)

    assert value_on(page) == "Merah"
    assert run.rows in page
    assert run.labels in page
    assert "Menurut aturan Warna desa menurut ambang" in page
