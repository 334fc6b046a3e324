"""What is weighed in a choice: criteria, weights and judgements, as people write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from lumbung.core import specified
from lumbung.core.comparison import bad, read_matrix, refuse_size
from lumbung.core.measure import BadInput
from lumbung.core.message import Message
from lumbung.core.specified import exact

METHODS = ("ahp", "weighted", "topsis")
refuse_unnamed = partial(specified.refuse_unnamed, field="criteria")
refuse_unknown = partial(specified.refuse_unknown, field="criteria")
Matrix = list[list[Fraction]]


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One thing that matters: the column of its values, or judges' comparisons.

    `high` says that more is better. `scale` is the lowest and highest value that
    can be; without it the lowest and highest that are there. `judged` holds each
    judge's raw comparisons of the alternatives.
    """

    name: str
    column: str
    weight: Fraction | None
    high: bool
    scale: tuple[Fraction, Fraction] | None
    judged: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """The column that names the alternatives, the criteria, and judges' matrices."""

    alternative: str
    criteria: tuple[Criterion, ...]
    judges: Mapping[str, Matrix]


def read_choice(content: Mapping[str, Any], method: str) -> Choice:
    """Return the specification of a choice, or refuse it and say where.

    alternative: commodity        # the column that names them
    criteria:
      market: {weight: 1/2, better: high, column: lq, scale: [0, 5]}
    judges:                       # instead of weights: who says what
      wati: {market / people: 3}  # pairs, or a matrix in the order of criteria
    comparisons:                  # ahp: alternatives compared, not measured
      market: {wati: [[1, 2], [1/2, 1]]}
    """
    refuse_unknown(
        content, ("alternative", "criteria", "judges", "comparisons"), "criteria"
    )
    if not isinstance(content.get("alternative"), str) or not content["alternative"]:
        raise bad("alternative", Message("Name the column of what is chosen among."))
    given = content.get("criteria")
    if not isinstance(given, Mapping) or not given:
        raise bad("criteria", Message("At least one criterion is needed."))
    judged = content.get("comparisons") or {}
    refuse_unknown(judged, tuple(given), "comparisons")
    if judged and method != "ahp":
        raise bad("comparisons", Message("Only the method ahp takes comparisons."))
    criteria = tuple(
        read_criterion(name, each or {}, judged.get(name) or {}, method)
        for name, each in given.items()
    )
    judges = content.get("judges") or {}
    refuse_unnamed(judges, "judges")
    names = [criterion.name for criterion in criteria]
    refuse_size(len(names), "criteria")
    refuse_weights(criteria, bool(judges), method)
    return Choice(
        alternative=content["alternative"],
        criteria=criteria,
        judges={
            str(judge): read_matrix(given, names, f"judges.{judge}")
            for judge, given in judges.items()
        },
    )


def read_criterion(
    name: str, given: Mapping[str, Any], judged: Any, method: str
) -> Criterion:
    where = f"criteria.{name}"
    refuse_unknown(given, ("column", "weight", "better", "scale"), where)
    refuse_unnamed(judged, f"comparisons.{name}")
    better = given.get("better", "high")
    if better not in ("high", "low"):
        raise bad(where, Message("better is high or low."))
    scale = read_scale(given["scale"], where) if "scale" in given else None
    if scale and method != "weighted":
        raise bad(where, Message("Only the method weighted takes a scale."))
    return Criterion(
        name=name,
        column=str(given.get("column", name)),
        weight=number(given["weight"], where) if "weight" in given else None,
        high=better == "high",
        scale=scale,
        judged=judged,
    )


def read_scale(given: Any, where: str) -> tuple[Fraction, Fraction]:
    if not isinstance(given, list) or len(given) != 2:
        raise bad(where, Message("A scale is its lowest and highest value: [1, 5]."))
    low, high = (number(end, where) for end in given)
    if low >= high:
        raise bad(where, Message("A scale rises from its first to its second value."))
    return low, high


def refuse_weights(criteria: Sequence[Criterion], judged: bool, method: str) -> None:
    """Refuse weights that are missing, below zero, or do not sum to exactly 1."""
    given = [each.weight for each in criteria if each.weight is not None]
    if judged and given:
        raise bad(
            "criteria", Message("Give weights or judges, not both: they may disagree.")
        )
    if judged:
        return
    if method == "ahp":
        raise bad("judges", Message("The method ahp takes its weights from judges."))
    for each in criteria:
        if each.weight is None:
            raise bad(f"criteria.{each.name}", Message("The weight is missing."))
        if each.weight < 0:
            raise bad(f"criteria.{each.name}", Message("A weight is 0 or more."))
    total = sum(given)
    if total != 1:
        raise BadInput(
            Message("The weights sum to %(total)s, not to 1.", total=str(total)),
            mend=Message("Write them as fractions, such as 1/3."),
            field="criteria",
        )


def number(given: Any, where: str) -> Fraction:
    try:
        return exact(str(given))
    except ValueError:
        raise bad(where, Message("%(text)s is no number.", text=str(given))) from None
