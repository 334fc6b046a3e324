"""How complex the economy of an area is, read off what it does and who else does.

A matrix measure: NumPy over areas × industries, dense, one period at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lumbung.core.measure import (
    BadInput,
    Fault,
    Measure,
    Outcome,
    Parameter,
    Takes,
    many_tables,
    wrong,
)
from lumbung.core.message import Message, Plural
from lumbung.core.nearness import Floats, nearness, proximity

# A quotient of exactly 1 may come out of floats a hair below.
ONE = 1 - 1e-12
SAME = 1e-9
ROUNDING = 1e-15


@dataclass(frozen=True)
class Complexity:
    """Figures by area (rows) and industry (columns). All are plain numbers.

    `eci` and `outlook` have mean 0 and population standard deviation 1 over the
    areas; `pci` is scaled by the mean and deviation that `eci` had. `proximity`
    is industries × industries, `density` areas × industries, both 0 to 1.
    `outlook` is empty (None) where it is the same for all areas.
    """

    here: npt.NDArray[np.bool_]
    eci: Floats
    diversity: Floats
    outlook: Floats | None
    pci: Floats
    ubiquity: Floats
    density: Floats

    @property
    def proximity(self) -> Floats:
        """Computed when asked for: the figures above do without it."""
        return proximity(self.here.astype(np.float32), self.ubiquity)


def present(values: Floats) -> npt.NDArray[np.bool_]:
    """Return where an area's share of an industry is at least its share of all.

    That is a location quotient (RCA) of 1 or more, the 1 included.

    >>> present(np.array([[30.0, 10.0], [10.0, 50.0]]))
    array([[ True, False],
           [False,  True]])
    """
    areas, industries = values.sum(axis=1), values.sum(axis=0)
    expected = np.outer(areas * (ONE / areas.sum()), industries)
    here: npt.NDArray[np.bool_] = values >= expected
    here &= values > 0
    return here


def complexity(here: npt.NDArray[np.bool_]) -> Complexity:
    """Return the complexity of areas and industries from who does what.

    Each area must do something and each industry be somewhere. With diversity
    d (industries of an area) and ubiquity u (areas of an industry),

    pci        second eigenvector of U⁻¹ Mᵀ D⁻¹ M
    eci        mean pci of an area's industries, with the sign that rises with d
    proximity  areas that do both / the larger u of the two; 1 with itself
    density    Σ proximity to what the area does / Σ proximity to all industries,
               the industry itself included in both sums
    outlook    Σ density × pci before scaling, over what the area does not do

    Four areas, by hand: the first does all four industries, the last only the
    one that all do.

    >>> here = np.tril(np.ones((4, 4), bool))[::-1]
    >>> found = complexity(here)
    >>> found.diversity, found.ubiquity
    (array([4., 3., 2., 1.]), array([4., 3., 2., 1.]))
    >>> found.proximity[0]  # 4, 3, 2, 1 areas do it and the first, of 4
    array([1.  , 0.75, 0.5 , 0.25])
    >>> found.density[3].round(4)  # 1/2.5, 0.75/2.75, …: only the first is done
    array([0.4   , 0.2727, 0.1875, 0.12  ])
    >>> found.eci.round(4)  # even steps, so sd √5/2: ±1.5 and ±0.5 over it
    array([ 1.3416,  0.4472, -0.4472, -1.3416])
    >>> found.pci.round(4)  # means of these are the eci: -1.3416, then -0.4472
    array([-1.3416,  0.4472,  2.2361,  4.0249])

    Refuses a graph in two pieces, and one where the second eigenvalue is zero
    or double: no order follows from those.

    Source: Hidalgo, Hausmann, *The building blocks of economic complexity*, PNAS
    2009; Hausmann, Hidalgo et al., *The Atlas of Economic Complexity*, 2014;
    Hidalgo, Klinger, Barabási, Hausmann, Science 2007 (proximity, density). The
    scaling is that of the Growth Lab's own programs.
    """
    refuse_small(here)
    diversity = here.sum(axis=1, dtype=np.float64)
    ubiquity = here.sum(axis=0, dtype=np.float64)
    found = nearness(here, diversity, ubiquity)
    kp = second_vector(here, found.shared, diversity, ubiquity)
    kc = (here @ kp) / diversity
    sign = direction(kc, diversity)
    kc, kp = kc * sign, kp * sign
    mean, deviation = kc.mean(), kc.std()
    return Complexity(
        here=here,
        eci=(kc - mean) / deviation,
        diversity=diversity,
        outlook=outlook(here, found.density, kp),
        pci=(kp - mean) / deviation,
        ubiquity=ubiquity,
        density=found.density,
    )


def second_vector(
    here: npt.NDArray[np.bool_], shared: Floats, diversity: Floats, ubiquity: Floats
) -> Floats:
    """Return the second eigenvector over industries, found on the shorter side.

    With W the diversity or ubiquity of that side, W^-½ S W^-½ of the `shared` S is
    symmetric and has the eigenvalues of the matrix that is meant. Its first vector
    is known: √w, with the eigenvalue 1. A second of 1 is a graph in pieces.
    """
    by_area = len(shared) == len(here)
    root = np.sqrt(diversity if by_area else ubiquity)
    # The same in each run, but not for both searches: the second looks for what an
    # equal eigenvalue would have left out of the first.
    random = np.random.default_rng(0)
    form = shared / root[:, None] / root
    second, vector = largest(form - np.outer(root, root) / (root @ root), random)
    if second > 1 - SAME:
        refuse_pieces(here)
    form -= np.outer(root, root) / (root @ root) + second * np.outer(vector, vector)
    third, _ = largest(form, random)
    if second < SAME or second - third < SAME:
        raise BadInput(
            Message("No single order of the areas follows from these data."),
            mend=Message("Too many areas have the very same industries."),
            field="DATA",
        )
    vector = vector / root
    if by_area:
        vector = (vector @ here) / ubiquity
    scaled: Floats = vector / np.linalg.norm(vector)
    return scaled


def largest(form: Floats, random: np.random.Generator) -> tuple[float, Floats]:
    """Return the largest eigenvalue of a symmetric form, and a vector of length 1.

    Lanczos' iteration, each step made orthogonal to all before, until the residual is
    that of rounding. In NumPy's own algebra: SciPy's solvers bring a second library,
    and the threads of each keep the processors busy while the other works; `eigh`
    finds all vectors where one is asked for.
    """
    side = len(form)
    basis, diagonal, beside = np.empty((side, side)), np.zeros(side), np.zeros(side)
    step = random.random(side)
    length = float(np.linalg.norm(step))
    for done in range(1, side + 1):
        known = basis[:done]
        known[-1] = step / length
        step = form @ known[-1]
        diagonal[done - 1] = step @ known[-1]
        for _ in range(2):
            step -= known.T @ (known @ step)
        length = float(np.linalg.norm(step))
        if done % 8 == 0 or done == side or length < ROUNDING:
            small = np.diag(diagonal[:done]) + np.diag(beside[: done - 1], 1)
            values, vectors = np.linalg.eigh(small, UPLO="U")
            if length * abs(vectors[-1, -1]) < ROUNDING:
                break
        beside[done - 1] = length
    vector: Floats = vectors[:, -1] @ known
    return float(values[-1]), vector / np.linalg.norm(vector)


def direction(kc: Floats, diversity: Floats) -> float:
    """Return 1 or -1, so that complexity rises with diversity."""
    a, b = kc - kc.mean(), diversity - diversity.mean()
    together = float(a @ b)
    if abs(together) <= SAME * float(np.linalg.norm(a) * np.linalg.norm(b)):
        raise BadInput(
            Message("All areas are equally diverse: which end is complex is open."),
            field="DATA",
        )
    return 1.0 if together > 0 else -1.0


def outlook(here: npt.NDArray[np.bool_], close: Floats, kp: Floats) -> Floats | None:
    """Return how near the complex industries are that an area does not have yet."""
    gain: Floats = np.where(here, 0.0, close) @ kp
    deviation = gain.std()
    if deviation <= SAME * max(1e-300, float(np.abs(gain).max())):
        return None
    scaled: Floats = (gain - gain.mean()) / deviation
    return scaled


def refuse_small(here: npt.NDArray[np.bool_]) -> None:
    if min(here.shape) < 2:
        raise BadInput(
            Message("At least two areas and two industries are needed."), field="DATA"
        )


def refuse_pieces(here: npt.NDArray[np.bool_]) -> None:
    """Refuse areas that share no industry, directly or over others."""
    areas, industries = here.shape
    rows, columns = here.nonzero()
    links = csr_array(
        (np.ones(len(rows), np.int8), (rows, columns + areas)),
        shape=(areas + industries,) * 2,
    )
    pieces, _ = connected_components(links, directed=False)
    if pieces > 1:
        raise BadInput(
            Message(
                "Areas and industries fall into %(pieces)s pieces without a link:"
                " complexity cannot compare them.",
                pieces=int(pieces),
            ),
            mend=Message("Compute each piece by itself: --where"),
            field="DATA",
        )


class Grid(NamedTuple):
    """A long table as areas × industries; rows and columns in order of name."""

    areas: list[Any]
    industries: list[Any]
    values: Floats
    idle_areas: list[Any]
    idle_industries: list[Any]
    doubled: int  # rows added to another of the same area and industry


def grid(rows: pa.Table, *, area: str, industry: str, value: str) -> Grid:
    """Return the table as a matrix, leaving out areas and industries with nothing."""
    areas, at = coded(rows[area])
    industries, of = coded(rows[industry])
    cells = at * len(industries) + of
    shape = (len(areas), len(industries))
    amounts = rows[value].to_numpy().astype(np.float64, copy=False)
    total = np.bincount(cells, weights=amounts, minlength=shape[0] * shape[1])
    # Without rows there is no weight, and NumPy counts in whole numbers.
    values: Floats = total.astype(np.float64, copy=False).reshape(shape)
    busy, used = values.sum(axis=1) > 0, values.sum(axis=0) > 0
    told = np.zeros(len(total), bool)
    told[cells] = True
    return Grid(
        areas=chosen(areas, busy),
        industries=chosen(industries, used),
        values=values if busy.all() and used.all() else values[np.ix_(busy, used)],
        idle_areas=chosen(areas, ~busy),
        idle_industries=chosen(industries, ~used),
        doubled=len(rows) - int(np.count_nonzero(told)),
    )


def coded(names: pa.ChunkedArray) -> tuple[list[Any], npt.NDArray[np.int64]]:
    """Return the different names in order, and the place of each row's name in it."""
    encoded = names.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return encoded.dictionary.take(order).to_pylist(), np.take(place, codes)


