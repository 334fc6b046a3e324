"""Where the tiles of a tile map stand: every place one equal tile, in groups.

A map of equal tiles shows each village alike, however large its land; it needs no
boundaries, and reads the same on a phone and on paper.
"""

from collections.abc import Iterator

ACROSS, PITCH = 7, 46  # tiles in a row; width of a tile with its gap, in SVG units
WIDTH = ACROSS * PITCH


def positions(count: int) -> Iterator[tuple[int, int]]:
    """The upper left corner of each of `count` tiles, row by row.

    >>> list(positions(8))[-2:]
    [(276, 0), (0, 46)]
    """
    for place in range(count):
        row, column = divmod(place, ACROSS)
        yield column * PITCH, row * PITCH


def height(count: int) -> int:
    """How high a group of `count` tiles is, in SVG units; an empty one is 0.

    >>> height(7), height(8), height(0)
    (46, 92, 0)
    """
    return -(-count // ACROSS) * PITCH
