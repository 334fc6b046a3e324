"""Agreement: textbook figures, SciPy, and its laws."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, friedmanchisquare, spearmanr

from lumbung.core.agreement import agreement, kendall_w
from lumbung.core.measure import BadInput

# Zar (2010), Biostatistical Analysis, 5th ed., example 20.5: twelve birds' wings,
# tails and bills by rank. The rank sums 14.5, 21, 30.5 … 36 are as printed.
WING: list[Any] = [4, 8.5, 10, 1.5, 3, 1.5, 7, 5, 8.5, 11, 6, 12]
TAIL: list[Any] = [5, 7, 11, 2.5, 5, 1, 5, 2.5, 9.5, 8, 9.5, 12]
BILL: list[Any] = [5.5, 5.5, 9.5, 2, 3, 1, 8, 4, 11, 9.5, 7, 12]
# Ten projects by four judges: the sum of squares about the mean is 1048.
PROJECTS: dict[str, list[Any]] = {
    "a": [1, 3, 4, 5, 2, 8, 6, 7, 10, 9],
    "b": [2, 1, 4, 5, 6, 3, 8, 7, 10, 9],
    "c": [3, 2, 1, 5, 7, 4, 6, 8, 9, 10],
    "d": [4, 2, 3, 1, 6, 7, 5, 9, 8, 10],
}


def found(columns: dict[str, list[Any]], seed: int | None = None) -> dict[str, Any]:
    (row,) = agreement(pa.table(columns), ranks=tuple(columns), seed=seed).tables[""]
    return dict(row)


def test_it_refuses_one_judge_or_one_thing() -> None:
    with pytest.raises(BadInput, match="two judges"):
        found({"a": [1, 2]})
    with pytest.raises(BadInput, match="two things"):
        found({"a": [1], "b": [1]})


def test_it_gives_the_concordance_of_ten_projects() -> None:
    assert found(PROJECTS)["kendall_w"] == pytest.approx(12 * 1048 / (16 * 990))


def test_it_corrects_the_birds_for_ties() -> None:
    sums = [14.5, 21, 30.5, 6, 11, 3.5, 20, 11.5, 29, 28.5, 22.5, 36]
    assert [sum(r) for r in zip(WING, TAIL, BILL, strict=True)] == sums
    squares = sum((each - 19.5) ** 2 for each in sums)
    ties = 12 + (24 + 6 + 6) + (6 + 6)  # 2 pairs; a triple and 2 pairs; 2 pairs

    w = found({"wing": WING, "tail": TAIL, "bill": BILL})["kendall_w"]

    assert w == pytest.approx(12 * squares / (9 * (12**3 - 12) - 3 * ties))


def test_it_equals_scipys_friedman_and_spearman_with_ties() -> None:
    random = np.random.default_rng(11)
    scores: dict[str, list[Any]] = {
        name: list(random.integers(0, 6, 25)) for name in "abcd"
    }
    judges = np.array(list(scores.values()))

    got = found(scores)

    friedman = friedmanchisquare(*judges.T)
    assert got["kendall_w"] == pytest.approx(friedman.statistic / (4 * 24), rel=1e-12)
    assert got["p"] == pytest.approx(chi2.sf(friedman.statistic, 24), rel=1e-9)
    expected = spearmanr(scores["a"], scores["c"]).statistic
    assert got["spearman_a_c"] == pytest.approx(expected, rel=1e-12)


def test_judges_without_any_order_give_nothing() -> None:
    got = found({"a": [1, 1, 1], "b": [2, 2, 2]})

    assert (got["kendall_w"], got["p"], got["spearman_a_b"]) == (None, None, None)


def test_chance_drawn_with_a_seed_is_near_the_exact_one_and_repeats() -> None:
    """Two judges of four things all alike: 1 of 24 orders, 0.041667."""
    alike: dict[str, list[Any]] = {"a": [1, 2, 3, 4], "b": [1, 2, 3, 4]}

    first, again = found(alike, seed=5), found(alike, seed=5)

    assert first == again
    assert first["p_permutation"] == pytest.approx(1 / 24, abs=0.008)


judged = st.integers(2, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 5), min_size=n, max_size=n), min_size=2, max_size=4
    )
)


@settings(max_examples=60, deadline=None)
@given(judged, st.randoms(use_true_random=False))
def test_order_of_things_and_units_of_scores_do_not_matter(
    scores: list[list[int]], shuffle: Any
) -> None:
    judges = [np.array(score, dtype=float) for score in scores]
    order = list(range(len(scores[0])))
    shuffle.shuffle(order)

    before = kendall_w(judges)
    after = kendall_w([judge[order] * 7 + 3 for judge in judges])

    assert after == pytest.approx(before)
    assert before is None or -1e-12 <= before <= 1 + 1e-12


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(8)), st.integers(2, 5))
def test_judges_of_one_mind_agree_wholly(order: list[int], judges: int) -> None:
    assert kendall_w([np.array(order, dtype=float)] * judges) == pytest.approx(1.0)
