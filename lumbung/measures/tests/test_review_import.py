"""Before accepting: what leaps, which totals are no sums, and which place was meant."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.imports import actions
from lumbung.imports.actions import MayNotImport, NotOffered
from lumbung.imports.models import Import
from lumbung.imports.staging import file_of
from lumbung.imports.tests.files import bring, decide, text
from lumbung.imports.tests.verbs import indonesia
from lumbung.measures.models import Indicator, Observation, Source
from lumbung.measures.totals import differences
from lumbung.places.models import Place
from lumbung.programmes.packs.actions import load_pack

pytestmark = pytest.mark.django_db
POOR = {"indicator": "poor_people", "period": "2021"}


@pytest.fixture(autouse=True)
def places(roles: Any, botosari: Place, paninggaran: Place, pekalongan: Place) -> None:
    """Botosari and Tenogo in Paninggaran; two villages called Mulyorejo."""
    load_pack(folder=indonesia(), by=None)
    make_place("33.26.02.2014", "Tenogo", paninggaran)
    for code, name, village in (
        ("33.26.09", "Kesesi", "33.26.09.2020"),
        ("33.26.15", "Tirto", "33.26.15.2014"),
    ):
        make_place(village, "Mulyorejo", make_place(code, name, pekalongan))


@pytest.fixture
def ratna_in(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    return client


def page(client: Client, of: Import) -> str:
    return client.get(reverse("imports:review", args=[of.uid])).content.decode()


def accepted(client: Client, content: str, **more: str) -> Import:
    of = bring(client, text(content), **more)
    decide(client, of, "accept")
    return of


@pytest.mark.parametrize(
    ("before", "after", "leaps"),
    [("0,30", "0,51", 1), ("0,30", "0,50", 0), ("0,51", "0,30", 1)],
)
def test_a_share_leaps_by_more_than_twenty_points(
    before: str, after: str, leaps: int, ratna_in: Client
) -> None:
    accepted(ratna_in, f"kode_desa;nilai\n33.26.02.2008;{before}\n")
    of = bring(ratna_in, text(f"kode_desa;nilai\n33.26.02.2008;{after}\n"))

    assert of.changes == leaps
    assert ("Perlu dilihat" in page(ratna_in, of)) == bool(leaps)


def test_of_many_leaps_the_largest_are_shown_whatever_the_indicator(
    ratna_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumbung.measures.leaps.LEAPS_SHOWN", 2)
    of = bring(
        ratna_in,
        text(
            "kode_desa;tahun;IPM;ATS\n"
            "33.26.02.2008;2020;10;10\n33.26.02.2008;2021;30;90\n"
            "33.26.02.2014;2020;10;10\n33.26.02.2014;2021;80;25\n"
        ),
        indicator="",
        period="",
    )

    assert of.changes == 4
    said = page(ratna_in, of)
    assert "Ditampilkan 2 yang terbesar" in said
    assert "Terima semua 8 nilai" in said
    shown = [(each["code"], each["after"]) for each in of.findings]
    assert [code for code, _ in shown] == ["33.26.02.2008", "33.26.02.2014"]


@pytest.mark.parametrize(("after", "leaps"), [("201", 1), ("200", 0), ("49", 1)])
def test_a_count_leaps_that_more_than_doubles_or_halves_since_last_year(
    after: str, leaps: int, ratna_in: Client
) -> None:
    accepted(ratna_in, "kode_desa;nilai\n33.26.02.2008;100\n", **POOR)
    content = f"kode_desa;nilai\n33.26.02.2008;{after}\n"
    of = bring(ratna_in, text(content), **POOR | {"period": "2022"})

    assert of.changes == leaps


def test_a_total_of_places_that_is_no_sum_is_named_with_the_difference(
    ratna_in: Client,
) -> None:
    rows = "33.26.02;100\n33.26.02.2008;60\n33.26.02.2014;45\n"
    of = bring(ratna_in, text("kode;nilai\n" + rows), **POOR)
    assert of.totals == 1
    assert "selisih -5 dari 2 wilayahnya" in page(ratna_in, of)
    decide(ratna_in, of, "accept")

    (found,) = differences(Indicator.objects.get(code="poor_people"))
    assert (found.place.code, found.by) == ("33.26.02", "places")
    said = [int(n) for n in (found.total, found.parts, found.difference)]
    assert said == [100, 105, -5]
    assert (found.count, found.out_of) == (2, 2)


def test_a_sum_over_some_of_the_places_proves_nothing_below_the_total(
    ratna_in: Client,
) -> None:
    accepted(ratna_in, "kode;nilai\n33.26.02;100\n33.26.02.2008;60\n", **POOR)

    assert differences(Indicator.objects.get(code="poor_people")) == []


@pytest.mark.parametrize(
    ("indicator", "totals"),
    [
        ("poverty_line", 0),
        ("spending_per_person", 0),
        ("grdp_per_person", 0),
        ("grdp", 1),
    ],
)
def test_rupiah_a_person_are_no_sum_over_places(
    indicator: str, totals: int, ratna_in: Client
) -> None:
    rows = "33.26.02;500000\n33.26.02.2008;450000\n33.26.02.2014;550000\n"
    of = bring(ratna_in, text("kode;nilai\n" + rows), indicator=indicator)

    assert (of.new, of.totals) == (3, totals)


def test_a_breakdown_is_added_up_beside_its_whole(ratna_in: Client) -> None:
    rows = "".join(
        f"33.26.02.2008;{part};{value}\n"
        for part, value in (("laki-laki", 40), ("perempuan", 50), ("total", 91))
    )
    of = bring(ratna_in, text("kode;rincian;nilai\n" + rows), **POOR)

    assert (of.new, of.totals) == (3, 1)


def test_revisions_and_sources_of_one_figure_stand_side_by_side(
    ratna_in: Client, botosari: Place
) -> None:
    for value, source in (("10", "BPS"), ("12", "BPS"), ("15", "Desa")):
        content = f"kode_desa;nilai\n33.26.02.2008;{value}\n"
        accepted(ratna_in, content, **POOR, source_title=source)
    poor = Indicator.objects.get(code="poor_people")

    told = Observation.objects.history(poor, botosari, "2021")
    assert [(one.source.title, one.value) for one in told] == [
        *(("BPS", "12"), ("BPS", "10"), ("Desa", "15"))
    ]
    own = Source.objects.get(title="Desa")
    only = Observation.objects.history(poor, botosari, "2021", source=own)
    assert [one.value for one in only] == ["15"]


NAMED = "nama_desa;nilai\nMulyorejo;0,2\nBotosar;0,3\nTenogo;0,4\n"


def test_it_refuses_a_choice_by_who_may_not_import_or_of_another_place(
    ratna_in: Client, ratna: User, budi: User
) -> None:
    of = bring(ratna_in, text(NAMED))
    with pytest.raises(MayNotImport):
        actions.choose_places(of=of, choices={"Botosar": "33.26.02.2008"}, by=budi)
    with pytest.raises(NotOffered):
        actions.choose_places(of=of, choices={"Botosar": "33.26.02.2014"}, by=ratna)

    assert Import.objects.get(pk=of.pk).choices == {}


def test_a_choice_for_a_file_that_is_gone_asks_for_it_again(
    ratna_in: Client,
) -> None:
    of = bring(ratna_in, text(NAMED))
    file_of(of).unlink()

    sent = ratna_in.post(reverse("imports:names", args=[of.uid]), {"n0": ""})

    assert sent.status_code == 422
    assert "Unggah lagi" in sent.content.decode()


def test_a_doubtful_name_is_decided_once_and_remembered_for_the_territory(
    ratna_in: Client,
) -> None:
    of = bring(ratna_in, text(NAMED))
    assert {d["written"]: d["candidates"] for d in of.doubts} == {
        "Mulyorejo": ["33.26.09.2020", "33.26.15.2014"],
        "Botosar": ["33.26.02.2008"],
    }
    address = reverse("imports:names", args=[of.uid])
    shown = ratna_in.get(address).content.decode()
    assert "Mulyorejo (33.26.15.2014), Tirto, Kabupaten Pekalongan" in shown
    ratna_in.post(address, {"n0": "33.26.15.2014", "n1": "-"})

    of.refresh_from_db()
    assert (of.new, of.left_out, of.faulty, of.doubts) == (2, 1, 0, [])
    again = bring(ratna_in, text(NAMED), period="2020")
    assert (again.new, again.left_out, again.faulty) == (2, 1, 0)


def test_a_choice_of_one_territory_is_none_of_another_s(
    client: Client, ratna_in: Client, ani: User
) -> None:
    of = bring(ratna_in, text(NAMED))
    address = reverse("imports:names", args=[of.uid])
    ratna_in.post(address, {"n0": "33.26.15.2014", "n1": ""})
    client.force_login(ani)

    assert len(bring(client, text(NAMED), place="ID").doubts) == 2


def plan(rows: Any) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Some rows only: the planner shall say which index it would use.
            cursor.execute("SET LOCAL enable_seqscan = off")
    return str(rows.explain())


def test_a_place_s_page_and_an_indicator_of_many_villages_go_by_an_index(
    botosari: Place,
) -> None:
    keys = list(range(1, 286))
    by_place = plan(Observation.objects.current().filter(place=botosari))
    by_indicator = plan(
        Observation.objects.current().filter(indicator=1, place__in=keys)
    )

    for told in (by_place, by_indicator):
        assert "SCAN measures_observation" not in told, told
        assert "Seq Scan on measures_observation" not in told, told
