"""Numbers by name: the preview shows leaps first, and asks which village is meant."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.papers import table

BEFORE = """kode_desa,nilai
33.26.02.2008,100
33.26.02.2014,100
"""
AFTER = """nama_desa,nilai
Botosari,250
Tenogo,110
Mulyorejo,40
"""


def test_an_officer_sees_what_leaps_and_says_which_village_is_meant(
    house: House,
) -> None:
    page = house.enter("ratna", "id", 360)
    send(page, BEFORE, "2007")
    page.locator("label[for=c2]").click()
    page.locator("main form.form button").click()
    page.wait_for_load_state()

    send(page, AFTER, "2008")
    expect(page.locator("#leaps")).to_have_text("Perlu dilihat (1)")
    leap = page.locator("section[aria-labelledby=leaps] tbody tr")
    expect(leap).to_contain_text("Botosari")
    expect(leap.locator("td.num")).to_have_text(["100", "250"])

    page.locator("section[aria-labelledby=doubts] a.btn").click()
    expect(page.locator("fieldset legend")).to_contain_text(["Mulyorejo"])
    page.get_by_text("Mulyorejo (33.26.15.2014), Tirto").click()
    page.locator("main form.form button").click()
    page.wait_for_url("**/impor/*-*-*-*-*/")

    expect(page.locator("#doubts")).to_have_count(0)
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def send(page: Page, content: str, period: str) -> None:
    page.goto("/impor/jenis/observations/")
    page.locator("#id_upload").set_input_files(table(content))
    page.locator("#id_place").fill("33.26")
    page.locator("#id_indicator").select_option("poor_people")
    page.locator("#id_period").fill(period)
    page.locator("#id_source_title").fill("Contoh untuk uji peramban")
    page.locator("#id_is_example").check()
    page.locator("main form.form button").click()
    page.wait_for_url("**/impor/*-*-*-*-*/")
