"""What changed between rounds of a survey, and what made it change."""

from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.deprivation_spec import Index
from lumbung.core.groups import in_order
from lumbung.core.ratio import ratio

FIGURES = ("h", "a", "m0")


def changes(
    shares: ir.Table, index: Index, *, by: tuple[str, ...], round: str
) -> ir.Table:
    """Return one row for each group and each round after the first, by time.

    change_h, change_a, change_m0  later less earlier; of a empty where one is
    relative_m0                    change of m0 over the earlier m0
    due_to_h, due_to_a             Shapley parts of change_m0: the change of h at the
                                   mean of both a, and of a at the mean of both h; they
                                   add up. Where nobody is poor in a round there is no
                                   a: all is due to h
    part_NAME                      weight × change of the indicator's censored share;
                                   over all indicators they add up to change_m0

    Alkire, Roche and Vaz (2017), World Development 94, 232-249; Shorrocks (2013),
    Journal of Economic Inequality 11, 99-126.
    """
    past = ibis.window(group_by=by or None, order_by=round)
    figures = [*FIGURES, *(f"censored_{i.name}" for i in index.indicators)]
    paired = shares.mutate(
        _from=shares[round].lag().over(past),
        _nth=ibis.row_number().over(past),
        **{f"_was_{name}": shares[name].lag().over(past) for name in figures},
    )
    paired = paired.filter(paired._nth > 0)
    told = paired.select(
        *by,
        **{"from": paired._from, "to": paired[round]},
        **{f"change_{f}": paired[f] - paired[f"_was_{f}"] for f in FIGURES},
        relative_m0=ratio(paired.m0 - paired._was_m0, paired._was_m0),
        **shapley(paired),
        **by_indicator(paired, index),
    )
    return in_order(told, (*by, "from"))


def shapley(paired: ir.Table) -> dict[str, Any]:
    a = ibis.coalesce(paired.a, paired._was_a, ibis.literal(0.0))
    was_a = ibis.coalesce(paired._was_a, paired.a, ibis.literal(0.0))
    return {
        "due_to_h": (paired.h - paired._was_h) * (a + was_a) / 2.0,
        "due_to_a": (a - was_a) * (paired.h + paired._was_h) / 2.0,
    }


def by_indicator(paired: ir.Table, index: Index) -> dict[str, Any]:
    found = {}
    for i in index.indicators:
        change = paired[f"censored_{i.name}"] - paired[f"_was_censored_{i.name}"]
        found[f"part_{i.name}"] = change * float(i.weight)
    return found


def columns_of_changes(index: Index) -> tuple[str, ...]:
    each = tuple(f"part_{i.name}" for i in index.indicators)
    change = tuple(f"change_{figure}" for figure in FIGURES)
    return ("from", "to", *change, "relative_m0", "due_to_h", "due_to_a", *each)
