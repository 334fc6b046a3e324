"""The labels of a run as a map."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from lumbung.core.message import Text
from lumbung.measures.models import Run
from lumbung.measures.runs import rule_words
from lumbung.measures.runs.lines import Line, keys_of
from lumbung.measures.runs.readings import level_of
from lumbung.places import maps, tiles
from lumbung.places.models import Place
from lumbung.words import say


def drawn(run: Run, here: Place, lines: Sequence[Line], form: str) -> maps.Map:
    """The labels as tiles in groups by the place they lie in, or as outlines."""
    classes, keys = rule_words.classes_of(run.content), keys_of(lines)
    groups = [
        tiles.Group(
            name=members[0].above,
            note=note(members, classes),
            tiles=[tile(each, keys.get(each.place, 0)) for each in members],
        )
        for members in grouped(lines).values()
    ]
    return maps.draw(here, level_of(run.content["level"]), groups, form=form)


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


def tile(line: Line, place: int) -> tiles.Tile:
    return tiles.Tile(
        name=line.name,
        url=reverse("desk:place", args=[line.code]),
        tone=line.tone,
        word=say(line.word),
        figure=line.figure,
        detail=say(line.value),
        place=place,
    )
