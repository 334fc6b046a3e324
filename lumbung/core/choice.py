"""A choice among alternatives by several criteria: AHP, weighted sum, TOPSIS.

A matrix measure: a few alternatives and criteria, computed in memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lumbung.core.choice_spec import METHODS, Choice, Criterion, read_choice
from lumbung.core.comparison import (
    ACCEPTABLE,
    bad,
    read_matrix,
    refuse_size,
    together,
    weigh,
)
from lumbung.core.measure import (
    BadInput,
    Column,
    Measure,
    Outcome,
    Parameter,
    Takes,
    many_tables,
)
from lumbung.core.message import Message
from lumbung.core.tipping import tip_of_closeness, tip_of_sum

Floats = npt.NDArray[np.float64]
SAME = 1e-12  # scores that differ by less are the same
ALL = "all"


def choose(rows: pa.Table, *, criteria: Mapping[str, Any], method: str) -> Outcome:
    """Return the tables `ranking weights tipping`, and `consistency` with judges.

    weighted  Σ weight × value, each value between 0 and 1: from the lowest to the
              highest of its scale, or of those that are there
    topsis    d⁻ / (d⁻ + d⁺), the distances to the worst and the best of each
              criterion, of values over the root of their sum of squares, weighted
    ahp       Σ weight × share, where the weights, and the shares of compared
              alternatives, are principal eigenvectors (Saaty), and the share of a
              measured value is it over the sum (its inverse, where less is better)

    Several judges count by the geometric mean of their matrices. A consistency
    ratio over 0.10 is warned of. Equal scores share a rank: 1, 1, 3. `tipping` has
    for each criterion the nearest weight at which another draws level with the
    first, the others in proportion; the smallest change stands first.

    Two crops; market counts 0.6 and people 0.4. Coffee has the better market,
    copra the more people, so 0.6 against 0.4; at one half they are level.

    >>> rows = pa.table({"crop": ["coffee", "copra"], "lq": [3, 1], "poor": [5, 9]})
    >>> found = choose(rows, method="weighted", criteria={
    ...     "alternative": "crop",
    ...     "criteria": {"lq": {"weight": "0.6"}, "poor": {"weight": "0.4"}},
    ... })
    >>> [tuple(row.values()) for row in found.tables["ranking"]]
    [('coffee', 0.6, 1), ('copra', 0.4, 2)]
    >>> tip = found.tables["tipping"][0]
    >>> tip["criterion"], round(tip["weight"], 9), round(tip["to"], 9), tip["first"]
    ('lq', 0.6, 0.5, 'copra')

    Source: Saaty (1980), *The Analytic Hierarchy Process*; Hwang and Yoon (1981),
    *Multiple Attribute Decision Making*.
    """
    choice = read_choice(criteria, method)
    names = [str(name) for name in rows[choice.alternative].to_pylist()]
    refuse_names(names, choice.alternative)
    weights, consistency = weights_of(choice)
    columns = []
    for criterion in choice.criteria:
        column, checks = values_of(criterion, rows, names, method)
        columns.append(column)
        consistency += checks
    values = np.column_stack(columns)
    scores = closeness(values, weights) if method == "topsis" else values @ weights
    ranks = [1 + int((scores > score + SAME).sum()) for score in scores]
    tables: dict[str, Any] = {
        "ranking": [
            {"alternative": names[i], "score": float(scores[i]), "rank": ranks[i]}
            for i in sorted(range(len(names)), key=lambda i: (ranks[i], i))
        ],
        "weights": [
            {"criterion": each.name, "weight": float(weight)}
            for each, weight in zip(choice.criteria, weights, strict=True)
        ],
        "tipping": tipping(choice, names, values, weights, method),
    }
    if consistency:
        tables["consistency"] = consistency
    return Outcome(tables, warnings=tuple(warned(consistency, names, ranks)))


def weights_of(choice: Choice) -> tuple[Floats, list[dict[str, Any]]]:
    if not choice.judges:
        given = [float(each.weight or 0) for each in choice.criteria]
        return np.array(given), []
    found, checks = judged("criteria", choice.judges)
    return np.array(found), checks


def judged(
    what: str, matrices: Mapping[str, Sequence[Sequence[Fraction]]]
) -> tuple[tuple[float, ...], list[dict[str, Any]]]:
    """Return the weights of all judges together, and each one's consistency."""
    checks = [
        {"of": what, "judge": judge, "consistency_ratio": weigh(matrix).ratio}
        for judge, matrix in matrices.items()
    ]
    if len(matrices) == 1:
        return weigh(next(iter(matrices.values()))).weights, checks
    found = weigh(together(list(matrices.values())).tolist())
    checks.append({"of": what, "judge": ALL, "consistency_ratio": found.ratio})
    return found.weights, checks


def values_of(
    criterion: Criterion, rows: pa.Table, names: list[str], method: str
) -> tuple[Floats, list[dict[str, Any]]]:
    """Return one criterion's values in the method's own measure; larger is better."""
    where = f"criteria.{criterion.name}"
    if criterion.judged:
        where = f"comparisons.{criterion.name}"
        refuse_size(len(names), where)
        matrices = {
            judge: read_matrix(given, names, f"{where}.{judge}")
            for judge, given in criterion.judged.items()
        }
        found, checks = judged(criterion.name, matrices)
        return np.array(found), checks
    given = rows[criterion.column].to_numpy().astype(np.float64)
    if method == "weighted":
        return between(given, criterion, where), []
    if method == "topsis":
        length = float(np.sqrt((given**2).sum()))
        if length == 0:
            raise bad(where, Message("Every value is zero."))
        return given / length * (1 if criterion.high else -1), []
    return shares(given, criterion, where), []


