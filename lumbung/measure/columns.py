"""The columns a measure reads: that they exist, and hold what they should."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.expressions import wide
from lumbung.core.measure import BadInput, Column, Fault, Lack, Measure, Takes, wrong
from lumbung.core.message import Message, Plural
from lumbung.core.yes_no import neither, yes_or_no
from lumbung.engine import Engine

DOMAIN = "lumbung_domain"  # true where a row counts, not only carries the design
DESIGN = {"weight", "strata", "cluster"}  # what a row of a survey's design must have
NUMERIC = {Takes.VALUE, Takes.VALUES, Takes.VALUE_OR_NUMBER}


def columns_read(
    measure: Measure,
    *,
    by: tuple[str, ...],
    weight: str | None,
    parameters: Mapping[str, Any],
) -> list[Column]:
    """Return each column that the request names, with the parameter that names it."""
    read = [Column(name, "by") for name in by]
    if weight:
        read.append(Column(weight, "weight", Takes.VALUE))
    for parameter in measure.parameters:
        given, takes = parameters.get(parameter.name), parameter.takes
        if takes is Takes.VALUES:
            names = given or ()
        elif takes in NUMERIC | {Takes.COLUMN, Takes.YES_NO} and isinstance(given, str):
            names = (given,)
        else:
            continue
        read += [
            Column(name, parameter.name, takes, parameter.may_be_missing)
            for name in names
        ]
    return read + measure.reads(**parameters)


def names_in(columns: list[Column]) -> list[str]:
    """Return the columns of names and codes, which are no numbers to count with."""
    return [
        column.name
        for column in columns
        if column.takes is Takes.COLUMN and not column.may_be_missing
    ]


def refuse_unknown(table: ir.Table, columns: list[Column]) -> None:
    for column in columns:
        if column.name not in table.columns:
            raise BadInput(
                Message("There is no column %(column)s.", column=column.name),
                mend=Message(
                    "The columns are: %(names)s.", names=", ".join(table.columns)
                ),
                field=column.parameter,
            )


def refuse_result_names(by: tuple[str, ...], results: tuple[str, ...]) -> None:
    """Refuse a column of `--by` that is called like a column of the result.

    Names that begin with an underscore are kept for sums on the way.
    """
    folded = {name.casefold() for name in results}
    for column in by:
        twice = column.casefold() in folded or by.count(column) > 1
        if twice or column.startswith("_"):
            raise BadInput(
                Message(
                    "The column %(column)s would stand twice in the result.",
                    column=column,
                ),
                mend=Message("Give the column another name in the data."),
                field="by",
            )


def refuse_text(engine: Engine, table: ir.Table, columns: list[Column]) -> None:
    """Refuse a column of text where numbers are needed; say how many rows have it."""
    for column in columns:
        kind = table.schema()[column.name]
        cell = table[column.name]
        if column.takes is Takes.YES_NO and not kind.is_boolean():
            refuse_rows(engine, table, column, neither(cell), NO_ANSWER)
        if column.takes in NUMERIC and not (kind.is_numeric() or kind.is_boolean()):
            bad = cell.notnull()
            if kind.is_string():
                text = cell.strip()
                bad = (text != "") & text.try_cast("float64").isnull()
            refuse_rows(engine, table, column, bad, NO_NUMBER)


NO_NUMBER = Message("Write numbers with a point, without other marks: 1234.5")
NO_ANSWER = Message("Write true or false, 1 or 0, yes or no, ya or tidak.")


def refuse_rows(
    engine: Engine, table: ir.Table, column: Column, bad: Any, mend: Message
) -> None:
    counted = engine.run(table.aggregate(n=wrong(bad))).to_pylist()[0]["n"]
    if counted:
        raise BadInput(
            Plural(
                "The column %(column)s holds what it should not in %(count)s row.",
                "The column %(column)s holds what it should not in %(count)s rows.",
                count=int(counted),
                column=column.name,
            ),
            mend=mend,
            field=column.parameter,
        )


def typed(table: ir.Table, columns: list[Column]) -> ir.Table:
    """Keep the columns that are read, each in the type that its parameter needs."""
    ready: dict[str, Any] = {}
    for column in columns:
        kind, cell = table.schema()[column.name], table[column.name]
        if column.takes in NUMERIC:
            ready[column.name] = as_number(cell, kind)
        elif column.takes is Takes.YES_NO:
            ready[column.name] = yes_or_no(cell)
        else:
            ready.setdefault(column.name, cell)
    return table.select(**ready) if ready else table


def as_number(cell: Any, kind: Any) -> Any:
    """Whole numbers stay whole, in 64 bits; everything else becomes a 64-bit float."""
    if kind.is_integer():
        return wide(cell)
    if kind.is_string():
        number = cell.strip().nullif("").try_cast("float64")
        return number.isnan().ifelse(ibis.null("float64"), number)
    return cell.cast("int64" if kind.is_boolean() else "float64")


def without_nan(table: ir.Table, engine: Engine) -> ir.Table:
    """Return the table with what is no number, NaN, empty."""
    numbers = {
        cell.get_name(): (engine.finite(cell) | cell.isinf()).ifelse(
            cell, ibis.null(cell.type())
        )
        for cell in floats(table)
    }
    return table.mutate(**numbers) if numbers else table


def floats(table: ir.Table) -> list[Any]:
    cells = [table[name] for name in table.columns]
    return [cell for cell in cells if cell.type().is_floating()]


def empty_cells(table: ir.Table, columns: list[Column]) -> list[Lack]:
    return [
        Lack(
            name=column.name,
            parameter=column.parameter,
            rows=table[column.name].isnull(),
        )
        for column in columns
        if not column.may_be_missing
    ]


def common_faults(table: ir.Table, columns: list[Column]) -> list[Fault]:
    """What is wrong in every measure: endless numbers, weights below zero."""
    faults = []
    for column in columns:
        cell = table[column.name]
        if cell.type().is_floating():
            message = Message("Infinite values in %(column)s.", column=column.name)
            faults.append(
                Fault(
                    rows=cell.isinf(),
                    message=message,
                    parameter=column.parameter,
                )
            )
        if column.parameter == "weight":
            message = Message("Weights below zero in %(column)s.", column=column.name)
            faults.append(Fault(rows=cell < 0, message=message, parameter="weight"))
    return faults
