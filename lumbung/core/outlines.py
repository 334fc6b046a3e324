"""Boundaries made ready to draw: shared borders kept, few points, whole numbers.

    drawn = draw(polygons, side=1000, letters=40_000)   # a polygon a place, in degrees
    drawn.shapes[0].path                                # "M120 340l3-2 1 5z"

Neighbours in real files do not meet exactly, since each was simplified alone. So they
are first made one coverage (overlaps given to one side, slivers closed), then
simplified together, so that a border which two share stays one line.

The map is Mercator: it needs no centre, keeps shapes, and is true near the equator.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Shapes = npt.NDArray[np.object_]
Points = npt.NDArray[np.float64]
# Parts of the longest side: what is too narrow or too near to be seen on a map.
SLIVER, SNAP = 1 / 1000, 1 / 5000
FINEST, COARSER = 1 / 2000, 1.25
SPECK = 4  # an island smaller than this, in square units, is left out
MARK = 3  # half the side of the square drawn for a place too small to see, in units


@dataclass(frozen=True)
class Shape:
    """One place on a map: its SVG path, where its figure stands, how much room there.

    `room` is how far the nearest border is from (`x`, `y`), in units of the map.
    """

    path: str
    x: int
    y: int
    room: int


@dataclass(frozen=True)
class Drawn:
    """A map of `width` × `height` units, with a shape for each polygon, in order."""

    width: int
    height: int
    shapes: list[Shape]


def draw(polygons: Sequence[BaseGeometry], *, side: int, letters: int) -> Drawn:
    """Draw polygons, given in degrees, as a map whose longest side has `side` units.

    They are simplified until all paths together have at most `letters` letters, or
    can become no simpler. y runs downwards.
    """
    flat = meet(project(polygons))
    left, low, right, high = shapely.total_bounds(flat)
    across = max(right - left, high - low)
    origin, scale = np.array([left, high]), np.array([side, -side]) / across
    flat = shapely.transform(flat, lambda points: (points - origin) * scale)
    tolerance = FINEST * side
    while True:
        thin = shapely.coverage_simplify(flat, tolerance)
        paths = [path(each) for each in thin]
        if sum(map(len, paths)) <= letters or tolerance > side / 10:
            break
        tolerance *= COARSER
    return Drawn(
        width=math.ceil((right - left) / across * side),
        height=math.ceil((high - low) / across * side),
        shapes=[
            shape(drawn, each if drawn else whole)
            for drawn, each, whole in zip(paths, thin, flat, strict=True)
        ],
    )


def project(polygons: Sequence[BaseGeometry]) -> Shapes:
    """From degrees to Mercator, in radians; one piece where it crosses 180°."""
    given = np.array(polygons, dtype=object)
    left, _low, right, _high = shapely.total_bounds(given)
    around = right - left > 180

    def mercator(points: Points) -> Points:
        east, north = np.radians(points[:, 0]), np.radians(points[:, 1])
        if around:
            east = np.where(east < 0, east + 2 * np.pi, east)
        return np.column_stack((east, np.arcsinh(np.tan(north))))

    flat: Shapes = shapely.transform(given, mercator)
    return flat


def meet(polygons: Shapes) -> Shapes:
    """Make polygons one coverage: no overlap, no sliver between, borders the same."""
    whole = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    left, low, right, high = shapely.total_bounds(whole)
    across = max(right - left, high - low)
    met: Shapes = shapely.coverage_clean(
        whole, gap_width=SLIVER * across, snapping_distance=SNAP * across
    )
    # What the cleaning swallowed is drawn as it was; a mark, if it is that small.
    return np.where(shapely.is_empty(met), whole, met)


def shape(drawn: str, geometry: BaseGeometry) -> Shape:
    """A place's shape; a small square where nothing of it is large enough to see."""
    circle = shapely.maximum_inscribed_circle(largest(geometry), tolerance=0.5)
    (x, y), room = shapely.get_coordinates(circle)[0], circle.length
    x, y = round(x), round(y)
    square = f"M{x - MARK} {y - MARK}h{2 * MARK}v{2 * MARK}h-{2 * MARK}z"
    return Shape(drawn or square, x, y, int(room))


def largest(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(geometry)
    found: BaseGeometry = parts[np.argmax(shapely.area(parts))]
    return found


def path(geometry: BaseGeometry) -> str:
    """The SVG path of a polygon: relative whole units; '' if none of it can be seen.

    >>> path(shapely.box(1, 2, 11.2, 8))
    'M11 2v6h-10v-6z'
    """
    return "".join(
        ring(shapely.get_coordinates(line))
        for part in shapely.get_parts(geometry)
        for line in rings(part)
    )


def rings(polygon: BaseGeometry) -> Iterator[BaseGeometry]:
    """The outer ring and the holes that can be seen; none of an island too small."""
    if polygon.area < SPECK:
        return
    yield shapely.get_exterior_ring(polygon)
    for number in range(shapely.get_num_interior_rings(polygon)):
        hole = shapely.get_interior_ring(polygon, number)
        if shapely.polygons(hole).area >= SPECK:
            yield hole


def ring(points: Points) -> str:
    """One closed line; points that fall together are said once."""
    at = np.rint(points).astype(int)
    steps = np.diff(at, axis=0)
    steps = steps[steps.any(axis=1)]
    if len(steps) < 3:
        return ""
    text = f"M{at[0][0]} {at[0][1]}"
    before = "M"
    # The last step leads back to the beginning, as `z` does.
    for x, y in steps[:-1].tolist():
        letter, numbers = step(x, y)
        joined = letter == before and not numbers.startswith("-")
        text += (" " if joined else "" if letter == before else letter) + numbers
        before = letter
    return text + "z"


def step(x: int, y: int) -> tuple[str, str]:
    """A step's letter and numbers, as few letters as SVG allows.

    >>> step(3, -2), step(0, 5), step(-4, 1)
    (('l', '3-2'), ('v', '5'), ('l', '-4 1'))
    """
    if y == 0:
        return "h", str(x)
    if x == 0:
        return "v", str(y)
    return "l", f"{x}{y}" if y < 0 else f"{x} {y}"
