"""Two sets of classes beside each other: who changed, and in which direction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

TONES = ("red", "yellow", "green")  # worst first, in every scheme


class Turn(StrEnum):
    """What became of a place between the left side and the right."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    GAINED = "gained"  # data where there was none
    LOST = "lost"


@dataclass(frozen=True)
class Side:
    """The classes of one side by place, '' for no data; and its classes, worst first.

    `tones` gives each class its tone. Sides of one scheme (`name`) are compared class
    by class, sides of two schemes by tone alone.
    """

    name: str
    labels: Mapping[str, str]
    tones: Mapping[str, str]


def turn(before: str, after: str, left: Side, right: Side) -> Turn:
    """Which way a place went.

    >>> colours = Side("colour", {}, {"red": "red", "green": "green"})
    >>> [turn(a, b, colours, colours) for a, b in [("red", "green"), ("green", "")]]
    [<Turn.BETTER: 'better'>, <Turn.LOST: 'lost'>]
    """
    if not before or not after:
        return Turn.SAME if before == after else Turn.LOST if before else Turn.GAINED
    was, now = rank(before, left, right), rank(after, right, left)
    if was == now:
        return Turn.SAME
    return Turn.BETTER if now > was else Turn.WORSE


def rank(code: str, side: Side, other: Side) -> int:
    """How good a class is: by its place in a common scheme, else by its tone."""
    if side.name == other.name:
        return list(side.tones).index(code)
    return TONES.index(side.tones[code])


def matrix(left: Side, right: Side) -> dict[tuple[str, str], int]:
    """How many places went from each class to each, of those that both sides know."""
    return Counter((left.labels[p], right.labels[p]) for p in common(left, right))


def common(left: Side, right: Side) -> Sequence[str]:
    """The places that both sides looked at, in the left side's order."""
    return [place for place in left.labels if place in right.labels]


def alone(one: Side, other: Side) -> int:
    """How many places only one side looked at: they are not compared."""
    return sum(place not in other.labels for place in one.labels)


def turns(left: Side, right: Side, places: Iterable[str]) -> dict[str, Turn]:
    return {
        place: turn(left.labels[place], right.labels[place], left, right)
        for place in places
    }
