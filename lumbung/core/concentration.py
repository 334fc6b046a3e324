"""How concentrated areas are in few industries, and industries in few areas."""

from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.economy import (
    AREA,
    COMPARED,
    INDUSTRY,
    PARAMETERS,
    Naming,
    beside,
    check_file,
    economy,
    faults,
    keys_like,
    known_sum,
    reads,
    some,
)
from lumbung.core.groups import aggregated
from lumbung.core.measure import Fault, Measure, Parameter, Takes, many_tables, wrong
from lumbung.core.message import Message
from lumbung.core.ratio import ratio

HERFINDAHL = "herfindahl"


def concentration(
    table: ir.Table, *, plant_herfindahl: ir.Table | None = None, **naming: Any
) -> dict[str, ir.Table]:
    """Return the tables `areas` (area hhi krugman) and `industries`.

    With s the share of an industry in its area, S its share in the reference, y
    the share of an area in its industry, and x the share of an area in all areas:

    areas       hhi = Σ s²           1 / industries (even) to 1 (one industry)
                krugman = Σ |s - S|  0 (as the reference) to 2; industries that
                                     the area does not have count with S
    industries  hhi = Σ y²           1 / areas (even) to 1 (one area)
                gini_location        Gini of y over areas ordered by y / x and
                                     weighted by x: 0 (as everything) to below 1
                ellison_glaeser      only with `plant_herfindahl`, a table of
                                     industry and `herfindahl` H, the sum of
                                     squared shares of its plants:
                                     (Σ(y-x)² - (1-Σx²) H) / ((1-Σx²) (1-H))

    The reference matters to `krugman` only. A suppressed cell is unknown, and so
    is what would need it. `naming` is `economy.Naming`.

    Two areas, half of everything each; rice is even, fish is all in A and tin all
    in B. Fish: y = 1, 0 beside x = ½, ½, so gini = 1 - ½ × (0 + 0) - ½ × (0 + 1).
    A: s = ½, ½, 0 beside S = ¼, ½, ¼, so krugman = ¼ + 0 + ¼.

    >>> import pyarrow as pa
    >>> rows = pa.table({
    ...     "place": ["A", "A", "B", "B"],
    ...     "what": ["fish", "rice", "rice", "tin"],
    ...     "workers": [50, 50, 50, 50],
    ... })
    >>> found = concentration(
    ...     ibis.memtable(rows), area="place", industry="what", value="workers"
    ... )
    >>> found["areas"].to_pyarrow().to_pylist()[0]
    {'area': 'A', 'hhi': 0.5, 'krugman': 0.5}
    >>> found["industries"].to_pyarrow().to_pylist()[:2]  # doctest: +NORMALIZE_WHITESPACE
    [{'industry': 'fish', 'hhi': 1.0, 'gini_location': 0.5},
     {'industry': 'rice', 'hhi': 0.5, 'gini_location': 0.0}]

    Source: Hirschman (1945), Herfindahl (1950); Krugman (1991), *Geography and
    Trade*; Ellison and Glaeser (1997), Journal of Political Economy 105(5).
    """
    names = Naming(**naming)
    found = economy(table, names)
    cells = found.joined()
    industries = of_industries(cells, found.areas, names.by)
    kept = [*names.by, "industry", "hhi", "gini_location"]
    if plant_herfindahl is not None:
        industries = with_plants(industries, plant_herfindahl, names)
        kept.append("ellison_glaeser")
    return {
        "areas": of_areas(cells, names.by),
        "industries": industries.select(*kept).order_by([*names.by, "industry"]),
    }


def of_areas(cells: ir.Table, by: tuple[str, ...]) -> ir.Table:
    cells = cells.mutate(
        _share=ratio(cells.value, cells._area),
        _elsewhere=ratio(cells._industry, cells._whole),
        _all_elsewhere=ratio(cells._parts, cells._whole),
    )
    found = aggregated(
        cells,
        (*by, *AREA),
        hhi=known_sum(cells._share * cells._share),
        _apart=known_sum((cells._share - cells._elsewhere).abs()),
        _met=known_sum(cells._elsewhere),
        _all=cells._all_elsewhere.max(),
    )
    lacking = not_below_zero(found._all - found._met)
    found = found.mutate(krugman=found._apart + lacking)
    return found.select(*by, "area", "hhi", "krugman").order_by([*by, "area"])


