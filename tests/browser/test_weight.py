"""What a phone must fetch, as the server sends it: compressed, from one host."""

import gzip

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import House, World

KB = 1000
PATHS = {
    "/": 30,
    "/wilayah/33.26/": 30,
    "/wilayah/33/": 30,
    "/wilayah/ID/": 30,
    "/program/": 30,
    "/program/lab/": 30,
    "/program/lab/berkas/": 30,
    "/paket/kpel/1.4/": 30,
    "/jejak/": 30,
    "/orang/": 30,
}


def weigh(page: Page, path: str) -> dict[str, int]:
    """Bytes on the wire of a page and all it asks for, by path."""
    weights: dict[str, int] = {}

    def note(response: object) -> None:
        sizes = response.request.sizes()  # type: ignore[attr-defined]
        weights[response.url] = sizes["responseBodySize"]  # type: ignore[attr-defined]

    page.on("response", note)
    seen = page.goto(path)
    assert seen, path
    assert seen.ok, path
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", note)
    return weights


def test_the_first_page_and_its_style_weigh_at_most_100_kb(house: House) -> None:
    weights = weigh(house.enter("", width=360), "/akun/masuk/")
    assert sum(weights.values()) <= 100 * KB, weights
    assert len(weights) <= 8, weights  # passkeys bring four small scripts


@pytest.mark.parametrize(("path", "limit"), PATHS.items())
def test_a_further_page_weighs_at_most_30_kb(
    path: str, limit: int, house: House
) -> None:
    page = house.enter("nasional")
    page.goto("/akun/")  # the style sheet is there now
    weights = weigh(page, path)
    assert sum(weights.values()) <= limit * KB, weights


def test_a_case_weighs_at_most_30_kb(house: House, world: World) -> None:
    page = house.enter("ratna")
    page.goto("/akun/")
    assert sum(weigh(page, f"/berkas/{world.things['case']}/").values()) <= 30 * KB


def test_the_largest_district_of_852_villages_weighs_at_most_30_kb(
    house: House,
) -> None:
    page = house.enter("nasional")
    page.goto("/akun/")
    weights = weigh(page, "/wilayah/11.08/")
    assert page.locator(".map a").count() > 850
    assert sum(weights.values()) <= 30 * KB, weights


def test_pages_are_sent_compressed(house: House) -> None:
    page = house.enter("nasional")
    seen = page.goto("/wilayah/33.26/")
    assert seen
    assert seen.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(seen.body())) < len(seen.body()) / 4
