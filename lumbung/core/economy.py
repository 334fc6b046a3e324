"""Areas, industries and what they are compared with: the ground of the quotients.

A suppressed cell is unknown, not zero: every sum that would need it is unknown
too. A total row is named and never summed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.groups import aggregated
from lumbung.core.measure import BadInput, Column, Fault, Parameter, Takes, wrong
from lumbung.core.message import Message

AREA = ("area",)
INDUSTRY = ("industry",)


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Which columns of a table mean what, and what cells are compared with."""

    area: str
    industry: str
    value: str
    by: tuple[str, ...] = ()
    weight: str | None = None
    total: str | None = None
    reference: str | None = None
    reference_file: ir.Table | None = None
    suppressed: str | None = None


@dataclass(frozen=True)
class Economy:
    """One row each, with the columns of `by` in front; empty means unknown.

    cells       by area industry value; neither total rows nor the reference
    areas       by area _area: all that an area has
    industries  by industry _industry _idle: the reference's part of an industry,
                and whether it is zero in the reference and in all cells
    whole       by _whole _parts: all that the reference has, and its industries
    """

    cells: ir.Table
    areas: ir.Table
    industries: ir.Table
    whole: ir.Table
    by: tuple[str, ...]

    def joined(self) -> ir.Table:
        """Return the cells with `_area`, `_industry` and `_whole` beside them."""
        by = self.by
        found = beside(self.cells, self.areas, (*by, *AREA))
        found = beside(found, self.industries, (*by, *INDUSTRY))
        return beside(found, self.whole, by).filter(
            lambda row: ~row._idle.fill_null(False)
        )


def economy(table: ir.Table, naming: Naming) -> Economy:
    """Return the sums that quotients and concentration are computed from."""
    by = naming.by
    rows = cells(table, naming)
    parts = rows.filter(~rows._is_total)
    own = parts.filter(~parts._is_reference)
    if naming.total:
        totals = rows.filter(rows._is_total & ~rows._is_reference)
        areas = added(totals, (*by, *AREA), "_area")
    else:
        areas = added(own, (*by, *AREA), "_area")
    compared = reference(naming, rows)
    split = compared.filter(~compared._is_total)
    industries = added(split, (*by, *INDUSTRY), "_industry")
    parts_whole = added(split, by, "_parts")
    if naming.total:
        whole = added(compared.filter(compared._is_total), by, "_whole")
        whole = beside(whole, parts_whole, by)
    else:
        whole = parts_whole.mutate(_whole=parts_whole._parts)
    return Economy(
        cells=own.select(*by, "area", "industry", "value"),
        areas=areas,
        industries=with_idle(industries, own, (*by, *INDUSTRY)),
        whole=whole,
        by=by,
    )


def cells(table: ir.Table, naming: Naming) -> ir.Table:
    """Return one row per area and industry; a cell with a hidden part is empty."""
    value = table[naming.value]
    if naming.weight:
        value = value * table[naming.weight].cast("float64")
    hidden = is_hidden(table, naming.suppressed)
    rows = table.select(
        *naming.by,
        area=table[naming.area],
        industry=table[naming.industry],
        value=hidden.ifelse(ibis.null(value.type()), value),
    )
    rows = added(rows, (*naming.by, "area", "industry"), "value")
    return rows.mutate(
        _is_total=named(rows.industry, naming.total),
        _is_reference=named(rows.area, naming.reference),
    )


def added(rows: ir.Table, keys: Sequence[str], name: str) -> ir.Table:
    """Sum `value` by `keys`: unknown where any part is unknown."""
    return aggregated(rows, tuple(keys), **{name: known_sum(rows.value)})


def known_sum(value: Any) -> Any:
    return value.isnull().any().ifelse(ibis.null(value.sum().type()), value.sum())


def named(column: Any, name: str | None) -> Any:
    """Return where a column is `name`; numbers are compared as text, truths as true."""
    if name is None:
        return ibis.literal(False)
    if column.type().is_boolean():
        name = name.lower()
    return (column.cast("string") == name).fill_null(False)


def reference(naming: Naming, rows: ir.Table) -> ir.Table:
    """Return by, industry, value, _is_total of what the cells are compared with."""
    if naming.reference_file is not None:
        given = naming.reference_file
        found = given.select(
            **keys_like(rows, given, naming), value=given[naming.value]
        )
        return found.mutate(_is_total=named(found.industry, naming.total))
    if naming.reference:
        return rows.filter(rows._is_reference)
    return rows


def keys_like(rows: ir.Table, given: ir.Table, naming: Naming) -> dict[str, Any]:
    """Return `by` and the industry of a second file, as `rows` have them."""
    named_so = {**{name: name for name in naming.by}, "industry": naming.industry}
    return {
        key: as_in(given[column], rows[key].type()) for key, column in named_so.items()
    }


