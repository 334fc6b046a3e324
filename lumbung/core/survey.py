"""Standard errors of shares from a sample survey, by Taylor linearisation."""

from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from lumbung.core.groups import aggregated, in_order
from lumbung.core.measure import Fault, Parameter, Takes
from lumbung.core.message import Message
from lumbung.core.ratio import ratio

Lonely = Literal["refuse", "centre", "remove"]
CERTAIN = 0.95  # of the interval
FEWEST = 30  # rows in a cell, below which it is marked
WIDEST = 0.25  # standard error over estimate, above which it is marked
TABLED = 2_000  # degrees of freedom up to which Student's t is looked up

DESIGN_PARAMETERS = (
    Parameter(
        name="strata", takes=Takes.COLUMN, help="Column of strata of the sample."
    ),
    Parameter(
        name="cluster",
        takes=Takes.COLUMN,
        help="Column of clusters (primary sampling units), counted within strata.",
    ),
    Parameter(
        name="lonely",
        takes=Takes.WORD,
        choices=("refuse", "centre", "remove"),
        default="refuse",
        help="A stratum with one cluster: refuse; centre it on the grand mean; or "
        "remove it, as if it were certain.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Design:
    """How the sample was drawn, and what is asked of it.

    `by` and `domain` pick cells; rows outside keep their place in the design.
    """

    strata: str | None = None
    cluster: str | None = None
    lonely: Lonely = "refuse"
    by: tuple[str, ...] = ()
    domain: str | None = None


def columns_of(share: str) -> tuple[str, ...]:
    """
    >>> columns_of("p0")
    ('p0', 'se_p0', 'low_p0', 'high_p0', 'mark_p0')
    """
    return share, *(f"{kind}_{share}" for kind in ("se", "low", "high", "mark"))


def ratios(
    table: ir.Table, design: Design, *, people: Any, parts: dict[str, Any]
) -> ir.Table:
    """Return `n population` and each part's mean over people with its error.

    A part's estimate in a cell is R = sum(people × part) / sum(people). Its variance
    is that of the total of z = people × (part - R) / sum(people), 0 outside the cell,
    with clusters drawn with replacement: the sum over strata of k/(k - 1) × sum of
    (z of the cluster - their mean)², k the clusters of the stratum in the whole
    sample. Degrees of freedom are all clusters less all strata.

    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.6, 5.7;
    Wolter (2007), Introduction to Variance Estimation, 6.5.
    """
    placed = in_design(table, design, people=people, parts=parts)
    strata = placed.group_by("_stratum").aggregate(_clusters=placed._psu.nunique())
    size = strata.aggregate(_df=strata._clusters.sum() - strata.count())
    inside = placed.filter(placed._inside)
    cells = aggregated(
        inside,
        design.by,
        n=inside.count(),
        population=inside._people.sum(),
        **{f"_sum_{p}": (inside._people * inside[f"_part_{p}"]).sum() for p in parts},
    )
    cells = cells.mutate(
        **{p: ratio(cells[f"_sum_{p}"], cells.population) for p in parts}
    )
    spread = variances(inside, cells, strata, design, list(parts))
    cells = matched(cells, spread, design.by)
    return finished(with_t(cells.cross_join(size)), design.by, list(parts))


def in_design(
    table: ir.Table, design: Design, *, people: Any, parts: dict[str, Any]
) -> ir.Table:
    """Name each row's stratum, cluster and weight; without clusters a row is its own."""
    psu = table[design.cluster] if design.cluster else ibis.row_number()
    return table.select(
        *design.by,
        _stratum=table[design.strata] if design.strata else ibis.literal(0),
        _psu=psu,
        _people=people,
        _inside=table[design.domain] if design.domain else ibis.literal(True),
        **{f"_part_{name}": part for name, part in parts.items()},
    )


def variances(
    inside: ir.Table,
    cells: ir.Table,
    strata: ir.Table,
    design: Design,
    parts: list[str],
) -> ir.Table:
    """Return `by` and the variance of each part, from the totals of the clusters.

    A cluster with no row in the cell has z = 0: it is not among the rows, but counts
    in its stratum's mean and squares.
    """
    own = inside.group_by(*design.by, "_stratum", "_psu").aggregate(
        _x=inside._people.sum(),
        **{f"_y_{p}": (inside._people * inside[f"_part_{p}"]).sum() for p in parts},
    )
    told = matched(own, cells.drop("n"), design.by)
    told = told.join(strata, "_stratum")
    z = {
        f"_z_{p}": ratio(told[f"_y_{p}"] - told[p] * told._x, told.population)
        for p in parts
    }
    told = told.mutate(**z)
    stratum = ibis.window(group_by=[*design.by, "_stratum"])
    told = told.mutate(
        _present=told.count().over(stratum),
        **{
            f"_m_{p}": ratio(told[f"_z_{p}"].sum().over(stratum), told._clusters)
            for p in parts
        },
    )
    per_stratum = told.group_by(*design.by, "_stratum").aggregate(
        _k=told._clusters.max(),
        **{f"_v_{p}": squares(told, p) for p in parts},
        **{f"_lone_{p}": told[f"_z_{p}"].sum() for p in parts},
    )
    return aggregated(
        per_stratum,
        design.by,
        **{
            f"_var_{p}": stratum_variance(per_stratum, p, design.lonely).sum()
            for p in parts
        },
    )


def squares(told: ir.Table, part: str) -> Any:
    """Return the sum of squares about the stratum's mean, absent clusters included."""
    mean = told[f"_m_{part}"]
    off = told[f"_z_{part}"] - mean
    absent = told._clusters.max() - told._present.max()
    return (off * off).sum() + absent * mean.max() * mean.max()


def stratum_variance(per_stratum: ir.Table, part: str, lonely: Lonely) -> Any:
    """Return k/(k - 1) × squares; a lonely cluster gives its own square, or nothing.

    The grand mean of z is 0 by construction, so centring on it changes no value.
    """
    k = per_stratum._k
    alone = per_stratum[f"_lone_{part}"]
    lone = alone * alone if lonely == "centre" else ibis.literal(0.0)
    return (k > 1).ifelse(ratio(k, k - 1) * per_stratum[f"_v_{part}"], lone)


def matched(left: ir.Table, right: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Join on `by`, where an empty group meets the empty group."""
    if not by:
        return left.cross_join(right)
    renamed = right.rename({f"_key_{name}": name for name in by})
    on = [left[name].identical_to(renamed[f"_key_{name}"]) for name in by]
    return left.join(renamed, on).drop(*[f"_key_{name}" for name in by])


def with_t(cells: ir.Table) -> ir.Table:
    """Put Student's t for the degrees of freedom beside each cell.

    Looked up to 2,000; beyond, the first terms of its expansion about the normal
    (Abramowitz and Stegun 26.7.5), which by there is right to 1e-12.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  # slow; few ask for errors

    tail = (1 + CERTAIN) / 2
    degrees = np.arange(1, TABLED + 1)
    table = pa.table({"_degrees": degrees, "_t": stdtrit(degrees, tail)})
    looked = ibis.memtable(table)
    joined = cells.left_join(looked, cells._df == looked._degrees)
    x = float(stdtrit(np.inf, tail))
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
    )
    df = joined._df.cast("float64")
    far = (
        x
        + ratio(terms[0], df)
        + ratio(terms[1], df * df)
        + ratio(terms[2], df * df * df)
    )
    far = (joined._df > TABLED).ifelse(far, ibis.null("float64"))
    return joined.mutate(_t=ibis.coalesce(joined._t, far))


def finished(cells: ir.Table, by: tuple[str, ...], parts: list[str]) -> ir.Table:
    columns: dict[str, Any] = {}
    for part in parts:
        known = cells[part].notnull()
        error = known.ifelse(cells[f"_var_{part}"].sqrt(), ibis.null("float64"))
        columns |= {
            part: cells[part],
            f"se_{part}": error,
            f"low_{part}": cells[part] - cells._t * error,
            f"high_{part}": cells[part] + cells._t * error,
            f"mark_{part}": mark(cells.n, cells[part], error),
        }
    return in_order(cells.select(*by, "n", "population", **columns), by)


def mark(n: Any, estimate: Any, error: Any) -> Any:
    """Return why a cell is doubtful: too few rows, too wide an error, or neither."""
    few, wide = n < FEWEST, error > estimate.abs() * WIDEST
    return ibis.cases(
        (few & wide, f"n<{FEWEST} cv>{WIDEST:.0%}"),
        (few, f"n<{FEWEST}"),
        (wide, f"cv>{WIDEST:.0%}"),
        else_="",
    )


def design_faults(
    table: ir.Table,
    *,
    strata: str | None = None,
    cluster: str | None = None,
    lonely: str = "refuse",
    **_: Any,
) -> list[Fault]:
    """A stratum with one cluster says nothing of its own spread."""
    if not (strata or cluster) or lonely != "refuse":
        return []
    stratum = table[strata] if strata else ibis.literal(0)
    psu = table[cluster] if cluster else ibis.row_number()
    named = table.select(_stratum=stratum, _psu=psu)
    sizes = named.group_by("_stratum").aggregate(_clusters=named._psu.nunique())
    alone = sizes.filter(sizes._clusters == 1).count().as_scalar()
    message = Message(
        "Strata with one cluster; choose --lonely centre or remove, or join strata"
    )
    return [
        Fault(count=alone, message=message, parameter="strata" if strata else "cluster")
    ]
