"""Numbers, periods and days as people write them in their files."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.cells import CellFault, day, in_unit, number, period
from lumbung.core.message import Message


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (38.2, "38.2"),
        (3326092005.0, "3326092005"),
        ("38,2", "38.2"),
        ("38.2", "38.2"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("0.657", "0.657"),
        ("0,65714285714286", "0.65714285714286"),
        ("Rp 1.250.000", "1250000"),
        ("Rp. 1.250.000,-", "1250000"),
        ("-12", "-12"),
        ("−12,5", "-12.5"),
        ("12 345", "12345"),
    ],
)
def test_it_reads_numbers_as_people_write_them(cell: Any, value: str) -> None:
    assert number(cell) == (Decimal(value), False)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "kosong",
        "12a",
        "1.2.3,4,5",
        True,
        "--3",
        date(2020, 1, 1),
        "nan",
        float("nan"),
        "1e5",
        "=1+1",
    ],
)
def test_it_refuses_what_is_no_number(cell: Any) -> None:
    with pytest.raises(CellFault):
        number(cell)


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_any_number_written_our_way_reads_back(value: Decimal) -> None:
    written = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))

    assert number(written) == (value, False)


@pytest.mark.parametrize(
    ("cell", "per_cent", "value"),
    [
        ("38,2", True, "0.382"),
        ("38,2 %", False, "0.382"),
        (0.382, False, "0.382"),
        (100, True, "1"),
        ("0 %", False, "0"),
    ],
)
def test_a_share_is_zero_to_one(cell: Any, per_cent: bool, value: str) -> None:
    assert in_unit(cell, "share", per_cent=per_cent) == Decimal(value)


def test_more_than_a_hundred_per_cent_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(CellFault) as fault:
        in_unit("104,5", "share", per_cent=True)

    assert fault.value.message == Message(
        "%(value)s is more than %(most)s.", value=Decimal("104.5"), most=100
    )
    assert fault.value.mend == Message(
        "Write a number from 0 to 100; perhaps %(perhaps)s is meant.",
        perhaps=Decimal("10.45"),
    )


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        (38.2, "share"),
        (-0.1, "share"),
        ("-1 %", "share"),
        (1.5, "count"),
        (-1, "count"),
        ("12 %", "count"),
        (0.5, "rupiah"),
        ("5 %", "number"),
    ],
)
def test_it_refuses_what_its_unit_cannot_be(cell: Any, unit: str) -> None:
    with pytest.raises(CellFault):
        in_unit(cell, unit)


def test_a_dot_before_three_digits_separates_thousands_of_whole_things() -> None:
    assert in_unit("87.010", "count") == 87010
    assert in_unit("0.657", "number") == Decimal("0.657")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (2021, "2021"),
        ("2021", "2021"),
        ("Tahun 2021", "2021"),
        ("2021-S1", "2021-S1"),
        ("semester ii 2021", "2021-S2"),
        ("2021 TW 3", "2021-Q3"),
        ("2021-07", "2021-07"),
        ("2021/7", "2021-07"),
        ("Des 2021", "2021-12"),
        (date(2021, 7, 31), "2021-07"),
    ],
)
def test_it_reads_periods(cell: Any, value: str) -> None:
    assert period(cell) == value


@pytest.mark.parametrize(
    "cell", ["", "21", "1821", "2021-13", "2021-00", "2021-S3", "20212", "2021 abc"]
)
def test_it_refuses_what_is_no_period(cell: Any) -> None:
    with pytest.raises(CellFault):
        period(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "31/12/2019",
        "31-12-2019",
        "2019-12-31",
        "31 Des 2019",
        "31 desember 2019",
        date(2019, 12, 31),
        datetime(2019, 12, 31, 9),  # noqa: DTZ001  # as spreadsheets have them
    ],
)
def test_it_reads_days(cell: Any) -> None:
    assert day(cell) == date(2019, 12, 31)


def test_a_day_that_is_not_in_the_calendar_is_refused_with_one_that_is() -> None:
    with pytest.raises(CellFault) as fault:
        day("31/02/2019")

    assert fault.value.mend == Message(
        "Write a day that exists, such as %(day)s.", day="28/02/2019"
    )


@pytest.mark.parametrize("cell", ["", "kemarin", "31/12", "12/31/2019", "00/01/2019"])
def test_it_refuses_what_is_no_day(cell: Any) -> None:
    with pytest.raises(CellFault):
        day(cell)
