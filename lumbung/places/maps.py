"""The map of a place: equal tiles, or outlines where boundaries are loaded.

    shown = maps.draw(here, Level.VILLAGE, groups, form=maps.form_of(request))
    render(request, …, {"map": shown})     {% include "places/map.html" with table="table" %}

Which of the two a reader chose is remembered for the session. Tiles are what everybody
begins with: they show each village alike, however large its land.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as fresh

from django.http import HttpRequest
from django.utils.safestring import SafeString

from lumbung.places import outlines, tiles
from lumbung.places.models import BoundaryFile, MapSheet, Outline, Place

TILES, OUTLINES = "petak", "batas"
PARAMETER = "peta"


@dataclass(frozen=True)
class Map:
    """A drawn map. `sheet` is None where there are no boundaries: then tiles alone.

    `rest` are the places that have no outline, as tiles, and `without` counts them;
    `groups` are the headings that an outlined map cannot show.
    """

    picture: SafeString
    key: tiles.Key
    form: str = TILES
    sheet: MapSheet | None = None
    rest: SafeString | str = ""
    without: int = 0
    groups: Sequence[tiles.Group] = fresh(default_factory=list)

    @property
    def is_outlined(self) -> bool:
        return self.form == OUTLINES


def form_of(request: HttpRequest) -> str:
    """The form of map this reader wants; a choice in the address is remembered."""
    asked = request.GET.get(PARAMETER, "")
    kept: str = request.session.get(PARAMETER, TILES)
    if asked not in {TILES, OUTLINES}:
        return kept
    if asked != kept:
        request.session[PARAMETER] = asked
    return asked


def draw(
    here: Place, level: int, groups: Sequence[tiles.Group], *, form: str = TILES
) -> Map:
    """Draw the places of one level in `here`; one query."""
    sheets = MapSheet.objects.filter(territory=here, level=level).select_related("of")
    key = tiles.key(groups)
    if form == TILES:
        return Map(tiles.draw(groups), key, sheet=sheets.first())
    sheet, drawings = drawn(here, level)
    if sheet is None:
        return Map(tiles.draw(groups), key)
    rest = [lacking(group, drawings) for group in groups]
    rest = [group for group in rest if group.tiles]
    return Map(
        picture=outlines.draw(sheet, groups, drawings, here.name),
        key=key,
        form=form,
        sheet=sheet,
        rest=tiles.blocks(rest) if rest else "",
        without=sum(len(group.tiles) for group in rest),
        groups=[group for group in groups if group.url],
    )


def drawn(
    here: Place, level: int
) -> tuple[MapSheet | None, dict[int, outlines.Drawing]]:
    """The sheet of a territory with the drawing of each place on it, by primary key."""
    rows = Outline.objects.filter(sheet__territory=here, sheet__level=level)
    found = list(
        rows.values_list(
            *("place", "drawing", "x", "y", "room"),
            *("sheet__width", "sheet__height", "sheet__of__source"),
            *("sheet__of__licence", "sheet__of__year"),
        )
    )
    if not found:
        return None, {}
    width, height, source, licence, year = found[0][5:]
    of = BoundaryFile(source=source, licence=licence, year=year)
    sheet = MapSheet(territory=here, level=level, width=width, height=height, of=of)
    return sheet, {row[0]: row[1:5] for row in found}


def lacking(group: tiles.Group, drawings: dict[int, outlines.Drawing]) -> tiles.Group:
    """The tiles of a group that have no outline."""
    left = [tile for tile in group.tiles if tile.place not in drawings]
    return tiles.Group(group.name, left, group.url, str(len(left)))
