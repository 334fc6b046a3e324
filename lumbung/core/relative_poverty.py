"""Relative poverty: below a share of what the middle, or the mean, has."""

from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.distribution import quantiles
from lumbung.core.groups import aggregated, in_order, refuse_nobody
from lumbung.core.measure import (
    BadInput,
    Column,
    Fault,
    Measure,
    Parameter,
    Takes,
)
from lumbung.core.message import Message
from lumbung.core.poverty import total, weighing
from lumbung.core.ratio import ratio

HALF = {"_half": Fraction(1, 2)}
ALL, GROUP = "all", "group"


def relative_poverty(
    people: ir.Table,
    *,
    income: str,
    share: Fraction = Fraction(3, 5),
    of: str = "median",
    by: tuple[str, ...] = (),
    weight: str | None = None,
    line_by: str = ALL,
) -> ir.Table:
    """Return `threshold rate median_gap p1` for each group of `by`.

    The threshold is `share` of the weighted median (or mean) of `income` of all
    rows; with `line_by="group"` of each group of `by`, or of each value of the
    column that `line_by` names, which then must be constant within a group.

    rate        share of people strictly below the threshold
    median_gap  (threshold - median income of those below) / threshold; empty
                where nobody is below
    p1          mean over all people of the gap as a share of the threshold

    A line that is itself estimated gets no plain standard error.

    Eurostat, EU statistics on income and living conditions: at-risk-of-poverty rate
    (ilc_li02) and relative median at-risk-of-poverty gap (ilc_li11).

    Five people have 10, 20, 30, 40 and 50: the median is 30, the line at 60 % is 18;
    one of five is below, by 8 of 18.

    >>> import pyarrow as pa
    >>> rows = ibis.memtable(pa.table({"has": [10, 20, 30, 40, 50]}))
    >>> found = relative_poverty(rows, income="has").to_pyarrow().to_pylist()[0]
    >>> found["threshold"], found["rate"], round(found["median_gap"] * 18, 9)
    (18.0, 0.2, 8.0)
    """
    lined = with_line(
        people, income=income, share=share, of=of, by=by, weight=weight, line_by=line_by
    )
    sums = aggregated(lined, by, **totals(lined, income=income, weight=weight))
    poor = lined.filter(lined[income].cast("float64") < lined._line)
    middle = quantiles(poor, value=income, by=by, weight=weight, shares=HALF)
    joined = beside(sums, middle, by)
    found = joined.select(
        *by,
        threshold=joined._threshold,
        rate=ratio(joined._below.fill_null(0.0), joined._people),
        median_gap=ratio(joined._threshold - joined._half, joined._threshold),
        p1=ratio(joined._gaps.fill_null(0.0), joined._people),
    )
    return in_order(found, by)


def totals(lined: ir.Table, *, income: str, weight: str | None) -> dict[str, Any]:
    people = weighing(lined, weight, None)
    has, line = lined[income].cast("float64"), lined._line
    below = (has < line).cast("float64")
    gaps = (has < line).ifelse(ratio(line - has, line), ibis.null("float64"))
    return {
        "_threshold": line.min(),
        "_people": total(people, lined),
        "_below": (people * below).sum(),
        "_gaps": (people * gaps).sum(),
    }


def with_line(
    people: ir.Table,
    *,
    income: str,
    share: Fraction,
    of: str,
    by: tuple[str, ...],
    weight: str | None,
    line_by: str,
) -> ir.Table:
    """Return the table with each row's threshold in `_line`."""
    keys = {ALL: (), GROUP: by}.get(line_by, (line_by,))
    if of == "median":
        middle = quantiles(people, value=income, by=keys, weight=weight, shares=HALF)
    else:
        weighed = weighing(people, weight, None)
        held = (weighed * people[income].cast("float64")).sum()
        sums = aggregated(people, keys, _held=held, _people=total(weighed, people))
        middle = sums.select(*keys, _half=ratio(sums._held, sums._people))
    # Times and over whole numbers: 55 % of 100 is 55, and 0.55 × 100 above it.
    part = middle._half * float(share.numerator) / float(share.denominator)
    lines = middle.select(*keys, _line=part)
    return beside(people, lines, keys)


def beside(left: ir.Table, right: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Put the columns of a table of groups beside a table's own."""
    if not by:
        return left.cross_join(right)
    joined = left.left_join(right, list(by), rname="_right_{name}")
    return joined.drop(*[f"_right_{name}" for name in by])


def faults(people: ir.Table, *, income: str, share: Fraction, **_: Any) -> list[Fault]:
    if share <= 0:
        raise BadInput(Message("The share must be above zero."), field="share")
    return [
        Fault(
            rows=people[income] < 0,
            message=Message("Values below zero in %(column)s.", column=income),
            parameter="income",
            warn=True,
        )
    ]


def judge(
    tables: dict[str, Any], *, by: tuple[str, ...], weight: str | None, **_: Any
) -> tuple[Message, ...]:
    """Refuse a group of nobody, and a line below zero, or of 0 with people below."""
    refuse_nobody(tables[""], by, lambda row: row["rate"] is None)
    for row in tables[""].to_pylist():
        if row["threshold"] < 0:
            raise BadInput(Message("The line is below zero."), field="income")
        if row["threshold"] == 0 and row["rate"]:
            raise BadInput(
                Message("Below a line of 0 there is no gap to measure."), field="income"
            )
    return ()


def reads(*, line_by: str | None, **_: Any) -> list[Column]:
    named = line_by not in (None, ALL, GROUP)
    return [Column(line_by, "line_by")] if line_by and named else []


RELATIVE_POVERTY = Measure(
    name="relative-poverty",
    kind="table",
    definition=(
        "The threshold is a share of the weighted median (or mean) income. Rate: "
        "people strictly below it. Median gap: threshold less the median income of "
        "those below, over the threshold. P1: mean gap over all people. The weighted "
        "median is the first value whose cumulated weight passes half, the mean of two "
        "on equality. A relative line gets no plain standard error."
    ),
    source=(
        "Eurostat, EU-SILC: at-risk-of-poverty rate (ilc_li02), relative median "
        "at-risk-of-poverty gap (ilc_li11)."
    ),
    parameters=(
        Parameter(
            name="income",
            takes=Takes.VALUE,
            required=True,
            help="Income (or spending) per person, any unit.",
        ),
        Parameter(
            name="share", takes=Takes.NUMBER, default="0.6", help="Share of the middle."
        ),
        Parameter(
            name="of",
            takes=Takes.WORD,
            choices=("median", "mean"),
            default="median",
            help="What the line is a share of.",
        ),
        Parameter(
            name="line_by",
            takes=Takes.TEXT,
            default=ALL,
            help="`all`: one line; `group`: one for each group of --by; or a column.",
        ),
    ),
    columns="threshold rate median_gap p1",
    compute=relative_poverty,
    faults=faults,
    judge=judge,
    reads=reads,
    weighted=True,
)
