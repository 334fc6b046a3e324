"""Two rules beside each other: what changes, on the matrix, the map and the table."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LANGUAGES, House

WIDE = (
    "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_that_waits_is_laid_beside_what_counts_now(
    language: str, width: int, house: House
) -> None:
    page = house.enter("ratna", language, width)
    waiting(page)
    page.locator("#decide ~ p a[href*='/kelas/banding/']").first.click()

    expect(page.locator("h1")).to_have_text(re.compile("33"))
    expect(page.locator("#table")).to_have_text(re.compile(r"\(33\)"))
    assert page.evaluate(WIDE) == 0

    # 27 green ones would turn yellow: the cell opens them.
    page.locator("#matrix ~ .wrap td a", has_text=re.compile("^27$")).click()
    expect(page.locator("#table")).to_have_text(re.compile(r"\(27\)"))
    expect(page.locator("#table ~ table tbody tr")).to_have_count(27)
    # Each tile that changed says so in words, too.
    worse = re.compile("memburuk|worse", re.IGNORECASE)
    assert page.locator("main svg a, main svg title", has_text=worse).count() >= 27


def waiting(page: Page) -> None:
    """The run of the second rule, which nobody has accepted."""
    page.goto("/kelas/")
    rule = re.compile("menurut urutan|by rank", re.IGNORECASE)
    page.locator("main a[href^='/kelas/0']", has_text=rule).first.click()
    expect(page.locator("#decide")).to_be_visible()


def test_a_run_computed_again_gives_the_same(house: House) -> None:
    page = house.enter("ratna", "id", 360)
    waiting(page)
    page.locator("#proof ~ form button").click()

    expect(page.locator("main [role=status]")).to_be_visible()
    expect(page.locator("#proof ~ *").first).to_be_visible()
