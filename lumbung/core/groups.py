"""Tables by group: with no group named, the whole table is the one group."""

from typing import Any

import ibis.expr.types as ir


def aggregated(table: ir.Table, by: tuple[str, ...], **sums: Any) -> ir.Table:
    return table.group_by(by).aggregate(**sums) if by else table.aggregate(**sums)


def in_order(table: ir.Table, by: tuple[str, ...]) -> ir.Table:
    return table.order_by(by) if by else table
