"""A code means one place, or it is refused with all that it could mean."""

from pathlib import Path

import pytest

from lumbung.conftest import load_district, make_place
from lumbung.core.refusal import Refusal
from lumbung.places.codes import AmbiguousCode, UnknownCode, addressed, entered, resolve
from lumbung.places.crosswalk import FaultyCodes, add_codes, read_crosswalk
from lumbung.places.models import Place, PlaceCode
from lumbung.words import say

BPS = PlaceCode.Scheme.BPS


@pytest.fixture
def riau(indonesia: Place) -> Place:
    """Kampar is 1401 to Kemendagri; to BPS that is Kuantan Singingi, 14.09."""
    riau = make_place("14", "Riau", indonesia)
    for code, name, bps in [("14.01", "Kampar", "1406"), ("14.09", "Kuantan", "1401")]:
        place = make_place(code, f"Kabupaten {name}", riau)
        PlaceCode.objects.create(place=place, scheme=BPS, code=bps)
    return riau


def test_it_refuses_a_code_that_two_lists_give_to_two_places(riau: Place) -> None:
    with pytest.raises(AmbiguousCode) as refused:
        resolve("1401")

    assert sorted(say(part) for part in refused.value.parts) == [
        "menurut BPS: Kabupaten Kuantan, Riau (14.09)",
        "menurut Kemendagri: Kabupaten Kampar, Riau (14.01)",
    ]


def test_it_refuses_a_code_that_nobody_has(riau: Place) -> None:
    for code in ["14.02", "9999", "", "abc", "14.01.99"]:
        with pytest.raises(UnknownCode):
            resolve(code)


@pytest.mark.parametrize(
    ("code", "scheme", "name"),
    [
        ("14.01", None, "Kabupaten Kampar"),
        ("1401", "kemendagri", "Kabupaten Kampar"),
        ("1401", "bps", "Kabupaten Kuantan"),
        ("14.01", "bps", "Kabupaten Kuantan"),
        ("1409", None, "Kabupaten Kuantan"),
        (" 1406 ", None, "Kabupaten Kampar"),
    ],
)
def test_dots_or_the_name_of_the_list_say_which(
    code: str, scheme: str | None, name: str, riau: Place
) -> None:
    assert resolve(code, scheme).name == name


def test_an_address_of_ours_speaks_present_codes_only(riau: Place) -> None:
    papua = make_place("91", "Papua", Place.objects.get(code="ID"))
    PlaceCode.objects.create(place=riau, scheme=BPS, code="91")

    assert addressed("91") == papua
    with pytest.raises(AmbiguousCode):
        resolve("91")


def test_what_a_form_holds_is_a_present_code_or_refused_beside_its_field(
    riau: Place,
) -> None:
    papua = make_place("91", "Papua", Place.objects.get(code="ID"))
    PlaceCode.objects.create(place=riau, scheme=BPS, code="91")

    assert entered(" 91 ", field="place") == papua
    for code in ["1401", "9999"]:
        with pytest.raises(Refusal) as refused:
            entered(code, field="also")
        assert refused.value.field == "also"


def test_a_code_both_lists_give_to_one_place_is_not_ambiguous(riau: Place) -> None:
    PlaceCode.objects.create(place=riau, scheme=BPS, code="14")

    assert resolve("14") == riau


def test_villages_resolve_with_dots_or_without(db: None) -> None:
    load_district("33.26")

    assert resolve("33.26.02.2008") == resolve("3326022008")
    assert resolve("3326022008").name == "Botosari"


def write(path: Path, *rows: str) -> Path:
    file = path / "kabkota.csv"
    file.write_text("\n".join(["kode_bps,nama_bps,kode_dagri,nama_dagri", *rows]))
    return file


def test_a_crosswalk_with_faults_writes_nothing_and_names_them(
    db: None, tmp_path: Path
) -> None:
    load_district("14.01")
    load_district("18.72")
    file = write(
        tmp_path,
        "1406,KAMPAR,1401,KAB. KAMPAR",
        "1872,METRO,1872,KOTA BANDUNG",
        "14,RIAU,1401,KAB. KAMPAR",
        "1406,KAMPAR,1872,KOTA METRO",
        "1499,,1499,",
    )

    read = read_crosswalk(file, BPS)

    assert [(fault.row, fault.column) for fault in read.faults] == [
        (3, "nama_dagri"),
        (4, "kode_bps"),
        (5, "kode_bps"),
        (6, "kode_dagri"),
    ]
    assert say(read.faults[0].message) == (
        "File menyebut 18.72 “KOTA BANDUNG”; di sini namanya “Kota Metro”."
    )
    with pytest.raises(FaultyCodes):
        add_codes(read)
    assert not PlaceCode.objects.filter(scheme=BPS).exists()


def test_a_crosswalk_is_accepted_without_its_faulty_rows(
    db: None, tmp_path: Path
) -> None:
    load_district("14.01")
    file = write(tmp_path, "1406,KAMPAR,1401,KAB. KAMPAR", "1499,,1499,")

    added = add_codes(read_crosswalk(file, BPS), accept_faults=True)
    again = read_crosswalk(file, BPS)

    assert added == 1
    assert resolve("1406").code == "14.01"
    assert (again.new, again.same) == ([], 1)


def test_a_file_without_the_columns_says_which(db: None, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code,name\n1401,Kampar\n")

    with pytest.raises(Refusal) as refused:
        read_crosswalk(file, BPS)

    assert "kode_bps, kode_dagri" in say(refused.value.message)
