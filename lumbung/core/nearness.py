"""How near industries lie to each other, and to what an area does already."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Done = npt.NDArray[Any]  # 1 where an area does an industry, else 0; float32 or float64
BLOCK = 192  # industries multiplied at once: what the processor keeps at hand
MOST = 0.85  # of the areas: more are not worth choosing among
EXACT = 2**24  # whole numbers below are exact in float32, which is twice as quick


class Nearness(NamedTuple):
    """`density`: areas × industries. `shared`: on the shorter side, see `nearness`."""

    density: Floats
    shared: Floats


def nearness(
    here: npt.NDArray[np.bool_], diversity: Floats, ubiquity: Floats
) -> Nearness:
    """Return how near each industry lies to what each area does, and what is shared.

    `shared`, of two areas: the industries of both, each counted as 1 / its ubiquity;
    where there are fewer industries than areas, of two industries: the areas with
    both, each counted as 1 / its diversity.

    >>> here = np.array([[1, 1], [1, 0]], bool)
    >>> found = nearness(here, here.sum(axis=1) * 1.0, here.sum(axis=0) * 1.0)
    >>> found.density.round(4)  # 2 and 1 do; ½ near to each other: ½ / (1 + ½)
    array([[1.    , 1.    ],
           [0.6667, 0.3333]])
    >>> found.shared  # both do the first: ½; the second adds 1
    array([[1.5, 0.5],
           [0.5, 0.5]])
    """
    small = diversity.max() * ubiquity.max() < EXACT
    done: Done = here.astype(np.float32 if small else np.float64)
    areas, industries = here.shape
    if areas <= industries:
        return by_areas(done, ubiquity)
    near = proximity(done, ubiquity)
    shared = (done.T / diversity) @ done
    return Nearness(done.astype(np.float64) @ near / near.sum(axis=0), shared)


def proximity(done: Done, ubiquity: Floats) -> Floats:
    """Return the smaller of both conditional probabilities, per pair of industries."""
    together = done.T @ done  # counts: exact in float32
    larger = np.maximum.outer(ubiquity, ubiquity)
    shares: Floats = np.divide(together, larger, out=larger)
    return shares


def by_areas(done: Done, ubiquity: Floats) -> Nearness:
    """Return the same without any matrix of industries × industries.

    Σ over j of done[a, j] × proximity[j, i] is Σ over areas b that do i, and industries
    j that a and b do, of 1 / the larger ubiquity: of j where j is commoner than i, else
    of i. So industries are taken from the commonest to the rarest; `commoner` holds
    what a and b shared before (by 1 / ubiquity), `rarer` counts what is still to come,
    and only within a block the proximities themselves are needed. `everything` and
    `rest` are the same for an area that does all, which is the divisor.
    """
    areas, industries = done.shape
    order = np.argsort(-ubiquity, kind="stable")
    blocks = [order[start : start + BLOCK] for start in range(0, industries, BLOCK)]
    rows = [done.T[block] for block in blocks]
    counts = [row.T @ row for row in rows]
    rarer, commoner = sum(counts), np.zeros((areas, areas))
    rest, everything = done.sum(axis=1, dtype=np.float64), np.zeros(areas)
    density = np.empty((areas, industries))
    for block, row, count in zip(blocks, rows, counts, strict=True):
        some, square = those_who_do(count)
        few, often = row[:, some], ubiquity[block]
        exact = few.astype(np.float64)
        rarer -= count
        rest[some] -= exact.sum(axis=0)
        near = proximity(few.T, often)
        close = (few @ rarer[some]) / often[:, None]
        close += exact @ commoner[some]
        close[:, some] += near @ exact
        whole = exact @ everything[some] + (exact @ rest[some]) / often
        close /= (whole + near.sum(axis=1))[:, None]
        density[:, block] = close.T
        everything[some] += (1 / often) @ exact
        exact /= np.sqrt(often)[:, None]
        commoner[square] += exact.T @ exact
    return Nearness(density, commoner)


def those_who_do(count: Done) -> tuple[Any, Any]:
    """Return the places of areas that do any of a block, and of their pairs.

    Few areas do what is rare. Where most do, they are all taken: a view is no copy.
    """
    doing = count.diagonal() > 0
    if doing.mean() > MOST:
        return slice(None), (slice(None), slice(None))
    some = np.flatnonzero(doing)
    return some, np.ix_(some, some)
