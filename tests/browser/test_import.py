"""An import: a file with faults, seen, accepted without them, and taken back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LANGUAGES, House
from tests.browser.papers import table

PERIOD = {"id": "2009", "en": "2008"}
FILE = """kode_desa,nama_desa,kelas
33.26.02.2001,,merah
33.26.02.2002,,kuning
33.26.02.9999,Tidak Ada,hijau
33.26.02.2003,,ungu
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_imports_classes_and_takes_them_back(
    language: str, house: House
) -> None:
    width = 360 if language == "id" else 1280
    page = house.enter("ratna", language, width)
    page.goto("/impor/")
    page.locator("main a.btn[href='/impor/jenis/classes/']").click()

    send(page, PERIOD[language])
    expect(page.locator("#wrong ~ ul > li")).to_have_count(2)
    expect(page.locator("td.wrong")).to_have_count(2)
    expect(page.locator("[name=choice]:checked")).to_have_value("again")

    page.locator("label[for=c2]").click()
    page.locator("main form.form button").click()
    page.wait_for_load_state()
    assert PERIOD[language] in periods(page)

    page.go_back()
    page.reload()
    page.locator("main a[href$='/batalkan/']").click()
    page.locator("main form.form button").click()
    page.wait_for_load_state()
    assert PERIOD[language] not in periods(page)


def send(page: Page, period: str) -> None:
    page.locator("#id_upload").set_input_files(table(FILE))
    page.locator("#id_place").fill("33.26")
    page.locator("#id_scheme").select_option("village_colour")
    page.locator("#id_period").fill(period)
    page.locator("#id_source_title").fill("Contoh untuk uji peramban")
    page.locator("#id_is_example").check()
    page.locator("main form.form button").click()
    page.wait_for_url("**/impor/*-*-*-*-*/")


def periods(page: Page) -> list[str]:
    """Which periods the map of the district offers now."""
    page.goto("/wilayah/33.26/")
    return page.locator("#t option").all_inner_texts()
