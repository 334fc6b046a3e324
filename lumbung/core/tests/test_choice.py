"""Choices: refused, as published, and tipped over by hand."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lumbung.core.choice import CHOOSE, choose, closeness
from lumbung.core.comparison import weigh
from lumbung.core.measure import BadInput
from lumbung.core.tipping import others, tip_of_closeness, tip_of_sum
from lumbung.engine import open_engine
from lumbung.measure.computation import Request, compute

CROPS = pa.table(
    {"crop": ["coffee", "copra", "shrimp"], "market": [3, 1, 5], "poor": [5, 9, 1]}
)
TWO: dict[str, Any] = {
    "alternative": "crop",
    "criteria": {"market": {"weight": "1/2"}, "poor": {"weight": "1/2"}},
}
UNWEIGHTED: dict[str, Any] = {
    "alternative": "crop",
    "criteria": {"market": {}, "poor": {}},
}


def ranking(outcome: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in outcome.tables["ranking"]]


def changed(**change: Any) -> dict[str, Any]:
    return TWO | change


@pytest.mark.parametrize(
    ("spec", "method", "reason"),
    [
        ({"criteria": {"a": {"weight": "1"}}}, "weighted", "column of what is chosen"),
        ({"alternative": "crop"}, "weighted", "At least one criterion"),
        (changed(colour="red"), "weighted", "colour"),
        (UNWEIGHTED, "weighted", "weight is missing"),
        (UNWEIGHTED, "ahp", "from judges"),
        (
            changed(criteria={"market": {"weight": "1/2"}, "poor": {"weight": "1/3"}}),
            "weighted",
            "sum to",
        ),
        (
            changed(criteria={"market": {"weight": "3/2"}, "poor": {"weight": "-1/2"}}),
            "weighted",
            "0 or more",
        ),
        (changed(criteria={"market": {"weight": "much"}}), "weighted", "no number"),
        (
            changed(criteria={"market": {"weight": "1", "better": "up"}}),
            "topsis",
            "high",
        ),
        (
            changed(criteria={"market": {"weight": "1", "scale": ["1", "4"]}}),
            "weighted",
            "outside the scale",
        ),
        (
            changed(criteria={"market": {"weight": "1", "scale": ["5", "1"]}}),
            "weighted",
            "rises",
        ),
        (
            changed(criteria={"market": {"weight": "1", "scale": ["1", "5"]}}),
            "topsis",
            "takes a scale",
        ),
        (changed(judges={"wati": {"market / poor": "3"}}), "weighted", "not both"),
        (changed(comparisons={"market": {}}), "weighted", "takes comparisons"),
        (UNWEIGHTED | {"judges": {"wati": [["1", "3"]]}}, "ahp", "2"),
        (
            UNWEIGHTED | {"judges": {"wati": [["1", "3"], ["3", "1"]]}},
            "ahp",
            "contradicts",
        ),
        (
            UNWEIGHTED | {"judges": {"wati": [["2", "3"], ["1/3", "1"]]}},
            "ahp",
            "contradicts",
        ),
        (
            UNWEIGHTED | {"judges": {"wati": [["1", "0"], ["0", "1"]]}},
            "ahp",
            "no comparison",
        ),
        (UNWEIGHTED | {"judges": {"wati": {"market / rain": "3"}}}, "ahp", "no pair"),
        (UNWEIGHTED | {"judges": {"wati": {"market": "3"}}}, "ahp", "no pair"),
        (UNWEIGHTED | {"judges": {"wati": {}}}, "ahp", "not compared"),
        (
            UNWEIGHTED
            | {"judges": {"wati": {"market / poor": "3", "poor / market": "1/3"}}},
            "ahp",
            "twice",
        ),
        (
            UNWEIGHTED
            | {
                "judges": {"wati": {"market / poor": "3"}},
                "comparisons": {"market": {"wati": {"coffee / copra": "2"}}},
            },
            "ahp",
            "not compared",
        ),
    ],
)
def test_it_refuses_a_specification_and_says_why(spec, method, reason) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        choose(CROPS, criteria=spec, method=method)
    assert refused.value.field == "criteria"


@pytest.mark.parametrize(
    ("rows", "method", "reason"),
    [
        ({"crop": ["a"], "market": [1], "poor": [1]}, "weighted", "two alternatives"),
        ({"crop": ["a", "a"], "market": [1, 2], "poor": [1, 2]}, "weighted", "twice"),
        ({"crop": ["a", "b"], "market": [1, 1], "poor": [1, 2]}, "weighted", "alike"),
        ({"crop": ["a", "b"], "market": [1, 1], "poor": [2, 2]}, "topsis", "alike"),
        ({"crop": ["a", "b"], "market": [0, 0], "poor": [1, 2]}, "topsis", "zero"),
    ],
)
def test_it_refuses_alternatives_that_cannot_be_told_apart(
    rows, method, reason
) -> None:
    with pytest.raises(BadInput, match=reason):
        choose(pa.table(rows), criteria=TWO, method=method)


def test_ahp_refuses_measured_values_that_have_no_share() -> None:
    judges = {"judges": {"wati": {"market / poor": "3"}}}
    for better, values in (("low", [0, 1, 2]), ("high", [-1, 1, 2]), ("high", [0] * 3)):
        criteria = {"market": {"better": better}, "poor": {}}
        rows = CROPS.set_column(1, "market", pa.array(values))
        with pytest.raises(BadInput):
            choose(
                rows,
                criteria=UNWEIGHTED | judges | {"criteria": criteria},
                method="ahp",
            )


def test_it_goes_through_the_engine_and_refuses_text() -> None:
    with open_engine([]) as engine:
        rows = CROPS.append_column("note", pa.array(["good", "bad", "dear"]))
        table = engine.hold(rows)
        asked = Request(parameters={"criteria": TWO, "method": "weighted"})
        answer = compute(engine, CHOOSE, table, asked)
        assert answer.tables["ranking"].column_names == ["alternative", "score", "rank"]
        spec = changed(criteria={"note": {"weight": "1"}})
        asked = Request(parameters={"criteria": spec, "method": "weighted"})
        with pytest.raises(BadInput, match="note"):
            compute(engine, CHOOSE, table, asked)


def test_saaty_drinks_in_the_united_states() -> None:
    """Saaty (2008), *Decision making with the AHP*, Int. J. Services Sciences 1(1):

    coffee, wine, tea, beer, sodas, milk, water; printed weights and ratio 0.022.
    """
    upper = [
        ["1", "9", "5", "2", "1", "1", "1/2"],
        ["1", "1/3", "1/9", "1/9", "1/9", "1/9"],
        ["1", "1/3", "1/4", "1/3", "1/9"],
        ["1", "1/2", "1", "1/3"],
        ["1", "2", "1/2"],
        ["1", "1/3"],
        ["1"],
    ]
    drinks = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]
    pairs = {
        f"{drinks[i]} / {drinks[i + j]}": upper[i][j]
        for i in range(7)
        for j in range(1, 7 - i)
    }
    spec = {
        "alternative": "drink",
        "criteria": {"drunk": {}},
        "judges": {"one": [["1"]]},
        "comparisons": {"drunk": {"all": pairs}},
    }
    found = choose(pa.table({"drink": drinks}), criteria=spec, method="ahp")
    scores = {name: score for name, score, _ in ranking(found)}
    printed = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert [scores[drink] for drink in drinks] == pytest.approx(printed, abs=6e-4)
    ratio = found.tables["consistency"][-1]["consistency_ratio"]
    assert ratio == pytest.approx(0.022, abs=2e-3)


def test_the_leader_example_of_the_analytic_hierarchy_process() -> None:
    """Wikipedia, *Analytic hierarchy process – leader example*: .358 .493 .149 from

    criteria .547 .127 .270 .056.
    """
    spec = {
        "alternative": "candidate",
        "criteria": {"experience": {}, "education": {}, "charisma": {}, "age": {}},
        "judges": {
            "board": {
                "experience / education": "4",
                "experience / charisma": "3",
                "experience / age": "7",
                "charisma / education": "3",
                "education / age": "3",
                "charisma / age": "5",
            }
        },
        "comparisons": {
            "experience": {
                "board": {"Dick / Tom": "4", "Tom / Harry": "4", "Dick / Harry": "9"}
            },
            "education": {
                "board": {"Tom / Dick": "3", "Harry / Tom": "5", "Harry / Dick": "7"}
            },
            "charisma": {
                "board": {"Tom / Dick": "5", "Tom / Harry": "9", "Dick / Harry": "4"}
            },
            "age": {
                "board": {"Dick / Tom": "3", "Tom / Harry": "5", "Dick / Harry": "9"}
            },
        },
    }
    rows = pa.table({"candidate": ["Tom", "Dick", "Harry"]})
    found = choose(rows, criteria=spec, method="ahp")
    weights = [row["weight"] for row in found.tables["weights"]]
    assert weights == pytest.approx([0.547, 0.127, 0.270, 0.056], abs=6e-4)
    assert ranking(found) == [
        ("Dick", pytest.approx(0.493, abs=6e-4), 1),
        ("Tom", pytest.approx(0.358, abs=6e-4), 2),
        ("Harry", pytest.approx(0.149, abs=6e-4), 3),
    ]


def test_topsis_chooses_the_fighter_of_hwang_and_yoon() -> None:
    """Hwang and Yoon (1981): speed, range, payload, cost, reliability, agility;

    closeness 0.643, 0.268, 0.613, 0.312.
    """
    rows = pa.table(
        {
            "aircraft": ["A1", "A2", "A3", "A4"],
            "speed": [2.0, 2.5, 1.8, 2.2],
            "range": [1500, 2700, 2000, 1800],
            "payload": [20000, 18000, 21000, 20000],
            "cost": [5.5, 6.5, 4.5, 5.0],
            "reliability": [5, 3, 7, 5],
            "agility": [9, 5, 7, 5],
        }
    )
    weights = {"speed": "0.2", "range": "0.1", "payload": "0.1", "cost": "0.1"}
    weights |= {"reliability": "0.2", "agility": "0.3"}
    criteria: dict[str, Any] = {name: {"weight": w} for name, w in weights.items()}
    criteria["cost"]["better"] = "low"
    spec = {"alternative": "aircraft", "criteria": criteria}
    found = choose(rows, criteria=spec, method="topsis")
    printed = {"A1": 0.643, "A3": 0.613, "A4": 0.312, "A2": 0.268}
    assert ranking(found) == [
        (name, pytest.approx(score, abs=1e-3), place)
        for place, (name, score) in enumerate(printed.items(), 1)
    ]


def test_a_scale_counts_from_its_own_ends() -> None:
    criteria = {
        "market": {"weight": "1/2", "scale": ["1", "5"]},
        "poor": {"weight": "1/2", "scale": ["0", "10"], "better": "low"},
    }
    found = choose(CROPS, criteria=changed(criteria=criteria), method="weighted")
    assert ranking(found) == [
        ("shrimp", pytest.approx(0.5 * 1 + 0.5 * 0.9), 1),
        ("coffee", pytest.approx(0.5 * 0.5 + 0.5 * 0.5), 2),
        ("copra", pytest.approx(0.5 * 0 + 0.5 * 0.1), 3),
    ]


def test_equal_scores_share_a_rank_and_the_next_is_skipped() -> None:
    rows = pa.table({"crop": ["a", "b", "c"], "market": [1, 3, 2], "poor": [3, 0, 1]})
    found = choose(rows, criteria=TWO, method="weighted")
    assert [(name, rank) for name, _, rank in ranking(found)] == [
        ("a", 1), ("b", 1), ("c", 3)
    ]  # fmt: skip
    assert [w.values["names"] for w in found.warnings] == ["a, b"]
    assert found.tables["tipping"][0]["change"] == pytest.approx(0)


def test_judges_count_by_geometric_mean_and_contradictions_are_told() -> None:
    judges = {"wati": {"market / poor": "4"}, "budi": {"market / poor": "1"}}
    spec = UNWEIGHTED | {"judges": judges}
    found = choose(CROPS, criteria=spec, method="weighted")
    weights = [row["weight"] for row in found.tables["weights"]]
    assert weights == pytest.approx([2 / 3, 1 / 3])
    assert [c["judge"] for c in found.tables["consistency"]] == ["wati", "budi", "all"]

    rows = CROPS.append_column("near", pa.array([1, 2, 3]))
    ring = {"market / poor": "9", "poor / near": "9", "near / market": "9"}
    spec = {"alternative": "crop", "criteria": {"market": {}, "poor": {}, "near": {}}}
    found = choose(rows, criteria=spec | {"judges": {"wati": ring}}, method="topsis")
    assert found.tables["consistency"][0]["consistency_ratio"] > 0.1
    assert [w.values["judge"] for w in found.warnings] == ["wati"]


def test_the_consistency_ratio_is_saaty_s() -> None:
    # λ of this matrix is 3.0246: (0.0246 / 2) / 0.58 = 0.0212.
    assert weigh([[1, 2, 5], [1 / 2, 1, 4], [1 / 5, 1 / 4, 1]]).ratio == pytest.approx(
        0.0212, abs=1e-4
    )
    assert weigh([[1, 7], [1 / 7, 1]]).ratio == 0


def best(values: Any, weights: Any, method: str) -> Any:
    return closeness(values, weights) if method == "topsis" else values @ weights


@settings(deadline=None)
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(2, 5), st.integers(2, 4)),
        elements=st.integers(0, 20).map(float),
    ),
    st.lists(st.integers(1, 20), min_size=4, max_size=4),
    st.sampled_from(["weighted", "topsis"]),
)
def test_the_first_changes_beyond_the_tip_and_nowhere_before(
    values: Any, parts: list[int], method: str
) -> None:
    """Each weight is moved over a grid: nobody else leads before the tip."""
    weights = np.array(parts[: values.shape[1]], float)
    weights /= weights.sum()
    assume((values.max(axis=0) > values.min(axis=0)).all())
    scores = best(values, weights, method)
    leader = int(np.argmax(scores))
    assume((scores > scores[leader] - 1e-6).sum() == 1)
    solve = tip_of_closeness if method == "topsis" else tip_of_sum
    for criterion in range(values.shape[1]):
        tip = solve(values, weights, criterion)
        rest = others(weights, criterion)
        assert rest is not None

        def at(weight: float, criterion: int = criterion, rest: Any = rest) -> Any:
            moved = rest * (1 - weight)
            moved[criterion] = weight
            return best(values, moved, method)

        reach = 1.0 if tip is None else abs(tip.weight - weights[criterion])
        for weight in np.linspace(0.001, 0.999, 41):
            if abs(weight - weights[criterion]) < reach - 1e-6:
                found = at(weight)
                assert found[leader] >= found.max() - 1e-9
        if tip is not None:
            level = at(tip.weight)
            assert level[tip.first] == pytest.approx(level[leader], abs=1e-7)


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_consistent_judgements_give_back_the_weights(parts: list[int]) -> None:
    matrix = [[a / b for b in parts] for a in parts]
    found = weigh(matrix)
    assert found.weights == pytest.approx([part / sum(parts) for part in parts])
    assert found.ratio == pytest.approx(0, abs=1e-9)
