"""Tables by group: with no group named, the whole table is the one group."""

from collections.abc import Callable, Mapping
from typing import Any

import ibis.expr.types as ir

from lumbung.core.measure import BadInput
from lumbung.core.message import Message


def aggregated(table: ir.Table, by: tuple[str, ...], **sums: Any) -> ir.Table:
    return table.group_by(by).aggregate(**sums) if by else table.aggregate(**sums)


def in_order(table: ir.Table, by: tuple[str, ...]) -> ir.Table:
    return table.order_by(by) if by else table


def refuse_nobody(
    rows: Any, by: tuple[str, ...], nobody: Callable[[Mapping[str, Any]], bool]
) -> None:
    """Refuse a group in which nobody lives: weights or members add up to zero."""
    for row in rows.to_pylist():
        if nobody(row):
            raise BadInput(
                Message(
                    "There are no people in the group %(group)s.", group=called(row, by)
                ),
                mend=Message("Leave it out with --where."),
                field="by" if by else "weight",
            )


def called(row: Mapping[str, Any], by: tuple[str, ...]) -> str:
    return ", ".join(str(row[column]) for column in by) or "-"
