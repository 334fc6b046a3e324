"""The loans of a village fund: refused, by hand on the edges, and turned around."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.core.measure import BadInput
from lumbung.core.portfolio import PORTFOLIO
from lumbung.core.portfolio_spec import EXAMPLE, read_spec
from lumbung.core.schedule import months_after
from lumbung.core.tests.test_quotients import NO_SHRINKING
from lumbung.engine import open_engine
from lumbung.measure.computation import Answer, Request, compute
from lumbung.measure.terminal import say

TODAY = date(2025, 12, 14)
GIVEN: dict[str, Any] = {
    "as_of": TODAY,
    "arrears_months": 3,
    "spec": None,
    "income": None,
    "cost": None,
    "net_profit": None,
    "capital": None,
    "months": None,
}


def loan(number: int, **change: Any) -> dict[str, Any]:
    """Return loan K-`number` of the group Melati: 1,000,000, half of it paid."""
    return {
        "loan": f"K-{number:02}",
        "group": "Melati",
        "disbursed_on": date(2025, 1, 5),
        "principal": 1_000_000,
        "balance": 500_000,
        "overdue_principal": 0,
        "overdue_since": None,
        "restructured": False,
    } | change


def late(number: int, since: date, **change: Any) -> dict[str, Any]:
    return loan(number, overdue_principal=100_000, overdue_since=since, **change)


def ask(
    loans: list[dict[str, Any]], *, by: tuple[str, ...] = (), **given: Any
) -> Answer:
    request = Request(by=by, parameters=GIVEN | given)
    with open_engine([]) as engine:
        table = engine.hold(pa.Table.from_pylist(loans))
        return compute(engine, PORTFOLIO, table, request)


def ratios(answer: Answer) -> dict[str, Any]:
    [row] = answer.tables["ratios"].to_pylist()
    return dict(row)


def classes(answer: Answer) -> dict[str, tuple[int, int]]:
    rows = answer.tables["classes"].to_pylist()
    return {row["class"]: (row["loans"], row["balance"]) for row in rows}


@pytest.mark.parametrize(
    "change",
    [
        {"balance": -1},
        {"balance": 1_000_001},
        {"principal": 0, "balance": 0},
        {"overdue_principal": -1},
        {"overdue_principal": 100},
        {"overdue_principal": 500_001, "overdue_since": date(2025, 12, 1)},
        {"overdue_principal": 1, "overdue_since": date(2025, 12, 15)},
        {"overdue_principal": 1, "overdue_since": date(2025, 1, 4)},
        {"disbursed_on": date(2025, 12, 15)},
        {"disbursed_on": None},
        {"group": None},
        {"loan": "K-02"},
        {"balance": 0.5},
        {"balance": None},
        {"restructured": None},
        {"overdue_since": "5 May"},
    ],
)
def test_it_refuses_loans_that_cannot_be(change: dict[str, Any]) -> None:
    other = loan(2)
    if change.get("balance") == 0.5:
        other["balance"] = 500_000.0
    with pytest.raises(BadInput) as refused:
        ask([loan(1, **change), other])
    assert refused.value.field == "DATA"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"arrears_months": 0}, "arrears_months"),
        ({"income": Fraction(1)}, "cost"),
        ({"cost": Fraction(1)}, "income"),
        ({"income": Fraction(-1), "cost": Fraction(1)}, "income"),
        ({"net_profit": Fraction(1), "capital": Fraction(1)}, "months"),
        (
            {"net_profit": Fraction(1), "capital": Fraction(1), "months": 13},
            "months",
        ),
        ({"income": Fraction(1), "cost": Fraction(1), "by": ("kelurahan",)}, "by"),
        ({"by": ("lar",)}, "by"),
        ({"by": ("kecamatan",)}, "by"),
    ],
)
def test_it_refuses_numbers_that_do_not_go_together(given, field) -> None:
    with pytest.raises(BadInput) as refused:
        ask([loan(1, kelurahan="Metro", lar=1)], **given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({}, "At least one class"),
        ({"colours": {}}, "colours"),
        ({"classes": [{"class": "1", "months": "3"}]}, "takes the rest"),
        ({"classes": [{"name": "all"}]}, "missing"),
        ({"classes": [{"class": "1", "reserve": "150%"}]}, "0 to 1"),
        ({"classes": [{"class": "1", "reserve": "some"}]}, "no share"),
        (
            {"classes": [{"class": "1", "months": "3"}, {"class": "1"}]},
            "same code",
        ),
        (
            {
                "classes": [
                    {"class": "1", "months": "3"},
                    {"class": "2", "months": "3"},
                    {"class": "3"},
                ]
            },
            "rise",
        ),
        ({"classes": [{"class": "1", "months": "-3"}, {"class": "2"}]}, "whole number"),
        ({"bands": {"npl": []}, "classes": [{"class": "1"}]}, "npl"),
        ({"bands": {"par": []}, "classes": [{"class": "1"}]}, "a list"),
        ({"bands": {"par": [{"band": "x"}]}, "classes": [{"class": "1"}]}, "at_most"),
        (
            {
                "bands": {
                    "par": [
                        {"band": "good", "at_most": "20%"},
                        {"band": "fair", "at_most": "10%"},
                        {"band": "bad"},
                    ]
                },
                "classes": [{"class": "1"}],
            },
            "best to the worst",
        ),
    ],
)
def test_it_refuses_a_specification_and_says_why(spec, reason) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        read_spec(spec)
    assert refused.value.field == "spec"


def test_par_is_the_whole_balance_and_rr_only_what_is_overdue() -> None:
    """Two loans of 500,000; one is 100,000 behind since three months to the day."""
    found = ratios(ask([loan(1), late(2, date(2025, 9, 14))]))
    assert (found["par"], found["rr"], found["lar"]) == (0.5, 0.9, 1.0)
    found = ratios(ask([loan(1), late(2, date(2025, 9, 15))]))  # a day short
    assert (found["par"], found["rr"], found["lar"]) == (0.0, 1.0, 0.0)


def test_lar_counts_groups_with_a_balance() -> None:
    loans = [
        loan(1, group="Mawar"),
        late(2, date(2025, 5, 1)),
        late(3, date(2025, 5, 1)),
        loan(4, group="Anggrek", balance=0),
    ]
    assert ratios(ask(loans))["lar"] == 0.5


def test_par30_is_over_thirty_days_and_holds_restructured_loans() -> None:
    at, over = TODAY - timedelta(days=30), TODAY - timedelta(days=31)
    assert ratios(ask([late(1, at), loan(2)]))["par30"] == 0
    assert ratios(ask([late(1, over), loan(2)]))["par30"] == 0.5
    ninety = TODAY - timedelta(days=90)
    assert ratios(ask([late(1, ninety), loan(2)]))["par90"] == 0
    both = ratios(ask([loan(1, restructured=True), loan(2)]))
    assert (both["par30"], both["par90"], both["par"]) == (0.5, 0.5, 0.0)


@pytest.mark.parametrize(
    ("since", "as_of", "months"),
    [
        (date(2025, 1, 31), date(2025, 2, 27), 0),
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 31), date(2025, 3, 30), 1),
        (date(2025, 1, 31), date(2025, 3, 31), 2),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2025, 2, 28), date(2025, 3, 28), 1),
        (date(2024, 12, 15), date(2025, 1, 14), 0),
    ],
)
def test_months_end_where_a_schedule_would_have_them_end(since, as_of, months) -> None:
    spec = {
        "classes": [{"class": str(n), "months": str(n)} for n in range(months + 1)]
        + [{"class": "more"}]
    }
    debt = late(1, since, disbursed_on=date(2024, 1, 1))
    found = classes(ask([debt], as_of=as_of, spec=spec))
    assert found[str(months)] == (1, 500_000)
    assert (months_after(since, months) <= as_of) is True
    assert (months_after(since, months + 1) <= as_of) is False


def risk(share: int) -> list[dict[str, Any]]:
    """Return 100 groups of one loan each, `share` of them three months late."""
    return [
        (late(n, date(2025, 5, 1), group=f"G{n}", balance=100_000, principal=100_000))
        if n < share
        else loan(n, group=f"G{n}", balance=100_000, principal=100_000)
        for n in range(100)
    ]


@pytest.mark.parametrize(
    ("share", "band"),
    [
        (10, "satisfactory"),
        (11, "minimum"),
        (20, "minimum"),
        (21, "suspend"),
    ],
)
def test_the_edges_of_lar_par_and_rr(share: int, band: str) -> None:
    """The manual: up to 10 %, up to 20 %, above; RR from 90 %, from 80 %, below."""
    found = ratios(ask(risk(share)))
    assert found["lar_band"] == found["par_band"] == found["rr_band"] == band
    assert found["rr"] == pytest.approx(1 - share / 100)


@pytest.mark.parametrize(
    ("income", "cost", "band"),
    [(125, 100, "satisfactory"), (12499, 10000, "minimum"), (100, 100, "minimum"),
     (99, 100, "suspend")],
)  # fmt: skip
def test_the_edges_of_cost_coverage(income: int, cost: int, band: str) -> None:
    found = ratios(ask([loan(1)], income=Fraction(income), cost=Fraction(cost)))
    assert found["ccr"] == income / cost
    assert found["ccr_band"] == band


@pytest.mark.parametrize(
    ("profit", "months", "band"),
    [(10, 12, "satisfactory"), (5, 6, "satisfactory"), (9, 12, "minimum"),
     (0, 3, "minimum"), (-1, 12, "suspend")],
)  # fmt: skip
def test_the_edges_of_return_on_capital(profit: int, months: int, band: str) -> None:
    found = ratios(
        ask(
            [loan(1)],
            net_profit=Fraction(profit),
            capital=Fraction(100),
            months=months,
        )
    )
    assert found["roi"] == pytest.approx(profit * 12 / months / 100)
    assert found["roi_band"] == band


def test_ccr_and_roi_stay_away_without_their_numbers() -> None:
    assert set(ratios(ask([loan(1)]))) == {
        *("lar", "par", "par30", "par90", "rr"),
        *("lar_band", "par_band", "rr_band"),
    }


def test_a_fund_without_cost_has_no_coverage_rather_than_an_endless_one() -> None:
    found = ratios(ask([loan(1)], income=Fraction(1), cost=Fraction(0)))
    assert (found["ccr"], found["ccr_band"]) == (None, None)


def test_loans_fall_into_the_classes_of_the_specification() -> None:
    """The rural set of reserves, on one loan of each class."""
    spec = {
        "classes": [
            {"class": "I", "months": "none", "reserve": "1%"},
            {"class": "II", "months": "2", "reserve": "10%"},
            {"class": "III", "months": "4", "reserve": "25%"},
            {"class": "IV", "months": "6", "reserve": "50%"},
            {"class": "V", "reserve": "100%"},
        ]
    }
    days = [None, *(months_after(TODAY, -n) for n in (2, 3, 6, 7))]
    loans = [late(n, d) if d else loan(n) for n, d in enumerate(days)]
    rows = ask(loans, spec=spec).tables["classes"].to_pylist()
    assert [row["loans"] for row in rows] == [1] * 5
    reserves = [5_000, 50_000, 125_000, 250_000, 500_000]
    assert [row["reserve"] for row in rows] == reserves
    assert [row["share"] for row in rows] == [0.2] * 5


def test_a_day_in_arrears_is_not_current_and_empty_classes_have_a_row() -> None:
    answer = ask([late(1, TODAY), loan(2)])
    assert classes(answer) == {
        "1": (1, 500_000),
        "2": (1, 500_000),
        "3": (0, 0),
        "4": (0, 0),
        "5": (0, 0),
    }
    assert "example" in repr(answer.warnings)
    assert ask([loan(2)], spec=EXAMPLE).warnings == ()


def test_groups_of_by_are_apart_and_a_paid_off_fund_is_empty() -> None:
    loans = [loan(1, kelurahan="A"), late(2, date(2025, 5, 1), kelurahan="B")]
    answer = ask(loans, by=("kelurahan",))
    table = answer.tables["ratios"].to_pylist()
    assert [(row["kelurahan"], row["par"]) for row in table] == [("A", 0.0), ("B", 1.0)]
    assert answer.tables["classes"].num_rows == 10
    found = ratios(ask([loan(1, balance=0)]))
    assert (found["par"], found["lar"], found["par_band"]) == (None, None, None)
    paid_off = [*loans, loan(3, kelurahan="C", balance=0)]
    last = ask(paid_off, by=("kelurahan",)).tables["ratios"].to_pylist()[-1]
    assert (last["kelurahan"], last["par"], last["lar_band"]) == ("C", None, None)


def test_a_share_that_is_none_is_refused_in_words() -> None:
    bands = {"par": [{"band": "good", "at_most": "ten"}, {"band": "bad"}]}
    with pytest.raises(BadInput) as refusal:
        read_spec(EXAMPLE | {"bands": bands})
    assert "write 10% or 0.1" in say(refusal.value.message)


LOANS = st.lists(
    st.builds(
        lambda balance, overdue, days, group, again: {
            "balance": balance,
            "overdue_principal": min(balance, overdue) if days is not None else 0,
            "overdue_since": None if days is None else TODAY - timedelta(days=days),
            "group": group,
            "restructured": again,
        },
        st.integers(0, 1_000_000),
        st.integers(0, 1_000_000),
        st.none() | st.integers(0, 300),
        st.sampled_from(["Melati", "Mawar", "Anggrek"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None, phases=NO_SHRINKING)
@given(LOANS)
def test_the_parts_agree_with_plain_sums(changes: list[dict[str, Any]]) -> None:
    loans = [loan(n, **change) for n, change in enumerate(changes)]
    loans.append(loan(99))
    answer = ask(loans)
    found = ratios(answer)
    open_ = [x for x in loans if x["balance"]]
    total = sum(x["balance"] for x in open_)
    risky = [
        x
        for x in open_
        if x["overdue_since"] and months_after(x["overdue_since"], 3) <= TODAY
    ]
    groups = {x["group"] for x in open_}
    assert found["par"] == pytest.approx(sum(x["balance"] for x in risky) / total)
    assert found["lar"] == len({x["group"] for x in risky}) / len(groups)
    overdue = sum(x["overdue_principal"] for x in risky)
    assert found["rr"] == pytest.approx((total - overdue) / total)
    counted = classes(answer).values()
    assert sum(n for n, _ in counted) == len(open_)
    assert sum(b for _, b in counted) == total
    assert found["par90"] <= found["par30"]
    assert found["rr"] >= 1 - found["par"] - 1e-12
