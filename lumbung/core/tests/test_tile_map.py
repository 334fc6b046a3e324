"""Tiles stand side by side, seven in a row, none upon another."""

from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.tile_map import PITCH, WIDTH, height, positions


@given(st.integers(min_value=0, max_value=900))
def test_no_tile_covers_another_or_leaves_its_frame(count: int) -> None:
    places = list(positions(count))

    assert len(set(places)) == count
    assert all(0 <= x <= WIDTH - PITCH and 0 <= y < height(count) for x, y in places)
    assert all(x % PITCH == 0 and y % PITCH == 0 for x, y in places)
