"""The tile map, drawn as SVG: one link per place, class by shape, colour and word.

    groups = [Group("Tirto", [Tile("Wuled", url, "yellow", _("yellow"), "34")])]
    tiles.draw(groups), tiles.key(groups)

Pages take it from `maps.draw`, which also offers outlines. Built by joining strings,
since a template loop over 852 tiles takes 60 ms; what comes from outside is escaped.
"""

from collections import Counter
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
    "some": ("ts", "h some"),
    "": ("tn", "n"),
}
# Tints for how much of a place has the worst class, by quarters.
WEIGHTS = ("#f4f6f9", "#d5def3", "#a9b9e2", "#8299d3", "#6f87c7")
SYMBOLS = (
    '<svg width="0" height="0" class="hide" aria-hidden="true"><defs>'
    '<g id="tm"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path class="f-red" d="M5 5h36v36H5z"/></g>'
    '<g id="tk"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path class="f-yellow" stroke="#624600" stroke-width="1.5" d="M23 2l21 21-21 21L2 23z"/></g>'
    '<g id="th"><path class="hit" d="M0 0h46v46H0z"/>'
    '<circle cx="23" cy="23" r="18.5" fill="#e1f3e9" stroke="#1c7a4a" stroke-width="2.5"/></g>'
    '<g id="tn"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path fill="#fff" stroke="#4b5969" stroke-width="2" stroke-dasharray="5 4"'
    ' d="M6 6h34v34H6z"/></g>'
    '<g id="ts"><path class="hit" d="M0 0h46v46H0z"/>'
    '<path stroke="#24418f" stroke-width="1.5" d="M4 4h38v38H4z"/></g>'
    '<path id="to" class="own" d="M2 2h42v42H2z"/>'
    # How a place changed, in the tile's upper right corner: nothing but shape tells.
    '<path id="tb" class="mark" d="M35 1l10 17H25z"/>'
    '<path id="tw" class="mark" d="M35 18L25 1h20z"/>'
    '<path id="ta" class="mark" d="M32 1h7v6h6v7h-6v6h-7v-6h-6V7h6z"/>'
    '<path id="tg" class="mark" d="M25 6h20v8H25z"/></defs></svg>'
)
MARKS = {"better": "tb", "worse": "tw", "added": "ta", "gone": "tg"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One place: `tone` is red, yellow, green or '' (no data), `word` says it.

    `some` is the tone of a place that has no class itself and holds places that do;
    `weight` then says how much of it has the worst, 0 to 4 quarters.

    `figure` is what stands in the tile (up to four letters), `detail` what the title
    adds ("20 %"); `ring` marks an open case. In a comparison `mark` (a key of `MARKS`)
    says how it changed and `mark_word` says it in words ("better, was red").
    `place` is the place's primary key, by which its outline is found.
    """

    name: str
    url: str
    tone: str
    word: str
    figure: str = ""
    detail: str = ""
    ring: bool = False
    place: int = 0
    mark: str = ""
    mark_word: str = ""
    weight: int = 0

    @property
    def title(self) -> str:
        """All that the drawing says, in words."""
        said = f"{self.name}: {self.word}"
        if self.detail or self.figure:
            said += f", {self.detail or self.figure}"
        if self.mark_word:
            said += f", {self.mark_word}"
        return said


@dataclass(frozen=True)
class Group:
    """Tiles that stand together under one heading, such as a sub-district."""

    name: str
    tiles: Sequence[Tile]
    url: str = ""
    note: str = ""


@dataclass
class Key:
    """What the legend says: how many of each tone, by its word, of each mark; rings."""

    tones: list[tuple[str, str, int]] = field(default_factory=list)
    rings: int = 0
    marks: list[tuple[str, int]] = field(default_factory=list)


def draw(groups: Iterable[Group]) -> SafeString:
    """Draw the map, symbols included; one map to a page."""
    return mark_safe(f"{SYMBOLS}{blocks(groups)}")  # noqa: S308  # escaped below


def blocks(groups: Iterable[Group]) -> SafeString:
    """The groups alone, where the page has the symbols already."""
    ring = _("has an open case")
    drawn = "\n".join(block(group, ring) for group in groups)
    return mark_safe(f'<div class="map">\n{drawn}\n</div>')  # noqa: S308  # escaped below


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
    title = tile.title
    fill = f' fill="{WEIGHTS[tile.weight]}"' if tile.tone == "some" else ""
    use = f'<use href="#{symbol}" x="{x}" y="{y}"{fill}/>'
    if tile.ring:
        title += f", {ring}"
        use += f'<use href="#to" x="{x}" y="{y}"/>'
    if tile.figure:
        look += " long" * (len(tile.figure) > 3)
        use += f'<text class="{look}" x="{x + 23}" y="{y + 29}">{quick(tile.figure)}</text>'
    if tile.mark:
        use += f'<use href="#{MARKS[tile.mark]}" x="{x}" y="{y}"/>'
    return f'<a href="{quick(tile.url)}"><title>{quick(title)}</title>{use}</a>'


def quick(text: str) -> str:
    """`escape`, skipped for the many texts that have nothing to escape."""
    if text.isalnum():
        return text
    return escape(text)


def key(groups: Iterable[Group]) -> Key:
    """Count what the map shows, for its legend: red first, no data last."""
    shown = [tile for group in groups for tile in group.tiles]
    counts = Counter((tile.tone, tile.word) for tile in shown)
    marks = Counter(tile.mark for tile in shown if tile.mark)
    order = list(SHAPES)
    found = sorted(counts.items(), key=lambda item: order.index(item[0][0]))
    return Key(
        tones=[(tone or "nodata", word, count) for (tone, word), count in found],
        rings=sum(tile.ring for tile in shown),
        marks=[(MARKS[mark], marks[mark]) for mark in MARKS if mark in marks],
    )
