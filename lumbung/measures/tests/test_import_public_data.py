"""The tables of indicators that people have, as they were published, go in."""

import csv
import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File
from django.utils import timezone

from lumbung.accounts.models import Role, User
from lumbung.conftest import give, load_places, make_place, make_user
from lumbung.core.message import from_json
from lumbung.imports import actions
from lumbung.imports.models import Import
from lumbung.imports.tests.verbs import indonesia as indonesia_pack
from lumbung.measures.models import Indicator, Observation
from lumbung.measures.totals import differences
from lumbung.places.crosswalk import add_codes, read_crosswalk
from lumbung.places.models import Place, PlaceCode
from lumbung.programmes.packs.actions import load_pack
from lumbung.words import say

DATA = Path(
    os.environ.get("LUMBUNG_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")
)
STATISTICS = DATA / "district-statistics"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not STATISTICS.exists(), reason="the public data are not there"),
]


@pytest.fixture
def country(roles: Any) -> Place:
    """All districts of the country, with their BPS codes, and the shipped indicators."""
    load_pack(folder=indonesia_pack(), by=None)
    country = load_places(lambda code: code.count(".") < 2)
    for name in ("provinsi.csv", "kabkota.csv"):
        path = DATA / "places" / "bps-kemendagri-crosswalk" / name
        read = read_crosswalk(path, PlaceCode.Scheme.BPS)
        add_codes(read, accept_faults=True)
    return country


@pytest.fixture
def ani(country: Place) -> User:
    """She administers the installation."""
    user = make_user("Ani Wulandari")
    give(user, Role.objects.get(code="administrator"), country)
    return user


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 10**9)


def bring(path: Path, by: User, **parameters: Any) -> Import:
    with path.open("rb") as file:
        values: dict[str, Any] = {
            "kind": "observations",
            "upload": File(file, name=path.name),
            "sheet": "",
            "parameters": {"source_title": path.name, "codes": "bps"} | parameters,
            "place": Place.objects.get(code="ID"),
            "by": by,
            "now": timezone.now(),
        }
        return actions.start_import(**values)


def why(of: Import) -> list[str]:
    """What is said of the faulty rows, each once: shown where a test fails."""
    return sorted({say(from_json(fault.message)) for fault in of.faults.all()})


def accept(of: Import, by: User) -> Import:
    return actions.accept_import(of=of, by=by, now=timezone.now())


def test_regional_product_goes_in_and_exactly_its_false_totals_are_named(
    ani: User,
) -> None:
    of = bring(STATISTICS / "grdp_by_sector_district_2013_2020.csv", ani)
    assert (of.state, of.rows) == ("waiting", 79_056)
    # Thirty areas have codes from before Papua was divided, or a name shortened: each
    # is asked about, once; of DKI Jakarta nothing here has nearly the name.
    assert (of.faulty, len(of.doubts)) == (30 * 144, 29), why(of)
    choices = {doubt["written"]: doubt["candidates"][0] for doubt in of.doubts}
    of = actions.choose_places(of=of, choices=choices, by=ani)
    assert (of.faulty, of.new) == (144, of.rows - 144), why(of)
    accept(of, ani)

    found = differences(Indicator.objects.get(code="grdp"))
    named = {
        (each.period, bps_code(each.place)) for each in found if each.by == "breakdown"
    }
    with (STATISTICS / "grdp_known_total_mismatches.csv").open() as file:
        known = {(row["year"], row["bps_code"]) for row in csv.DictReader(file)}
    assert named == known
    assert len(known) == 17


def bps_code(place: Place) -> str:
    if place.code == "ID":
        return "9999"
    return place.codes.filter(scheme="bps").latest("pk").code.ljust(4, "0")


@pytest.mark.parametrize(
    ("name", "parameters", "most_faulty"),
    [
        ("grdp_per_capita_district_2000_2017.csv", {}, 26),
        ("poverty_line_district_2025.csv", {"period": "2025"}, 45),
        ("jateng_poverty_panel.csv", {}, 0),
        ("jateng_hdi_panel.csv", {}, 0),
        (
            "jateng_unemployment_panel.csv",
            {"indicator": "unemployment", "per_cent": True},
            0,
        ),
        ("jateng_drinking_water_panel.csv", {}, 0),
        ("plantation_production_by_province.csv", {"period": "2023"}, 3),
        ("district_indicators_2021.csv", {"period": "2021"}, 76),
    ],
)
def test_a_table_of_district_statistics_goes_in(
    name: str, parameters: dict[str, Any], most_faulty: int, ani: User
) -> None:
    of = bring(STATISTICS / name, ani, **parameters)

    assert (of.state, of.failure) == ("waiting", None)
    assert of.faulty <= most_faulty, why(of)
    assert of.new > 0


def test_names_without_codes_are_placed_or_asked_about(ani: User) -> None:
    of = bring(STATISTICS / "district_indicators_2021.csv", ani, period="2021")
    asked = {doubt["written"]: doubt["likely"] for doubt in of.doubts}

    # Kota Pekalongan is another row of the file, so the bare name is the kabupaten.
    assert asked["Pekalongan, JAWA TENGAH"] == "33.26"
    choices = {written: likely for written, likely in asked.items() if likely}
    faulty = of.faulty
    actions.choose_places(of=of, choices=choices, by=ani)
    assert (of.state, of.faulty) == ("waiting", faulty - len(choices)), why(of)
    accept(of, ani)

    value = Observation.objects.current().get(
        place__code="33.26", indicator__code="poor_share"
    )
    assert value.as_published == "10.57"


def test_population_by_sex_goes_in_and_adds_up(ani: User) -> None:
    path = DATA / "places" / "cahyadsn-wilayah" / "population.csv"
    of = bring(path, ani, indicator="population", period="2024", codes="kemendagri")

    assert (of.state, of.faulty) == ("waiting", 0)
    assert of.new == 3 * of.rows


def test_the_fifty_scores_of_the_village_index_go_in_as_titled(
    ani: User, tmp_path: Path
) -> None:
    packed = DATA / "village-index" / "idm_villages_2021_2023.csv.gz"
    path = tmp_path / "idm.csv"
    with gzip.open(packed, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:200]))
    for row in csv.DictReader(line.decode() for line in lines[:200]):
        make_village(row["kemendagri_code"], row["village"], row["subdistrict"])
    of = bring(path, ani, codes="kemendagri")

    assert (of.state, of.failure, of.faulty) == ("waiting", None, 0), why(of)
    assert of.new == 199 * 54
    assert [title.split(" ", 1)[1] for title in of.unread] == ["status"]


def make_village(bare: str, name: str, subdistrict: str) -> None:
    parts = [bare[:2], bare[2:4], bare[4:6], bare[6:]]
    for level, called in ((3, subdistrict), (4, name)):
        code = ".".join(parts[:level])
        if not Place.objects.filter(code=code).exists():
            above = Place.objects.get(code=".".join(parts[: level - 1]))
            make_place(code, called, above)
