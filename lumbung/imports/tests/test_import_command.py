"""`lumbung import` goes the same way as the page, and stops at the preview."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lumbung.accounts.models import User
from lumbung.imports.commands import import_file
from lumbung.imports.models import Import
from lumbung.imports.tests.verbs import indonesia
from lumbung.measures.models import Observation
from lumbung.places.models import Place
from lumbung.programmes.packs.actions import load_pack

pytestmark = pytest.mark.django_db
ASKED = ["--place", "33.26", "--source", "BPS", "--period", "2021", "--by", "ratna"]
SHARE = ["--indicator", "poor_share"]


@pytest.fixture(autouse=True)
def pack(roles: Any, botosari: Place, ratna: User) -> None:
    load_pack(folder=indonesia(), by=None)


def run(tmp_path: Path, text: str, *more: str, asked: list[str] = ASKED) -> Result:
    file = tmp_path / "miskin.csv"
    file.write_text(text)
    return CliRunner().invoke(import_file, [str(file), *asked, *more])


def test_it_refuses_who_may_not_import(tmp_path: Path, budi: User) -> None:
    asked = [*ASKED[:-1], "budi"]
    answer = run(tmp_path, "kode_desa;nilai\n33.26.02.2008;0,2\n", *SHARE, asked=asked)

    assert answer.exit_code == 1
    assert not Import.objects.exists()


def test_it_stops_at_the_preview_and_says_what_is_wrong(tmp_path: Path) -> None:
    text = "kode_desa;nilai\n33.26.02.2008;0,2\n33.26.02.2008;dua\n"
    answer = run(tmp_path, text, *SHARE)

    assert answer.exit_code == 0, answer.output
    assert "B3: “dua”" in answer.output
    assert Import.objects.get().state == "waiting"
    assert not Observation.objects.current().exists()


def test_it_accepts_where_it_is_told_to(tmp_path: Path) -> None:
    text = "kode_desa;persen\n33.26.02.2008;10,5\n"
    answer = run(tmp_path, text, *SHARE, "--accept")

    assert answer.exit_code == 0, answer.output
    assert Observation.objects.current().get().value == "0.105"


def test_a_file_that_leaves_something_open_ends_it_with_the_reason(
    tmp_path: Path,
) -> None:
    answer = run(tmp_path, "kode_desa;nilai\n33.26.02.2008;0,2\n", "--accept")

    assert answer.exit_code == 2
    assert "docs/how-to/pack.md" in answer.output
    assert not Observation.objects.exists()


def test_an_indicator_that_nobody_defined_is_no_choice(tmp_path: Path) -> None:
    answer = run(tmp_path, "kode_desa;nilai\n", "--indicator", "bahagia")

    assert answer.exit_code == 2