def chosen(names: Sequence[Any], flags: npt.NDArray[np.bool_]) -> list[Any]:
    return [name for name, flag in zip(names, flags, strict=True) if flag]


def compute(
    rows: pa.Table,
    *,
    area: str,
    industry: str,
    value: str,
    proximity: bool | None = False,
    density: bool | None = False,
) -> Outcome:
    """Return the tables `areas` and `industries`, and those asked for besides."""
    cells = grid(rows, area=area, industry=industry, value=value)
    if not cells.areas:
        raise BadInput(
            Message("Every value in %(column)s is zero.", column=value), field="value"
        )
    found = complexity(present(cells.values))
    blank = [None] * len(cells.areas)
    tables = {
        "areas": pa.table(
            {
                "area": cells.areas,
                "eci": found.eci,
                "diversity": found.diversity.astype(np.int64),
                "outlook": pa.array(blank, pa.float64())
                if found.outlook is None
                else found.outlook,
            }
        ),
        "industries": pa.table(
            {
                "industry": cells.industries,
                "pci": found.pci,
                "ubiquity": found.ubiquity.astype(np.int64),
            }
        ),
    }
    if proximity:
        tables["proximity"] = pairs(
            ("industry", "other_industry", "proximity"),
            (cells.industries, cells.industries, found.proximity),
        )
    if density:
        tables["density"] = pairs(
            ("area", "industry", "density"),
            (cells.areas, cells.industries, found.density),
        )
    return Outcome(tables, warnings=left_out(cells, found))


