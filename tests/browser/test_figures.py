"""A number opens to its certificate; somebody asks, somebody answers, both see it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LANGUAGES, House

# One village for each language, so that neither run finds the other's question.
VILLAGE = {"id": "33.26.02.2003", "en": "33.26.02.2004"}
TEXT = {
    "id": "Di daftar musyawarah desa ada 315 keluarga.",
    "en": "The village meeting's list has 315 families.",
}
ANSWER = {
    "id": "Daftar itu dari tahun 2018; angka ini dari 2017.",
    "en": "That list is of 2018; this number is of 2017.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_is_opened_asked_about_and_answered(
    language: str, house: House
) -> None:
    width = 360 if language == "id" else 1280
    page = house.enter("siti", language, width)
    certificate(page, VILLAGE[language])
    address = page.url

    page.locator("a[href='#wrong']").click()
    page.locator("#wrong ~ form button").click()  # empty: refused in words
    expect(page.locator("#wrong ~ form .err").first).to_be_visible()
    page.locator("#id_text").fill(TEXT[language])
    page.locator("#id_believed").fill("38,9 %")
    page.locator("#wrong ~ form button").click()
    expect(page.locator("main [role=status]")).to_contain_text("Ratna")
    expect(page.locator("#asked ~ .panel")).to_contain_text(TEXT[language])

    officer = house.enter("ratna", language, width)
    officer.goto("/")
    line = officer.locator(".list li", has_text=TEXT[language])
    line.locator("a.btn").click()
    officer.locator("#id_state").select_option("stands")
    officer.locator("#id_answer").fill(ANSWER[language])
    officer.locator("form[action$='/jawab/'] button").click()
    expect(officer.locator("main [role=status]")).to_be_visible()

    page.goto("/")
    page.locator(".list li", has_text=ANSWER[language]).locator("a.btn").click()
    expect(page.locator("main")).to_contain_text(ANSWER[language])
    page.goto(address)
    expect(page.locator("#asked ~ .panel")).to_contain_text(ANSWER[language])
    page.goto(f"/wilayah/{VILLAGE[language]}/")
    expect(page.locator("a.figure .asked").first).to_have_text(re.compile("✓"))


def certificate(page: Page, village: str) -> None:
    """From the village's page to the certificate of its first number."""
    page.goto(f"/wilayah/{village}/")
    number = page.locator("#values ~ table td.num a.figure").first
    said = number.evaluate("a => a.firstChild.textContent")
    number.click()
    expect(page.locator("#value")).to_have_text(str(said))


def test_a_revised_number_shows_its_line_and_both_values(house: House) -> None:
    page = house.enter("ratna", "id", 360)
    page.goto("/angka/nilai/?tempat=33.26&indikator=poor_share&periode=2019")

    expect(page.locator("svg.chart")).to_have_attribute(
        "aria-label", re.compile("2016: 12,96.%; 2019: 9,71.%")
    )
    expect(page.locator("#byperiod ~ table tbody tr")).to_have_count(2)


def test_a_count_leads_to_its_rows_in_two_clicks(house: House) -> None:
    page = house.enter("ratna", "id", 1280)
    page.goto("/wilayah/33.26/")
    red = page.locator(".key a.figure").first
    count = re.findall(r"\d+", red.inner_text())[0]
    red.click()
    expect(page.locator("#value")).to_have_text(count)
    page.locator("#rows").click()
    expect(page.locator("#total")).to_contain_text(count)
