"""Parts of an index: scores that are added, and shares of the most they can add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any


@dataclass(frozen=True)
class Part:
    """Scores that are added and divided by the most they can add up to."""

    name: str
    columns: tuple[str, ...]
    highest: Fraction  # of one score

    @property
    def maximum(self) -> Fraction:
        return self.highest * len(self.columns)


def combined(parts: Sequence[Part], scores: Any) -> tuple[dict[str, Any], Any, int]:
    """The sum of each part, and the index as a total and the most it can be.

    `scores` gives a score by the name of its column: a table its columns, a mapping
    the numbers of one village.

    >>> parts = (Part("social", ("s1", "s2"), Fraction(5)), Part("eco", ("e1",), Fraction(5)))
    >>> combined(parts, {"s1": 3, "s2": 4, "e1": 4})
    ({'social': 7, 'eco': 4}, 15, 20)
    """
    sums = {part.name: added(scores, part) for part in parts}
    # All parts over one denominator: whole scores then give a whole numerator.
    scale = lcm(*(part.maximum.numerator for part in parts))
    total = sum(
        (sums[p.name] * int(scale / p.maximum) for p in parts[1:]),
        start=sums[parts[0].name] * int(scale / parts[0].maximum),
    )
    return sums, total, scale * len(parts)


def added(scores: Any, part: Part) -> Any:
    first, *others = part.columns
    return sum((scores[column] for column in others), start=scores[first])
