"""Gates: properties over random gates, and the sentences people read."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.gates import (
    GateFault,
    Known,
    Unknown,
    Verdict,
    check,
    evaluate,
    holds,
    parse,
)
from lumbung.core.message import Message, Rupiah, Share, Text

NAMES = ["declared:a", "declared:b", "declared:c"]
counts = st.integers(0, 50)
at_least = st.builds(
    lambda fact, need: {"fact": fact, "at_least": need},
    st.sampled_from(NAMES),
    st.integers(1, 50),
)
gates = st.recursive(
    at_least,
    lambda inner: st.one_of(
        st.builds(lambda xs: {"all_of": xs}, st.lists(inner, min_size=1, max_size=4)),
        st.builds(lambda xs: {"any_of": xs}, st.lists(inner, min_size=1, max_size=4)),
        st.lists(inner, min_size=1, max_size=4).flatmap(
            lambda xs: st.builds(
                lambda n: {"n_of": n, "of": xs}, st.integers(1, len(xs))
            )
        ),
    ),
    max_leaves=8,
)
values = st.fixed_dictionaries(dict.fromkeys(NAMES, counts))


def judge(raw: object, facts: dict[str, Any]) -> Verdict:
    return evaluate(
        parse(raw),
        lambda name: (
            Known(facts[name]) if name in facts else Unknown(Message("Nobody counted."))
        ),
    )


@given(gates, values, st.sampled_from(NAMES), counts)
def test_more_of_a_fact_never_closes_a_gate_that_asks_at_least(
    gate: object, facts: dict[str, int], name: str, more: int
) -> None:
    if judge(gate, facts).met:
        assert judge(gate, facts | {name: facts[name] + more}).met


@given(gates, values, st.sampled_from(NAMES))
def test_forgetting_a_fact_never_opens_a_gate(
    gate: object, facts: dict[str, int], name: str
) -> None:
    less = {key: value for key, value in facts.items() if key != name}
    if judge(gate, less).met:
        assert judge(gate, facts).met


@given(gates)
def test_where_nothing_is_known_no_gate_is_met(gate: object) -> None:
    assert not judge(gate, {}).met


@given(st.integers(1, 10**15))
def test_each_bound_is_met_exactly_and_missed_by_one(need: int) -> None:
    assert holds("at_least", need, need)
    assert not holds("at_least", need - 1, need)
    assert holds("at_most", need, need)
    assert not holds("at_most", need + 1, need)
    assert holds("below", need - 1, need)
    assert not holds("below", need, need)


@given(st.lists(at_least, min_size=1, max_size=5), values)
def test_n_of_lies_between_any_and_all(
    parts: list[object], facts: dict[str, int]
) -> None:
    def n_of(n: int) -> bool:
        return judge({"n_of": n, "of": parts}, facts).met

    assert n_of(1) == judge({"any_of": parts}, facts).met
    assert n_of(len(parts)) == judge({"all_of": parts}, facts).met
    met = [n_of(n) for n in range(1, len(parts) + 1)]
    assert met == sorted(met, reverse=True)
    assert sum(met) == sum(judge(part, facts).met for part in parts)


@given(gates, values)
def test_a_verdict_is_stored_and_read_back_whole(
    gate: object, facts: dict[str, int]
) -> None:
    verdict = judge(gate, facts)
    assert Verdict.from_json(verdict.to_json()) == verdict


@given(st.integers(1, 400), st.data())
def test_the_shortfall_of_a_share_of_people_is_the_fewest_that_mend_it(
    whole: int, data: st.DataObject
) -> None:
    """With `count` more women and nobody leaving, 30 % is reached; not with fewer."""
    women = data.draw(st.integers(0, whole))
    need = Share("3/10")
    gate = parse({"fact": "w", "at_least": "30 %"})
    verdict = evaluate(gate, lambda _: Known(Share(women, whole), whole=whole))
    if verdict.met:
        assert Fraction(women, whole) >= need
    else:
        short = verdict.lines[0].sentence.values["count"]
        assert isinstance(short, int)
        assert Fraction(women + short - 1, whole) < need
        assert Fraction(women + short, whole) >= need


def test_a_verdict_says_what_is_missing_before_what_is_there() -> None:
    gate = {
        "all_of": [
            {"fact": "decision:people", "at_least": 30},
            {"fact": "decision:sectors", "at_least": 4},
        ]
    }
    verdict = judge(gate, {"decision:people": 31, "decision:sectors": 3})
    assert [line.fact for line in verdict.missing] == ["decision:sectors"]
    assert [line.fact for line in verdict.passed] == ["decision:people"]
    assert not verdict.met


def test_an_unknown_fact_is_not_met_and_says_why() -> None:
    [line] = judge({"fact": "declared:a", "at_most": 5}, {}).lines
    assert not line.met
    assert line.have is None
    assert line.sentence.values["why"] == Message("Nobody counted.")


def test_a_source_and_its_day_stay_with_the_line() -> None:
    gate = parse({"fact": "declared:a", "below": "40 %"})
    source = Text("Data desa", "Village data")
    known = Known(Share("0.382"), source, date(2020, 1, 20))
    [line] = evaluate(gate, lambda _: known).lines
    assert line.met
    assert (line.have, line.source) == (Share("0.382"), source)
    assert line.as_of == date(2020, 1, 20)
    assert Verdict.from_json(Verdict(True, (line,)).to_json()).lines == (line,)


@pytest.mark.parametrize(
    ("have", "as_shown"),
    [("0.2997", "0.299"), ("0.29996", "0.299"), ("0.258", "0.258")],
)
def test_rounding_never_carries_a_share_over_its_line(have: str, as_shown: str) -> None:
    [line] = judge(
        {"fact": "declared:a", "at_least": "30 %"}, {"declared:a": Share(have)}
    ).lines
    assert not line.met
    assert line.sentence.values["have"] == Share(as_shown)
    assert line.have == Share(have)


def test_amounts_are_said_in_rupiah() -> None:
    [line] = judge(
        {"fact": "declared:a", "at_least": 5_000_000}, {"declared:a": Rupiah(4_750_000)}
    ).lines
    assert isinstance(line.sentence.values["short"], Rupiah)
    assert line.sentence.values["short"] == 250_000


def test_days_choices_and_yes_or_no_are_judged() -> None:
    facts = {"day": date(2019, 12, 31), "class": "red", "signed": "yes"}
    assert judge({"fact": "day", "before": "2020-01-01"}, facts).met
    assert not judge({"fact": "day", "before": "2019-12-31"}, facts).met
    assert judge({"fact": "class", "one_of": ["red", "yellow"]}, facts).met
    assert not judge({"fact": "class", "equals": "green"}, facts).met
    assert judge({"fact": "signed", "equals": True}, facts).met
    assert judge({"fact": "signed", "equals": "yes"}, facts).met
    assert not judge({"fact": "signed", "equals": "no"}, facts).met


TYPES = {
    "evidence:minutes": "count",
    "decision:women_share": "share",
    "declared:class": "choice",
    "declared:signed": "yesno",
    "declared:since": "date",
    "declared:index": "number",
    "declared:paid": "rupiah",
}
FAULTS: list[tuple[object, tuple[object, ...], str]] = [
    ({"all_of": []}, ("all_of",), "An empty group"),
    ({"any_of": None}, ("any_of",), "An empty group"),
    ({"n_of": 2, "of": []}, ("of",), "An empty group"),
    (
        {"n_of": 2, "of": [{"fact": "evidence:minutes", "at_least": 1}]},
        ("n_of",),
        "Write a number from 1",
    ),
    (
        {"n_of": True, "of": [{"fact": "evidence:minutes", "at_least": 1}]},
        ("n_of",),
        "Write a number from 1",
    ),
    ({"fact": "evidence:minuets", "at_least": 1}, ("fact",), "There is no fact"),
    ({"fact": "evidence:minutes", "at_least": "30 %"}, ("at_least",), "A percentage"),
    ({"fact": "evidence:minutes", "at_least": 1.5}, ("at_least",), "%(value)s is no"),
    ({"fact": "evidence:minutes", "at_least": "1.5"}, ("at_least",), "Write a whole"),
    ({"fact": "evidence:minutes", "at_least": True}, ("at_least",), "Write a whole"),
    ({"fact": "evidence:minutes", "at_least": 0}, ("at_least",), "At least 0"),
    ({"fact": "evidence:minutes"}, (), "Write exactly one"),
    ({"fact": "evidence:minutes", "at_least": 1, "at_most": 2}, (), "Write exactly"),
    ({"fact": "evidence:minutes", "minimum": 1}, ("minimum",), "Unknown word"),
    ({"fact": "decision:women_share", "at_least": 30}, ("at_least",), "Write a share"),
    (
        {"fact": "decision:women_share", "one_of": ["30 %"]},
        ("one_of",),
        "%(operator)s cannot be asked",
    ),
    (
        {"fact": "declared:index", "before": "2020-01-01"},
        ("before",),
        "%(operator)s cannot be asked",
    ),
    ({"fact": "declared:index", "at_least": "5 %"}, ("at_least",), "Write a number"),
    ({"fact": "declared:since", "before": "soon"}, ("before",), "Write a day"),
    ({"fact": "declared:signed", "equals": "ya"}, ("equals",), "Write yes or no"),
    ({"fact": "declared:class", "one_of": ["pink"]}, ("one_of",), "Write one of"),
    ({"fact": "declared:class", "one_of": "red"}, ("one_of",), "Write the values as"),
    ({"fact": "declared:paid", "at_least": "10 %"}, ("at_least",), "A percentage"),
    (
        {"all_of": [{"fact": "evidence:minutes", "at_least": 1, "name": {"id": "x"}}]},
        ("all_of", 0, "name"),
        "Write the words in both languages",
    ),
    ({"all_of": [{"x": 1}], "any_of": [{"x": 1}]}, (), "Write one group at a time"),
    ("minutes", (), "A gate is a condition or a group"),
]


@pytest.mark.parametrize(("raw", "path", "says"), FAULTS)
def test_a_faulty_gate_is_refused_where_it_is_wrong(
    raw: object, path: tuple[object, ...], says: str
) -> None:
    faults = check(raw, TYPES, {"declared:class": ("red", "yellow", "green")})
    assert (path, says) in [
        (fault.path, fault.message.id[: len(says)]) for fault in faults
    ]


def test_all_faults_of_a_gate_are_told_at_once() -> None:
    raw = {"all_of": [{"fact": "nope", "at_least": 1}, {"any_of": []}, {"fact": ""}]}
    assert len(check(raw, TYPES)) == 3
    with pytest.raises(GateFault):
        parse(raw)


def test_values_are_read_exactly() -> None:
    assert parse({"fact": "s", "at_least": "12,5 %"}).facts() == {"s"}
    assert holds("at_least", Share("1/8"), Share("0.125"))
    assert not holds("at_least", Fraction(1, 3), Decimal("0.3334"))
    with pytest.raises(GateFault):
        parse({"fact": "s", "at_least": 0.3})
