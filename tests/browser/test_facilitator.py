"""A facilitator in a village: a phone, a thumb, a photo."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LANGUAGES, House, World
from tests.browser.papers import page_called_photo, snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_facilitator_uploads_a_photo_from_a_phone(
    language: str, house: House, world: World
) -> None:
    uid = world.things["windurojo"]
    page = house.enter("siti", language, 360)
    page.goto(f"/berkas/{uid}/")
    before = page.locator("#papers ~ table tbody tr").count()
    page.locator("main a.btn[href$='/bukti/']").tap()
    page.locator("label", has=page.locator("[value=social_map]")).tap()

    # First a web page with the name of a photo: refused, and what was typed stays.
    page.locator("#id_title").fill("Peta sosial dusun tiga")
    choose(page, page_called_photo())
    expect(page.locator(".box.errs")).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("Peta sosial dusun tiga")
    expect(page.locator("[name=requirement][value=social_map]")).to_be_checked()

    choose(page, snapshot())
    page.wait_for_url(f"/berkas/{uid}/")
    rows = page.locator("#papers ~ table tbody tr")
    expect(rows).to_have_count(before + 1)
    expect(rows.filter(has_text="Peta sosial dusun tiga").first).to_be_visible()


def choose(page: object, file: object) -> None:
    """Tap the field, pick a file in what the phone opens, send it."""
    with page.expect_file_chooser() as chooser:  # type: ignore[attr-defined]
        page.locator("#id_upload").tap()  # type: ignore[attr-defined]
    chooser.value.set_files(file)
    page.locator("main form.form button").tap()  # type: ignore[attr-defined]
    page.wait_for_load_state()  # type: ignore[attr-defined]


def test_the_file_that_was_sent_comes_back_without_its_place(
    house: House, world: World
) -> None:
    page = house.enter("siti")
    page.goto(f"/bukti/{world.things['evidence']}/")
    with page.expect_download() as download:
        page.locator("a[href$='/berkas']").click()
    assert download.value.path().read_bytes()[:3] == b"\xff\xd8\xff"
