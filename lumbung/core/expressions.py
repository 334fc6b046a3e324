"""Expressions that people write in filters, specifications and packs.

Text is parsed (sqlglot) and rebuilt node by node as an Ibis expression from an
allow-list of operators and functions over known columns. Nothing that was
written ever reaches an engine as text: no sub-query, no file function, no cast.
"""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
import sqlglot
from ibis.common.annotations import ValidationError
from ibis.common.exceptions import IbisError
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lumbung.core.measure import BadInput
from lumbung.core.message import Message
from lumbung.core.ratio import ratio

TWO_SIDED: dict[type[exp.Expression], Callable[[Any, Any], Any]] = {
    exp.And: lambda a, b: a & b,
    exp.Or: lambda a, b: a | b,
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.Add: lambda a, b: a + b,
    exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
    exp.Div: ratio,
    exp.Mod: lambda a, b: a % b.nullif(0),
    exp.Like: lambda a, b: a.like(_text(b)),
    exp.ILike: lambda a, b: a.ilike(_text(b)),
}
FUNCTIONS: dict[type[exp.Expression], Callable[..., Any]] = {
    exp.Abs: lambda a: a.abs(),
    exp.Coalesce: ibis.coalesce,
    exp.Greatest: ibis.greatest,
    exp.Least: ibis.least,
    exp.Length: lambda a: a.length(),
    exp.Lower: lambda a: a.lower(),
    exp.Upper: lambda a: a.upper(),
    exp.Trim: lambda a: a.strip(),
}
LONGEST = 4_000  # characters; longer or nested deeper than this, an expression
DEEPEST = 60  # is an attack or a generator's slip
SAID_IN = {"this", "expression", "expressions", "ignore_nulls"}


class BadExpression(BadInput):
    code = "bad_expression"


def read_condition(text: str, table: ir.Table, *, parameter: str) -> ir.BooleanValue:
    """Return a yes-or-no expression over the columns of `table`.

    >>> t = ibis.table({"age": "int64", "sex": "string"})
    >>> read_condition("age >= 60 or sex is null", t, parameter="where").get_name()
    'Or(GreaterEqual(age, 60), IsNull(sex))'
    """
    value = read_value(text, table, parameter=parameter)
    if not isinstance(value, ir.BooleanValue):
        reason = Message("it gives a value, not yes or no")
        raise refusal(text, reason, parameter)
    return value


def read_value(text: str, table: ir.Table, *, parameter: str) -> Any:
    """Return the Ibis expression that `text` says over the columns of `table`."""
    tree = parse(text, parameter=parameter)
    try:
        return build(tree, table)
    except NotAllowedError as fault:
        raise refusal(text, fault.reason, parameter) from None
    except (IbisError, ValidationError, AttributeError, TypeError) as fault:
        # Ibis says in its own ways that a text is no number, and the like.
        reason = Message("the kinds of its values do not fit together")
        raise refusal(text, reason, parameter) from fault


