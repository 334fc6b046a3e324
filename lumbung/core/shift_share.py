"""Shift-share: how much of an area's change is the country's, the industries', its own."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from lumbung.core.economy import (
    AREA,
    INDUSTRY,
    REFERENCE,
    WHERE_AND_WHAT,
    absent,
    below_zero,
    beside,
    doubled,
    dropped,
    named,
    some,
)
from lumbung.core.groups import aggregated
from lumbung.core.measure import BadInput, Fault, Measure, Parameter, Takes, many_tables
from lumbung.core.message import Message
from lumbung.core.ratio import ratio

FORMS = ("classic", "esteban-marquillas")
PARTS = ("national", "mix", "competitive", "total")
PARTS_ALLOCATED = ("national", "mix", "competitive", "allocation", "total")


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Which columns mean what, the two periods, and whom to compare with."""

    area: str
    industry: str
    value: str
    period: str
    start: str
    end: str
    reference: str | None = None
    form: str = "classic"
    by: tuple[str, ...] = ()
    weight: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return PARTS if self.form == "classic" else PARTS_ALLOCATED


def naming(*, to: str, form: str | None = None, **given: Any) -> Naming:
    """Return the names; `from` is a word of Python's and comes in by `given`."""
    start = given.pop("from")
    return Naming(start=start, end=to, form=form or "classic", **given)


def shift_share(table: ir.Table, **given: Any) -> dict[str, ir.Table]:
    """Return the tables `cells` (area industry …) and `areas` (area …).

    With e the value of a cell, E that of its industry in the reference, at the
    start (0) and the end (1), and T all of the reference:

    national     e0 × T1/T0 - e0           had all grown as the reference did
    mix          e0 × E1/E0 - e0 × T1/T0   what its industries did elsewhere
    competitive  e1 - e0 × E1/E0           what only this area did
    total        e1 - e0                   the sum of them

    `form="esteban-marquillas"` splits competitive: with h = what the area would
    have at the start with the reference's shares, competitive is h × (e1/e0 -
    E1/E0), and allocation the rest. An industry new to an area (e0 = 0) has no
    rate of its own: its whole e1 is competitive in both forms, all else 0. A cell
    without a row is zero. The reference is the sum of areas, or an area, which
    then gets no rows. `total` at the end counts in the unit of `value`.

    Fish doubles in A and halves in B while all together stay at 100:

    >>> import ibis
    >>> import pyarrow as pa
    >>> rows = pa.table({
    ...     "place": ["A", "B", "A", "B"], "what": ["fish"] * 4,
    ...     "year": [2020, 2020, 2025, 2025], "workers": [20, 80, 60, 40],
    ... })
    >>> found = shift_share(
    ...     ibis.memtable(rows), area="place", industry="what", value="workers",
    ...     period="year", to="2025", **{"from": "2020"},
    ... )
    >>> found["areas"].to_pyarrow().to_pylist()[0]  # doctest: +NORMALIZE_WHITESPACE
    {'area': 'A', 'national': 0.0, 'mix': 0.0, 'competitive': 40.0, 'total': 40.0}

    Source: Dunn (1960), Papers of the Regional Science Association 6;
    Esteban-Marquillas (1972), Regional and Urban Economics 2(3).
    """
    names = naming(**given)
    cells = compared(table, names)
    kept = cells.select(*names.by, "area", "industry", **parts(cells, names))
    areas = aggregated(
        kept, (*names.by, *AREA), **{part: kept[part].sum() for part in names.parts}
    )
    return {
        "cells": kept.order_by([*names.by, "area", "industry"]),
        "areas": areas.order_by([*names.by, "area"]),
    }


def parts(cells: ir.Table, names: Naming) -> dict[str, Any]:
    start, end = cells._e0, cells._e1
    new = start == 0
    as_all = new.ifelse(0.0, ratio(start * cells._t1, cells._t0))
    as_industry = new.ifelse(0.0, ratio(start * cells._i1, cells._i0))
    own = end - as_industry
    found = {"national": as_all - start, "mix": as_industry - as_all}
    if names.form == "classic":
        return found | {"competitive": own, "total": end - start}
    even = ratio(cells._area * cells._i0, cells._t0)
    faster = ratio(end, start) - ratio(cells._i1, cells._i0)
    competitive = new.ifelse(own, even * faster)
    return found | {
        "competitive": competitive,
        "allocation": own - competitive,
        "total": end - start,
    }


