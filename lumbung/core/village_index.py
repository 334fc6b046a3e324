"""A village index: scored indicators, parts that are shares of the maximum, a status."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.measure import (
    BadInput,
    Column,
    Fault,
    Measure,
    Parameter,
    Takes,
)
from lumbung.core.message import Message
from lumbung.core.parts import Part, combined
from lumbung.core.ratio import ratio
from lumbung.core.specified import (
    as_fraction,
    fraction_in,
    listed_in,
    mapping_in,
    refuse_others,
)

RESULTS = ("index", "status")


@dataclass(frozen=True)
class Index:
    """Parts of equal weight, and the upper edges of all statuses but the last."""

    parts: tuple[Part, ...]
    edges: tuple[Fraction, ...]
    statuses: tuple[str, ...]


def read_index(spec: dict[str, Any]) -> Index:
    """Return the index that a specification says, or refuse it.

    parts:
      social: {highest: 5, columns: [s1, s2]}
      economic: {highest: 5, columns: [e1]}
    edges: [0.4907, 0.5989]
    statuses: [behind, developing, independent]
    """
    refuse_others(spec, {"parts", "edges", "statuses"}, within="spec")
    parts = []
    for name, said in mapping_in(spec, "parts", within="spec").items():
        columns = tuple(listed_in(said, "columns", within=name))
        refuse_others(said, {"highest", "columns"}, within=name)
        if name in RESULTS or len(set(columns)) < len(columns):
            raise BadInput(
                Message("A part or a column of %(part)s has a name twice.", part=name),
                mend=Message("Give each column a name of its own."),
                field="spec",
            )
        highest = fraction_in(said, "highest", within=name)
        if highest <= 0:
            raise BadInput(
                Message("In %(part)s the highest score must be above zero.", part=name),
                field="spec",
            )
        parts.append(Part(name, columns, highest))
    edges = tuple(
        as_fraction(edge, name="edges", within="spec")
        for edge in listed_in(spec, "edges", within="spec")
    )
    statuses = tuple(listed_in(spec, "statuses", within="spec"))
    if len(statuses) != len(edges) + 1 or list(edges) != sorted(set(edges)):
        raise BadInput(
            Message("The edges must rise, and there is one status more than edges."),
            field="spec",
        )
    return Index(tuple(parts), edges, statuses)


def village_index(
    villages: ir.Table, *, spec: dict[str, Any], by: tuple[str, ...] = ()
) -> ir.Table:
    """Return one row per village: `by`, a column per part, `index`, `status`.

    A part is the sum of its scores over the most they can add up to; the index is
    the mean of the parts; a village on an edge belongs to the lower status. `by`
    names columns that are carried along, such as code and year. Edges are compared
    without rounding, whole scores in whole numbers; nearer than 10⁻¹² is on the edge.

    Indeks Desa Membangun, Ministry of Villages (Permendesa 2/2016): edges 0.4907,
    0.5989, 0.7072 and 0.8155.

    Scores 3 and 4 of 5 make 7/10, score 4 makes 4/5; the mean is 0.75.

    >>> import pyarrow as pa
    >>> villages = ibis.memtable(pa.table({"s1": [3], "s2": [4], "e1": [4]}))
    >>> spec = {
    ...     "parts": {
    ...         "social": {"highest": "5", "columns": ["s1", "s2"]},
    ...         "economic": {"highest": "5", "columns": ["e1"]},
    ...     },
    ...     "edges": ["0.75"],
    ...     "statuses": ["behind", "ahead"],
    ... }
    >>> village_index(villages, spec=spec).to_pyarrow().to_pylist()
    [{'social': 0.7, 'economic': 0.8, 'index': 0.75, 'status': 'behind'}]
    """
    index = read_index(spec)
    sums, total, most = combined(index.parts, villages)
    shares = {p.name: ratio(sums[p.name], p.maximum) for p in index.parts}
    return villages.select(
        *by,
        **shares,
        index=ratio(total, most),
        status=status(total, most, index),
    )


def status(total: Any, most: int, index: Index) -> Any:
    """Return the first status whose upper edge the index does not pass.

    Sums of decimals miss an edge by their last digit: 0.1 + 0.2 lies on 0.3.
    """
    near = Fraction(1, 10**12) if total.type().is_floating() else 0
    branches = [
        (total <= float(most * (edge + near)), name)
        if near
        else (total * edge.denominator <= most * edge.numerator, name)
        for edge, name in zip(index.edges, index.statuses, strict=False)
    ]
    if not branches:
        return ibis.literal(index.statuses[-1])
    return ibis.cases(*branches, else_=index.statuses[-1])


def reads(*, spec: dict[str, Any], **_: Any) -> list[Column]:
    return [
        Column(column, "spec", Takes.VALUE)
        for part in read_index(spec).parts
        for column in part.columns
    ]


def faults(villages: ir.Table, *, spec: dict[str, Any], **_: Any) -> list[Fault]:
    """A score outside 0 and its highest makes a part that is no share."""
    found = []
    for part in read_index(spec).parts:
        highest = float(part.highest)
        for column in part.columns:
            message = Message(
                "Scores outside 0 and %(highest)s in %(column)s",
                highest=str(part.highest),
                column=column,
            )
            outside = (villages[column] < 0) | (villages[column] > highest)
            found.append(Fault(rows=outside, message=message, parameter="spec"))
    return found


def results(*, spec: dict[str, Any], **_: Any) -> tuple[str, ...]:
    return (*(part.name for part in read_index(spec).parts), *RESULTS)


VILLAGE_INDEX = Measure(
    name="village-index",
    kind="table",
    definition=(
        "Each part is the sum of its scores over the most they can add up to, the "
        "index the mean of the parts, the status the first whose upper edge the index "
        "does not pass. One row per row of data; --by names columns to carry along."
    ),
    source="Indeks Desa Membangun, Ministry of Villages of Indonesia (Permendesa 2/2016).",
    parameters=(
        Parameter(
            name="spec",
            takes=Takes.SPEC,
            required=True,
            help="Parts with their columns and highest score, edges, statuses.",
        ),
    ),
    columns="(one column per part) index status",
    compute=village_index,
    faults=faults,
    reads=reads,
    results=results,
)
