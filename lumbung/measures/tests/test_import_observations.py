"""Numbers come in by the import page: judged row by row, counted once accepted."""

import csv
import gzip
import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.core.message import from_json
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.tests.files import PARAMETERS, bring, decide, text, xlsx
from lumbung.measures.models import Indicator, Observation, Source
from lumbung.places.models import Place, PlaceCode
from lumbung.programmes.packs.actions import load_pack, shipped
from lumbung.words import say

pytestmark = pytest.mark.django_db
SHARE = "decile_1_4_share"
DATA = Path(
    os.environ.get("LUMBUNG_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")
)


@pytest.fixture(autouse=True)
def pack(roles: Any) -> None:
    """The indicators and class schemes of the pack `indonesia`."""
    load_pack(folder=next(f for f in shipped() if f.name == "indonesia"), by=None)


@pytest.fixture
def villages(
    pekalongan: Place, paninggaran: Place, botosari: Place
) -> dict[str, Place]:
    """Botosari and Tenogo in Paninggaran; a Mulyorejo in Kesesi and one in Tirto."""
    kesesi = make_place("33.26.09", "Kesesi", pekalongan)
    tirto = make_place("33.26.15", "Tirto", pekalongan)
    places = [
        *(pekalongan, paninggaran, botosari, kesesi, tirto),
        make_place("33.26.02.2014", "Tenogo", paninggaran),
        make_place("33.26.09.2020", "Mulyorejo", kesesi),
        make_place("33.26.15.2014", "Mulyorejo", tirto),
    ]
    return {place.code: place for place in places}


def faults(of: Import) -> list[tuple[int, int, str, str]]:
    rows = ImportFault.objects.filter(of=of).order_by("row", "column")
    return [
        (row.row, row.column, say(from_json(row.message)), say(from_json(row.mend)))
        for row in rows
    ]


def values() -> dict[tuple[str, str], str]:
    return {
        (one.place.code, one.period): one.value for one in Observation.objects.current()
    }


