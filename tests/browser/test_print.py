"""What village halls print and pin up."""

from tests.browser.conftest import House


def test_a_printed_map_says_what_its_shapes_mean(house: House) -> None:
    """A paper has no links; the numbers of the key are links on the screen."""
    page = house.enter("ratna")
    page.goto("/wilayah/33.26/")

    page.emulate_media(media="print")

    key = page.locator(".key").inner_text()
    assert all(word in key for word in ("67 Merah", "119 Kuning", "99 Hijau"))
    assert "Lewati peta" not in key
