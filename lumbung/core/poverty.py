"""Poverty by the measures of Foster, Greer and Thorbecke: how many, how far, how deep."""

from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.groups import aggregated, in_order, refuse_nobody
from lumbung.core.measure import (
    BadInput,
    Fault,
    Measure,
    Parameter,
    Takes,
)
from lumbung.core.message import Message
from lumbung.core.ratio import ratio
from lumbung.core.survey import (
    DESIGN_PARAMETERS,
    Design,
    Lonely,
    columns_of,
    design_faults,
    ratios,
)

HEADCOUNT_GAP_SEVERITY = (Fraction(0), Fraction(1), Fraction(2))


def fgt(  # noqa: PLR0913  # one for each option of the command
    households: ir.Table,
    *,
    spending: str,
    line: str | float | Fraction,
    by: tuple[str, ...] = (),
    weight: str | None = None,
    members: str | None = None,
    alpha: tuple[Fraction, ...] = HEADCOUNT_GAP_SEVERITY,
    strata: str | None = None,
    cluster: str | None = None,
    lonely: Lonely = "refuse",
    domain: str | None = None,
) -> ir.Table:
    """Return `n population p0 p1 p2` for each group of `by`.

    Counts people: each household weighs `weight` × `members` (1 where not given).
    Poor is strictly below the line; `spending` and `line` are in the same unit,
    per person. P-alpha is the mean over all people of ((line - spending) / line)
    to the power alpha, 0 for those not poor; P0 is the share of the poor. `n`
    counts households, `population` people; empty where a group has no people.

    With `strata` or `cluster` of a survey's design, each share is followed by its
    standard error, the limits of the 95 % interval and a mark of doubt: `se_p0
    low_p0 high_p0 mark_p0` (`lumbung.core.survey`). `domain` then names a yes-or-no
    column of the rows that count; all rows carry the design.

    Foster, Greer and Thorbecke (1984), Econometrica 52(3), 761-766.

    Three households of 1, 2 and 1 people spend 50, 100 and 75; the line is 100.
    Poor are the first (gap 0.5) and the third (gap 0.25), 2 of 4 people:
    P0 = 2/4, P1 = (0.5 + 0.25)/4, P2 = (0.25 + 0.0625)/4.

    >>> import ibis
    >>> import pyarrow as pa
    >>> rows = pa.table({"spends": [50, 100, 75], "size": [1, 2, 1]})
    >>> found = fgt(ibis.memtable(rows), spending="spends", line=100, members="size")
    >>> found.to_pyarrow().to_pylist()
    [{'n': 3, 'population': 4.0, 'p0': 0.5, 'p1': 0.1875, 'p2': 0.078125}]
    """
    keywords: dict[str, Any] = {
        "spending": spending,
        "line": line,
        "by": by,
        "weight": weight,
        "members": members,
        "alpha": alpha,
    }
    if strata or cluster:
        design = Design(
            strata=strata, cluster=cluster, lonely=lonely, by=by, domain=domain
        )
        return with_errors(households, design, **keywords)
    sums = totals(households, **keywords) or {}
    return finish(aggregated(households, by, **sums), **keywords)


def totals(
    households: ir.Table,
    *,
    spending: str,
    line: str | float | Fraction,
    weight: str | None,
    members: str | None,
    alpha: tuple[Fraction, ...],
    **design: Any,
) -> dict[str, Any] | None:
    """Return the sums that every P-alpha of a group follows from.

    Standard errors need more than one scan: None.
    """
    if design.get("strata") or design.get("cluster"):
        return None
    people = weighing(households, weight, members)
    short = gap(households, spending, line)
    sums = {"n": households.count(), "population": total(people, households)}
    return sums | {
        f"_poor_{name(power)}": (people * raised(short, power)).sum() for power in alpha
    }


def finish(totals: ir.Table, *, by: tuple[str, ...], alpha: Any, **_: Any) -> ir.Table:
    people = totals.population
    shares = {
        name(power): ratio(totals[f"_poor_{name(power)}"].fill_null(0), people)
        for power in alpha
    }
    return in_order(totals.select(*by, "n", "population", **shares), by)


def with_errors(
    households: ir.Table,
    design: Design,
    *,
    spending: str,
    line: str | float | Fraction,
    weight: str | None,
    members: str | None,
    alpha: tuple[Fraction, ...],
    **_: Any,
) -> ir.Table:
    """Return the shares with their standard errors by Taylor linearisation."""
    short = gap(households, spending, line)
    parts = {name(power): raised(short, power).fill_null(0.0) for power in alpha}
    people = weighing(households, weight, members)
    return ratios(households, design, people=people, parts=parts)


def weighing(table: ir.Table, weight: str | None, members: str | None) -> Any:
    """Return how many people a row stands for: weight × members."""
    factors = [table[column].cast("float64") for column in (weight, members) if column]
    if not factors:
        return ibis.literal(1.0)
    return factors[0] if len(factors) == 1 else factors[0] * factors[1]