@pytest.fixture
def ratna_in(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    return client


HEAD = ("nama_desa", "kode_desa", "kecamatan", "persen", "tanggal_data")
GOOD = ("Botosari", "33.26.02.2008", "Paninggaran", 38.2, date(2019, 12, 31))


def test_it_refuses_who_may_not_import(
    client: Client, siti: User, maria: User, villages: Any
) -> None:
    for user in (siti, maria):
        client.force_login(user)
        address = reverse("imports:upload", args=["observations"])
        response = client.post(address, PARAMETERS | {"upload": xlsx(HEAD, GOOD)})
        assert response.status_code == 403

    assert not Import.objects.exists()


def test_faults_name_row_and_column_and_how_to_mend_them(
    ratna_in: Client, villages: Any
) -> None:
    of = bring(
        ratna_in,
        xlsx(
            HEAD,
            GOOD,
            ("Mulyorejo", None, None, 41.2, date(2019, 12, 31)),
            ("Tenogo", "33.26.02.2014", "Paninggaran", 104.5, date(2019, 12, 31)),
            ("Mulyorejo", "33.26.15.2014", "Tirto", 36.9, "31/02/2019"),
        ),
    )

    assert (of.state, of.rows, of.new, of.faulty) == ("waiting", 4, 1, 3)
    assert [(row, column) for row, column, _, _ in faults(of)] == [
        (3, 1),
        (4, 3),
        (5, 4),
    ]
    page = ratna_in.get(reverse("imports:review", args=[of.uid])).content.decode()
    for words in (
        "33.26.09.2020 (Kesesi)",
        "33.26.15.2014 (Tirto)",
        "10,45",
        "28/02/2019",
    ):
        assert words in page
    assert values() == {}


def test_nothing_counts_until_it_is_accepted_and_all_of_it_then(
    ratna_in: Client, villages: Any
) -> None:
    of = bring(ratna_in, xlsx(HEAD, GOOD))
    assert values() == {}

    decide(ratna_in, of, "accept")

    assert values() == {("33.26.02.2008", "2019"): "0.382"}
    one = Observation.objects.get()
    assert (one.as_published, one.row) == ("38.2", 2)
    source = Source.objects.get()
    assert (source.title, source.cut_off_on) == ("BDT 2019", date(2019, 12, 31))


def test_a_rejected_file_leaves_nothing(ratna_in: Client, villages: Any) -> None:
    decide(ratna_in, bring(ratna_in, xlsx(HEAD, GOOD)), "reject")

    assert values() == {}


def test_a_second_file_revises_what_differs_and_counts_what_does_not(
    ratna_in: Client, villages: Any
) -> None:
    head = "kode_desa;nilai\n"
    first = bring(ratna_in, text(head + "33.26.02.2008;0,382\n33.26.02.2014;0,2\n"))
    decide(ratna_in, first, "accept")
    second = bring(ratna_in, text(head + "33.26.02.2008;38,5 %\n33.26.02.2014;0,20\n"))
    assert (second.new, second.revised, second.same) == (0, 1, 1)
    assert values()["33.26.02.2008", "2019"] == "0.382"

    decide(ratna_in, second, "accept")

    assert values() == {
        ("33.26.02.2008", "2019"): "0.385",
        ("33.26.02.2014", "2019"): "0.2",
    }
    assert Observation.objects.current().count() == 2
    assert Observation.objects.accepted().count() == 3


def test_undoing_brings_the_old_value_back(ratna_in: Client, villages: Any) -> None:
    for value in ("0,4", "0,3"):
        of = bring(ratna_in, text(f"kode_desa;nilai\n33.26.02.2008;{value}\n"))
        decide(ratna_in, of, "accept")
    ratna_in.post(reverse("imports:undo", args=[of.uid]))

    assert values() == {("33.26.02.2008", "2019"): "0.4"}


def test_it_refuses_to_undo_what_a_later_import_was_compared_with(
    ratna_in: Client, villages: Any
) -> None:
    imports = []
    for value in ("0,4", "0,3"):
        of = bring(ratna_in, text(f"kode_desa;nilai\n33.26.02.2008;{value}\n"))
        decide(ratna_in, of, "accept")
        imports.append(of)
    response = ratna_in.post(reverse("imports:undo", args=[imports[0].uid]))

    assert response.status_code == 409
    assert values() == {("33.26.02.2008", "2019"): "0.3"}


def test_of_two_previews_of_one_value_the_second_must_look_again(
    ratna_in: Client, villages: Any
) -> None:
    """Both were compared with the same past: the later preview is no longer true."""
    one, two = (
        bring(ratna_in, text(f"kode_desa;nilai\n33.26.02.2008;{value}\n"))
        for value in ("0,4", "0,3")
    )
    decide(ratna_in, two, "accept")
    decide(ratna_in, one, "accept")

    assert values() == {("33.26.02.2008", "2019"): "0.3"}
    one.refresh_from_db()
    assert one.state == Import.State.WAITING


def test_previews_of_different_indicators_do_not_stand_in_each_other_s_way(
    ratna_in: Client, villages: Any
) -> None:
    one = bring(ratna_in, text("kode_desa;nilai\n33.26.02.2008;0,4\n"))
    two = bring(ratna_in, text("kode_desa;nilai\n33.26.02.2008;0,7\n"), indicator="idm")
    for of in (one, two):
        decide(ratna_in, of, "accept")

    assert Observation.objects.current().count() == 2


def test_a_wide_table_gives_each_year_its_value(
    ratna_in: Client, villages: Any
) -> None:
    of = bring(
        ratna_in,
        xlsx(("kode_desa", 2018, 2019), ("33.26.02.2008", 0.481, 0.382)),
        period="",
    )
    decide(ratna_in, of, "accept")

    assert values() == {
        ("33.26.02.2008", "2018"): "0.481",
        ("33.26.02.2008", "2019"): "0.382",
    }


def test_columns_named_as_indicators_are_read_each(
    ratna_in: Client, villages: Any
) -> None:
    of = bring(
        ratna_in,
        text("kode_desa,tahun,idm,idm_social\n3326022008,2021,0.61904761904762,0.65\n"),
        indicator="",
        period="",
    )
    decide(ratna_in, of, "accept")

    found = Observation.objects.current().values_list(
        "indicator__code", "value", "period"
    )
    assert set(found) == {
        ("idm", "0.61904761904762", "2021"),
        ("idm_social", "0.65", "2021"),
    }


@pytest.mark.parametrize(
    ("content", "changes", "code"),
    [
        ("kode_desa;catatan\n33.26.02.2008;x\n", {}, "values"),
        ("kode_desa;nilai\n33.26.02.2008;1\n", {"indicator": ""}, "indicator"),
        ("kode_desa;nilai\n33.26.02.2008;1\n", {"period": ""}, "period"),
        ("catatan;nilai\nx;1\n", {}, "place"),
    ],
)
def test_it_refuses_a_file_that_leaves_open_what_its_numbers_are(
    content: str, changes: dict[str, str], code: str, ratna_in: Client, villages: Any
) -> None:
    of = bring(ratna_in, text(content), **changes)

    assert of.state == Import.State.FAILED
    assert code in str(of.failure)


def test_cells_that_show_per_cent_but_hold_parts_are_refused(
    ratna_in: Client, villages: Any, paninggaran: Place
) -> None:
    more = [make_place(f"33.26.02.30{n:02d}", f"D{n}", paninggaran) for n in range(12)]
    rows = [(place.code, 0.382) for place in more]
    of = bring(ratna_in, xlsx(("kode_desa", "persen"), *rows))

    assert of.state == Import.State.FAILED


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("14.01;Kampar;;0,2", 0),  # outside the territory
        ("99.99;;;0,2", 0),  # no such place
        ("33.26.02.2008;Tenogo Wetan;;0,2", 0),  # code and name tell of two places
        (";Botosar;;0,2", 1),  # nearly a name
        (";;;0,2", 0),
        ("33.26.02.2008;;;dua", 3),
        ("33.26.02.2008;;;", 3),
        ("33.26.02.2008;;;38,2", 3),  # a share without a per cent sign
    ],
)
def test_it_says_which_cell_is_wrong(
    row: str, column: int, ratna_in: Client, villages: Any, kampar: Place
) -> None:
    of = bring(ratna_in, text(f"kode_desa;nama_desa;kecamatan;nilai\n{row}\n"))

    assert [(r, c) for r, c, _, _ in faults(of)] == [(2, column)]


