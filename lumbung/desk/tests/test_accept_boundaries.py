"""Who may draw boundaries, what the trail says, and what a reader then sees."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

import lumbung.desk.boundary_commands  # noqa: F401  # registers the command
from lumbung.accounts.models import Event, User
from lumbung.conftest import make_place
from lumbung.desk.boundaries import (
    MayNotBound,
    NoSource,
    NothingToDraw,
    accept_boundaries,
)
from lumbung.places.boundaries import About, preview
from lumbung.places.commands import places
from lumbung.places.geojson import read_geojson
from lumbung.places.models import BoundaryFile, MapSheet, Place
from lumbung.places.tests.squares import feature, square, write
from lumbung.programmes.models import Case

pytestmark = pytest.mark.django_db
ABOUT = About("Peta uji", "CC0-1.0", "2025")
PAGE = "/wilayah/33.26.02/"


@pytest.fixture
def file(botosari: Place, paninggaran: Place, tmp_path: Path) -> Path:
    """Boundaries of Botosari and Sawangan; Kaliboja has none."""
    sawangan = make_place("33.26.02.2002", "Sawangan", paninggaran)
    make_place("33.26.02.2003", "Kaliboja", paninggaran)
    rows = [
        feature(square(n), kode_desa=place.code)
        for n, place in enumerate([botosari, sawangan])
    ]
    return write(tmp_path, rows)


def accepted(file: Path, by: User | None = None, about: About = ABOUT) -> BoundaryFile:
    plan = preview(read_geojson(file))
    return accept_boundaries(plan=plan, about=about, by=by, now=timezone.now())


@pytest.mark.parametrize("who", ["ratna", "budi", "maria", "siti", "tono"])
def test_only_who_may_change_places_draws_them(
    who: str, file: Path, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(MayNotBound):
        accepted(file, by=request.getfixturevalue(who))

    assert MapSheet.objects.count() == 0
    assert Event.objects.filter(verb="accept_boundaries").count() == 0


def test_boundaries_without_a_source_are_refused(file: Path, ani: User) -> None:
    with pytest.raises(NoSource):
        accepted(file, by=ani, about=About("Peta uji", "", "2025"))

    assert BoundaryFile.objects.count() == 0


def test_a_file_with_too_few_places_is_refused(
    file: Path, paninggaran: Place, ani: User
) -> None:
    for n in (4, 5, 6, 7, 9):
        make_place(f"33.26.02.200{n}", f"Desa {n}", paninggaran)

    with pytest.raises(NothingToDraw):
        accepted(file, by=ani)


def test_the_trail_says_who_drew_from_which_file(file: Path, ani: User) -> None:
    entered = accepted(file, by=ani)

    event = Event.objects.get(verb="accept_boundaries")
    assert (event.by, event.row) == (ani, entered.uid)
    assert event.after == {
        "file": "batas.geojson",
        "sha256": entered.sha256,
        "source": "Peta uji",
        "licence": "CC0-1.0",
        "maps": 2,
        "outlines": 2,
        "faults": 0,
    }


def test_without_boundaries_only_tiles_are_offered(
    client: Client, ratna: User, file: Path
) -> None:
    client.force_login(ratna)

    body = client.get(PAGE + "?peta=batas").content.decode()

    assert "peta=batas" not in body.split("<main")[1].split("<table")[0]
    assert body.count('class="land"') == 0


def test_a_reader_chooses_outlines_once_for_the_session(
    client: Client, ratna: User, file: Path, ani: User
) -> None:
    client.force_login(ratna)
    assert "peta=batas" not in main(client.get(PAGE))
    accepted(file, by=ani)

    assert "?peta=batas" in main(client.get(PAGE))
    assert 'class="land"' not in main(client.get(PAGE))
    assert 'class="land"' in main(client.get(PAGE + "?peta=batas"))
    assert 'class="land"' in main(client.get(PAGE))
    assert 'class="land"' in main(client.get("/wilayah/33.26/"))
    assert 'class="land"' not in main(client.get(PAGE + "?peta=petak"))
    assert 'class="land"' not in main(client.get(PAGE))


def main(response: Any) -> str:
    body = response.content.decode()
    return str(body.split("<main")[1].split("</main")[0])


def test_an_outlined_map_says_the_same_in_words(
    client: Client, ratna: User, file: Path, ani: User, case: Case
) -> None:
    """Each place a link with its title, those without a boundary as tiles below."""
    accepted(file, by=ani)
    client.force_login(ratna)

    rest = main(client.get(PAGE + "?peta=batas")).split('class="land"')[1]

    titles = re.findall(r"<title>(.*?)</title>", rest)
    assert titles == [
        "Sawangan: tanpa data",
        "Botosari: tanpa data, ada berkas berjalan",
        "Kaliboja: tanpa data",
    ]
    assert "1 wilayah tanpa batas" in rest
    assert 'aria-label="Paninggaran"' in rest
    assert "Batas wilayah: Peta uji, 2025. Lisensi: CC0-1.0." in rest


def test_the_command_shows_first_and_draws_when_told_to(file: Path) -> None:
    run = CliRunner()
    options = ["--source", "Peta uji", "--licence", "CC0-1.0", "--year", "2025"]

    shown = run.invoke(places, ["boundaries", str(file), *options])
    assert (shown.exit_code, MapSheet.objects.count()) == (0, 0)
    assert "2 dari 3" in shown.output

    drawn = run.invoke(places, ["boundaries", str(file), *options, "--accept"])
    assert (drawn.exit_code, MapSheet.objects.count()) == (0, 2)


def test_the_command_names_faults_and_how_to_mend_them(
    file: Path, tmp_path: Path
) -> None:
    bad = write(tmp_path, [feature(square(0), code="33.26.02.9999")], "salah.geojson")

    said = CliRunner().invoke(places, ["boundaries", str(bad)])

    assert said.exit_code == 1
    assert "salah.geojson" in said.output


def test_decisions_that_are_no_csv_are_refused_in_words(
    file: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.csv"
    photo.write_bytes(b"\xff\xd8\xff\xe0")

    said = CliRunner().invoke(
        places, ["boundaries", str(file), "--decisions", str(photo)]
    )

    assert said.exit_code == 1
    assert "photo.csv: harus CSV UTF-8" in said.output
