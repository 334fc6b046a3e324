"""A run through its pages: start, look, accept, repeat, compare, open cases, undo."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.imports.actions import accept_import
from lumbung.imports.models import Import
from lumbung.measures.models import Repetition, Run, RunCase
from lumbung.measures.runs.actions import start_run
from lumbung.measures.tests.villages import (
    CUT_OFFS,
    VALUES,
    current,
    found_district,
    observe,
    rule,
)
from lumbung.places.models import Edition, Place
from lumbung.programmes.actions import open_case
from lumbung.programmes.models import Case, Programme
from lumbung.work.loop import work_off
from lumbung.work.models import Job

pytestmark = pytest.mark.django_db
START = {"rule": "village_colour_cut_offs", "place": "33.26", "period": "2019"}


@pytest.fixture
def district(ratna: User, pekalongan: Place, botosari: Place) -> Place:
    found = found_district(pekalongan, botosari)
    observe(ratna, VALUES)
    return found


@pytest.fixture
def ratna_in(client: Client, ratna: User, district: Place) -> Client:
    client.force_login(ratna)
    return client


def start(client: Client, **changes: str) -> Run:
    response = client.post(reverse("runs:start_run"), START | changes)
    assert response.status_code == 302, response.content.decode()
    return Run.objects.latest("pk")


def page(client: Client, name: str, run: Run | None = None, query: str = "") -> str:
    arguments = [run.uid] if run else []
    response = client.get(reverse(f"runs:{name}", args=arguments) + query)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def post(client: Client, name: str, run: Run, **data: str) -> Any:
    return client.post(reverse(f"runs:{name}", args=[run.uid]), data)


def accepted(client: Client, **changes: str) -> Run:
    run = start(client, **changes)
    assert post(client, "decide_run", run, choice="accept").status_code == 302
    return run


def test_it_goes_from_the_form_over_a_look_to_what_counts(ratna_in: Client) -> None:
    run = start(ratna_in)

    seen = page(ratna_in, "run", run)
    assert "Belum berlaku" in seen
    assert "40 % ke atas" in seen.replace("\xa0", " ")
    assert len(re.findall(r"<use href=\"#tm\"", seen)) == 2
    assert current() == {}

    post(ratna_in, "decide_run", run, choice="accept")
    assert current() == CUT_OFFS
    village = ratna_in.get("/wilayah/33.26.02.2008/").content.decode()
    assert "Merah" in village


def test_what_is_wrong_is_said_beside_its_field(ratna_in: Client) -> None:
    for changes, words in (
        ({"place": "99.99"}, "99.99"),
        ({"period": "2019/20"}, "2019/20"),
        ({"rule": "tiada"}, "tiada"),
    ):
        response = ratna_in.post(reverse("runs:start_run"), START | changes)
        assert response.status_code == 422
        assert words in response.content.decode().split('<form class="form"')[0]
    assert not Run.objects.exists()


def test_without_data_the_run_says_so_and_how_to_mend_it(ratna_in: Client) -> None:
    run = start(ratna_in, period="2031")

    assert "Impor angkanya dahulu" in page(ratna_in, "run", run)
    assert post(ratna_in, "repeat_run", run).status_code == 409


def test_rejected_classes_never_count_but_the_run_stays(ratna_in: Client) -> None:
    run = start(ratna_in)

    post(ratna_in, "decide_run", run, choice="reject")
    work_off()

    assert current() == {}
    assert "Kauman" in page(ratna_in, "run", run)
    assert post(ratna_in, "decide_run", run, choice="accept").status_code == 409


def test_computing_again_is_written_down(ratna_in: Client) -> None:
    run = start(ratna_in)

    post(ratna_in, "repeat_run", run)

    assert Repetition.objects.get().same
    assert "sama" in page(ratna_in, "run", run)


def test_the_table_filters_sorts_and_downloads_what_it_shows(ratna_in: Client) -> None:
    run = start(ratna_in)
    address = reverse("runs:run", args=[run.uid])

    csv = b"".join(
        ratna_in.get(f"{address}?kelas=red&urut=-value&unduh=csv").streaming_content  # type: ignore[attr-defined]
    ).decode()

    assert [line.split(",")[0] for line in csv.strip().splitlines()[1:]] == [
        *("Kauman", "Botosari")
    ]
    part = page(ratna_in, "run", run, "?wilayah=33.26.13")
    assert "Botosari" not in part
    assert "Kauman" in part


def test_an_import_that_came_of_no_file_leads_to_its_run(ratna_in: Client) -> None:
    run = start(ratna_in)

    response = ratna_in.get(reverse("imports:review", args=[run.of.uid]))

    assert response.headers["Location"] == reverse("runs:run", args=[run.uid])


def beside(left: str, right: str) -> str:
    return f"?kiri={left}&kanan={right}"


def cells(text: str) -> list[list[int]]:
    """The numbers of the matrix, row by row, without the sums."""
    body = text.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    plain = [re.findall(r'<td class="num">(.*?)</td>', row, re.S) for row in rows]
    return [[int(re.sub(r"<[^>]+>", "", cell)) for cell in row[:-1]] for row in plain]


def test_two_rules_beside_each_other(ratna_in: Client) -> None:
    lines = start(ratna_in)
    ranks = start(ratna_in, rule="village_colour_ranks")

    text = page(
        ratna_in,
        "compare",
        None,
        beside(f"hitungan:{lines.uid}", f"hitungan:{ranks.uid}"),
    )

    # Of both yellow villages one becomes green; red, green and no data stay.
    assert cells(text) == [[2, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert "1 wilayah berubah kelas" in text
    assert "Lumeneng: Hijau, membaik, sebelumnya Kuning" in text
    assert text.count('<use href="#tb" x') == 1


def test_two_dates_of_one_rule_and_the_places_that_changed(
    ratna_in: Client, ratna: User
) -> None:
    first = start(ratna_in)
    observe(ratna, {"33.26.02.2008": "0.1", "33.26.02.2011": "0.9"})
    second = start(ratna_in)
    sides = beside(f"hitungan:{first.uid}", f"hitungan:{second.uid}")

    text = page(ratna_in, "compare", None, f"{sides}&arah=berubah&unduh=")

    assert cells(text) == [[1, 0, 1, 0], [0, 2, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]
    table = text.split('<h2 id="table">')[1]
    assert [n for n in ("Botosari", "Domiyang", "Kauman") if n in table] == [
        *("Botosari", "Domiyang")
    ]


def test_a_run_beside_what_counts_now(ratna_in: Client, ratna: User) -> None:
    accepted(ratna_in)
    observe(ratna, {"33.26.02.2011": "0.9"})
    run = start(ratna_in)

    text = page(
        ratna_in,
        "compare",
        None,
        beside("berlaku:village_colour:2019", f"hitungan:{run.uid}"),
    )

    assert cells(text)[3] == [1, 0, 0, 0]
    assert "Domiyang: Merah, kini ada data, sebelumnya Tanpa data" in text


def test_of_two_sides_one_part_of_the_territory_is_looked_at(
    ratna_in: Client, ratna: User
) -> None:
    first = start(ratna_in)
    observe(ratna, {"33.26.02.2008": "0.1", "33.26.13.2001": "0.1"})
    second = start(ratna_in)
    sides = beside(f"hitungan:{first.uid}", f"hitungan:{second.uid}")

    text = page(ratna_in, "compare", None, f"{sides}&wilayah=33.26.13")

    assert cells(text) == [[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert "Kauman" in text
    assert "Botosari" not in text
    assert "wilayah=33.26.13&amp;arah=better" in text
    typed_wrong = page(ratna_in, "compare", None, f"{sides}&wilayah=33.99")
    assert sum(map(sum, cells(typed_wrong))) == 6
    assert "Tidak ada wilayah yang berlaku dengan kode ini" in typed_wrong


def test_the_lines_between_the_idm_s_classes_are_said_with_all_their_digits(
    ratna: User, ratna_in: Client
) -> None:
    run = start(ratna_in, rule="idm_status")

    text = page(ratna_in, "run", run)

    for line in ("0,4907", "0,5989", "0,7072", "0,8155"):
        assert f"sampai dengan {line}" in text
    assert "ketahanan sosial (35 × 0–5), ketahanan ekonomi (12 × 0–5)" in text


def test_a_run_of_elsewhere_that_waits_is_not_there_for_others(
    ratna_in: Client, budi: User
) -> None:
    run = start(ratna_in)
    ratna_in.force_login(budi)

    assert ratna_in.get(reverse("runs:run", args=[run.uid])).status_code == 404
    address = reverse("runs:compare") + beside(f"hitungan:{run.uid}", "")
    assert ratna_in.get(address).status_code == 404
    assert ratna_in.get(reverse("runs:compare") + "?kiri=hitungan:x").status_code == 404


def confirm(client: Client, run: Run) -> Job:
    address = reverse("runs:open_cases", args=[run.uid]) + "?program=lab"
    response = client.post(address)
    assert response.status_code == 302, response.content.decode()
    work_off()
    return Job.objects.filter(kind="measures.open_cases").latest("pk")


def test_one_confirmation_opens_a_case_for_each_red_place_without_one(
    ratna_in: Client, ratna: User, lab: Programme, botosari: Place
) -> None:
    run = accepted(ratna_in)
    open_case(
        programme=lab,
        template="village",
        title="",
        place=botosari,
        responsible=ratna,
        on=date(2019, 1, 2),
        by=ratna,
    )
    before = page(ratna_in, "open_cases", run, "?program=lab")
    assert "1 wilayah merah belum punya berkas terbuka" in before

    job = confirm(ratna_in, run)

    opened = RunCase.objects.get()
    assert opened.case.main_place.name == "Kauman"
    assert opened.case.responsible == ratna
    assert job.result == {"opened": 1, "had": 1, "refused": []}
    after = page(ratna_in, "open_cases", run, f"?program=lab&hasil={job.uid}")
    assert "1 berkas dibuka" in after

    assert confirm(ratna_in, run).result == {"opened": 0, "had": 2, "refused": []}
    assert Case.objects.count() == 2


def test_what_cannot_be_opened_is_said_and_the_rest_is_done(
    ratna_in: Client, lab: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = accepted(ratna_in)
    Place.objects.filter(code="33.26.13.2001").update(closed_in_id=edition())

    result = confirm(ratna_in, run).result

    assert result is not None
    assert (result["opened"], len(result["refused"])) == (1, 1)


def edition() -> int:
    made = Edition.objects.create(number="9", valid_from=date(2030, 1, 1))
    return made.pk


def test_cases_are_opened_by_classes_that_count_only(
    ratna_in: Client, lab: Programme
) -> None:
    run = start(ratna_in)
    address = reverse("runs:open_cases", args=[run.uid]) + "?program=lab"

    assert ratna_in.post(address).status_code == 422
    assert not Job.objects.filter(kind="measures.open_cases").exists()


def test_a_later_run_takes_the_red_places_of_an_earlier_one_away(
    ratna_in: Client, ratna: User, lab: Programme
) -> None:
    first = accepted(ratna_in)
    observe(ratna, {"33.26.13.2001": "0.1"})
    accepted(ratna_in)

    response = ratna_in.post(
        reverse("runs:open_cases", args=[first.uid]) + "?program=lab"
    )

    assert response.status_code == 422


def test_a_run_that_opened_cases_cannot_be_undone(
    ratna_in: Client, lab: Programme
) -> None:
    run = accepted(ratna_in)
    confirm(ratna_in, run)

    response = ratna_in.post(reverse("imports:undo", args=[run.of.uid]))

    assert response.status_code == 409
    assert Import.objects.get(pk=run.of_id).state == Import.State.ACCEPTED
    assert "2 berkas" in response.content.decode()


def test_its_page_asks_the_database_as_often_for_many_places(
    ratna_in: Client, ratna: User, district: Place, django_assert_max_num_queries: Any
) -> None:
    run = start_run(
        rule=rule(), place=district, period="2019", by=ratna, now=timezone.now()
    )
    accept_import(of=run.of, by=ratna, now=timezone.now())

    with django_assert_max_num_queries(15):
        page(ratna_in, "run", run)
    with django_assert_max_num_queries(15):
        page(ratna_in, "open_cases", run)
