"""Inequality: Gini, the generalised entropies, Atkinson, and ratios of shares."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.distribution import held_above, held_below, quantile, spread
from lumbung.core.groups import aggregated, in_order
from lumbung.core.measure import BadInput, Fault, Measure, Parameter, Takes, wrong
from lumbung.core.message import Message
from lumbung.core.ratio import ratio

MAY_BE_BELOW_ZERO = ("gini", "gini_sample", "s80s20", "p90p10", "palma")
COLUMNS = (
    *("gini", "gini_sample", "theil_t", "theil_l", "ge_2"),
    *("atkinson_0_5", "atkinson_1", "atkinson_2"),
    *("s80s20", "p90p10", "palma"),
)


def inequality(
    people: ir.Table,
    *,
    value: str,
    by: tuple[str, ...] = (),
    weight: str | None = None,
    only: tuple[str, ...] = COLUMNS,
) -> ir.Table:
    """Return the columns of `COLUMNS` (or `only` some) for each group of `by`.

    `value` is what people have, in any unit; `weight` how many a row stands for (1
    where not given), rows of weight 0 stand for nobody. With mean m and shares of
    weight v:

    gini           1 - sum of v (L + L before), L the cumulated share of values
    gini_sample    gini × n/(n - 1), n rows
    theil_t        sum of v (x/m) ln(x/m), with 0 for x = 0
    theil_l        sum of v ln(m/x); empty where a value is 0
    ge_2           (sum of v (x/m)² - 1)/2
    atkinson_e     1 - (sum of v (x/m)^(1-e))^(1/(1-e)), e = 1: 1 - exp(-theil_l);
                   with e of 1 and 2 empty where a value is 0
    s80s20         what the upper fifth has over what the lowest fifth has
    p90p10         the weighted quantile at 0.9 over that at 0.1
    palma          what the upper tenth has over what the lowest 40 % have

    Shares split the row on the boundary. All are empty where their divisor is 0;
    gini too where the sum of values is not above 0. Values below zero have a
    meaning for `MAY_BE_BELOW_ZERO` only.

    Cowell (2011), Measuring Inequality, 3rd ed.; Atkinson (1970), Journal of
    Economic Theory 2, 244-263; Cobham and Sumner (2013), CGD Working Paper 343.

    Two people have 1 and 3: mean 2, shares 1/4 and 3/4; gini = 1 - (1/2)(1/4 + 0) -
    (1/2)(1 + 1/4) = 1/4; ge_2 = ((1/4 + 9/4)/2 - 1)/2 = 1/8.

    >>> import pyarrow as pa
    >>> rows = ibis.memtable(pa.table({"has": [3, 1]}))
    >>> picked = ("gini", "gini_sample", "ge_2", "p90p10")
    >>> inequality(rows, value="has", only=picked).to_pyarrow().to_pylist()
    [{'gini': 0.25, 'gini_sample': 0.5, 'ge_2': 0.125, 'p90p10': 3.0}]
    """
    steps = spread(people, value=value, by=by, weight=weight)
    whole = ibis.window(group_by=by) if by else ibis.window()
    value_sum = (steps._weight * steps._value).sum().over(whole)
    steps = steps.mutate(_mean=ratio(value_sum, steps._total))
    sums = aggregated(steps, by, **totals(steps))
    found = {name: formula(sums) for name, formula in FORMULAS.items() if name in only}
    return in_order(sums.select(*by, **found), by)


def totals(steps: ir.Table) -> dict[str, Any]:
    weight, value = steps._weight, steps._value
    positive = value > 0
    part = ratio(value, steps._mean)  # of the mean
    log = positive.ifelse(part, ibis.null("float64")).ln()
    before = steps._sum_upto - weight * value
    return {
        "_rows": steps._rows.sum(),
        "_people": weight.sum(),
        "_held": (weight * value).sum(),
        "_zeros": wrong(value == 0),
        "_lorenz": (weight * (steps._sum_upto + before)).sum(),
        "_t": (weight * part * log).sum().fill_null(0.0),
        "_l": 0.0 - (weight * log).sum(),
        "_squares": (weight * part * part).sum(),
        "_roots": (weight * (part >= 0).ifelse(part, 0.0).sqrt()).sum(),
        "_inverses": (
            weight
            * ratio(ibis.literal(1.0), positive.ifelse(part, ibis.null("float64")))
        ).sum(),
        "_s20": held_below(steps, Fraction(1, 5)),
        "_s40": held_below(steps, Fraction(2, 5)),
        "_s80": held_above(steps, Fraction(4, 5)),
        "_s90": held_above(steps, Fraction(9, 10)),
        "_p10": quantile(steps, Fraction(1, 10)),
        "_p90": quantile(steps, Fraction(9, 10)),
    }


def gini(sums: ir.Table) -> Any:
    positive = (sums._held > 0).ifelse(sums._held, ibis.null("float64"))
    return 1.0 - ratio(sums._lorenz, sums._people * positive)


def mean(sums: ir.Table, name: str) -> Any:
    """Return the mean of what was summed; empty where nobody has anything."""
    return (sums._held != 0).ifelse(
        ratio(sums[name], sums._people), ibis.null("float64")
    )


def without_zeros(sums: ir.Table, figure: Any) -> Any:
    return (sums._zeros == 0).ifelse(figure, ibis.null("float64"))


FORMULAS: dict[str, Callable[[ir.Table], Any]] = {
    "gini": gini,
    "gini_sample": lambda s: gini(s) * ratio(s._rows, s._rows - 1),
    "theil_t": lambda s: mean(s, "_t"),
    "theil_l": lambda s: without_zeros(s, mean(s, "_l")),
    "ge_2": lambda s: (mean(s, "_squares") - 1.0) / 2.0,
    "atkinson_0_5": lambda s: 1.0 - mean(s, "_roots") * mean(s, "_roots"),
    "atkinson_1": lambda s: 1.0 - without_zeros(s, (-mean(s, "_l")).exp()),
    "atkinson_2": lambda s: (
        1.0 - without_zeros(s, ratio(ibis.literal(1.0), mean(s, "_inverses")))
    ),
    "s80s20": lambda s: ratio(s._s80, s._s20),
    "p90p10": lambda s: ratio(s._p90, s._p10),
    "palma": lambda s: ratio(s._s90, s._s40),
}


def picked(only: str | None) -> tuple[str, ...]:
    """Return the columns asked for; all where none are named."""
    names = tuple(part.strip() for part in only.split(",")) if only else COLUMNS
    for name in names:
        if name not in COLUMNS:
            raise BadInput(
                Message("There is no result %(name)s.", name=name),
                mend=Message("Results are: %(names)s.", names=", ".join(COLUMNS)),
                field="only",
            )
    return names


def nobody(people: ir.Table, weight: str, by: tuple[str, ...]) -> Fault:
    """Look for groups that would be lost: all their weights are 0."""
    sums = aggregated(people, by, _people=people[weight].sum())
    empty = sums.filter(sums._people == 0)
    keys = [empty[column].cast("string") for column in by]
    return Fault(
        count=empty.count().as_scalar(),
        names=empty.select(
            name=ibis.literal(", ").join(keys) if by else ibis.literal("-")
        ),
        message=Message(
            "There are no people in these groups, leave them out with --where:"
            " %(names)s."
        ),
        parameter="by" if by else "weight",
    )


def faults(
    people: ir.Table,
    *,
    value: str,
    by: tuple[str, ...],
    weight: str | None,
    only: str | None,
) -> list[Fault]:
    """Values below zero are refused, zeros warned of, where a result has no use for them."""
    names = picked(only)
    counts = people[weight] > 0 if weight else ibis.literal(True)
    found = [nobody(people, weight, by)] if weight else []
    if set(names) - set(MAY_BE_BELOW_ZERO):
        message = Message(
            "Values below zero in %(column)s: only %(names)s have a meaning with "
            "them; ask for those with --only.",
            column=value,
            names=", ".join(MAY_BE_BELOW_ZERO),
        )
        negative = (people[value] < 0) & counts
        found.append(Fault(rows=negative, message=message, parameter="value"))
    if {"theil_l", "atkinson_1", "atkinson_2"} & set(names):
        message = Message(
            "Zeros in %(column)s: theil_l, atkinson_1 and atkinson_2 are empty there",
            column=value,
        )
        zero = (people[value] == 0) & counts
        found.append(Fault(rows=zero, message=message, parameter="value", warn=True))
    return found


INEQUALITY = Measure(
    name="inequality",
    kind="table",
    definition=(
        "How unequally a value is spread. Gini without and with n/(n-1); Theil T and "
        "L; half the squared variation; Atkinson for aversion 0.5, 1 and 2; what the "
        "upper fifth has over the lowest fifth; the quantile at 0.9 over that at 0.1; "
        "the upper tenth over the lowest 40 %. The weighted quantile is the first "
        "value whose cumulated weight passes the share, the mean of two on equality; "
        "shares split the row on the boundary. Theil L and Atkinson from 1 on are "
        "empty where zeros occur; values below zero are refused but for Gini and the "
        "three ratios."
    ),
    source="Cowell (2011); Atkinson (1970); Cobham and Sumner (2013).",
    parameters=(
        Parameter(
            name="value",
            takes=Takes.VALUE,
            required=True,
            help="What people have: income, spending, land; any unit.",
        ),
        Parameter(
            name="only",
            takes=Takes.TEXT,
            help="Some of the results, by name, with commas.",
        ),
    ),
    columns=" ".join(COLUMNS),
    compute=lambda people, *, only=None, **given: inequality(
        people, only=picked(only), **given
    ),
    faults=faults,
    weighted=True,
)
