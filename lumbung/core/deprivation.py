"""Multidimensional poverty by counting deprivations (Alkire and Foster)."""

from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.changes import changes, columns_of_changes
from lumbung.core.deprivation_spec import Index, Indicator, read_index
from lumbung.core.expressions import columns_in, read_condition
from lumbung.core.groups import aggregated, in_order, refuse_nobody
from lumbung.core.measure import (
    BadInput,
    Column,
    Fault,
    Lack,
    Measure,
    Parameter,
    Takes,
)
from lumbung.core.message import Message
from lumbung.core.poverty import total, weighing
from lumbung.core.ratio import ratio
from lumbung.core.survey import (
    DESIGN_PARAMETERS,
    Design,
    columns_of,
    design_faults,
    matched,
    ratios,
)
from lumbung.core.yes_no import neither, yes_or_no


def mpi(
    households: ir.Table,
    *,
    spec: dict[str, Any],
    by: tuple[str, ...] = (),
    weight: str | None = None,
    round: str | None = None,
    **design: Any,
) -> ir.Table | dict[str, ir.Table]:
    """Return `n h a m0` and three columns per indicator for each group of `by`.

    Counts people: a household weighs `weight` × the members the specification names.
    Its score is the sum of the weights of the indicators it is deprived in; poor is a
    score of k or more, compared in whole numbers.

    h               share of the poor
    a               mean score of the poor; empty where nobody is poor
    m0              h × a, the mean over all people of the poor's scores
    uncensored_*    share deprived in the indicator
    censored_*      share poor and deprived in it
    contribution_*  weight × censored share / m0; empty where m0 is 0

    An indicator that does not apply to a household is no deprivation of it; one that
    applies and has no value follows the specification's rule for missing values. With
    `round` (a column of years or survey rounds) a dict of `rounds` and `changes`
    (`lumbung.core.changes`); with a survey's design standard errors of h, a and m0.

    Alkire and Foster (2011), Journal of Public Economics 95, 476-487; Alkire and
    others (2015), Multidimensional Poverty Measurement and Analysis.

    Two people, two indicators of weight 1/2, k = 1/2: the first is deprived in one,
    the second in none. h = 1/2, a = 1/2, m0 = 1/4.

    >>> import ibis
    >>> import pyarrow as pa
    >>> people = ibis.memtable(pa.table({"water": [1, 0], "school": [0, 0]}))
    >>> half = {name: {"weight": "1/2", "column": name} for name in ("water", "school")}
    >>> spec = {"k": "1/2", "dimensions": {"all": half}}
    >>> found = mpi(people, spec=spec).to_pyarrow().to_pylist()[0]
    >>> found["h"], found["a"], found["m0"], found["contribution_water"]
    (0.5, 0.5, 0.25, 1.0)
    """
    keywords: dict[str, Any] = {
        "spec": spec, "by": by, "weight": weight, "round": round, **design
    }  # fmt: skip
    counting = households
    if design.get("domain"):
        counting = households.filter(households[design["domain"]])
    sums = sums_of(counting, spec, weight)
    groups = aggregated(counting, keys(by=by, round=round), **sums)
    if designed(design):
        errors = with_errors(households, **keywords)
        return told(with_shares(groups, **keywords), errors, **keywords)
    return finish(groups, **keywords)


def designed(design: dict[str, Any]) -> bool:
    return bool(design.get("strata") or design.get("cluster"))


def keys(*, by: tuple[str, ...], round: str | None, **_: Any) -> tuple[str, ...]:
    return (*by, round) if round else by


def deprived(households: ir.Table, indicator: Indicator, missing: str) -> Any:
    """Return whether a household is deprived; empty where that is not known."""
    found = stated(households, indicator)
    if indicator.applies:
        applies = read_condition(indicator.applies, households, parameter="spec")
        found = applies.fill_null(False).ifelse(found, False)
    if missing in ("deprived", "not-deprived"):
        return found.fill_null(missing == "deprived")
    return found


def stated(households: ir.Table, indicator: Indicator) -> Any:
    if indicator.column:
        return yes_or_no(households[indicator.column])
    return read_condition(indicator.expression, households, parameter="spec")