class NotAllowedError(Exception):
    """A part that is not on the list; turned into a refusal of the whole text."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(text: str, *, parameter: str) -> exp.Expression:
    incomplete = Message("it is not one complete expression")
    too_deep = Message("it is too long or nested too deep")
    if len(text) > LONGEST:
        raise refusal(text[:60], too_deep, parameter)
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError:
        raise refusal(text, incomplete, parameter) from None
    except RecursionError:
        raise refusal(text[:60], too_deep, parameter) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise refusal(text, incomplete, parameter)
    if depth(trees[0]) > DEEPEST:
        raise refusal(text[:60], too_deep, parameter)
    return trees[0]


def depth(node: exp.Expression) -> int:
    """Count the levels of a tree, breadth first so that no text overflows us."""
    level, levels = [node], 0
    while level:
        level = [child for parent in level for child in parent.iter_expressions()]
        levels += 1
    return levels


def columns_in(text: str, *, parameter: str) -> set[str]:
    """Return the names of the columns that an expression reads."""
    tree = parse(text, parameter=parameter)
    return {column.name for column in tree.find_all(exp.Column)}


def refusal(text: str, reason: Message, parameter: str) -> BadExpression:
    return BadExpression(
        Message(
            "“%(text)s” is not allowed here: %(reason)s.", text=text, reason=reason
        ),
        mend=Message(
            "Use columns, numbers, 'text', + - * / %, = <> < <= > >=, and, or, not, "
            "in (…), between, like, is null, case, and the functions abs, coalesce, "
            "greatest, least, length, lower, upper, trim. Text stands in single quotes."
        ),
        field=parameter,
    )


def build(node: Any, table: ir.Table) -> Any:
    """Rebuild one node and those below it, or raise NotAllowedError."""
    kind = type(node)
    if kind in TWO_SIDED:
        left, right = build(node.this, table), build(node.expression, table)
        return TWO_SIDED[kind](left, right)
    if kind in FUNCTIONS:
        if any(value for key, value in node.args.items() if key not in SAID_IN):
            raise not_on_list(node)
        arguments = [node.this, *node.args.get("expressions", [])]
        return FUNCTIONS[kind](*(build(each, table) for each in arguments))
    if kind in OTHERS:
        return OTHERS[kind](node, table)
    raise not_on_list(node)


def not_on_list(node: exp.Expression) -> NotAllowedError:
    part = node.sql(dialect="duckdb")[:60]
    return NotAllowedError(Message("%(part)s is not on the list", part=part))


def _column(node: exp.Column, table: ir.Table) -> Any:
    if node.table or not isinstance(node.this, exp.Identifier):
        raise not_on_list(node)
    if node.name not in table.columns:
        raise NotAllowedError(
            Message("there is no column %(column)s", column=node.name)
        )
    return wide(table[node.name])


def wide(cell: Any) -> Any:
    """Return whole numbers in 64 bits with a sign, so that they can be added up.

    Parquet keeps small ones in 8 bits, or without room for one below zero.
    """
    kind = cell.type()
    return cell.cast("int64") if kind.is_integer() and not kind.is_int64() else cell


def _literal(node: exp.Literal, _: ir.Table) -> Any:
    if node.is_string:
        return ibis.literal(node.this)
    number = int(node.this) if node.is_int else float(node.this)
    small = node.is_int and number < 2**63
    return ibis.literal(number, "int64" if small else None)


def _is(node: exp.Is, table: ir.Table) -> Any:
    value = build(node.this, table)
    if isinstance(node.expression, exp.Null):
        return value.isnull()
    if isinstance(node.expression, exp.Boolean):
        return value.fill_null(not node.expression.this) == node.expression.this
    raise NotAllowedError(Message("after `is` comes null, not null, true or false"))


def _in(node: exp.In, table: ir.Table) -> Any:
    if any(node.args.get(key) for key in ("query", "unnest", "field")):
        raise NotAllowedError(Message("a sub-query is not allowed"))
    value = build(node.this, table)
    options = [build(each, table) for each in node.expressions]
    for option in options:
        _ = value == option  # Ibis refuses another kind here, and not in `isin`
    return value.isin(options)


def _between(node: exp.Between, table: ir.Table) -> Any:
    low, high = build(node.args["low"], table), build(node.args["high"], table)
    return build(node.this, table).between(low, high)


def _case(node: exp.Case, table: ir.Table) -> Any:
    if node.this is not None:
        raise NotAllowedError(Message("write case when … then … else … end"))
    default = node.args.get("default")
    branches = [
        (build(w.this, table), build(w.args["true"], table)) for w in node.args["ifs"]
    ]
    return ibis.cases(
        *branches, else_=None if default is None else build(default, table)
    )


def _text(value: Any) -> str:
    node = value.op()
    if not isinstance(node, ibis.expr.operations.Literal) or not isinstance(
        node.value, str
    ):
        raise NotAllowedError(Message("after `like` comes 'text'"))
    return node.value


OTHERS: dict[type[exp.Expression], Callable[[Any, ir.Table], Any]] = {
    exp.Paren: lambda node, table: build(node.this, table),
    exp.Not: lambda node, table: ~build(node.this, table),
    exp.Neg: lambda node, table: -build(node.this, table),
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda node, _: ibis.literal(node.this),
    exp.Null: lambda *_: ibis.null(),
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Case: _case,
}