def as_in(column: Any, kind: Any) -> Any:
    """Return a column in another kind; what cannot be of that kind is empty."""
    text = column.cast("string")
    return text if kind.is_string() else text.strip().try_cast(kind)


def with_idle(industries: ir.Table, own: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Mark the industries that are zero in every cell and in the reference.

    One that the reference does not name is zero there.
    """
    most = aggregated(own, tuple(keys), _most=known_sum(own.value))
    found = beside(most, industries.mutate(_there=True), keys)
    part = found._there.isnull().ifelse(0, found._industry)
    idle = (found._most == 0) & (part == 0)
    return found.select(*keys, _industry=part, _idle=idle.fill_null(False))


def beside(left: ir.Table, right: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Return `left` with the further columns of `right`, where its keys are found."""
    if not keys:
        return left.cross_join(right)
    renamed = right.rename({f"_right_{key}": key for key in keys})
    found = left.left_join(
        renamed, [left[key] == renamed[f"_right_{key}"] for key in keys]
    )
    return found.drop(*[f"_right_{key}" for key in keys])


# What is asked of the data before.


def is_hidden(table: ir.Table, suppressed: str | None) -> Any:
    if suppressed is None:
        return ibis.literal(False)
    column, mark = split_mark(suppressed)
    return named(table[column], mark)


def split_mark(suppressed: str) -> tuple[str, str]:
    """Read `disclosure_code=N`: the column and what it says for a hidden value."""
    column, equals, mark = suppressed.partition("=")
    if not equals or not column or not mark:
        raise BadInput(
            Message("%(text)s is not a column and a value.", text=suppressed),
            mend=Message(
                "Write it like this: %(example)s", example="disclosure_code=N"
            ),
            field="suppressed",
        )
    return column.strip(), mark.strip()


def reads(*, value: str, suppressed: str | None = None, **_: Any) -> list[Column]:
    """Return what else is read: the mark, and the value, empty only where marked."""
    if suppressed is None:
        return [Column(value, "value", Takes.VALUE)]
    column, _mark = split_mark(suppressed)
    return [Column(column, "suppressed", may_be_missing=True)]


def faults(table: ir.Table, naming: Naming) -> list[Fault]:
    """Return what may be wrong with a table of areas and industries."""
    if naming.reference and naming.reference_file is not None:
        raise BadInput(
            Message("Give a reference area or a reference file, not both."),
            field="reference_file",
        )
    check_file(naming.reference_file, "reference_file", naming)
    found = [
        below_zero(table, naming.value),
        *absent(table[naming.area], naming.reference, "reference"),
        *absent(table[naming.industry], naming.total, "total"),
    ]
    found += hidden_faults(table, naming)
    found += reference_faults(naming)
    if not naming.weight:
        found.append(doubled(table, (*naming.by, naming.area, naming.industry)))
    return found + sums_faults(table, naming)


def check_file(
    given: ir.Table | None, parameter: str, naming: Naming, number: str = ""
) -> None:
    """Refuse a second table that lacks a column, or has text for numbers."""
    if given is None:
        return
    number = number or naming.value
    for column in (*naming.by, naming.industry, number):
        if column not in given.columns:
            raise BadInput(
                Message("The file has no column %(column)s.", column=column),
                mend=Message("It needs the same column names as the data."),
                field=parameter,
            )
    if not given[number].type().is_numeric():
        raise BadInput(
            Message("The column %(column)s of the file is no number.", column=number),
            field=parameter,
        )


def absent(column: Any, name: str | None, parameter: str) -> list[Fault]:
    """Refuse a name that no row has."""
    if name is None:
        return []
    message = Message(
        "No row of %(column)s is called %(name)s.", column=column.get_name(), name=name
    )
    rows = column.count()  # of which none is called so
    none = (wrong(named(column, name)) == 0).ifelse(rows, 0)
    return [Fault(count=none, message=message, parameter=parameter)]


def hidden_faults(table: ir.Table, naming: Naming) -> list[Fault]:
    if naming.suppressed is None:
        return []
    column, mark = split_mark(naming.suppressed)
    hidden = is_hidden(table, naming.suppressed)
    found = [
        # Nothing may be hidden here; or the mark is misspelt, and zeros then count.
        *(
            replace(fault, warn=True)
            for fault in absent(table[column], mark, "suppressed")
        ),
        Fault(
            count=wrong(table[naming.value].isnull() & ~hidden),
            message=Message(
                "Empty but not marked as suppressed: values in %(column)s.",
                column=naming.value,
            ),
            parameter="value",
        ),
    ]
    if not naming.total:
        found.append(
            Fault(
                count=wrong(hidden),
                message=Message(
                    "Cells are suppressed, so sums over them are unknown: name the"
                    " total row with --total."
                ),
                parameter="total",
            )
        )
    return found


def reference_faults(naming: Naming) -> list[Fault]:
    given = naming.reference_file
    if given is None:
        return []
    amount = given[naming.value]
    bad = amount.isnull() | (amount < 0) | given[naming.industry].isnull()
    found = [
        Fault(
            count=given.aggregate(n=wrong(bad)).as_scalar(),
            message=Message("Values missing or below zero in the reference file."),
            parameter="reference_file",
        )
    ]
    for fault in absent(given[naming.industry], naming.total, "total"):
        scalar = given.aggregate(n=fault.count).as_scalar()
        found.append(
            Fault(count=scalar, message=fault.message, parameter="reference_file")
        )
    return found


def below_zero(table: ir.Table, value: str) -> Fault:
    return Fault(
        count=wrong(table[value] < 0),
        message=Message("Values below zero in %(column)s.", column=value),
        parameter="value",
    )


def doubled(table: ir.Table, keys: Sequence[str]) -> Fault:
    """Warn of rows that are added up because they have the same keys."""
    different = table.select(*dict.fromkeys(keys)).distinct().count().as_scalar()
    return Fault(
        count=table.count().as_scalar() - different,
        message=Message("Rows were added to others of the same area and industry."),
        parameter="DATA",
        warn=True,
    )


def sums_faults(table: ir.Table, naming: Naming) -> list[Fault]:
    """Look for areas without a total row or with nothing, and for idle industries."""
    found = economy(table, naming)
    keys = (*naming.by, *AREA)
    seen = beside(
        found.cells.select(*keys).distinct(), found.areas.mutate(_there=True), keys
    )
    faults = []
    if naming.total:
        lacking = seen.filter(seen._there.isnull())
        faults.append(
            Fault(
                count=lacking.count().as_scalar(),
                names=some(lacking, "area"),
                message=Message("Areas without the total row: %(names)s."),
                parameter="total",
            )
        )
    empty = seen.filter((seen._area == 0).fill_null(False))
    idle = found.industries.filter(found.industries._idle)
    return [
        *faults,
        Fault(
            count=empty.count().as_scalar(),
            names=some(empty, "area"),
            message=Message("Areas with nothing, left empty: %(names)s."),
            parameter="DATA",
            warn=True,
        ),
        dropped(idle),
        *unmatched(found, naming),
    ]


def dropped(idle: ir.Table) -> Fault:
    return Fault(
        count=idle.count().as_scalar(),
        names=some(idle, "industry"),
        message=Message("Industries that are zero everywhere, dropped: %(names)s."),
        parameter="DATA",
        warn=True,
    )


def unmatched(found: Economy, naming: Naming) -> list[Fault]:
    """Warn of industries that the given reference does not have."""
    if not naming.reference and naming.reference_file is None:
        return []
    strange = found.industries.filter(
        (found.industries._industry == 0).fill_null(False) & ~found.industries._idle
    )
    return [
        Fault(
            count=strange.count().as_scalar(),
            names=some(strange, "industry"),
            message=Message(
                "Industries that the reference does not have, quotients left empty:"
                " %(names)s."
            ),
            parameter="DATA",
            warn=True,
        )
    ]


def some(rows: ir.Table, column: str) -> ir.Table:
    """Return the first ten different names."""
    different = rows.select(name=rows[column].cast("string")).distinct()
    return different.order_by("name").limit(10)


WHERE_AND_WHAT = (
    Parameter(name="area", takes=Takes.COLUMN, required=True, help="where: a column"),
    Parameter(
        name="industry", takes=Takes.COLUMN, required=True, help="what: a column"
    ),
)
REFERENCE = Parameter(
    name="reference",
    takes=Takes.TEXT,
    help="the name of the area to compare with; else the sum of all areas",
)
PARAMETERS = (
    *WHERE_AND_WHAT,
    Parameter(
        name="value",
        takes=Takes.VALUE,
        required=True,
        may_be_missing=True,
        help="how much: people, output or another amount, 0 or more",
    ),
)
COMPARED = (
    Parameter(
        name="total",
        takes=Takes.TEXT,
        help="the name of the industry that is the total; it is not summed",
    ),
    REFERENCE,
    Parameter(
        name="reference_file",
        takes=Takes.TABLE,
        help="a file to compare with: the industry and value columns, one row each",
    ),
    Parameter(
        name="suppressed",
        takes=Takes.TEXT,
        help="how hidden values are marked, such as disclosure_code=N",
    ),
)