def between(given: Floats, criterion: Criterion, where: str) -> Floats:
    """Return the values from 0, the worst, to 1, the best."""
    low, high = criterion.scale or (Fraction(given.min()), Fraction(given.max()))
    if low == high:
        raise bad(
            where,
            Message(
                "All alternatives are alike: give the scale, or leave the criterion out."
            ),
        )
    if given.min() < low or given.max() > high:
        raise bad(
            where,
            Message(
                "Values outside the scale from %(low)s to %(high)s.",
                low=str(low),
                high=str(high),
            ),
        )
    found: Floats = (given - float(low)) / float(high - low)
    return found if criterion.high else 1 - found


def shares(given: Floats, criterion: Criterion, where: str) -> Floats:
    """Return each value's share of the sum; inverted first where less is better."""
    if given.min() < 0 or (not criterion.high and given.min() == 0):
        raise bad(
            where, Message("Shares need values above zero; with more is better, 0 too.")
        )
    if given.max() == 0:
        raise bad(where, Message("Every value is zero."))
    amounts = given if criterion.high else 1 / given
    found: Floats = amounts / amounts.sum()
    return found


def closeness(values: Floats, weights: Floats) -> Floats:
    weighted = values * weights
    far = np.sqrt(((weighted - weighted.max(axis=0)) ** 2).sum(axis=1))
    near = np.sqrt(((weighted - weighted.min(axis=0)) ** 2).sum(axis=1))
    if (near + far).min() == 0:
        raise BadInput(
            Message("All alternatives are alike in every criterion."), field="DATA"
        )
    found: Floats = near / (near + far)
    return found


def tipping(
    choice: Choice, names: list[str], values: Floats, weights: Floats, method: str
) -> list[dict[str, Any]]:
    """Return, by criterion, how little its weight must move; the least first."""
    tip_of = tip_of_closeness if method == "topsis" else tip_of_sum
    found = []
    for i, criterion in enumerate(choice.criteria):
        tip = tip_of(values, weights, i)
        weight = float(weights[i])
        found.append(
            {
                "criterion": criterion.name,
                "weight": weight,
                "to": tip and tip.weight,
                "change": tip and tip.weight - weight,
                "first": tip and names[tip.first],
            }
        )
    # Where no weight of a criterion changes the first, it stands at the end.
    return sorted(found, key=lambda row: 2 if row["to"] is None else abs(row["change"]))


def warned(
    consistency: list[dict[str, Any]], names: list[str], ranks: list[int]
) -> Iterator[Message]:
    for check in consistency:
        if check["consistency_ratio"] > ACCEPTABLE:
            yield Message(
                "The comparisons of %(judge)s (%(of)s) contradict each other: their"
                " consistency ratio is %(ratio)s, over 0.10.",
                judge=check["judge"],
                of=check["of"],
                ratio=f"{check['consistency_ratio']:.3f}",
            )
    first = [name for name, rank in zip(names, ranks, strict=True) if rank == 1]
    if len(first) > 1:
        yield Message("The first place is shared by %(names)s.", names=", ".join(first))


def refuse_names(names: list[str], column: str) -> None:
    if len(names) < 2:
        raise BadInput(Message("A choice needs two alternatives."), field="DATA")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(
            Message(
                "Alternatives stand twice in %(column)s: %(names)s.",
                column=column,
                names=", ".join(twice),
            ),
            field="DATA",
        )


def reads(*, criteria: Mapping[str, Any], method: str) -> list[Column]:
    choice = read_choice(criteria, method)
    return [
        Column(choice.alternative, "criteria"),
        *(
            Column(each.column, "criteria", Takes.VALUE)
            for each in choice.criteria
            if not each.judged
        ),
    ]


CHOOSE = Measure(
    name="choose",
    kind="matrix",
    definition=(
        "One row of data is one alternative. weighted: sum of weight × value between"
        " 0 and 1; topsis: closeness to the best; ahp: principal eigenvectors of"
        " judges' comparisons, several by geometric mean, with Saaty's consistency"
        " ratio (over 0.10 warns). Equal scores share a rank: 1, 1, 3. tipping: the"
        " nearest weight at which another comes first. Computed in memory."
    ),
    source="Saaty 1980; Hwang and Yoon 1981.",
    parameters=(
        Parameter(
            name="criteria",
            takes=Takes.SPEC,
            required=True,
            help="criteria, their weights or judges' comparisons",
        ),
        Parameter(
            name="method",
            takes=Takes.WORD,
            required=True,
            choices=METHODS,
            help="how values become one score",
        ),
    ),
    columns="ranking: alternative score rank; weights; consistency; tipping",
    results=lambda **_: (
        *("alternative", "score", "rank", "criterion", "weight", "to", "change"),
        *("first", "of", "judge", "consistency_ratio"),
    ),
    compute=choose,
    several=many_tables,
    reads=reads,
)
