"""Schedules: refused, then by hand, then against others, then whatever comes."""

import warnings
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from lumbung.core.measure import BadInput
from lumbung.core.schedule import (
    DAY_COUNTS,
    EVERIES,
    METHODS,
    PERS,
    Terms,
    due_days,
    early,
    half_up,
    instalments,
    period_rates,
    schedule,
    share_30_360,
)

FORM = Terms(
    principal=5_000_000,
    rate=Fraction("0.015"),
    per="month",
    method="flat",
    instalments=24,
    start=date(2013, 1, 31),
    round_up=1000,
)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"principal": 0}, "principal"),
        ({"principal": -5}, "principal"),
        ({"rate": Fraction("1.5")}, "rate"),
        ({"rate": Fraction("-0.01")}, "rate"),
        ({"instalments": 0}, "instalments"),
        ({"principal": 15, "instalments": 24, "round_up": 0}, "instalments"),
        ({"round_up": -1}, "round_up"),
        ({"grace": 24}, "grace"),
        ({"grace": -1}, "grace"),
        ({"grace": 2, "method": "bullet"}, "grace"),
        ({"method": "balloon"}, "method"),
        ({"per": "week"}, "per"),
        ({"every": "day"}, "every"),
        ({"day_count": "actual/360"}, "day_count"),
        ({"due": (date(2013, 3, 1),)}, "due"),
        (
            {"instalments": 2, "due": (date(2013, 3, 1), date(2013, 3, 1))},
            "due",
        ),
        ({"instalments": 1, "due": (date(2013, 1, 31),)}, "due"),
        ({"instalments": 200_000}, "instalments"),
    ],
)
def test_it_refuses_what_is_no_loan_and_names_the_parameter(change, field) -> None:
    with pytest.raises(BadInput) as refused:
        schedule(replace(FORM, **change))
    assert refused.value.field == field


def test_it_refuses_a_unit_that_ends_the_loan_early_and_names_the_largest() -> None:
    with pytest.raises(BadInput) as refused:
        schedule(replace(FORM, round_up=300_000))
    assert refused.value.mend is not None
    assert refused.value.mend.values["unit"] == 292_391
    # 23 × (292,391 − 75,000) leaves 7 rupiah; one rupiah more leaves nothing.
    assert schedule(replace(FORM, round_up=292_391))[-1].principal == 7
    with pytest.raises(BadInput):
        schedule(replace(FORM, round_up=292_392))


def test_it_names_a_round_unit_where_instalments_differ() -> None:
    declining = replace(FORM, method="declining", instalments=10)
    with pytest.raises(BadInput) as refused:
        schedule(replace(declining, round_up=600_000))
    assert refused.value.mend is not None
    works = int(str(refused.value.mend.values["unit"]))
    assert schedule(replace(declining, round_up=works))[-1].principal > 0


def test_it_refuses_an_annuity_that_would_grow() -> None:
    far = (date(2043, 1, 1), date(2043, 2, 1))
    with pytest.raises(BadInput) as refused:
        schedule(replace(FORM, method="annuity", instalments=2, due=far, round_up=0))
    assert refused.value.field == "due"


def test_it_reproduces_the_loan_form() -> None:
    """PPMK loan form of 2013: Rp 5,000,000, 24 months, instalment Rp 284,000."""
    rows = schedule(FORM)
    assert [row.total for row in rows] == [284_000] * 23 + [268_000]
    assert [row.interest for row in rows] == [75_000] * 24
    assert [row.principal for row in rows] == [209_000] * 23 + [193_000]


def test_without_a_unit_the_last_instalment_takes_the_odd_rupiah() -> None:
    rows = schedule(replace(FORM, round_up=0))
    assert [row.total for row in rows] == [283_333] * 23 + [283_341]


