"""A measure computed from a table: checked, counted, and only then answered.

What every measure asks of its data is asked here once: columns exist and hold
what they should, nothing is missing or endless, weights are not negative.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial, reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from lumbung.core.expressions import read_condition
from lumbung.core.groups import aggregated
from lumbung.core.measure import (
    BadInput,
    Column,
    Fault,
    Lack,
    Measure,
    Outcome,
    beyond_counting,
    number_of,
    wrong,
)
from lumbung.core.message import Message, Plural
from lumbung.engine import Engine
from lumbung.measure.columns import (
    DESIGN,
    DOMAIN,
    columns_read,
    common_faults,
    empty_cells,
    floats,
    refuse_result_names,
    refuse_text,
    refuse_unknown,
    typed,
    without_nan,
)

MOST = 8  # groups of a matrix measure at once: each holds its matrices in memory
NO_ROWS = Message("No row is left to compute from.")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a measure, its own parameters in `parameters`."""

    by: tuple[str, ...] = ()
    weight: str | None = None
    where: str | None = None
    drop_missing: bool = False
    strict: bool = False  # refuse what would only be warned of
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def columns(self, measure: Measure) -> list[Column]:
        """Return what is read for the answer."""
        return columns_read(
            measure, by=self.by, weight=self.weight, parameters=self.parameters
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The result tables by name (the main one is ``), and how many rows it took."""

    tables: Mapping[str, pa.Table]
    warnings: tuple[Message, ...] = ()
    read: int = 0
    outside: int = 0  # not meant by `where`
    dropped: int = 0  # something was missing

    @property
    def used(self) -> int:
        return self.read - self.outside - self.dropped


def compute(
    engine: Engine | None, measure: Measure, table: ir.Table | None, request: Request
) -> Answer:
    """Compute `measure`; raise a Refusal for data it cannot honestly answer from.

    A plain measure needs neither engine nor table.
    """
    if engine is None or table is None:
        outcome = measure.compute(**request.parameters)
        return Answer(tables=arrow_tables(outcome.tables), warnings=outcome.warnings)
    refuse_not_taken(measure, request)
    columns = request.columns(measure)
    refuse_unknown(table, columns)
    refuse_result_names(request.by, result_names(measure, request))
    return Computation(engine, measure, request, columns).answer(table)


def refuse_not_taken(measure: Measure, request: Request) -> None:
    if request.weight and not measure.weighted:
        raise BadInput(Message("This measure takes no weights."), field="weight")
    if request.by and not measure.grouped:
        raise BadInput(Message("This measure takes no groups."), field="by")


def result_names(measure: Measure, request: Request) -> tuple[str, ...]:
    if measure.results:
        return measure.results(**request.parameters)
    return tuple(measure.columns.split())


class Computation:
    """The steps between a table as it was read and an answer."""

    def __init__(
        self, engine: Engine, measure: Measure, request: Request, columns: list[Column]
    ) -> None:
        self.engine = engine
        self.measure = measure
        self.request = request
        self.columns = columns
        self.keywords = dict(request.parameters)
        if measure.kind == "table" and measure.grouped:
            self.keywords["by"] = request.by
        if measure.kind == "table" and measure.weighted:
            self.keywords["weight"] = request.weight

    def answer(self, table: ir.Table) -> Answer:
        if self.designed():
            return self.answer_within_design(table)
        read, table = self.narrow(table)
        refuse_text(self.engine, table, self.columns)
        at_once = self.at_a_glance(table)
        if at_once:
            rows, totals = at_once
            tables, more = self.figures(table, totals)
            read = read or rows
            return Answer(tables=tables, warnings=more, read=read, outside=read - rows)
        ready = typed(without_nan(table, self.engine), self.columns)
        counts, totals = self.examine(ready)
        kept = counts["rows"]
        dropped = self.missing_rows(ready, counts)
        if dropped:
            ready = ready.filter(~self.lacking(ready))
            counts, totals = self.examine(ready)
        warnings = self.judge_faults(ready, counts)
        tables, more = self.figures(ready, totals)
        return Answer(
            tables=tables,
            warnings=warnings + more,
            read=read or kept,
            outside=read - kept if read else 0,
            dropped=dropped,
        )

    def at_a_glance(self, table: ir.Table) -> tuple[int, pa.Table] | None:
        """Return how many rows there are, and the totals, of data without any fault.

        One scalar tells whether any row is doubtful in any way. Only if one is are
        the faults counted one by one: most data have none, and counting each
        would cost more than the measure itself.
        """
        ready = typed(table, self.columns)
        totals = self.measure.totals and self.measure.totals(ready, **self.keywords)
        faults = self.faults(ready)
        if not totals or any(fault.rows is None for fault in faults):
            return None
        doubts = [lack.rows for lack in self.lacks(ready)]
        doubts += [fault.rows for fault in faults]
        doubts += [~self.engine.finite(cell) for cell in floats(ready)]
        if not doubts:
            return None
        doubtful = reduce(or_, doubts).any()
        counts = {"_lumbung_rows": ready.count(), "_lumbung_doubtful": doubtful}
        found = self.engine.run(aggregated(ready, self.keys(), **totals, **counts))
        if pc.any(found["_lumbung_doubtful"]).as_py() or not len(found):
            return None
        rows = pc.sum(found["_lumbung_rows"]).as_py()
        return (rows, found.drop_columns(list(counts))) if rows else None

    def keys(self) -> tuple[str, ...]:
        keys = self.measure.keys
        return keys(**self.keywords) if keys else self.request.by

    def designed(self) -> bool:
        given = self.request.parameters
        design = given.get("strata") or given.get("cluster")
        return self.measure.surveyed and bool(design)

    def narrow(self, table: ir.Table) -> tuple[int, ir.Table]:
        """Return all rows' number (0 if the same) and those that `where` means."""
        if not self.request.where:
            return 0, table
        table = without_nan(table, self.engine)
        kept = condition(self.request.where, table)
        read = self.engine.run(table.aggregate(n=table.count()))["n"][0].as_py()
        return read, table.filter(kept)

    def faults(self, ready: ir.Table) -> list[Fault]:
        own = self.measure.faults(ready, **self.keywords)
        return common_faults(ready, self.columns) + own

    def lacks(self, ready: ir.Table) -> list[Lack]:
        """Where a value is missing; in a survey, of the rows that count."""
        found = empty_cells(ready, self.columns)
        found += self.measure.lacks(ready, **self.keywords)
        if DOMAIN not in ready.columns:
            return found
        return [
            replace(lack, rows=lack.rows & ready[DOMAIN])
            if lack.parameter not in DESIGN
            else lack
            for lack in found
        ]

    def lacking(self, ready: ir.Table) -> Any:
        rows = [lack.rows for lack in self.lacks(ready)]
        return reduce(or_, rows, ibis.literal(False))

    def examine(self, ready: ir.Table) -> tuple[dict[str, int], pa.Table | None]:
        """Count rows, missing values and faults; with the totals where one scan does."""
        lacks, faults = self.lacks(ready), self.faults(ready)
        counted = {"rows": ready.count()}
        counted |= {f"m{i}": wrong(lack.rows) for i, lack in enumerate(lacks)}
        counted |= {f"f{i}": number_of(f) for i, f in enumerate(faults)}
        if lacks:
            counted["missing"] = wrong(self.lacking(ready))
        renamed = {f"lumbung_{name}": scalar for name, scalar in counted.items()}
        sums = self.measure.totals and self.measure.totals(ready, **self.keywords)
        by = self.keys() if sums else ()
        totals = self.engine.run(aggregated(ready, by, **(sums or {}), **renamed))
        counts = {n: int(pc.sum(totals[f"lumbung_{n}"]).as_py() or 0) for n in counted}
        if not sums:
            return counts, None
        return counts, totals.drop_columns(list(renamed))

    def missing_rows(self, ready: ir.Table, counts: dict[str, int]) -> int:
        """Return how many rows to drop; refuse where that was not asked for."""
        for i, lack in enumerate(self.lacks(ready)):
            # Without weight, stratum or cluster a row stands for nobody knows whom:
            # leaving it out would not be honest.
            must = lack.parameter in DESIGN
            drop = lack.drop or self.request.drop_missing
            if counts[f"m{i}"] and (must or not drop):
                raise missing_value(lack, counts[f"m{i}"])
        return counts.get("missing", 0)

    def judge_faults(
        self, ready: ir.Table, counts: dict[str, int]
    ) -> tuple[Message, ...]:
        """Refuse what is wrong; return what is only warned of."""
        if not counts["rows"]:
            raise BadInput(NO_ROWS, field="where" if self.request.where else "DATA")
        warnings = []
        for i, fault in enumerate(self.faults(ready)):
            if not counts[f"f{i}"]:
                continue
            message = self.counted(fault, counts[f"f{i}"])
            if not fault.warn or self.request.strict:
                raise BadInput(message, field=fault.parameter)
            warnings.append(message)
        return tuple(warnings)

    def counted(self, fault: Fault, count: int) -> Message:
        """Return what a fault says, with its names or with its number of rows.

        Looking for the names waits until there are any.
        """
        if fault.names is None:
            return Plural(
                "%(what)s (%(count)s row)",
                "%(what)s (%(count)s rows)",
                what=fault.message,
                count=count,
            )
        [column] = self.engine.run(fault.names).columns
        names = sorted(column.to_pylist())
        listed = ", ".join(names) + (", …" if count > len(names) else "")
        return Message(fault.message.id, **{**fault.message.values, "names": listed})

    def figures(
        self, ready: ir.Table, totals: pa.Table | None
    ) -> tuple[dict[str, pa.Table], tuple[Message, ...]]:
        if self.measure.kind == "matrix":
            return self.group_by_group(self.engine.run(ready))
        if totals is not None and self.measure.finish:
            found = self.measure.finish(ibis.memtable(totals), **self.keywords)
        else:
            found = self.measure.compute(ready, **self.keywords)
        named = found if isinstance(found, dict) else {"": found}
        tables = {name: self.engine.run(each) for name, each in named.items()}
        refuse_silent_nan(tables)
        warnings = self.measure.judge(tables, **self.keywords)
        if warnings and self.request.strict:
            raise BadInput(warnings[0], field="DATA")
        return tables, warnings

    def group_by_group(
        self, rows: pa.Table
    ) -> tuple[dict[str, pa.Table], tuple[Message, ...]]:
        """Compute a matrix measure for each group, and stack the results."""
        parts: dict[str, list[pa.Table]] = {}
        warnings: list[Message] = []
        for group, outcome in self.outcomes(rows):
            if outcome.warnings and self.request.strict:
                raise BadInput(said_of(group, outcome.warnings[0]), field="DATA")
            for name, table in arrow_tables(outcome.tables).items():
                parts.setdefault(name, []).append(labelled(table, group))
            warnings += [said_of(group, warning) for warning in outcome.warnings]
        tables = {
            name: pa.concat_tables(stack, promote_options="permissive")
            for name, stack in parts.items()
        }
        return tables, tuple(warnings)

    def outcomes(self, rows: pa.Table) -> Iterator[tuple[dict[str, Any], Outcome]]:
        """Yield each group with what was computed of it, in order of the groups.

        Groups are computed side by side, each with one thread of linear algebra:
        its threads stand idle between products, a processor with a group does not.
        """
        found = groups(rows, self.request.by)
        if len(found) == 1:
            yield found[0], self.outcome(rows, found[0])
            return
        together = ThreadPoolExecutor(min(len(found), os.cpu_count() or 1, MOST))
        with threadpool_limits(1, user_api="blas"), together as processors:
            compute_one = partial(self.outcome, rows)
            yield from zip(found, processors.map(compute_one, found), strict=True)

    def outcome(self, rows: pa.Table, group: dict[str, Any]) -> Outcome:
        try:
            found: Outcome = self.measure.compute(members(rows, group), **self.keywords)
        except BadInput as fault:
            told = said_of(group, fault.message)
            raise BadInput(told, mend=fault.mend, field=fault.field) from fault
        return found

    # A survey: rows outside stay in, because they carry the design.

    def answer_within_design(self, table: ir.Table) -> Answer:
        """Compute with every row kept; those that do not count are out of domain."""
        where = self.request.where
        table = without_nan(table, self.engine)
        inside = condition(where, table) if where else ibis.literal(True)
        table = table.mutate(**{DOMAIN: inside})
        columns = [*self.columns, Column(DOMAIN, "where", may_be_missing=True)]
        refuse_text(self.engine, table, columns)
        ready = typed(table, columns)
        counts, _ = self.examine(ready)
        dropped = self.missing_rows(ready, counts)
        if dropped:
            ready = ready.mutate(**{DOMAIN: ready[DOMAIN] & ~self.lacking(ready)})
        warnings = self.judge_faults(ready, counts)
        used = self.engine.run(ready.aggregate(n=wrong(ready[DOMAIN])))["n"][0].as_py()
        if not used:
            raise BadInput(NO_ROWS, field="where")
        self.keywords["domain"] = DOMAIN
        tables, more = self.figures(ready, None)
        return Answer(
            tables=tables,
            warnings=warnings + more,
            read=counts["rows"],
            outside=counts["rows"] - used - dropped,
            dropped=dropped,
        )


def missing_value(lack: Lack, count: int) -> BadInput:
    return BadInput(
        Plural(
            "%(name)s has no value in %(count)s row.",
            "%(name)s has no value in %(count)s rows.",
            count=count,
            name=lack.name,
        ),
        mend=Message("Complete the data.")
        if lack.parameter in DESIGN
        else Message("Complete the data, or leave such rows out: --missing drop"),
        field=lack.parameter,
    )


def condition(text: str, table: ir.Table) -> ir.BooleanValue:
    """What is unknown is not meant: empty counts as no."""
    return read_condition(text, table, parameter="where").fill_null(False)


def groups(rows: pa.Table, by: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return each group's values of `by`, in their order; one of none without `by`."""
    if not by:
        return [{}]
    order = [(column, "ascending") for column in by]
    found: list[dict[str, Any]] = (
        rows.group_by(list(by)).aggregate([]).sort_by(order).to_pylist()
    )
    return found


def members(rows: pa.Table, group: Mapping[str, Any]) -> pa.Table:
    """Return the rows of a group."""
    for column, value in group.items():
        rows = rows.filter(pc.equal(rows[column], pa.scalar(value, rows[column].type)))
    return rows


def labelled(table: pa.Table, group: Mapping[str, Any]) -> pa.Table:
    for place, (column, value) in enumerate(group.items()):
        table = table.add_column(place, column, pa.array([value] * len(table)))
    return table


def said_of(group: Mapping[str, Any], warning: Message) -> Message:
    if not group:
        return warning
    name = ", ".join(str(value) for value in group.values())
    return Message("%(group)s: %(what)s", group=name, what=warning)


def arrow_tables(tables: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Return each table of an outcome as Arrow; Fractions become 64-bit floats."""
    try:
        arrow = {
            name: rows
            if isinstance(rows, pa.Table)
            else pa.Table.from_pylist(plain(rows))
            for name, rows in tables.items()
        }
    except OverflowError as fault:
        raise beyond_counting() from fault
    refuse_silent_nan(arrow)
    return arrow


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {k: float(v) if isinstance(v, Fraction) else v for k, v in row.items()}
        for row in rows
    ]


def refuse_silent_nan(tables: Mapping[str, pa.Table]) -> None:
    """A NaN or infinity in a result is never an answer: numbers ran over."""
    for table in tables.values():
        for column in table.columns:
            number = pa.types.is_floating(column.type)
            if number and pc.all(pc.is_finite(column)).as_py() is False:
                raise beyond_counting()
