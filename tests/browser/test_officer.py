"""The officer's whole way: from the door to a case that has moved."""

import io
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import LANGUAGES, WIDTHS, House, World
from tests.browser.furnished import PASSWORD, WALKED
from tests.browser.papers import scan

SHARE = {"id": "38,2", "en": "38.2"}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_walks_a_case_from_the_door_to_the_next_step(
    language: str, width: int, house: House, world: World
) -> None:
    key = f"{language}-{width}"
    uid = world.things["walked"][key]
    page = house.enter("", language, width)

    sign_in(page, "ratna")
    find_on_the_map(page, WALKED[key], uid)
    be_refused(page, uid, step=7)
    override(page, uid)
    assert step_of(page) == 8
    be_refused(page, uid, step=8)
    bring_what_is_missing(page, language)
    expect(page.locator(".head .tag.ready")).to_be_visible()
    page.locator("form[action$='/pindah/'] button").click()
    page.wait_for_url(f"/berkas/{uid}/")
    assert step_of(page) == 9
    switch_language(page, language)
    print_out(page)


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.wait_for_url("/akun/masuk/?next=/")
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url("/")


def find_on_the_map(page: Page, code: str, uid: str) -> None:
    """Home, map, village, case: by links alone."""
    page.locator(".nav a[href='/wilayah/']").click()
    page.wait_for_url("/wilayah/33.26/")
    page.locator(f".map a[href='/wilayah/{code}/']").click()
    page.wait_for_url(f"/wilayah/{code}/")
    page.locator(f"main a[href='/berkas/{uid}/']").click()
    page.wait_for_url(f"/berkas/{uid}/")


def step_of(page: Page) -> int:
    """The number of the step that the case page calls the present one."""
    before = page.locator(".steps li.done")
    assert page.locator(".steps li[aria-current=step]").count() == 1
    return before.count() + 1


def be_refused(page: Page, uid: str, step: int) -> None:
    """Press Move too early: each missing condition is said, and nothing changes."""
    missing = page.locator(".gate li:not(.met) > b").all_inner_texts()
    assert missing
    page.locator("form[action$='/pindah/'] button").click()
    page.wait_for_url(f"/berkas/{uid}/pindah/")
    said = page.locator(".box.errs").inner_text()
    assert all(words(each) in words(said) for each in missing), (missing, said)
    page.goto(f"/berkas/{uid}/")
    assert step_of(page) == step
    assert page.locator(".gate li:not(.met) > b").all_inner_texts() == missing


def words(text: str) -> str:
    """Only the words: what is read to the blind stands before each condition."""
    return " ".join(re.findall(r"\w+", text.split(": ", 1)[-1].lower()))


def override(page: Page, uid: str) -> None:
    page.locator(f"main a[href='/berkas/{uid}/lewati/']").click()
    page.locator("#id_number").fill("050/17/2026")
    meet(page)
    expect(page.locator(".steps li.over")).to_have_count(1)
    expect(page.locator(".story .tag.over")).not_to_have_count(0)


def meet(page: Page) -> None:
    """Fill in a meeting of four sectors, 12 women among 30, and hand in the minutes."""
    here = page.url
    page.locator("#id_venue").fill("Aula Bappeda, Kajen")
    page.locator("#id_reason").fill("Semua unsur hadir dan setuju dengan hasilnya.")
    for sector in ("government", "university", "business", "community"):
        page.locator(f"#id_women_{sector}").fill("3")
        page.locator(f"#id_men_{sector}").fill("4")
    page.locator("#id_invited").fill("40")
    page.locator("#id_minutes").set_input_files(scan())
    page.locator("main form.form button").click()
    page.wait_for_url(lambda url: url != here)


def bring_what_is_missing(page: Page, language: str) -> None:
    """Follow the link beside each missing condition until none is left."""
    page.locator(".gate a[href*='untuk=evaluation_minutes']").click()
    upload(page)
    page.locator(".gate a[href*='untuk=implementation_report']").click()
    upload(page)
    page.locator(".gate a[href$='/keputusan/']").first.click()
    meet(page)
    declare = page.locator(".gate a[href$='/fakta/decile_1_4_share/']")
    if declare.count():  # its class is red; where it is not, nothing is to be declared
        declare.click()
        page.locator("#id_value").fill(SHARE[language])
        upload(page)
    assert page.locator(".gate li:not(.met)").count() == 0


def upload(page: Page) -> None:
    here = page.url
    page.locator("#id_upload").set_input_files(scan())
    page.locator("main form.form button").click()
    page.wait_for_url(lambda url: url != here)


def switch_language(page: Page, language: str) -> None:
    """The other language, on the same page; and back."""
    other = "en" if language == "id" else "id"
    here = page.url
    for chosen in (other, language):
        page.locator(f".lang button[value={chosen}]").click()
        page.wait_for_load_state()
        assert page.url == here
        expect(page.locator("html")).to_have_attribute("lang", chosen)


def print_out(page: Page) -> None:
    """A case fits on a few sheets that a village hall can pin up."""
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".paper.sign")).to_be_visible()
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    assert 1 < len(sheets) <= 5
    assert page.locator("h1").inner_text().split()[1] in sheets[0].extract_text()
    page.emulate_media(media="screen")
