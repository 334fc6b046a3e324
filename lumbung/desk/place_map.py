"""A place's lines as the groups of its map: sub-districts of a district, provinces."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext

from lumbung.desk.classes import Scheme, Shown
from lumbung.desk.lines import Line
from lumbung.measures.figures.figure import Address, address
from lumbung.places import tiles
from lumbung.places.models import Level, Place
from lumbung.words import say

ROOM = 4  # letters of a figure in a tile
# The first digit of a province's code says on which islands it lies; 2 is Sumatera too.
ISLANDS = {
    "1": "Sumatera",
    "3": "Jawa",
    "5": "Bali, Nusa Tenggara",
    "6": "Kalimantan",
    "7": "Sulawesi",
    "8": "Maluku",
    "9": "Papua",
}


def island(line: Line) -> str:
    return "1" if line.code[0] == "2" else line.code[0]


def grouped(
    here: Place, level: Level, lines: Sequence[Line], scheme: Scheme | None
) -> list[tiles.Group]:
    """Tiles in groups, by what they lie in where that is not `here` itself."""
    address = reverse("desk:place", args=["-"])
    words = (
        {code: say(name) for code, (*_, name) in scheme.classes.items()}
        if scheme
        else {}
    )
    islands = here.level == Level.COUNTRY and level == Level.PROVINCE
    return [
        tiles.Group(
            name=ISLANDS.get(code, here.name) if islands else group[0].above,
            url=address.replace("-", code) if level > here.level + 1 else "",
            note=note(group, scheme),
            tiles=[tile(line, scheme, address, words) for line in group],
        )
        for code, group in (
            (code, list(some))
            for code, some in groupby(
                lines, key=island if islands else lambda line: line.above_code
            )
        )
    ]


def note(group: Sequence[Line], scheme: Scheme | None) -> str:
    """`3/16 merah`: how many of the worst class stand in a group."""
    if not scheme or not any(line.klass for line in group):
        return str(len(group))
    worst = next(iter(scheme.classes))
    count = sum(line.klass is not None and line.klass.code == worst for line in group)
    return f"{count}/{len(group)} {say(scheme.classes[worst][2]).lower()}"


def tile(
    line: Line, scheme: Scheme | None, address: str, words: Mapping[str, str]
) -> tiles.Tile:
    """A line's tile; `address` is that of any place, with `-` for its code.

    `words` are what the classes are called, said once for all tiles.
    """
    url = address.replace("-", line.code)
    ring = line.cases > 0
    if line.klass:
        figure = line.klass.figure
        return tiles.Tile(
            name=line.name,
            url=url,
            tone=line.klass.tone,
            word=words[line.klass.code],
            figure=figure if len(figure) <= ROOM else "",
            detail=say(line.klass.value),
            ring=ring,
            place=line.pk,
        )
    if not line.counts or not scheme:
        return tiles.Tile(
            line.name, url, "", gettext("no data"), ring=ring, place=line.pk
        )
    detail = ", ".join(
        f"{line.counts[code]} {word.lower()}"
        for code, word in words.items()
        if code in line.counts
    )
    worst = line.counts.get(next(iter(scheme.classes)), 0)
    return tiles.Tile(
        name=line.name,
        url=url,
        tone="some",
        weight=math.ceil(4 * worst / sum(line.counts.values())),
        word=gettext("has classed villages"),
        figure=str(worst),
        detail=detail,
        ring=ring,
        place=line.pk,
    )


def below_origin(here: Place, level: Level) -> Address:
    """Where the count of the places shown comes from."""
    return address("tempat", {"tempat": here.code, "tingkat": int(level)})


def legend_origins(
    here: Place, level: Level, shown: Shown | None
) -> dict[str, Address]:
    """Where each number of the map's legend comes from, by the word beside it."""
    every = below_origin(here, level)
    found = {gettext("no data"): every, "ring": every.but(ada="berkas")}
    if shown:
        keys = {"skema": shown.scheme.row.code, "periode": shown.period}
        found[gettext("no data")] = every.but(ada="tanpa-kelas", **keys)
        found[gettext("has classed villages")] = every.but(ada="kelas", **keys)
        for code, (_order, _tone, name) in shown.scheme.classes.items():
            found[say(name)] = shown.origin(here.code, level, code)
    return found
