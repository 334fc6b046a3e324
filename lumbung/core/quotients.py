"""Location quotients: is an industry more at home here than elsewhere?"""

from typing import Any

import ibis.expr.types as ir

from lumbung.core.economy import (
    COMPARED,
    PARAMETERS,
    Naming,
    economy,
    faults,
    reads,
)
from lumbung.core.measure import Fault, Measure
from lumbung.core.ratio import ratio


def location_quotient(table: ir.Table, **naming: Any) -> ir.Table:
    """Return `area industry value lq` for each cell, in order.

    lq = (value / all that the area has) / (industry / all that the reference has)

    Above 1 the industry weighs more here than in the reference. The reference is
    the sum of all areas, or the area `reference`, or the table `reference_file`.
    `total` names the industry that is the sum of the others: it is taken as it
    stands, and gets no row of its own, as the reference area gets none. Cells
    marked by `suppressed` are unknown: their value and quotient are empty, and
    so is what would need them. An industry that is zero in all areas and in the
    reference is left out. `naming` is `economy.Naming`.

    Two areas: fish is 30 of 40 in the first and 30 of 160 in the second, together
    60 of 200. So 0.75 / 0.3 = 2.5 and 0.1875 / 0.3 = 0.625.

    >>> import ibis
    >>> import pyarrow as pa
    >>> rows = pa.table({
    ...     "place": ["A", "A", "B", "B"],
    ...     "what": ["fish", "rice", "fish", "rice"],
    ...     "workers": [30, 10, 30, 130],
    ... })
    >>> found = location_quotient(
    ...     ibis.memtable(rows), area="place", industry="what", value="workers"
    ... )
    >>> [(row["area"], row["lq"]) for row in found.to_pyarrow().to_pylist()]
    [('A', 2.5), ('A', 0.35714285714285715), ('B', 0.625), ('B', 1.1607142857142858)]

    Source: Florence (1939), *Report on the Location of Industry*; US Bureau of
    Labor Statistics, QCEW location quotients.
    """
    names = Naming(**naming)
    cells = economy(table, names).joined()
    here = ratio(cells.value, cells._area)
    found = cells.select(
        *names.by,
        "area",
        "industry",
        "value",
        lq=ratio(here, ratio(cells._industry, cells._whole)),
    )
    return found.order_by([*names.by, "area", "industry"])


def quotient_faults(table: ir.Table, **naming: Any) -> list[Fault]:
    return faults(table, Naming(**naming))


LOCATION_QUOTIENT = Measure(
    name="location-quotient",
    kind="table",
    definition=(
        "lq = (value / the area's total) / (the industry in the reference / the"
        " reference's total). The reference is the sum of areas unless one is given."
        " A suppressed cell is unknown, not zero, and so is every sum over it. Above"
        " 1: more at home here than in the reference."
    ),
    source="Florence 1939; US Bureau of Labor Statistics (QCEW).",
    parameters=(*PARAMETERS, *COMPARED),
    columns="area industry value lq",
    compute=location_quotient,
    faults=quotient_faults,
    reads=reads,
    weighted=True,
)
