"""`lumbung places` says what it found, and how to go on where it cannot."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lumbung.conftest import load_district
from lumbung.places.commands import places
from lumbung.places.models import Place, PlaceCode


def run(*words: str) -> Result:
    return CliRunner().invoke(places, words)


@pytest.fixture
def district(db: None) -> Place:
    load_district("18.72")
    return load_district("33.26")


def test_a_code_nobody_has_ends_with_how_to_write_one(district: Place) -> None:
    done = run("show", "99.99")

    assert done.exit_code == 1
    assert "Tidak ada wilayah dengan kode “99.99”." in done.output
    assert "3326092005" in done.output


def test_a_name_nobody_has_is_said_so(district: Place) -> None:
    for command in ("show", "search"):
        done = run(command, "qqqqqq")
        assert (done.exit_code, "Tidak ada yang bernama" in done.output) == (1, True)


def test_show_tells_what_holds_a_place_and_its_codes(district: Place) -> None:
    done = run("show", "3326022008")

    assert done.exit_code == 0
    lines = [line.strip() for line in done.output.splitlines()]
    assert lines == [
        "Botosari · desa · 33.26.02.2008",
        "Paninggaran (33.26.02)",
        "Kabupaten Pekalongan (33.26)",
        "Jawa Tengah (33)",
        "Zona waktu: Asia/Jakarta",
        "kemendagri 33.26.02.2008  25 April 2025",
    ]


def test_show_lists_namesakes_with_what_they_lie_in(district: Place) -> None:
    done = run("show", "mulyorejo")

    assert "33.26.09.2020  Mulyorejo · Kesesi, Kabupaten Pekalongan" in done.output
    assert "33.26.15.2014  Mulyorejo · Tirto, Kabupaten Pekalongan" in done.output


def test_show_counts_what_a_place_holds(district: Place) -> None:
    assert "Mencakup 304 wilayah." in run("show", "33.26").output  # 19 + 285


def test_search_stays_in_the_place_asked_for(district: Place) -> None:
    done = run("search", "metro", "--in", "18.72", "--limit", "2")

    assert len(done.output.splitlines()) == 2
    assert all(line.startswith("18.72") for line in done.output.splitlines())


def test_a_file_that_is_no_text_is_said_to_be_none(
    district: Place, tmp_path: Path
) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(b"\xff\xd8\xff\xe0")

    refused = run("codes", str(file), "--scheme", "bps")

    assert refused.exit_code == 1
    assert "photo.csv bukan CSV UTF-8." in refused.output
    assert run("search", "metro", "--limit", "-1").exit_code == 2


def test_codes_are_written_only_when_the_file_is_whole_or_accepted(
    district: Place, tmp_path: Path
) -> None:
    file = tmp_path / "kabkota.csv"
    file.write_text("kode_bps,kode_dagri,nama_dagri\n3326,3326,\n1,1872,\n")

    refused = run("codes", str(file), "--scheme", "bps")
    assert refused.exit_code == 1
    assert "Baris 3, kode_bps: “1” bukan kode untuk Kota Metro." in refused.output
    assert not PlaceCode.objects.filter(scheme="bps").exists()

    accepted = run("codes", str(file), "--scheme", "bps", "--accept")
    assert "1 kode ditambahkan, 0 sudah dikenal." in accepted.output
    assert PlaceCode.objects.get(scheme="bps").place == district
