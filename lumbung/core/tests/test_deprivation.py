"""Alkire-Foster: the published four people, the count done over, and its laws."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.core.deprivation import mpi
from lumbung.core.deprivation_spec import read_index
from lumbung.core.measure import BadInput
from lumbung.core.tests.tables import row, rows, table

# Alkire and Foster (2011), section 5 (and the R package mpindex): achievements of
# four people in four dimensions, cut-offs 13, 12, 3, 1.
FOUR: dict[str, list[Any]] = {
    "income": [13.1, 15.2, 12.5, 20.0],
    "schooling": [14, 7, 10, 11],
    "health": [4, 5, 1, 3],
    "services": [1, 0, 0, 1],
}
CUT_OFFS = {"income": 13, "schooling": 12, "health": 3, "services": 1}


def spec(
    weights: dict[str, str],
    k: str,
    each: dict[str, dict[str, str]] | None = None,
    *,
    missing: str = "refuse",
) -> dict[str, Any]:
    indicators = {
        name: {"weight": weight} | (each or {}).get(name, {"column": name})
        for name, weight in weights.items()
    }
    return {"k": k, "missing": missing, "dimensions": {"all": indicators}}


QUARTERS = dict.fromkeys(CUT_OFFS, "1/4")
BELOW: dict[str, dict[str, str]] = {
    name: {"expression": f"{name} < {cut}"} for name, cut in CUT_OFFS.items()
}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (spec({"a": "1/3", "b": "1/3"}, "1/3"), "sum to"),
        (spec({"a": "0.33", "b": "0.67"}, "0"), "k must"),
        (spec({"a": "1/2", "b": "1/2"}, "1.5"), "k must"),
        (spec({"a": "3/2", "b": "-1/2"}, "1/2"), "above 0"),
        (spec({"a": "half", "b": "1/2"}, "1/2"), "no number"),
        (spec({"a": "1"}, "1", missing="ignore"), "no rule"),
        (spec({"a": "1"}, "1", {"a": {"column": "a", "expression": "a = 1"}}), "either"),
        (spec({"a": "1"}, "1", {"a": {"colum": "a"}}), "means nothing"),
        ({"k": "1", "dimensions": {}}, "must say"),
        ({"k": "1", "dimensions": {"d": {"a": "1"}}}, "must say"),
        (
            {"k": "1", "dimensions": {
                "d": {"a": {"weight": "1/2", "column": "a"}},
                "e": {"a": {"weight": "1/2", "column": "a"}},
            }},
            "Two indicators",
        ),
    ],
)  # fmt: skip
def test_it_refuses_a_specification_that_says_no_measure(
    said: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadInput, match=reason):
        read_index(said)


def test_it_gives_the_figures_of_alkire_and_fosters_four_people() -> None:
    found = row(mpi(table(**FOUR), spec=spec(QUARTERS, "1/2", BELOW)))

    assert (found["h"], found["a"], found["m0"]) == (0.5, 0.75, 0.375)
    # Chapter 5.4 of Alkire and others (2015): raw and censored headcount ratios.
    raw = [found[f"uncensored_{name}"] for name in CUT_OFFS]
    censored = [found[f"censored_{name}"] for name in CUT_OFFS]
    assert raw == [0.25, 0.75, 0.25, 0.5]
    assert censored == [0.25, 0.5, 0.25, 0.5]


def test_a_score_of_exactly_k_is_poor_though_floats_would_miss_it() -> None:
    """Ten weights of 1/10: in floats ten tenths are 0.9999999999999999."""
    names = [f"i{i}" for i in range(10)]
    everything = table(**{name: [1, 0] for name in names})

    found = row(mpi(everything, spec=spec(dict.fromkeys(names, "1/10"), "1")))

    assert (found["h"], found["a"]) == (0.5, 1.0)


def test_nobody_poor_has_no_intensity() -> None:
    found = row(mpi(table(a=[0, 0]), spec=spec({"a": "1"}, "1")))

    assert (found["h"], found["a"], found["m0"]) == (0.0, None, 0.0)
    assert found["contribution_a"] is None


def test_not_applicable_is_no_deprivation_and_no_missing_value() -> None:
    people = table(child=[0, 1, 1], school=[None, 0, 1])
    applies = {"expression": "school = 0", "applies": "child > 0"}

    found = row(mpi(people, spec=spec({"s": "1"}, "1", {"s": applies})))

    assert found["h"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("rule", "h"), [("deprived", 1.0), ("not-deprived", 0.5)])
def test_a_missing_value_counts_as_the_rule_says(rule: str, h: float) -> None:
    found = row(mpi(table(a=[1, None]), spec=spec({"a": "1"}, "1", missing=rule)))

    assert found["h"] == h


household = st.tuples(st.integers(2019, 2021), st.integers(0, 3), *[st.booleans()] * 3)
WEIGHTS = {"a": "1/2", "b": "1/3", "c": "1/6"}


@settings(max_examples=12, deadline=None)
@given(
    st.lists(household, min_size=1, max_size=25),
    st.sampled_from(["1/6", "1/3", "2/3", "1"]),
)
def test_it_equals_the_count_done_over_household_by_household(
    households: list[tuple[Any, ...]], k: str
) -> None:
    columns = dict(
        zip("ywabc", (list(c) for c in zip(*households, strict=True)), strict=True)
    )
    weights = [Fraction(weight) for weight in WEIGHTS.values()]

    found = rows(mpi(table(**columns), spec=spec(WEIGHTS, k), by=("y",), weight="w"))

    for got in found:
        mine = [(h[1], h[2:]) for h in households if h[0] == got["y"]]
        people = sum(w for w, _ in mine)
        if not people:
            assert (got["h"], got["m0"]) == (None, None)
            continue
        scores = [
            (w, sum(v for v, d in zip(weights, deprived, strict=True) if d), deprived)
            for w, deprived in mine
        ]
        poor = [(w, score, d) for w, score, d in scores if score >= Fraction(k)]
        m0 = sum(w * score for w, score, _ in poor) / people
        assert got["h"] == pytest.approx(sum(w for w, _, _ in poor) / people)
        assert got["m0"] == pytest.approx(float(m0))
        censored = sum(w for w, _, d in poor if d[1]) / people
        assert got["censored_b"] == pytest.approx(censored)
        if m0:
            assert sum(got[f"contribution_{i}"] for i in WEIGHTS) == pytest.approx(1)
            assert got["h"] * got["a"] == pytest.approx(got["m0"])


@settings(max_examples=10, deadline=None)
@given(st.lists(household, min_size=3, max_size=25))
def test_what_changed_adds_up_in_both_ways(households: list[tuple[Any, ...]]) -> None:
    columns = dict(
        zip("ywabc", (list(c) for c in zip(*households, strict=True)), strict=True)
    )
    columns["w"] = [w + 1 for w in columns["w"]]

    found = mpi(table(**columns), spec=spec(WEIGHTS, "1/3"), weight="w", round="y")

    assert isinstance(found, dict)
    by_year = {r["y"]: r for r in rows(found["rounds"])}
    years = sorted(by_year)
    changes = rows(found["changes"])
    assert [(c["from"], c["to"]) for c in changes] == list(
        zip(years, years[1:], strict=False)
    )
    for change in changes:
        m0 = by_year[change["to"]]["m0"] - by_year[change["from"]]["m0"]
        assert change["change_m0"] == pytest.approx(m0, abs=1e-12)
        assert change["due_to_h"] + change["due_to_a"] == pytest.approx(m0, abs=1e-12)
        parts = sum(change[f"part_{name}"] for name in WEIGHTS)
        assert parts == pytest.approx(m0, abs=1e-12)


def test_errors_of_h_and_m0_are_those_of_means_and_of_a_of_a_ratio() -> None:
    """Each household its own cluster: a mean's error is sd/sqrt(n) over n - 1."""
    people = table(p=[1, 2, 3, 4], **FOUR)

    found = row(mpi(people, spec=spec(QUARTERS, "1/2", BELOW), cluster="p"))

    assert found["se_h"] == pytest.approx((0.25 / 3) ** 0.5)
    scores = [0, 0.5, 1, 0]
    variance = sum((score - 0.375) ** 2 for score in scores) / 3 / 4
    assert found["se_m0"] == pytest.approx(variance**0.5)
    # z of the two poor is (±0.25)/2, of the others 0: 4/3 × 2 × (1/8)².
    assert found["se_a"] == pytest.approx((4 / 3 * 2 / 64) ** 0.5)
