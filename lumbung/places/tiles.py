"""The tile map, drawn as SVG: one link per place, class by shape, colour and word.

    groups = [Group("Tirto", [Tile("Wuled", url, "yellow", _("yellow"), "34")])]
    render(request, …, {"map": tiles.draw(groups), "key": tiles.key(groups)})

and in the page `{% include "places/tile_map.html" %}`. Built by joining strings, since
a template loop over 852 tiles takes 60 ms; everything from outside is escaped here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lumbung.core.tile_map import WIDTH, height, positions

# By tone: the symbol of a tile, the CSS class of the figure in it.
SHAPES = {
    "red": ("tm", "m"),
    "yellow": ("tk", "k"),
    "green": ("th", "h"),
    "": ("tn", "n"),
}
SYMBOLS = (
    '<svg width="0" height="0" class="hide" aria-hidden="true"><defs>'
    '<g id="tm"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path class="f-red" d="M5 5h36v36H5z"/></g>'
    '<g id="tk"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path class="f-yel" stroke="#624600" stroke-width="1.5" d="M23 2l21 21-21 21L2 23z"/></g>'
    '<g id="th"><path class="hit" d="M0 0h46v46H0z"/>'
    '<circle cx="23" cy="23" r="18.5" fill="#e1f3e9" stroke="#1c7a4a" stroke-width="2.5"/></g>'
    '<g id="tn"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path fill="#fff" stroke="#4b5969" stroke-width="2" stroke-dasharray="5 4"'
    ' d="M6 6h34v34H6z"/></g>'
    '<path id="to" class="own" d="M2 2h42v42H2z"/></defs></svg>'
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One place: `tone` is red, yellow, green or '' (no data), `word` says it.

    `figure` is what stands in the tile (up to four letters), `detail` what the title
    adds ("20 %"); `ring` marks an open case.
    """

    name: str
    url: str
    tone: str
    word: str
    figure: str = ""
    detail: str = ""
    ring: bool = False


@dataclass(frozen=True)
class Group:
    """Tiles that stand together under one heading, such as a sub-district."""

    name: str
    tiles: Sequence[Tile]
    url: str = ""
    note: str = ""


@dataclass
class Key:
    """What the legend says: how many of each tone, by its word, and how many rings."""

    tones: list[tuple[str, str, int]] = field(default_factory=list)
    rings: int = 0


def draw(groups: Iterable[Group]) -> SafeString:
    """Draw the map, symbols included; one map to a page."""
    ring = _("has an open case")
    blocks = "\n".join(block(group, ring) for group in groups)
    return mark_safe(f'{SYMBOLS}<div class="map">\n{blocks}\n</div>')  # noqa: S308  # escaped below


def block(group: Group, ring: str) -> str:
    name: str = escape(group.name)
    if group.url:
        name = f'<a href="{escape(group.url)}">{name}</a>'
    tall = height(len(group.tiles))
    places = zip(group.tiles, positions(len(group.tiles)), strict=True)
    tiles = "\n".join(draw_tile(tile, x, y, ring) for tile, (x, y) in places)
    return (
        f"<section><h3>{name} <span>{escape(group.note)}</span></h3>"
        f'<svg role="group" aria-label="{escape(group.name)}"'
        f' viewBox="0 0 {WIDTH} {tall}">\n{tiles}\n</svg></section>'
    )


def draw_tile(tile: Tile, x: int, y: int, ring: str) -> str:
    symbol, look = SHAPES[tile.tone]
    title = f"{tile.name}: {tile.word}"
    if tile.detail or tile.figure:
        title += f", {tile.detail or tile.figure}"
    use = f'<use href="#{symbol}" x="{x}" y="{y}"/>'
    if tile.ring:
        title += f", {ring}"
        use += f'<use href="#to" x="{x}" y="{y}"/>'
    if tile.figure:
        use += f'<text class="{look}" x="{x + 23}" y="{y + 29}">{quick(tile.figure)}</text>'
    return f'<a href="{quick(tile.url)}"><title>{quick(title)}</title>{use}</a>'


def quick(text: str) -> str:
    """`escape`, skipped for the many texts that have nothing to escape."""
    if text.isalnum():
        return text
    return escape(text)


def key(groups: Iterable[Group]) -> Key:
    """Count what the map shows, for its legend: red first, no data last."""
    counts: dict[tuple[str, str], int] = {}
    rings = 0
    for group in groups:
        for tile in group.tiles:
            counts[tile.tone, tile.word] = counts.get((tile.tone, tile.word), 0) + 1
            rings += tile.ring
    order = list(SHAPES)
    found = sorted(counts.items(), key=lambda item: order.index(item[0][0]))
    return Key(
        [(tone or "nodata", word, count) for (tone, word), count in found], rings
    )