def pairs(
    names: tuple[str, str, str], given: tuple[list[Any], list[Any], Floats]
) -> pa.Table:
    """Return a matrix as a long table, one row a cell."""
    down, across, matrix = given
    at = np.repeat(np.arange(len(down)), len(across))
    of = np.tile(np.arange(len(across)), len(down))
    columns = [pa.array(down).take(at), pa.array(across).take(of), matrix.ravel()]
    return pa.table(dict(zip(names, columns, strict=True)))


def left_out(cells: Grid, found: Complexity) -> tuple[Message, ...]:
    warnings = []
    if cells.idle_areas:
        warnings.append(
            Message(
                "Left out, because they have nothing: areas %(names)s.",
                names=listed(cells.idle_areas),
            )
        )
    if cells.idle_industries:
        warnings.append(
            Message(
                "Left out, because they are zero everywhere: industries %(names)s.",
                names=listed(cells.idle_industries),
            )
        )
    if cells.doubled:
        warnings.append(
            Plural(
                "%(count)s row was added to another of the same area and industry.",
                "%(count)s rows were added to others of the same area and industry.",
                count=cells.doubled,
            )
        )
    if found.outlook is None:
        warnings.append(
            Message("The outlook is the same for all areas and is left empty.")
        )
    return tuple(warnings)