def test_a_nearly_right_name_brings_the_right_one(
    ratna_in: Client, villages: Any
) -> None:
    of = bring(ratna_in, text("nama_desa;nilai\nBotosar;0,2\n"))

    assert "33.26.02.2008" in faults(of)[0][3]


def test_of_many_of_one_name_the_one_where_the_row_says_comes_first(
    client: Client, ani: User, jawa_tengah: Place, villages: Any
) -> None:
    """Its code is too old to be known, and more places have its name than are shown."""
    for n in range(10, 20):
        district = make_place(f"33.{n}", f"Kabupaten {n}", jawa_tengah)
        area = make_place(f"33.{n}.01", f"Kecamatan {n}", district)
        make_place(f"33.{n}.01.2001", "Sumber Sari", area)
    meant = make_place(
        "33.21.01", "Kota Bangun", make_place("33.21", "Kutai", jawa_tengah)
    )
    make_place("33.21.01.2001", "Sumber Sari", meant)
    client.force_login(ani)
    of = bring(
        client,
        text(
            "kode_desa;nama_desa;kabupaten;provinsi;nilai\n"
            "9901012001;SUMBER SARI;KUTAI;PAPUA;0,2\n"
        ),
        place="ID",
    )

    (doubt,) = of.doubts
    assert doubt["candidates"][0] == doubt["likely"] == "33.21.01.2001"


def test_one_value_twice_in_a_file_is_a_fault(ratna_in: Client, villages: Any) -> None:
    of = bring(ratna_in, text("kode_desa;nilai\n33.26.02.2008;0,2\n3326022008;0,3\n"))

    assert (of.new, of.faulty) == (1, 1)


