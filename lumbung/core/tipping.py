"""How far one weight can move before another comes first.

The other weights keep their proportions and share what is left, so that all
still sum to 1. Both kinds of score are solved, not searched: a weighted sum is a
line in the weight, and two closenesses of TOPSIS meet where a quadratic is zero.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NEARLY = 1e-12


class Tip(NamedTuple):
    """The weight at which `first` (a row) draws level; beyond it, it leads."""

    weight: float
    first: int


def tip_of_sum(values: Floats, weights: Floats, criterion: int) -> Tip | None:
    """Return where another row's weighted sum passes the leader's.

    Row 0 leads with 0.6 × 1 against 0.4 × 1; at one half they are level.

    >>> tip_of_sum(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.6, 0.4]), 0)
    Tip(weight=0.5, first=1)
    """
    rest = others(weights, criterion)
    if rest is None:
        return None
    here, away = values[:, criterion], values @ rest
    leader = int(np.argmax(values @ weights))

    def polynomial(row: int) -> list[float]:
        return [here[row] - here[leader], away[row] - away[leader]]

    return nearest(len(values), leader, float(weights[criterion]), polynomial, to_odds)


def tip_of_closeness(values: Floats, weights: Floats, criterion: int) -> Tip | None:
    """Return where another row's closeness (TOPSIS) passes the leader's.

    `values` are normalised, and larger is better.
    """
    rest = others(weights, criterion)
    if rest is None:
        return None
    best, worst = values.max(axis=0), values.min(axis=0)
    up, down = (values - best) ** 2, (values - worst) ** 2
    a_up, b_up = up[:, criterion], up @ rest**2
    a_down, b_down = down[:, criterion], down @ rest**2
    squared = weights**2
    far, near = np.sqrt(up @ squared), np.sqrt(down @ squared)
    leader = int(np.argmax(near / (near + far)))

    def polynomial(row: int) -> list[float]:
        mine = np.convolve([a_down[row], b_down[row]], [a_up[leader], b_up[leader]])
        theirs = np.convolve([a_down[leader], b_down[leader]], [a_up[row], b_up[row]])
        found: list[float] = (mine - theirs).tolist()
        return found

    def to_squared_odds(weight: float) -> float:
        return to_odds(weight) ** 2

    return nearest(
        len(values), leader, float(weights[criterion]), polynomial, to_squared_odds, 2
    )


def others(weights: Floats, criterion: int) -> Floats | None:
    """Return the other weights as shares of what they have together."""
    rest = weights.copy()
    rest[criterion] = 0
    total = rest.sum()
    return rest / total if total > 0 else None


def to_odds(weight: float) -> float:
    return weight / (1 - weight) if weight < 1 else float("inf")


def nearest(
    rows: int,
    leader: int,
    weight: float,
    polynomial: Callable[[int], list[float]],
    odds_of: Callable[[float], float],
    power: int = 1,
) -> Tip | None:
    """Return the level point nearest to `weight` over all rows that could lead.

    `polynomial(row)` is above zero where the row leads, in the odds of the weight
    (to some power), so its roots above zero are where the two draw level.
    """
    found: list[tuple[float, int, float]] = []
    now = odds_of(weight)
    for row in range(rows):
        if row == leader:
            continue
        for root in crossings(polynomial(row), now):
            odds = root ** (1 / power)
            level = odds / (1 + odds)
            found.append((abs(level - weight), row, level))
    if not found:
        return None
    _, row, level = min(found)
    return Tip(level, row)


def crossings(polynomial: list[float], now: float) -> list[float]:
    """Return the nearest root on each side of `now` beyond which it is above zero."""
    scale = max(map(abs, polynomial))
    if scale <= NEARLY**2:
        return []
    exact = np.array([0.0 if abs(c) <= NEARLY * scale else c for c in polynomial])
    roots = np.roots(exact)
    real = roots[np.abs(roots.imag) <= 1e-9 * (1 + np.abs(roots))].real
    real = np.sort(real[real > 0])
    found = []
    above, below = real[real >= now * (1 - NEARLY)], real[real <= now * (1 + NEARLY)]
    for i, root in enumerate(above):
        beyond = (root + above[i + 1]) / 2 if i + 1 < len(above) else 2 * root + 1
        if np.polyval(exact, beyond) > 0:
            found.append(float(root))
            break
    for i, root in enumerate(below[::-1]):
        beyond = (root + below[::-1][i + 1]) / 2 if i + 1 < len(below) else root / 2
        if np.polyval(exact, beyond) > 0:
            found.append(float(root))
            break
    return found