def total(people: Any, table: ir.Table) -> Any:
    if isinstance(people, ir.Column):
        return people.sum()
    return table.count().cast("float64")  # each row is one person


def gap(table: ir.Table, spending: str, line: str | float | Fraction) -> Any:
    """Return how far below the line, as a share of it; empty for those not poor."""
    limit = table[line] if isinstance(line, str) else ibis.literal(float(line))
    limit = limit.cast("float64")
    spent = table[spending].cast("float64")
    return (spent < limit).ifelse(ratio(limit - spent, limit), ibis.null("float64"))


def raised(short: Any, power: Fraction) -> Any:
    """Return the gap to a power, by multiplication where that is exact and quick."""
    if power == 0:
        return short.notnull().cast("float64")
    if power == 1:
        return short
    return short * short if power == 2 else short ** float(power)


def name(power: Fraction) -> str:
    """
    >>> name(Fraction(2)), name(Fraction(1, 2))
    ('p2', 'p0_5')
    """
    return f"p{float(power):g}".replace(".", "_")


def faults(
    households: ir.Table,
    *,
    spending: str,
    line: str | Fraction,
    members: str | None,
    alpha: tuple[Fraction, ...],
    **design: Any,
) -> list[Fault]:
    """What makes the figures meaningless: lines and members below zero."""
    if any(power < 0 for power in alpha):
        raise BadInput(Message("A power below zero has no meaning."), field="alpha")
    refuse_twice([name(power) for power in alpha])
    if not isinstance(line, str) and line < 0:
        raise BadInput(Message("The line is below zero."), field="line")
    found = [
        Fault(
            rows=households[spending] < 0,
            message=Message("Spending below zero in %(column)s.", column=spending),
            parameter="spending",
            warn=True,
        )
    ]
    by_row = isinstance(line, str)
    if by_row or not line:
        at_zero = households[line] == 0 if by_row else ibis.literal(True)
        found.append(
            Fault(
                rows=at_zero & (households[spending] < 0),
                message=Message("Below a line of 0 there is no gap to measure."),
                parameter="line",
            )
        )
    for column, parameter in ((line, "line"), (members, "members")):
        if isinstance(column, str):
            message = Message("Values below zero in %(column)s.", column=column)
            found.append(
                Fault(
                    rows=households[column] < 0,
                    message=message,
                    parameter=parameter,
                )
            )
    return found + design_faults(households, **design)


def refuse_twice(columns: list[str]) -> None:
    for column in columns:
        if columns.count(column) > 1:
            raise BadInput(
                Message(
                    "The column %(column)s would stand twice in the result.",
                    column=column,
                ),
                mend=Message("Name each power once."),
                field="alpha",
            )


def judge(tables: dict[str, Any], *, by: tuple[str, ...], **_: Any) -> tuple[()]:
    refuse_nobody(tables[""], by, lambda row: not row["population"])
    return ()


def results(
    *,
    alpha: tuple[Fraction, ...],
    strata: str | None = None,
    cluster: str | None = None,
    **_: Any,
) -> tuple[str, ...]:
    shares = tuple(name(power) for power in alpha)
    if strata or cluster:
        shares = tuple(column for share in shares for column in columns_of(share))
    return ("n", "population", *shares)


FGT = Measure(
    name="fgt",
    kind="table",
    definition=(
        "P-alpha is the mean over all people of the poverty gap, (line - spending) / "
        "line, to the power alpha, with 0 for those who are not poor: P0 is the share "
        "of the poor, P1 the mean gap, P2 the mean squared gap. Poor is strictly below "
        "the line. People are weight × members. Shares are 0 to 1. Standard errors by "
        "Taylor linearisation, with replacement: clusters are those of their stratum, "
        "degrees of freedom are clusters less strata; --where and --by never remove "
        "rows from the design. A mark says n<30 or cv>25%."
    ),
    source="Foster, Greer and Thorbecke (1984), Econometrica 52(3), 761-766.",
    parameters=(
        Parameter(
            name="spending",
            takes=Takes.VALUE,
            required=True,
            help="Spending (or income) per person, in the unit of the line.",
        ),
        Parameter(
            name="line",
            takes=Takes.VALUE_OR_NUMBER,
            required=True,
            help="Poverty line per person: a number, or a column where it differs.",
        ),
        Parameter(
            name="members",
            takes=Takes.VALUE,
            help="People in the household; 1 where not given.",
        ),
        Parameter(
            name="alpha",
            takes=Takes.NUMBERS,
            default="0,1,2",
            help="Powers of the gap.",
        ),
        *DESIGN_PARAMETERS,
    ),
    columns=(
        "n population p0 p1 p2; with --strata or --cluster each followed by "
        "se_p0 low_p0 high_p0 mark_p0"
    ),
    surveyed=True,
    results=results,
    compute=fgt,
    totals=totals,
    finish=finish,
    faults=faults,
    judge=judge,
    weighted=True,
)