def test_a_code_of_two_lists_is_refused_with_both_candidates(
    client: Client, ani: User, kampar: Place, indonesia: Place, villages: Any
) -> None:
    other = make_place("14.09", "Kuantan Singingi", kampar.parent)
    PlaceCode.objects.create(place=other, scheme=PlaceCode.Scheme.BPS, code="1401")
    client.force_login(ani)
    of = bring(client, text("kode_desa;nilai\n1401;0,2\n"), place="ID", codes="")

    mend = faults(of)[0][3]
    assert "Kampar" in mend
    assert "Kuantan Singingi" in mend


def test_invented_numbers_carry_their_mark(ratna_in: Client, villages: Any) -> None:
    of = bring(ratna_in, xlsx(HEAD, GOOD), is_example="on")
    decide(ratna_in, of, "accept")

    assert Observation.objects.current().get().source.is_example


def test_three_faulty_rows_of_ten_thousand_are_shown_and_change_nothing(
    ratna_in: Client, paninggaran: Place, pekalongan: Place
) -> None:
    places = Place.objects.bulk_create(
        Place(
            code=f"33.26.02.{n}",
            path=f"{paninggaran.path}{n}.",
            level=4,
            kind="desa",
            name=f"Desa {n}",
            parent=paninggaran,
        )
        for n in range(10000, 20000)
    )
    PlaceCode.objects.bulk_create(
        PlaceCode(place=place, scheme="kemendagri", code=place.code) for place in places
    )
    lines = [f"{place.code};0,{n % 90 + 10}" for n, place in enumerate(places)]
    for n in (7, 4000, 9999):
        lines[n] = f"{places[n].code};dua"
    of = bring(ratna_in, text("kode_desa;nilai\n" + "\n".join(lines) + "\n"))

    assert (of.rows, of.new, of.faulty) == (10_000, 9_997, 3)
    assert [row for row, *_ in faults(of)] == [9, 4002, 10_001]
    assert values() == {}


def test_the_template_holds_the_villages_and_reads_back(
    ratna_in: Client, villages: Any
) -> None:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    address = reverse("imports:template", args=["observations"])
    data = ratna_in.get(address).getvalue()
    rows = (
        CalamineWorkbook.from_object(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    )

    assert rows[0] == ["kode_desa", "nama_desa", "kecamatan", "periode", "nilai"]
    assert [row[0] for row in rows[1:]] == [
        *("33.26.02.2008", "33.26.02.2014", "33.26.09.2020", "33.26.15.2014")
    ]
    filled = xlsx(rows[0], *([*row[:3], 2019, 0.3] for row in rows[1:]))
    assert bring(ratna_in, filled, period="").new == 4


INDEX = DATA / "village-index" / "idm_villages_2021_2023.csv.gz"


@pytest.mark.skipif(not INDEX.exists(), reason="the public data are not there")
def test_the_real_village_index_of_kampar_and_sukabumi_goes_in(
    client: Client, ani: User, indonesia: Place
) -> None:
    with gzip.open(INDEX, "rt", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["kemendagri_code"].startswith(("1401", "3202"))
        ]
    parents = {"": indonesia}
    for row in rows:
        bare = row["kemendagri_code"]
        dotted = [bare[:2], bare[2:4], bare[4:6], bare[6:]]
        names = ["province", "district", "subdistrict", "village"]
        for level, name in enumerate(names, start=1):
            code = ".".join(dotted[:level])
            if code not in parents:
                above = parents[".".join(dotted[: level - 1])]
                parents[code] = make_place(code, row[name], above)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    client.force_login(ani)

    of = bring(client, text(out.getvalue()), place="ID", indicator="idm", period="")
    decide(client, of, "accept")

    assert len(rows) == 87
    assert (of.faulty, of.new) == (0, len(rows))
    means: dict[str, list[float]] = {}
    for path, number in Observation.objects.current().values_list(
        "place__path", "number"
    ):
        means.setdefault(path[:9], []).append(number)
    expected = {
        f"ID.{bare[:2]}.{bare[2:]}.": sum(found) / len(found)
        for bare in ("1401", "3202")
        if (
            found := [
                float(row["idm"])
                for row in rows
                if row["kemendagri_code"].startswith(bare)
            ]
        )
    }
    assert {path: sum(n) / len(n) for path, n in means.items()} == pytest.approx(
        expected
    )
    assert Indicator.objects.get(code="idm").counts == "villages"