def of_industries(cells: ir.Table, areas: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Return by industry hhi gini_location, and the parts of Ellison and Glaeser."""
    keys = (*by, *INDUSTRY)
    mine = aggregated(cells, keys, _mine=known_sum(cells.value))
    every = aggregated(areas, by, _every=known_sum(areas._area))
    cells = beside(beside(cells, mine, keys), every, by)
    cells = cells.mutate(
        _y=ratio(cells.value, cells._mine), _x=ratio(cells._area, cells._every)
    )
    upward = ibis.window(
        group_by=list(keys), order_by=[ratio(cells._y, cells._x), "area"], following=0
    )
    cells = cells.mutate(_risen=cells._y.sum().over(upward))
    # Areas without the industry come first and add nothing: 0 + 0 risen.
    under = cells._x * (2 * cells._risen - cells._y)
    found = aggregated(
        cells,
        keys,
        hhi=known_sum(cells._y * cells._y),
        gini_location=not_below_zero(1 - known_sum(under)),
        _apart=known_sum((cells._y - cells._x) * (cells._y - cells._x)),
        _met=known_sum(cells._x * cells._x),
    )
    shares = beside(areas, every, by)
    shares = shares.mutate(_x=ratio(shares._area, shares._every))
    return beside(
        found, aggregated(shares, by, _even=known_sum(shares._x * shares._x)), by
    )


def with_plants(industries: ir.Table, plants: ir.Table, names: Naming) -> ir.Table:
    """Add what of the concentration the sizes of plants do not explain."""
    given = plants.select(
        **keys_like(industries, plants, names), _plants=plants[HERFINDAHL]
    )
    found = beside(industries, given, (*names.by, *INDUSTRY))
    raw = found._apart + not_below_zero(found._even - found._met)
    spread = 1 - found._even
    return found.mutate(
        ellison_glaeser=ratio(
            raw - spread * found._plants, spread * (1 - found._plants)
        )
    )


def not_below_zero(value: Any) -> Any:
    """Cut off what rounding left below zero; empty stays empty."""
    return (value < 0).ifelse(0.0, value)


def concentration_faults(
    table: ir.Table, *, plant_herfindahl: ir.Table | None = None, **naming: Any
) -> list[Fault]:
    names = Naming(**naming)
    found = faults(table, names)
    if plant_herfindahl is None:
        return found
    check_file(plant_herfindahl, "plant_herfindahl", names, HERFINDAHL)
    size = plant_herfindahl[HERFINDAHL]
    keys = [names.industry, *names.by]
    different = plant_herfindahl.select(*keys).distinct().count().as_scalar()
    listed = plant_herfindahl.count().as_scalar()
    known = plant_herfindahl.select(industry=plant_herfindahl[names.industry])
    without = lacking(economy(table, names).industries, known)
    bad = size.isnull() | (size <= 0) | (size > 1)
    return [
        *found,
        Fault(
            count=plant_herfindahl.aggregate(n=wrong(bad)).as_scalar(),
            message=Message("A herfindahl lies above 0 and up to 1."),
            parameter="plant_herfindahl",
        ),
        Fault(
            count=listed - different,
            message=Message("Industries that stand twice in the file of plants."),
            parameter="plant_herfindahl",
        ),
        Fault(
            count=without.count().as_scalar(),
            names=some(without, "industry"),
            message=Message("Industries without plants, left empty: %(names)s."),
            parameter="plant_herfindahl",
            warn=True,
        ),
    ]


def lacking(industries: ir.Table, known: ir.Table) -> ir.Table:
    mine = industries.filter(~industries._idle)
    mine = mine.select(industry=mine.industry.cast("string"))
    other = known.select(industry=known.industry.cast("string"))
    return mine.anti_join(other, "industry")


CONCENTRATION = Measure(
    name="concentration",
    kind="table",
    definition=(
        "Of areas: hhi, the sum of squared shares of industries, and krugman, the"
        " sum of absolute differences to the reference's shares (0 to 2). Of"
        " industries: hhi over areas, and gini_location, the Gini of areas' shares"
        " in the industry against their shares in all (0 to below 1). With plants,"
        " ellison_glaeser: concentration beyond what sizes of plants explain."
    ),
    source="Herfindahl 1950; Krugman 1991; Ellison and Glaeser 1997.",
    parameters=(
        *PARAMETERS,
        *COMPARED,
        Parameter(
            name="plant_herfindahl",
            takes=Takes.TABLE,
            help="a file of the industry column and `herfindahl`, for ellison_glaeser",
        ),
    ),
    columns="areas: area hhi krugman, industries: industry hhi gini_location",
    results=lambda **_: (
        *("area", "industry", "hhi", "krugman", "gini_location", "ellison_glaeser"),
    ),
    compute=concentration,
    several=many_tables,
    faults=concentration_faults,
    reads=reads,
    weighted=True,
)
