"""Classes by cut-offs and by ranks: what happens on the edge, with ties, without data."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.classification import (
    NO_DATA,
    Rule,
    Valued,
    classify,
    edge_faults,
    edges_for,
    read_rule,
)
from lumbung.core.composite import RuleFault, compute, outside, read_composite

CLASSES = ["green", "yellow", "red"]


def rule(
    *edges: tuple[str, str], within: str = "", classes: list[str] | None = None
) -> Rule:
    listed = [
        {"id": f"e{n}", "at": at, "edge_to": to} for n, (at, to) in enumerate(edges)
    ]
    content: dict[str, Any] = {
        "value": {"indicator": "x"},
        "classes": classes or CLASSES,
        "edges": listed,
    }
    return read_rule(content | ({"within": within} if within else {}), "2020")


def labels(given: Rule, *values: Any, group: str = "") -> list[str]:
    places = [
        Valued(str(n), None if value is None else Fraction(value), group)
        for n, value in enumerate(values)
    ]
    return list(classify(given, places).values())


def test_a_value_on_the_edge_belongs_to_the_class_that_owns_it() -> None:
    strict = rule(("0.25", "yellow"), ("0.4", "red"))
    weak = rule(("0.25", "green"), ("0.4", "yellow"))

    assert labels(strict, "0.2499", "0.25", "0.3999", "0.4") == [
        *("green", "yellow", "yellow", "red")
    ]
    assert labels(weak, "0.25", "0.2501", "0.4", "0.4001") == [
        *("green", "yellow", "yellow", "red")
    ]


def test_an_edge_is_met_exactly_where_floats_would_pass_it() -> None:
    """0.7, 0.8 and 0.9 have the mean 0.8; floats make it a little more."""
    mean = read_composite({"mean_of": [{"indicator": n} for n in "abc"]})
    value = compute(
        mean, {"a": Fraction(7, 10), "b": Fraction(4, 5), "c": Fraction(9, 10)}
    )

    assert labels(rule(("0.8", "low"), classes=["low", "high"]), value) == ["low"]


def test_what_has_no_value_has_no_class_and_is_not_ranked() -> None:
    worst_half = rule(("1/2", "high"), within="district", classes=["low", "high"])

    assert labels(rule(("1", "yellow"), ("2", "red")), None) == [NO_DATA]
    assert labels(worst_half, 1, None, 2, None) == ["low", NO_DATA, "high", NO_DATA]


@pytest.mark.parametrize(
    ("owner", "values", "expected"),
    [
        # Four places, a quarter each: the line falls between two of them.
        ("high", [1, 2, 3, 4], ["low", "low", "low", "high"]),
        ("low", [1, 2, 3, 4], ["low", "low", "low", "high"]),
        # Five: it falls into the fourth.
        ("high", [1, 2, 3, 4, 5], ["low", "low", "low", "high", "high"]),
        ("low", [1, 2, 3, 4, 5], ["low", "low", "low", "low", "high"]),
        # Two of one value lie across it.
        ("high", [1, 2, 3, 3], ["low", "low", "high", "high"]),
        ("low", [1, 2, 3, 3], ["low", "low", "low", "low"]),
        # All alike.
        ("high", [7, 7], ["high", "high"]),
        ("low", [7, 7], ["low", "low"]),
    ],
)
def test_ties_across_the_line_all_go_to_its_owner(
    owner: str, values: list[int], expected: list[str]
) -> None:
    quarter = rule(("3/4", owner), within="district", classes=["low", "high"])

    assert labels(quarter, *values) == expected


def test_ranks_count_within_each_group_alone() -> None:
    half = rule(("1/2", "high"), within="district", classes=["low", "high"])
    places = [
        *(Valued(f"a{n}", Fraction(n), "33.26") for n in (1, 2)),
        *(Valued(f"b{n}", Fraction(n), "14.01") for n in (8, 9)),
    ]

    assert classify(half, places) == {
        "a1": "low",
        "a2": "high",
        "b8": "low",
        "b9": "high",
    }


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=30), st.sampled_from(CLASSES[:2])
)
def test_a_higher_value_never_has_a_lower_class(values: list[int], owner: str) -> None:
    ranks = rule(("1/3", owner), ("2/3", "red"), within="district")
    found = labels(ranks, *values)
    ordered = [klass for _, klass in sorted(zip(values, found, strict=True))]

    assert ordered == sorted(ordered, key=CLASSES.index)
    assert len({(v, k) for v, k in zip(values, found, strict=True)}) == len(set(values))


def test_edges_may_differ_by_year() -> None:
    spans = [
        {"to": "2019", "edges": ["old"]},
        {"from": "2020", "to": "2022", "edges": ["new"]},
    ]

    found = [
        edges_for({"by_period": spans}, period)
        for period in ("2018", "2019-S2", "2020-01", "2022-12", "2023")
    ]

    assert found == [["old"], ["old"], ["new"], ["new"], None]
    with pytest.raises(RuleFault):
        read_rule({"by_period": spans, "classes": CLASSES}, "2023")


def test_an_edge_that_is_none_is_named() -> None:
    good = {"id": "a", "at": "1/4", "edge_to": "yellow"}

    def faults(*edges: dict[str, Any], ranks: bool = False) -> list[Any]:
        return [way for way, _ in edge_faults(CLASSES, edges, ranks=ranks)]

    assert faults(good) == [()]
    assert faults(good, {"id": "b", "at": "2/5", "edge_to": "red"}) == []
    assert faults(good, {"id": "b", "at": "1/4", "edge_to": "green"}) == [
        *(("b", "edge_to"), ("b", "at"))
    ]
    assert faults(good, {"id": "b", "at": "3/2", "edge_to": "red"}, ranks=True) == [
        ("b", "at")
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"mean_of": [{"indicator": "a"}, {"indicator": "b", "weight": 3}]}, "5/2"),
        ({"sum_of": [{"indicator": "a"}, {"indicator": "b", "weight": 3}]}, "10"),
        ({"highest_of": [{"indicator": "a"}, {"indicator": "b"}]}, "3"),
        ({"lowest_of": [{"indicator": "a"}, {"indicator": "b"}]}, "1"),
        ({"index": {"one": {"highest": 4, "indicators": ["a", "b"]}}}, "1/2"),
    ],
)
def test_a_composite_is_exact_and_lacks_where_a_part_lacks(
    raw: dict[str, Any], expected: str
) -> None:
    composite = read_composite(raw)

    assert compute(composite, {"a": Fraction(1), "b": Fraction(3)}) == Fraction(
        expected
    )
    assert compute(composite, {"a": Fraction(1)}) is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("x", ()),
        ({}, ()),
        ({"indicator": "a", "mean_of": []}, ()),
        ({"indicator": ""}, ("indicator",)),
        ({"mean_of": [{"indicator": "a"}]}, ("mean_of",)),
        ({"mean_of": [{"indicator": "a"}, {"indicator": "a"}]}, ("mean_of",)),
        ({"mean_of": [{"indicator": "a"}, {"name": "b"}]}, ("mean_of", 1)),
        (
            {"mean_of": [{"indicator": "a", "weight": "x"}, {"indicator": "b"}]},
            ("mean_of", 0, "weight"),
        ),
        (
            {"mean_of": [{"indicator": n, "weight": 0} for n in "ab"]},
            ("mean_of",),
        ),
        ({"lowest_of": [{"indicator": "a", "weight": 1}, {}]}, ("lowest_of", 0)),
        ({"index": {}}, ("index",)),
        ({"index": {"one": {"highest": 5}}}, ("index", "one")),
        (
            {"index": {"one": {"highest": 0, "indicators": ["a"]}}},
            ("index", "one", "highest"),
        ),
        (
            {"index": {"one": {"highest": 5, "indicators": []}}},
            ("index", "one", "indicators"),
        ),
        *(
            (
                {"index": {"one": {"name": n, "highest": 5, "indicators": ["a"]}}},
                ("index", "one", "name"),
            )
            for n in ("satu", {"en": "one"})
        ),
        ({"index": {n: {"highest": 5, "indicators": ["a"]} for n in "xy"}}, ("index",)),
    ],
)
def test_a_composite_that_says_nothing_is_named_at_its_place(
    raw: Any, path: tuple[Any, ...]
) -> None:
    with pytest.raises(RuleFault) as fault:
        read_composite(raw)

    assert fault.value.path == path


def test_a_score_past_its_highest_is_found() -> None:
    index = read_composite({"index": {"one": {"highest": 5, "indicators": ["a", "b"]}}})

    assert outside(index, {"a": Fraction(5), "b": Fraction(6)}) == "b"
    assert outside(index, {"a": Fraction(0), "b": Fraction(5)}) == ""
