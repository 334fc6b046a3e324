"""From the rows that a run read to its labels: the same today and in ten years."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from lumbung.core.classification import METHODS, Valued, read_rule
from lumbung.core.composite import outside, read_composite
from lumbung.measures.runs.snapshots import Label, ReadRow


def labels_of(
    rows: Iterable[ReadRow], content: Mapping[str, Any], *, period: str, method: int
) -> list[Label]:
    """Label each place of a run's rows by its rule; reads nothing else."""
    rule, how = read_rule(content, period), METHODS[method]
    firsts, values = by_place(rows)
    worth = {
        place: how.compute(rule.composite, values.get(place, {})) for place in firsts
    }
    classes = how.classify(
        rule,
        (Valued(place, worth[place], first.within) for place, first in firsts.items()),
    )
    return [
        Label(
            place=place,
            code=first.code,
            name=first.name,
            value="" if worth[place] is None else str(worth[place]),
            klass=classes[place],
        )
        for place, first in firsts.items()
    ]


def by_place(
    rows: Iterable[ReadRow],
) -> tuple[dict[str, ReadRow], dict[str, dict[str, Fraction]]]:
    """The first row of each place, and its values by indicator."""
    firsts: dict[str, ReadRow] = {}
    exact = cache(Fraction)  # many places share a value, and reading it is dear
    values: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for row in rows:
        firsts.setdefault(row.place, row)
        if row.indicator:
            values[row.place][row.indicator] = exact(row.value)
    return firsts, values


def past_highest(rows: Iterable[ReadRow], content: Mapping[str, Any]) -> list[ReadRow]:
    """Scores of an index that are not from 0 to the highest: no share comes of them."""
    composite = read_composite(content["value"])
    if not composite.parts:
        return []
    return [
        row
        for row in rows
        if row.indicator
        and outside(composite, {row.indicator: Fraction(row.value)}) == row.indicator
    ]


def tally(labels: Sequence[Label]) -> dict[str, int]:
    """How many places have each class; '' is no data."""
    return dict(Counter(label.klass for label in labels))