def test_it_rounds_the_exact_instalment_up_not_the_rounded_one() -> None:
    # 1,000,000 / 3 = 333,333.33…; already rounded it would pass as 333,333.
    terms = replace(FORM, principal=1_000_000, rate=Fraction(0), instalments=3)
    rows = schedule(replace(terms, round_up=333_333 // 3))
    assert rows[0].total == 444_444


def test_each_day_of_the_month_keeps_its_anchor() -> None:
    days = [row.due_on for row in schedule(replace(FORM, instalments=14))]
    assert days[:4] == [
        date(2013, 2, 28),
        date(2013, 3, 31),
        date(2013, 4, 30),
        date(2013, 5, 31),
    ]
    leap = schedule(replace(FORM, start=date(2020, 1, 31)))
    assert leap[0].due_on == date(2020, 2, 29)
    assert leap[12].due_on == date(2021, 2, 28)


def test_weeks_are_seven_days_of_thirty() -> None:
    weekly = replace(FORM, every="week", instalments=10, round_up=0)
    rows = schedule(weekly)
    assert rows[1].due_on - rows[0].due_on == timedelta(days=7)
    assert rows[0].interest == 17_500  # 5,000,000 × 1.5 % × 7/30


def test_each_day_count_by_hand() -> None:
    due = (date(2020, 2, 29), date(2020, 3, 31))
    terms = replace(FORM, start=date(2019, 12, 31), instalments=2, due=due, per="year")
    terms = replace(terms, rate=Fraction("0.12"))

    def rates(day_count: str) -> list[Fraction]:
        return period_rates(replace(terms, day_count=day_count), due)

    assert rates("30/360") == [Fraction(59, 3000), Fraction(31, 3000)]
    assert rates("actual/365") == [Fraction(12 * 60, 36500), Fraction(12 * 31, 36500)]
    # One day of 2019, 59 of the leap year 2020.
    first = Fraction(12, 100) * (Fraction(1, 365) + Fraction(59, 366))
    assert rates("actual/actual") == [first, Fraction(12 * 31, 36600)]


def test_30_360_calls_a_month_a_month() -> None:
    """Due every month, February costs what March costs: 75,000 each (the form)."""
    assert {row.interest for row in schedule(FORM)} == {75_000}
    assert share_30_360(date(2021, 1, 31), date(2021, 3, 31)) == (60, 360)


def test_a_declining_loan_by_hand() -> None:
    terms = replace(
        FORM,
        method="declining",
        principal=1_000_000,
        rate=Fraction("0.02"),
        instalments=4,
        round_up=0,
    )
    assert [row[2:] for row in schedule(terms)] == [
        (250_000, 20_000, 270_000, 750_000),
        (250_000, 15_000, 265_000, 500_000),
        (250_000, 10_000, 260_000, 250_000),
        (250_000, 5_000, 255_000, 0),
    ]


def test_a_bullet_pays_the_loan_at_the_end() -> None:
    rows = schedule(replace(FORM, method="bullet", instalments=3, round_up=0))
    assert [row[2:] for row in rows] == [
        (0, 75_000, 75_000, 5_000_000),
        (0, 75_000, 75_000, 5_000_000),
        (5_000_000, 75_000, 5_075_000, 0),
    ]


def test_grace_pays_interest_only_and_spreads_the_loan_over_the_rest() -> None:
    rows = schedule(replace(FORM, instalments=12, grace=2, round_up=0))
    assert [row.principal for row in rows] == [0, 0] + [500_000] * 10
    assert [row.interest for row in rows] == [75_000] * 12
    level = schedule(replace(FORM, instalments=12, grace=2, method="annuity"))
    assert [row.total for row in level[:2]] == [75_000, 75_000]
    assert len({row.total for row in level[2:-1]}) == 1


def test_an_annuity_from_a_textbook() -> None:
    """Brealey, Myers, Allen, *Principles of Corporate Finance*, "An example of an

    amortizing loan": $1,000 at 10 % over four years is $315.47 a year. In cents.
    """
    terms = Terms(
        principal=100_000,
        rate=Fraction("0.1"),
        per="year",
        method="annuity",
        instalments=4,
        start=date(2020, 1, 1),
        due=tuple(date(year, 1, 1) for year in range(2021, 2025)),
    )
    assert [row[2:] for row in schedule(terms)] == [
        (21_547, 10_000, 31_547, 78_453),
        (23_702, 7_845, 31_547, 54_751),
        (26_072, 5_475, 31_547, 28_679),
        (28_679, 2_868, 31_547, 0),
    ]


@pytest.mark.parametrize("rate", ["0", "0.00875", "0.015", "0.03"])
@pytest.mark.parametrize("count", [1, 2, 12, 60])
def test_annuities_agree_with_numpy_financial(rate: str, count: int) -> None:
    financial = pytest.importorskip("numpy_financial")
    terms = replace(
        FORM, method="annuity", rate=Fraction(rate), instalments=count, round_up=0
    )
    rows = schedule(terms)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact = -float(financial.pmt(float(rate), count, 5_000_000))
        interest = -financial.ipmt(float(rate), range(1, count + 1), count, 5_000_000)
    if count > 1:
        assert rows[0].total == half_up(round(exact * 1000), 1000)
    for row, theirs in zip(rows, interest, strict=True):
        # They never round; ours drifts by half a rupiah an instalment at most.
        assert abs(row.interest - theirs) <= 1 + count * float(rate)


def unit_named(refusal: BadInput) -> int:
    return int(str(refusal.mend.values["unit"])) if refusal.mend else 0


TERMS = st.builds(
    Terms,
    principal=st.integers(1, 10**12),
    rate=st.fractions(0, "0.1", max_denominator=10_000),
    per=st.sampled_from(PERS),
    method=st.sampled_from(METHODS),
    instalments=st.integers(1, 60),
    start=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    every=st.sampled_from(EVERIES),
    day_count=st.sampled_from(DAY_COUNTS),
    round_up=st.sampled_from([0, 0, 1, 10, 1000, 5000, 99_999]),
    grace=st.sampled_from([0, 0, 1, 3]),
)


@settings(deadline=None)
@given(TERMS)
def test_every_schedule_pays_the_loan_and_never_more(terms: Terms) -> None:
    try:
        rows = schedule(terms)
    except BadInput:
        assume(False)
        raise
    assert len(rows) == terms.instalments
    assert sum(row.principal for row in rows) == terms.principal
    assert rows[-1].balance == 0
    balance = terms.principal
    for row in rows:
        assert row.balance == balance - row.principal
        assert row.principal >= 0
        assert row.interest >= 0
        assert row.total == row.principal + row.interest
        balance = row.balance
        assert balance > 0 or row.number == terms.instalments
    assert [row.due_on for row in rows] == sorted({row.due_on for row in rows})


@settings(deadline=None)
@given(TERMS)
def test_a_refused_unit_is_answered_by_one_that_works(terms: Terms) -> None:
    try:
        schedule(terms)
    except BadInput as refusal:
        assume(refusal.field == "round_up")
        works = unit_named(refusal)
        assert works < terms.round_up
        assert len(schedule(replace(terms, round_up=works))) == terms.instalments
        if refusal.mend and refusal.mend.id.startswith("The largest"):
            for larger in range(works + 1, min(works + 30, terms.round_up)):
                with pytest.raises(BadInput):
                    schedule(replace(terms, round_up=larger))


def test_the_largest_unit_is_found_where_instalments_differ() -> None:
    """1,000,000 over 24 weeks: 5,000 is too coarse, 4,830 the largest."""
    loan_of_weeks = replace(
        FORM, principal=1_000_000, rate=Fraction(0), method="declining"
    )
    terms = replace(loan_of_weeks, every="week", round_up=5_000)

    with pytest.raises(BadInput) as refusal:
        schedule(terms)

    assert unit_named(refusal.value) == 4_830
    for unit in range(4_831, 5_001):
        with pytest.raises(BadInput):
            schedule(replace(terms, round_up=unit))


@pytest.mark.parametrize(
    ("count", "largest"), [(36, 8_685), (60, 3_800), (120, 756), (360, 104)]
)
def test_the_largest_unit_is_found_for_long_loans_too(count: int, largest: int) -> None:
    terms = replace(FORM, method="declining", instalments=count, round_up=50_000)

    with pytest.raises(BadInput) as refusal:
        schedule(terms)

    assert refusal.value.mend
    assert refusal.value.mend.id == "The largest unit that works is %(unit)s."
    assert unit_named(refusal.value) == largest
    assert len(schedule(replace(terms, round_up=largest))) == count
    days = due_days(terms)
    rates = period_rates(terms, days)
    for unit in range(largest + 1, largest + 300):
        assert early(list(instalments(replace(terms, round_up=unit), days, rates)))


def test_where_the_largest_is_far_to_seek_a_unit_that_works_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lumbung.core.schedule.PATIENCE", 10_000)
    terms = replace(FORM, method="declining", instalments=360, round_up=10**6)

    with pytest.raises(BadInput) as refusal:
        schedule(terms)

    assert refusal.value.mend
    assert refusal.value.mend.id == "A unit that works is %(unit)s."
    works = unit_named(refusal.value)
    assert len(schedule(replace(terms, round_up=works))) == 360


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 40))
@example(hundreds=1, count=14)  # 8.64 each: a unit of 9 works, and 10 does not
def test_the_largest_unit_of_equal_instalments_is_the_largest(
    hundreds: int, count: int
) -> None:
    terms = replace(
        FORM, principal=hundreds * 100, instalments=count, round_up=hundreds * 100
    )
    try:
        schedule(terms)
    except BadInput as refusal:
        assume(refusal.field == "round_up")
        works = unit_named(refusal)
        for larger in range(works + 1, min(works + 50, terms.round_up)):
            with pytest.raises(BadInput):
                schedule(replace(terms, round_up=larger))


@settings(deadline=None)
@given(TERMS, st.integers(2, 9))
def test_a_larger_loan_is_the_same_schedule_larger(terms: Terms, times: int) -> None:
    """Each rounding moves a row by half a rupiah at most, so ten do by five."""
    plain = replace(terms, round_up=0, instalments=min(terms.instalments, 10), grace=0)
    try:
        small = schedule(plain)
        large = schedule(replace(plain, principal=plain.principal * times))
    except BadInput:
        assume(False)
        raise
    for a, b in zip(small, large, strict=True):
        assert abs(a.total * times - b.total) <= times * 10 + 10