def compared(table: ir.Table, names: Naming) -> ir.Table:
    """Return the cells with the sums that they are compared with beside them."""
    by = names.by
    cells = both_ends(table, names)
    own = cells.filter(~cells._is_reference)
    other = cells.filter(cells._is_reference) if names.reference else cells
    ends = {"_i0": other._e0.sum(), "_i1": other._e1.sum()}
    industries = aggregated(other, (*by, *INDUSTRY), **ends)
    whole = aggregated(other, by, _t0=ends["_i0"], _t1=ends["_i1"])
    areas = aggregated(own, (*by, *AREA), _area=own._e0.sum())
    found = beside(own, industries, (*by, *INDUSTRY))
    found = found.mutate(_i0=found._i0.fill_null(0), _i1=found._i1.fill_null(0))
    found = beside(beside(found, whole, by), areas, (*by, *AREA))
    most = aggregated(own, (*by, *INDUSTRY), _most=(own._e0 + own._e1).max())
    found = beside(found, most, (*by, *INDUSTRY))
    return found.filter((found._most > 0) | (found._i0 + found._i1 > 0))


def both_ends(table: ir.Table, names: Naming) -> ir.Table:
    """Return by area industry _e0 _e1: each cell at the start and at the end."""
    value = table[names.value].cast("float64")
    if names.weight:
        value = value * table[names.weight].cast("float64")
    first = named(table[names.period], names.start)
    last = named(table[names.period], names.end)
    rows = table.select(
        *names.by,
        area=table[names.area],
        industry=table[names.industry],
        _e0=first.ifelse(value, 0.0),
        _e1=last.ifelse(value, 0.0),
        _first=first,
        _last=last,
    ).filter(lambda row: row._first | row._last)
    cells = aggregated(
        rows,
        (*names.by, "area", "industry"),
        _e0=rows._e0.sum(),
        _e1=rows._e1.sum(),
        _first=rows._first.any(),
        _last=rows._last.any(),
    )
    return cells.mutate(_is_reference=named(cells.area, names.reference))


def faults(table: ir.Table, **given: Any) -> list[Fault]:
    names = naming(**given)
    if names.form not in FORMS:
        raise BadInput(
            Message(
                "%(given)s is none of %(known)s.", given=names.form, known=FORMS[1]
            ),
            field="form",
        )
    if names.start == names.end:
        raise BadInput(Message("The change needs two different periods."), field="to")
    period = table[names.period]
    found = [
        below_zero(table, names.value),
        *absent(period, names.start, "from"),
        *absent(period, names.end, "to"),
        *absent(table[names.area], names.reference, "reference"),
    ]
    if not names.weight:
        meant = table.filter(named(period, names.start) | named(period, names.end))
        keys = (*names.by, names.area, names.industry, names.period)
        found.append(doubled(meant, keys))
    return found + incomparable(table, names)


def incomparable(table: ir.Table, names: Naming) -> list[Fault]:
    cells = both_ends(table, names)
    ends = aggregated(
        cells,
        (*names.by, *AREA),
        _first=cells._first.any(),
        _last=cells._last.any(),
    )
    half = ends.filter(~(ends._first & ends._last))
    found = compared(table, names)
    strange = found.filter((found._i0 == 0) & (found._e0 > 0))
    industries = aggregated(
        cells, (*names.by, *INDUSTRY), _most=(cells._e0 + cells._e1).max()
    )
    idle = industries.filter(industries._most == 0)
    return [
        Fault(
            count=strange.count().as_scalar(),
            names=some(strange, "industry"),
            message=Message(
                "At the start the reference has nothing of industries that areas"
                " have: %(names)s."
            ),
            parameter="reference",
        ),
        Fault(
            count=half.count().as_scalar(),
            names=some(half, "area"),
            message=Message(
                "Areas with rows in one period only, zero in the other: %(names)s."
            ),
            parameter="DATA",
            warn=True,
        ),
        dropped(idle),
    ]


def results(*, form: str | None = None, **_: Any) -> tuple[str, ...]:
    allocated = form == "esteban-marquillas"
    return ("area", "industry", *(PARTS_ALLOCATED if allocated else PARTS))


SHIFT_SHARE = Measure(
    name="shift-share",
    kind="table",
    definition=(
        "national = the area's start at the reference's growth; mix = at its"
        " industries' growth in the reference, less national; competitive = the"
        " rest. Esteban-Marquillas splits the rest in competitive, at the"
        " reference's shares of industries, and allocation. An industry new to an"
        " area is wholly competitive. The parts add up to total, the change."
    ),
    source="Dunn 1960; Esteban-Marquillas 1972.",
    parameters=(
        *WHERE_AND_WHAT,
        Parameter(
            name="value",
            takes=Takes.VALUE,
            required=True,
            help="how much: people, output or another amount, 0 or more",
        ),
        Parameter(
            name="period", takes=Takes.COLUMN, required=True, help="when: a column"
        ),
        Parameter(
            name="from", takes=Takes.TEXT, required=True, help="the period at the start"
        ),
        Parameter(
            name="to", takes=Takes.TEXT, required=True, help="the period at the end"
        ),
        REFERENCE,
        Parameter(
            name="form",
            takes=Takes.WORD,
            choices=FORMS,
            default="classic",
            help="whether the area's own part is split",
        ),
    ),
    columns="area [industry] national mix competitive [allocation] total",
    results=results,
    compute=shift_share,
    several=many_tables,
    faults=faults,
    weighted=True,
)
