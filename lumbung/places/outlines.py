"""The map with outlines, drawn as SVG: a link for each place, its class by pattern too.

What a place looks like was made ready when its boundaries were accepted (`MapSheet`);
here it is only filled, titled and linked.
"""

from collections.abc import Mapping, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lumbung.places.models import MapSheet
from lumbung.places.tiles import MARKS, SHAPES, SYMBOLS, WEIGHTS, Group, Tile, quick

Drawing = tuple[str, int, int, int]  # path, where its figure stands, how much room
LOOKS = {"red": "om", "yellow": "ok", "green": "oh", "": "on"}
# A pattern repeats the shape of its class's tile; the legend shows the same patterns.
PATTERNS = (
    '<pattern id="om"{at}><path fill="#b3261e" d="M0 0h14v14H0z"/>'
    '<path fill="#8a1912" d="M5 5h4v4H5z"/></pattern>'
    '<pattern id="ok"{at}><path fill="#f5c94c" d="M0 0h14v14H0z"/>'
    '<path fill="#624600" d="M7 3l4 4-4 4-4-4z"/></pattern>'
    '<pattern id="oh"{at}><path fill="#e1f3e9" d="M0 0h14v14H0z"/>'
    '<circle cx="7" cy="7" r="3.5" fill="none" stroke="#1c7a4a" stroke-width="1.5"/></pattern>'
    '<pattern id="on"{at}><path fill="#fff" d="M0 0h14v14H0z"/>'
    '<path stroke="#73808d" stroke-width="1" d="M0 14L14 0"/></pattern>'
)
UNITS = 1000  # the longest side of a sheet for which shapes and letters are given
LETTER, DOT = 16, 4


def draw(
    sheet: MapSheet,
    groups: Sequence[Group],
    drawings: Mapping[int, Drawing],
    name: str,
) -> SafeString:
    """Draw the tiles that have an outline on `sheet`; `name` is the map's."""
    size = max(sheet.width, sheet.height) / UNITS
    ring = _("has an open case")
    at = (
        ' width="14" height="14" patternUnits="userSpaceOnUse"'
        f' patternTransform="scale({size:.3g})"'
    )
    blocks = "\n".join(block(group, drawings, ring, size) for group in groups)
    return mark_safe(  # noqa: S308  # escaped where it comes from outside
        f'{SYMBOLS}<svg class="land" role="group" aria-label="{escape(name)}"'
        f' viewBox="0 0 {sheet.width} {sheet.height}" stroke-width="{size:.3g}"'
        f' font-size="{LETTER * size:.3g}">'
        f"<defs>{PATTERNS.replace('{at}', at)}</defs>\n{blocks}\n</svg>"
    )


def block(group: Group, drawings: Mapping[int, Drawing], ring: str, size: float) -> str:
    shapes = "\n".join(
        outline(tile, drawings[tile.place], ring, size)
        for tile in group.tiles
        if tile.place in drawings
    )
    if not group.name:
        return shapes
    return f'<g role="group" aria-label="{escape(group.name)}">{shapes}</g>'


def outline(tile: Tile, drawing: Drawing, ring: str, size: float) -> str:
    path, x, y, room = drawing
    title = tile.title
    some = tile.tone == "some"
    fill = WEIGHTS[tile.weight] if some else f"url(#{LOOKS[tile.tone]})"
    parts = f'<path fill="{fill}" d="{path}"/>'
    letters = len(tile.figure) * LETTER * size * 0.3
    if tile.ring:
        title += f", {ring}"
        # Above the figure where there is one, so that both can be seen.
        high = y - LETTER * size * 0.75 if tile.figure and room > letters else y
        parts += f'<circle class="dot" cx="{x}" cy="{high:.0f}" r="{DOT * size:.3g}"/>'
    if tile.figure and room > letters:
        look = SHAPES[tile.tone][1]
        low = y + LETTER * size * 0.35
        parts += (
            f'<text class="{look}" x="{x}" y="{low:.0f}">{quick(tile.figure)}</text>'
        )
    if tile.mark:
        # The sign is drawn for a tile's corner: 35, 9 there is the middle of it.
        parts += (
            f'<use href="#{MARKS[tile.mark]}"'
            f' transform="translate({x} {y}) scale({size:.3g}) translate(-35 -9)"/>'
        )
    return f'<a href="{quick(tile.url)}"><title>{quick(title)}</title>{parts}</a>'
