"""The labels of a run as a tile map."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from lumbung.core.message import Text
from lumbung.measures.run_lines import Line
from lumbung.places import tiles
from lumbung.words import say


def drawn(
    lines: Sequence[Line], classes: Mapping[str, tuple[str, Text]]
) -> dict[str, Any]:
    """Tiles in groups by the place they lie in, and their legend."""
    groups = [
        tiles.Group(
            name=members[0].above,
            note=note(members, classes),
            tiles=[tile(each) for each in members],
        )
        for members in grouped(lines).values()
    ]
    return {"map": tiles.draw(groups), "key": tiles.key(groups)}


def grouped(lines: Sequence[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.parent, []).append(line)
    return found


def note(members: Sequence[Line], classes: Mapping[str, tuple[str, Text]]) -> str:
    """`3/16 merah`: how many of the worst class stand in a group."""
    worst, (_tone, name) = next(iter(classes.items()))
    count = sum(line.klass == worst for line in members)
    return f"{count}/{len(members)} {say(name).lower()}"


def tile(line: Line) -> tiles.Tile:
    return tiles.Tile(
        name=line.name,
        url=reverse("desk:place", args=[line.code]),
        tone=line.tone,
        word=say(line.word),
        figure=line.figure,
        detail=say(line.value),
    )
