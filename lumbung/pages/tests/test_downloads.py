"""Files that people open in a spreadsheet: right, whole, and unable to run."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lumbung.pages.downloads import csv_lines, defuse, download, xlsx_file


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    cell = defuse(text)

    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["\t=1+1", " @SUM(A1)", "\r-2", "+62 812"])
def test_white_space_before_a_formula_does_not_help_it(text: str) -> None:
    assert defuse(text).startswith("'")


@pytest.mark.parametrize("inside", ["Rapat;=1+1", "Rapat; \t@SUM(A1)", "Rapat\n-2"])
def test_where_an_indonesian_excel_splits_a_cell_no_formula_begins(inside: str) -> None:
    text = "".join(csv_lines(["Desa"], [[inside], ["Rp 5; 3 = 3"]]))

    first, *cells = re.split(r"[;\n]", text.replace("\r", ""))
    assert not [c for c in cells if c.strip(' \t"').startswith(("=", "+", "-", "@"))]
    assert "Rp 5; 3 = 3" in text


def test_numbers_stay_numbers_and_may_be_negative() -> None:
    assert [defuse(-3), defuse(Decimal("-0.5")), defuse(None)] == [
        -3,
        Decimal("-0.5"),
        None,
    ]


def test_csv_opens_as_utf_8_in_excel() -> None:
    text = "".join(csv_lines(["Desa", "Nilai"], [["Wonopringgo é", 3], ["=1", None]]))

    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [
        ["Desa", "Nilai"],
        ["Wonopringgo é", "3"],
        ["'=1", ""],
    ]


def test_xlsx_keeps_types_and_defuses() -> None:
    rows: list[list[object]] = [
        ["Botosari", 574, date(2020, 2, 14)],
        ["=HYPERLINK(1)", None, None],
    ]
    with xlsx_file(["Desa", "Nilai", "Hari"], rows) as file:
        sheet = load_workbook(file).active
        assert sheet is not None
        values = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert values[1][:2] == ["Botosari", 574]
    assert values[1][2].date() == date(2020, 2, 14)  # type: ignore[union-attr]
    assert values[2] == ["'=HYPERLINK(1)", None, None]


def test_a_file_name_cannot_break_out_of_its_header() -> None:
    response = download("csv", name='a"; x=\r\nSet-Cookie: b', header=["A"], rows=[])

    assert response.headers["Content-Disposition"] == (
        'attachment; filename="a-x-set-cookie-b.csv"'
    )