def listed(names: Sequence[Any]) -> str:
    return ", ".join(str(name) for name in names)


def faults(table: Any, *, value: str, **_: Any) -> list[Fault]:
    return [
        Fault(
            count=wrong(table[value] < 0),
            message=Message("Values below zero in %(column)s.", column=value),
            parameter="value",
        )
    ]


COMPLEXITY = Measure(
    name="complexity",
    kind="matrix",
    definition=(
        "An industry is present where its location quotient is 1 or more. PCI is"
        " the second eigenvector over industries, ECI the mean PCI of an area's"
        " industries, signed so that it rises with diversity, with mean 0 and"
        " population sd 1; PCI is scaled by ECI's mean and sd. Proximity is the"
        " smaller conditional probability; density counts an industry's proximity"
        " to itself; outlook sums density × PCI over absent industries, with mean 0"
        " and sd 1. Computed in NumPy, a few groups at once."
    ),
    source="Hidalgo and Hausmann 2009; Atlas of Economic Complexity 2014.",
    parameters=(
        Parameter(
            name="area", takes=Takes.COLUMN, required=True, help="where: a column"
        ),
        Parameter(
            name="industry", takes=Takes.COLUMN, required=True, help="what: a column"
        ),
        Parameter(
            name="value",
            takes=Takes.VALUE,
            required=True,
            help="how much: people, output or exports, 0 or more",
        ),
        Parameter(
            name="proximity",
            takes=Takes.SAVE,
            help="also write the proximity of each pair of industries",
        ),
        Parameter(
            name="density",
            takes=Takes.SAVE,
            help="also write how near each industry is to each area",
        ),
    ),
    columns="areas: area eci diversity outlook; industries: industry pci ubiquity",
    results=lambda **_: (
        *("area", "eci", "diversity", "outlook", "industry", "pci", "ubiquity"),
        *("other_industry", "proximity", "density"),
    ),
    compute=compute,
    several=many_tables,
    faults=faults,
)