def scored(households: ir.Table, index: Index) -> tuple[Any, Any, dict[str, Any]]:
    """Return the score in whole weights, whether poor, and each deprivation."""
    deprivations = {
        i.name: deprived(households, i, index.missing) for i in index.indicators
    }
    parts = [
        deprivations[i.name].cast("int64") * index.whole(i) for i in index.indicators
    ]
    score = sum(parts[1:], start=parts[0])
    poor = score * index.k.denominator >= index.k.numerator * index.unit
    return score, poor, deprivations


def totals(
    households: ir.Table, *, spec: dict[str, Any], weight: str | None, **design: Any
) -> dict[str, Any] | None:
    """Return the sums that all figures of a group follow from, in one scan."""
    return None if designed(design) else sums_of(households, spec, weight)


def sums_of(
    households: ir.Table, spec: dict[str, Any], weight: str | None
) -> dict[str, Any]:
    index = read_index(spec)
    score, poor, deprivations = scored(households, index)
    people = weighing(households, weight, index.members)
    poor_people = people * poor.cast("float64")
    sums = {
        "n": households.count(),
        "_people": total(people, households),
        "_poor": poor_people.sum(),
        "_score": (poor_people * score).sum(),
    }
    for name, is_deprived in deprivations.items():
        sums[f"_u_{name}"] = (people * is_deprived.cast("float64")).sum()
        sums[f"_c_{name}"] = (poor_people * is_deprived.cast("float64")).sum()
    return sums


def finish(groups: ir.Table, **keywords: Any) -> ir.Table | dict[str, ir.Table]:
    return told(with_shares(groups, **keywords), None, **keywords)


def with_shares(
    groups: ir.Table,
    *,
    spec: dict[str, Any],
    by: tuple[str, ...],
    round: str | None,
    **_: Any,
) -> ir.Table:
    index = read_index(spec)
    shares: dict[str, Any] = {
        "h": ratio(groups._poor, groups._people),
        "a": ratio(groups._score, groups._poor * index.unit),
        "m0": ratio(groups._score, groups._people * index.unit),
    }
    for i in index.indicators:
        censored = groups[f"_c_{i.name}"]
        shares[f"uncensored_{i.name}"] = ratio(groups[f"_u_{i.name}"], groups._people)
        shares[f"censored_{i.name}"] = ratio(censored, groups._people)
        part = ratio(censored * index.whole(i), groups._score)
        shares[f"contribution_{i.name}"] = part
    return groups.select(*keys(by=by, round=round), "n", **shares)


def told(
    shares: ir.Table,
    errors: ir.Table | None,
    *,
    spec: dict[str, Any],
    by: tuple[str, ...],
    round: str | None,
    **_: Any,
) -> ir.Table | dict[str, ir.Table]:
    """Return the result as it is shown: with errors, in order, with its changes."""
    index, cells = read_index(spec), keys(by=by, round=round)
    shown = shares
    if errors is not None:
        joined = matched(shares, errors, cells)
        shown = joined.select(*cells, *names(index, errors=True))
    shown = in_order(shown, cells)
    if not round:
        return shown
    return {"rounds": shown, "changes": changes(shares, index, by=by, round=round)}


def with_errors(
    households: ir.Table,
    *,
    spec: dict[str, Any],
    by: tuple[str, ...],
    weight: str | None,
    round: str | None,
    domain: str | None = None,
    **drawn: Any,
) -> ir.Table:
    """Return the errors of h and m0 (over people) and of a (over the poor)."""
    index = read_index(spec)
    score, poor, _ = scored(households, index)
    people = weighing(households, weight, index.members)
    cells = keys(by=by, round=round)
    design = Design(by=cells, domain=domain, **drawn)
    poor = poor.fill_null(False).cast("float64")
    share = ratio(score.fill_null(0), index.unit)
    of_people = ratios(
        households, design, people=people, parts={"h": poor, "m0": poor * share}
    )
    of_poor = ratios(households, design, people=people * poor, parts={"a": share})
    both = matched(
        of_people.drop("n", "population"), of_poor.drop("n", "population"), cells
    )
    return both.drop("h", "m0", "a")


def names(index: Index, *, errors: bool) -> tuple[str, ...]:
    figures = (
        [("h", "a", "m0")] if not errors else [columns_of(f) for f in ("h", "a", "m0")]
    )
    each = [
        f"{kind}_{i.name}"
        for i in index.indicators
        for kind in ("uncensored", "censored", "contribution")
    ]
    return ("n", *(name for group in figures for name in group), *each)


