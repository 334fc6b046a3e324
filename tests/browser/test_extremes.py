"""The longest names, the fullest lists, and somebody who may see nothing yet."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LANGUAGES, WIDTHS, House, World
from tests.browser.furnished import LONG_TITLE, LONG_VILLAGE
from tests.browser.test_pages import sideways, violations

TITLE = LONG_TITLE[:200].strip()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_of_60_and_a_title_of_200_letters_wrap(
    width: int, house: House, world: World
) -> None:
    page = house.enter("sukabumi", "id", width)
    faults = []
    for path in (
        f"/wilayah/{world.things['long']}/",
        "/program/lab/?wilayah=32.02.01",
        "/program/lab/berkas/",
        "/",
        "/wilayah/32.02.01/",
    ):
        page.goto(path)
        faults += [f"{path}: {fault}" for fault in sideways(page)]
    page.goto(f"/wilayah/{world.things['long']}/")
    expect(page.locator("h1")).to_have_text(LONG_VILLAGE)
    page.locator("main a[href^='/berkas/']").first.click()
    expect(page.locator("h1")).to_contain_text(TITLE[:60])
    faults += sideways(page)
    page.locator("main a[href$='/bukti/']").first.click()
    assert [*faults, *sideways(page)] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_300_rows_are_paged_and_counted(width: int, house: House) -> None:
    page = house.enter("sukabumi", "id", width)
    page.goto("/program/lab/berkas/")
    expect(page.locator("h1")).to_contain_text("300")
    rows = page.locator("main table tbody tr")
    assert rows.count() <= 100
    page.locator("nav.acts a", has_text="Berikutnya").click()
    page.wait_for_url("**hlm=2")
    with page.expect_download() as download:
        page.locator("main a", has_text="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 301
    page.goto("/program/lab/")
    assert page.locator(".panel").count() < 100
    assert violations(page) == []


EMPTY = [
    "/",
    "/program/",
    "/program/lab/",
    "/bukti/",
    "/impor/",
    "/pekerjaan/",
    "/jejak/",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_without_a_mandate_learns_what_to_do(
    language: str, house: House
) -> None:
    page = house.enter("tono+password", language, 360)
    for path in EMPTY:
        seen = page.goto(path)
        assert seen
        assert seen.status == 200, path
        assert page.locator("main a[href^='/berkas/']").count() == 0, path
    page.goto("/")
    expect(page.locator(".empty")).to_be_visible()
    page.goto("/program/lab/")
    expect(page.locator(".empty")).to_be_visible()
