"""Targeting: who was left out, and who was let in, against who deserves it."""

from typing import Any

import ibis.expr.types as ir

from lumbung.core.groups import aggregated, in_order, refuse_nobody
from lumbung.core.measure import Measure, Parameter, Takes
from lumbung.core.poverty import total, weighing
from lumbung.core.ratio import ratio


def targeting(
    households: ir.Table,
    *,
    selected: str,
    deserving: str,
    by: tuple[str, ...] = (),
    weight: str | None = None,
) -> ir.Table:
    """Return `exclusion_error inclusion_error false_positive_rate` for each group.

    `selected` and `deserving` are yes-or-no columns; each row weighs `weight` (1).

    exclusion_error      deserving and not selected, of the deserving (undercoverage)
    inclusion_error      selected and not deserving, of the selected (leakage)
    false_positive_rate  selected and not deserving, of those not deserving

    Empty where there is nobody to divide by.

    Cornia and Stewart (1993); Coady, Grosh and Hoddinott (2004), Targeting of
    Transfers in Developing Countries, World Bank.

    Five households: two deserving and selected, one deserving and left out, one
    selected that does not deserve it, one neither: 1/3, 1/3, 1/2.

    >>> import ibis
    >>> import pyarrow as pa
    >>> rows = {"got": [True, True, False, True, False], "poor": [True] * 3 + [False] * 2}
    >>> found = targeting(
    ...     ibis.memtable(pa.table(rows)), selected="got", deserving="poor"
    ... ).to_pyarrow()
    >>> [round(column[0].as_py(), 4) for column in found.columns]
    [0.3333, 0.3333, 0.5]
    """
    got, deserves = households[selected], households[deserving]
    people = weighing(households, weight, None)

    def number(rows: Any) -> Any:
        return (people * rows.cast("float64")).sum()

    sums = {
        "_all": total(people, households),
        "_deserving": number(deserves),
        "_selected": number(got),
        "_left_out": number(deserves & ~got),
        "_let_in": number(got & ~deserves),
    }
    groups = aggregated(households, by, **sums)
    found = groups.select(
        *by,
        exclusion_error=ratio(groups._left_out, groups._deserving),
        inclusion_error=ratio(groups._let_in, groups._selected),
        false_positive_rate=ratio(groups._let_in, groups._all - groups._deserving),
    )
    return in_order(found, by)


def judge(tables: dict[str, Any], *, by: tuple[str, ...], **_: Any) -> tuple[()]:
    """Refuse a group of nobody: neither deserving nor not deserving."""
    errors = ("exclusion_error", "false_positive_rate")
    refuse_nobody(tables[""], by, lambda row: all(row[e] is None for e in errors))
    return ()


TARGETING = Measure(
    name="targeting",
    kind="table",
    definition=(
        "Exclusion error (undercoverage): of the deserving, the share not selected. "
        "Inclusion error (leakage): of the selected, the share not deserving. False "
        "positive rate: of those not deserving, the share selected. Shares are 0 to 1, "
        "empty where there is nobody to divide by."
    ),
    source=(
        "Cornia and Stewart (1993); Coady, Grosh and Hoddinott (2004), Targeting of "
        "Transfers in Developing Countries, World Bank."
    ),
    parameters=(
        Parameter(
            name="selected",
            takes=Takes.YES_NO,
            required=True,
            help="Who was selected: true or false, 1 or 0, yes or no, ya or tidak.",
        ),
        Parameter(
            name="deserving",
            takes=Takes.YES_NO,
            required=True,
            help="Who should have been, in the same words.",
        ),
    ),
    columns="exclusion_error inclusion_error false_positive_rate",
    compute=targeting,
    judge=judge,
    weighted=True,
)