def results(
    *, spec: dict[str, Any], round: str | None = None, **design: Any
) -> tuple[str, ...]:
    index = read_index(spec)
    found = names(index, errors=designed(design))
    return (*found, round, *columns_of_changes(index)) if round else found


def reads(*, spec: dict[str, Any], **_: Any) -> list[Column]:
    index = read_index(spec)
    found = set()
    for i in index.indicators:
        found |= {i.column} if i.column else columns_in(i.expression, parameter="spec")
        found |= columns_in(i.applies, parameter="spec") if i.applies else set()
    columns = [Column(name, "spec", may_be_missing=True) for name in sorted(found)]
    if index.members:
        columns.append(Column(index.members, "spec", Takes.VALUE))
    return columns


def lacks(households: ir.Table, *, spec: dict[str, Any], **_: Any) -> list[Lack]:
    """Where an indicator applies and its value is missing."""
    index = read_index(spec)
    if index.missing in ("deprived", "not-deprived"):
        return []
    return [
        Lack(
            name=i.name,
            parameter="spec",
            rows=deprived(households, i, index.missing).isnull()
            & ~garbled(households, i),
            drop=index.missing == "drop",
        )
        for i in index.indicators
    ]


def garbled(households: ir.Table, indicator: Indicator) -> Any:
    """Return where something is written that is neither yes nor no."""
    if not indicator.column:
        return ibis.literal(False)
    return neither(households[indicator.column]).fill_null(False)


def faults(
    households: ir.Table,
    *,
    spec: dict[str, Any],
    round: str | None = None,
    **design: Any,
) -> list[Fault]:
    index = read_index(spec)
    if round and round in (*names(index, errors=True), *columns_of_changes(index)):
        raise BadInput(
            Message("The column %(column)s is called like a result.", column=round),
            mend=Message("Give the column another name in the data."),
            field="round",
        )
    found = [
        Fault(
            rows=garbled(households, i),
            message=Message("Neither yes nor no in %(column)s", column=i.column),
            parameter="spec",
        )
        for i in index.indicators
        if i.column
    ]
    if index.members:
        message = Message("Values below zero in %(column)s", column=index.members)
        below = households[index.members] < 0
        found.append(Fault(rows=below, message=message, parameter="spec"))
    return found + design_faults(households, **design)


def judge(tables: dict[str, Any], *, by: tuple[str, ...], **_: Any) -> tuple[()]:
    refuse_nobody(next(iter(tables.values())), by, lambda row: row["h"] is None)
    return ()


MPI = Measure(
    name="mpi",
    kind="table",
    definition=(
        "A household's score is the sum of the weights of the indicators it is deprived "
        "in; poor is a score of k or more, compared in whole numbers. h: share of the "
        "poor; a: their mean score; m0 = h × a. Uncensored: share deprived; censored: "
        "share poor and deprived; contribution: weight × censored / m0. People are "
        "weight × members. Not applicable is no deprivation; missing follows the "
        "specification (refuse, drop, deprived, not-deprived). With --round also the "
        "changes between rounds: of h, a, m0, the part of m0's due to h and to a, and "
        "to each indicator."
    ),
    source=(
        "Alkire and Foster (2011), Journal of Public Economics 95, 476-487; Alkire and "
        "others (2015), Multidimensional Poverty Measurement and Analysis."
    ),
    parameters=(
        Parameter(
            name="spec",
            takes=Takes.SPEC,
            required=True,
            help="Dimensions, indicators, weights, k, the rule for missing values.",
        ),
        Parameter(
            name="round",
            takes=Takes.COLUMN,
            help="Column of survey rounds or years, for the changes between them.",
        ),
        *DESIGN_PARAMETERS,
    ),
    columns=(
        "n h a m0 uncensored_* censored_* contribution_*; with --strata or --cluster "
        "se_ low_ high_ mark_ of h, a, m0; with --round two tables, rounds and changes"
    ),
    compute=mpi,
    several=lambda *, round=None, **_: bool(round),
    totals=totals,
    finish=finish,
    keys=keys,
    faults=faults,
    lacks=lacks,
    reads=reads,
    results=results,
    judge=judge,
    weighted=True,
    surveyed=True,
)
