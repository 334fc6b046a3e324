"""The classes of villages come in as words, and are drawn once accepted."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.core.message import from_json
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.tests.files import bring, decide, faulty_cells, text
from lumbung.imports.tests.verbs import indonesia
from lumbung.measures.models import ClassScheme, Indicator, PlaceClass
from lumbung.places.models import Place
from lumbung.programmes.packs.actions import load_pack
from lumbung.words import say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pack(roles: Any, botosari: Place, paninggaran: Place) -> None:
    load_pack(folder=indonesia(), by=None)
    make_place("33.26.02.2014", "Tenogo", paninggaran)


@pytest.fixture
def ratna_in(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    return client


def classes(client: Client, file: SimpleUploadedFile, **changes: str) -> Import:
    return bring(client, file, "classes", **{"scheme": "village_colour"} | changes)


def colours() -> dict[str, str]:
    return dict(PlaceClass.objects.current().values_list("place__code", "code"))


def test_the_pack_brings_its_indicators_and_schemes() -> None:
    assert Indicator.objects.get(code="decile_1_4_share").unit == "share"
    scheme = ClassScheme.objects.get(code="village_colour")
    assert [each["code"] for each in scheme.classes] == ["red", "yellow", "green"]
    assert scheme.indicator == Indicator.objects.get(code="decile_1_4_share")


@pytest.mark.parametrize("word", ["Merah", "merah", "RED", "red"])
def test_a_class_may_be_written_in_either_language(word: str, ratna_in: Client) -> None:
    of = classes(ratna_in, text(f"kode_desa;kelas\n33.26.02.2008;{word}\n"))
    assert colours() == {}
    decide(ratna_in, of, "accept")

    assert colours() == {"33.26.02.2008": "red"}


def test_an_unknown_class_is_refused_with_those_there_are(ratna_in: Client) -> None:
    of = classes(ratna_in, text("kode_desa;kelas\n33.26.02.2008;ungu\n"))

    assert faulty_cells(of) == [(2, 1)]
    fault = ImportFault.objects.get()
    assert "Merah, Kuning, Hijau" in say(from_json(fault.mend))


def test_a_later_file_changes_a_class_and_undoing_brings_it_back(
    ratna_in: Client, ratna: User
) -> None:
    first = classes(
        ratna_in, text("kode_desa;kelas\n33.26.02.2008;merah\n33.26.02.2014;hijau\n")
    )
    decide(ratna_in, first, "accept")
    second = classes(
        ratna_in, text("kode_desa;kelas\n33.26.02.2008;kuning\n33.26.02.2014;hijau\n")
    )
    assert (second.new, second.revised, second.same) == (0, 1, 1)
    decide(ratna_in, second, "accept")

    assert colours() == {"33.26.02.2008": "yellow", "33.26.02.2014": "green"}
    assert PlaceClass.objects.current().count() == 2
    Import.objects.filter(pk=second.pk).update(state="undone")
    assert colours() == {"33.26.02.2008": "red", "33.26.02.2014": "green"}


def test_each_period_has_its_own_class(ratna_in: Client) -> None:
    file = text(
        "kode_desa;tahun;kelas\n33.26.02.2008;2018;merah\n33.26.02.2008;2019;kuning\n"
    )
    decide(ratna_in, classes(ratna_in, file, period=""), "accept")

    found = PlaceClass.objects.current().values_list("period", "code")
    assert set(found) == {("2018", "red"), ("2019", "yellow")}


def test_a_village_twice_in_one_period_is_a_fault(ratna_in: Client) -> None:
    of = classes(
        ratna_in, text("kode_desa;kelas\n33.26.02.2008;merah\n33.26.02.2008;hijau\n")
    )

    assert (of.new, of.faulty) == (1, 1)


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        ("kode_desa;catatan\n33.26.02.2008;x\n", {}),
        ("catatan;kelas\nx;merah\n", {}),
        ("kode_desa;kelas\n33.26.02.2008;merah\n", {"period": ""}),
    ],
)
def test_a_file_that_leaves_something_open_is_refused(
    content: str, changes: dict[str, str], ratna_in: Client
) -> None:
    assert classes(ratna_in, text(content), **changes).state == "failed"
