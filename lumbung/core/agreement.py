"""Agreement of judges who ranked the same things: Kendall's W, Spearman's rho."""

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from lumbung.core.measure import BadInput, Measure, Outcome, Parameter, Takes
from lumbung.core.message import Message

Ranks = npt.NDArray[np.float64]
DRAWS = 9_999  # of the permutation test


def average_ranks(values: Ranks) -> Ranks:
    """Return ranks from 1, equal values sharing the mean of theirs.

    >>> average_ranks(np.array([10.0, 30.0, 10.0, 20.0]))
    array([1.5, 4. , 1.5, 3. ])
    """
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((2 * last - counts + 1) / 2)[where]


def ties(values: Ranks) -> float:
    """Return the sum of t³ - t over groups of t equal values."""
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float(np.sum(counts**3 - counts))


def kendall_w(judges: list[Ranks]) -> float | None:
    """Return Kendall's coefficient of concordance, corrected for ties; 0 to 1.

    W = 12 S / (m² (n³ - n) - m T): m judges, n things, S the squares of the rank
    sums about their mean, T the sum of t³ - t over ties of all judges. Empty where
    every judge puts all things level.

    Kendall and Babington Smith (1939), Annals of Mathematical Statistics 10,
    275-287; ties: Siegel and Castellan (1988), Nonparametric Statistics, 9.6.

    Three judges of three things, all of one mind but the last, who swaps two: rank
    sums 4, 5, 9 about 6 give S = 4 + 1 + 9 = 14; W = 168 / (9 × 24) = 7/9.

    >>> round(kendall_w([np.array(r, float) for r in ([1, 2, 3], [1, 2, 3], [2, 1, 3])]), 6)
    0.777778
    """
    ranks = [average_ranks(judge) for judge in judges]
    m, n = len(ranks), len(ranks[0])
    sums = np.sum(ranks, axis=0)
    divisor = m * m * (n**3 - n) - m * sum(ties(judge) for judge in judges)
    if divisor == 0:
        return None
    return float(12 * np.sum((sums - sums.mean()) ** 2) / divisor)


def chance(w: float, *, judges: int, things: int) -> float:
    """Return the chance of so high a W where judges rank at random (chi-square).

    m (n - 1) W is about chi-square with n - 1 degrees of freedom for n above 7.
    """
    degrees = things - 1
    return float(gammaincc(degrees / 2, judges * degrees * w / 2))


def permutation_chance(judges: list[Ranks], *, seed: int) -> float:
    """Return the share of random orders with at least the judges' W, itself among them."""
    random = np.random.default_rng(seed)
    ranks = np.array([average_ranks(judge) for judge in judges])
    sums = np.zeros((DRAWS, ranks.shape[1]))
    for judge in ranks:
        sums += random.permuted(np.tile(judge, (DRAWS, 1)), axis=1)
    spread = ((sums - sums.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    whole = ranks.sum(axis=0)
    mine = ((whole - whole.mean()) ** 2).sum()
    as_high = int(np.sum(spread >= mine * (1 - 1e-12)))
    return (as_high + 1) / (DRAWS + 1)


def spearman(a: Ranks, b: Ranks) -> float | None:
    """Return the correlation of two judges' average ranks; empty where one has no order.

    Spearman (1904), American Journal of Psychology 15, 72-101.

    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])), 9)
    0.5
    """
    x, y = average_ranks(a), average_ranks(b)
    x, y = x - x.mean(), y - y.mean()
    divisor = float(np.sqrt(np.sum(x * x) * np.sum(y * y)))
    return float(np.sum(x * y)) / divisor if divisor else None


def of_two(one: str, other: str) -> str:
    return f"spearman_{one}_{other}"


def results(*, ranks: tuple[str, ...], seed: int | None = None) -> tuple[str, ...]:
    pairs = tuple(of_two(*two) for two in combinations(ranks, 2))
    for column in pairs:
        if pairs.count(column) > 1:
            raise BadInput(
                Message(
                    "The column %(column)s would stand twice in the result.",
                    column=column,
                ),
                mend=Message("Give the column another name in the data."),
                field="ranks",
            )
    return ("kendall_w", "p", "p_permutation", *pairs)


def agreement(rows: Any, *, ranks: tuple[str, ...], seed: int | None = None) -> Outcome:
    """Return one row: `kendall_w p`, and `spearman_A_B` for each two judges.

    `rows` are the things, `ranks` the columns with each judge's ranks or scores (all
    in one direction). With a seed, `p_permutation` from 9,999 random orders.
    """
    if len(ranks) < 2 or len(set(ranks)) < len(ranks):
        raise BadInput(Message("Name two judges or more, each once."), field="ranks")
    judges = [rows[name].to_numpy(zero_copy_only=False).astype(float) for name in ranks]
    things = len(judges[0])
    if things < 2:
        raise BadInput(
            Message("There must be two things to rank or more."), field="DATA"
        )
    w = kendall_w(judges)
    p = None if w is None else chance(w, judges=len(judges), things=things)
    row: dict[str, float | None] = {"kendall_w": w, "p": p}
    if seed is not None:
        drawn = None if w is None else permutation_chance(judges, seed=seed)
        row["p_permutation"] = drawn
    for (one, a), (other, b) in combinations(zip(ranks, judges, strict=True), 2):
        row[of_two(one, other)] = spearman(a, b)
    warnings = []
    if things <= 7 and seed is None:
        warnings.append(
            Message("p is rough for %(n)s things; --seed gives it by chance.", n=things)
        )
    return Outcome({"": [row]}, tuple(warnings))


AGREEMENT = Measure(
    name="agreement",
    kind="matrix",
    definition=(
        "Kendall's W of judges who ranked the same things, corrected for ties, 0 (no "
        "agreement) to 1; p by chi-square with n - 1 degrees of freedom. Spearman's rho "
        "for each two judges, on average ranks. Rows are the things, columns the judges; "
        "ranks or scores, all in one direction. With --seed, p_permutation from 9,999 "
        "random orders, better for few things."
    ),
    source=(
        "Kendall and Babington Smith (1939), Annals of Mathematical Statistics 10, "
        "275-287; Siegel and Castellan (1988), 9.6; Spearman (1904)."
    ),
    parameters=(
        Parameter(
            name="ranks",
            takes=Takes.VALUES,
            required=True,
            help="Columns of ranks or scores, one for each judge.",
        ),
    ),
    columns="kendall_w p spearman_A_B (for each two judges)",
    compute=agreement,
    results=results,
    seeded=True,
)
