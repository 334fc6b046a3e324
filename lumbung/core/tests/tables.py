"""Small tables in, plain rows out: what the tests of measures share."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa


def table(**columns: list[Any]) -> ir.Table:
    return ibis.memtable(pa.table(columns))


def rows(expression: ir.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
    return found


def row(expression: ir.Table) -> dict[str, Any]:
    (only,) = rows(expression)
    return only
