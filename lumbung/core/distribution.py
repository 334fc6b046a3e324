"""How a value spreads over people: sorted, weighed, and cut at shares."""

from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.groups import aggregated

# Two sums of the same weights in another order differ by rounding; so near to a
# cut, a cumulated weight is taken to lie on it.
ON_THE_CUT = 1e-12


def spread(
    table: ir.Table, *, value: str, by: tuple[str, ...], weight: str | None
) -> ir.Table:
    """Return one row per group and distinct value, in steps of a cumulated weight.

    Columns: `by`, `_value`, `_rows`, `_weight`, `_upto` (weight up to and with this
    value), `_total` (of the group), `_sum_upto` (weight × value up to here). Rows of
    weight 0 stand for nobody and are left out.
    """
    weighed = table.select(
        *by,
        _value=table[value].cast("float64"),
        _weight=table[weight].cast("float64") if weight else ibis.literal(1.0),
    )
    counting = weighed.filter(weighed._weight > 0)
    steps = counting.group_by(*by, "_value").aggregate(
        _rows=counting.count(), _weight=counting._weight.sum()
    )
    so_far = ibis.window(group_by=by, order_by="_value", preceding=None, following=0)
    whole = ibis.window(group_by=by) if by else ibis.window()
    return steps.mutate(
        _upto=steps._weight.sum().over(so_far),
        _total=steps._weight.sum().over(whole),
        _sum_upto=(steps._weight * steps._value).sum().over(so_far),
    )


def quantile(steps: ir.Table, share: Fraction) -> Any:
    """Return the weighted quantile of each group of `spread` rows, an Ibis scalar.

    It is the first value whose cumulated weight passes `share` of the total; where
    the cumulated weight equals it, the mean of that value and the next.
    """
    beyond = steps._upto * float(share.denominator) - steps._total * float(
        share.numerator
    )
    near = steps._total * (share.denominator * ON_THE_CUT)
    on = steps._value.min(where=beyond.abs() <= near)
    above = steps._value.min(where=beyond > near)
    highest = steps._value.max()
    return on.isnull().ifelse(
        ibis.coalesce(above, highest), (on + ibis.coalesce(above, highest)) / 2.0
    )


def held_below(steps: ir.Table, share: Fraction) -> Any:
    """Return the sum of values of the lowest `share` of weight; its last row is split.

    Weights are multiplied by the denominator, so that whole weights cut exactly.
    """
    parts = float(share.denominator)
    cut = steps._total * float(share.numerator)
    upto, before = steps._upto * parts, (steps._upto - steps._weight) * parts
    within = ibis.least(upto, cut) - ibis.least(before, cut)
    return (steps._value * within).sum() / parts


def held_above(steps: ir.Table, share: Fraction) -> Any:
    """Return the sum of values of those above `share` of weight; its first row is split."""
    parts = float(share.denominator)
    cut = steps._total * float(share.numerator)
    upto, before = steps._upto * parts, (steps._upto - steps._weight) * parts
    within = ibis.greatest(upto, cut) - ibis.greatest(before, cut)
    return (steps._value * within).sum() / parts


def quantiles(
    table: ir.Table,
    *,
    value: str,
    by: tuple[str, ...],
    weight: str | None,
    shares: dict[str, Fraction],
) -> ir.Table:
    """Return `by` and one column per named share.

    Four people have 1, 2, 3, 4: half the weight is reached exactly at 2, so the
    median is the mean of 2 and 3; the first value past a third is 2.

    >>> import pyarrow as pa
    >>> people = ibis.memtable(pa.table({"has": [4, 1, 3, 2]}))
    >>> cuts = {"median": Fraction(1, 2), "third": Fraction(1, 3)}
    >>> quantiles(
    ...     people, value="has", by=(), weight=None, shares=cuts
    ... ).to_pyarrow().to_pylist()
    [{'median': 2.5, 'third': 2.0}]
    """
    steps = spread(table, value=value, by=by, weight=weight)
    cuts = {name: quantile(steps, share) for name, share in shares.items()}
    return aggregated(steps, by, **cuts)
