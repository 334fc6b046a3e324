"""A small line of values, drawn as SVG: revisions of a figure, or its periods.

Built by joining strings, as the tile map is; everything from outside is escaped here.
Beside it the page has the same values as a table, and the drawing says them in words.
"""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lumbung.measures.figures.figure import Point
from lumbung.words import say

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 340, 26, 84, 26, 314
MOST_LABELS = 6


def draw(points: Sequence[Point], title: str) -> SafeString:
    """The line, or nothing where fewer than two values have a size."""
    sized = [point for point in points if point.number is not None]
    if len(sized) < 2:
        return SafeString("")
    spots = places([point.number or 0.0 for point in sized])
    line = " ".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(spots))
    told = "; ".join(f"{point.label}: {say(point.value)}" for point in sized)
    labelled = worth_a_label(sized)
    dots = "".join(
        dot(point, x, y, n in labelled)
        for n, (point, (x, y)) in enumerate(zip(sized, spots, strict=True))
    )
    return mark_safe(  # noqa: S308  # escaped here and in `dot`
        f'<svg class="chart" viewBox="0 0 {WIDTH} 108" role="img"'
        f' aria-label="{escape(title)}. {escape(told)}">'
        f'<path class="axis" d="M{LEFT - 12} {BOTTOM + 6}h{RIGHT - LEFT + 24}"/>'
        f'<path class="line" d="{line}"/>{dots}</svg>'
    )


def places(numbers: Sequence[float]) -> list[tuple[float, float]]:
    """Where each value stands: evenly from left to right, the largest at the top.

    >>> places([1.0, 3.0, 2.0])
    [(26.0, 84.0), (170.0, 26.0), (314.0, 55.0)]
    >>> places([5.0, 5.0])
    [(26.0, 55.0), (314.0, 55.0)]
    """
    low, high = min(numbers), max(numbers)
    step = (RIGHT - LEFT) / (len(numbers) - 1)
    tall = BOTTOM - TOP
    return [
        (
            round(LEFT + n * step, 1),
            round(BOTTOM - tall * (value - low) / (high - low), 1)
            if high > low
            else (TOP + BOTTOM) / 2,
        )
        for n, value in enumerate(numbers)
    ]


def worth_a_label(points: Sequence[Point]) -> set[int]:
    """All of a few; of many the first, the last, the least and the largest."""
    if len(points) <= MOST_LABELS:
        return set(range(len(points)))
    numbers = [point.number or 0.0 for point in points]
    least, largest = numbers.index(min(numbers)), numbers.index(max(numbers))
    return {0, len(points) - 1, least, largest}


def dot(point: Point, x: float, y: float, labelled: bool) -> str:
    mark = f'<circle class="pt" cx="{x}" cy="{y}" r="{4.5 if point.now else 3}"/>'
    if not labelled:
        return mark
    value, label = escape(say(point.value)), escape(point.label)
    return (
        f'{mark}<text class="val" x="{x}" y="{y - 9}" text-anchor="middle">{value}</text>'
        f'<text x="{x}" y="104" text-anchor="middle">{label}</text>'
    )
