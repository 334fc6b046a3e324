"""Cells of tables as people write them: numbers, periods, days.

Spreadsheets give typed cells, CSV gives text; both come here. What cannot be read is
a `CellFault`, which says what is wrong and how to mend it.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lumbung.core.message import Message, Rupiah, Share, Value

MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb", "peb", "pebruari"),
    ("maret", "march", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("agustus", "august", "agu", "ags", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov", "nopember", "nop"),
    ("desember", "december", "des", "dec"),
)
MONTH = {name: n for n, names in enumerate(MONTHS, start=1) for name in names}
GROUPED = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
PLAIN = re.compile(r"-?\d+(\.\d+)?")
ONE = Decimal(1)
# A country's product in rupiah has seventeen digits; the rest is a slip of the keys.
DIGITS_MAX = 18
LENGTH_MAX = 38  # of a number as text: a share of a hundred becomes two longer


class CellFault(ValueError):
    """A cell that cannot be read: `message` says why, `mend` what to write."""

    def __init__(self, message: Message, mend: Message | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


def number(cell: Any, *, whole: bool = False) -> tuple[Decimal, bool]:
    """Return a cell's number, and whether it was written with a per cent sign.

    Text may have a decimal comma or point, dots or commas between thousands, `Rp` and
    `%`. A single dot before three digits, as in `1.234`, separates thousands where
    `whole` numbers are asked for, and decimals elsewhere.

    >>> number("1.234,5"), number("38,2 %"), number("1,234.5")
    ((Decimal('1234.5'), False), (Decimal('38.2'), True), (Decimal('1234.5'), False))
    >>> number("1.234"), number("1.234", whole=True)
    ((Decimal('1.234'), False), (Decimal('1234'), False))
    """
    if isinstance(cell, bool | date) or cell != cell:  # noqa: PLR0124  # not a number
        raise not_a_number(cell)
    if isinstance(cell, int | float | Decimal):
        return finite(Decimal(str(cell)), cell).normalize() + 0, False
    text = re.sub(r"\s", "", str(cell))
    per_cent = text.endswith("%")
    text = (
        text.removesuffix("%").removeprefix("Rp").removeprefix(".").removesuffix(",-")
    )
    text = without_grouping(text.replace("\N{MINUS SIGN}", "-"), whole)
    if not PLAIN.fullmatch(text):
        raise not_a_number(cell)
    return finite(Decimal(text), cell), per_cent


def finite(value: Decimal, cell: Any) -> Decimal:
    """`value`, unless it has more digits than a figure has."""
    if not value.is_finite():
        raise not_a_number(cell)
    if value.adjusted() >= DIGITS_MAX or len(format(value, "f")) > LENGTH_MAX:
        raise CellFault(
            Message(
                "“%(cell)s” has more digits than a figure has.", cell=shortly(cell)
            ),
            Message("Check it; round it if it has many decimals."),
        )
    return value


def shortly(cell: Any) -> str:
    text = str(cell)
    return text if len(text) <= 20 else f"{text[:19]}…"


def without_grouping(text: str, whole: bool) -> str:
    """Leave the decimal point as the only mark in `text`."""
    if "," in text and "." in text:
        thousands, decimal = (",", ".") if text.rfind(".") > text.rfind(",") else ".,"
        return text.replace(thousands, "").replace(decimal, ".")
    if text.count(",") > 1:
        return text.replace(",", "")
    return text.replace(",", ".") if "," in text else thousands_out(text, whole)


def thousands_out(text: str, whole: bool) -> str:
    digits = text.removeprefix("-")
    if GROUPED.fullmatch(digits) and (whole or digits.count(".") > 1):
        return text.replace(".", "")
    return text


def not_a_number(cell: Any) -> CellFault:
    if str(cell).startswith("#"):
        return CellFault(
            Message("A formula gave the error %(error)s.", error=str(cell)[:40]),
            Message("Mend the formula, write the value itself, or empty the cell."),
        )
    return CellFault(
        Message("“%(cell)s” is no number.", cell=str(cell)[:40]),
        Message("Write digits only, such as 38,2 or 38,2 %."),
    )


def in_unit(
    cell: Any, unit: str, *, per_cent: bool = False, factor: Decimal = ONE
) -> Decimal:
    """Return a cell's value in its indicator's unit; a share is 0 to 1.

    `unit` is share, count, rupiah or number. A column that is called a percentage
    has `per_cent`: its cells are read as 0 to 100. A column in thousands has a
    `factor` of 1000; rupiah published in thousands are rounded to whole ones.

    >>> in_unit("38,2", "share", per_cent=True), in_unit(0.382, "share")
    (Decimal('0.382'), Decimal('0.382'))
    >>> in_unit("198.6", "count", factor=Decimal(1000))
    Decimal('198600.0')
    """
    value, written = number(cell, whole=unit in {"count", "rupiah"} and factor == 1)
    if factor != 1:
        value = finite(value * factor, cell)
        if unit == "rupiah":
            value = value.to_integral_value()
    match unit:
        case "share":
            return share(value, per_cent=per_cent or written)
        case "count":
            whole_number(value)
            if value < 0:
                raise CellFault(
                    Message("%(value)s is below zero.", value=value),
                    Message("A count is zero or more."),
                )
        case "rupiah":
            whole_number(value)
    if written:
        raise CellFault(
            Message("A percentage stands where a number of another kind belongs."),
            Message("Write the number itself, without %."),
        )
    return value


def share(value: Decimal, *, per_cent: bool) -> Decimal:
    most = 100 if per_cent else 1
    if 0 <= value <= most:
        return value / 100 if per_cent else value
    if value < 0:
        what = Message("%(value)s is below zero.", value=value)
    else:
        what = Message("%(value)s is more than %(most)s.", value=value, most=most)
    if per_cent and value > most:
        mend = Message(
            "Write a number from 0 to 100; perhaps %(perhaps)s is meant.",
            perhaps=shifted(value, most),
        )
    elif value > most:
        mend = Message(
            "Write a number from 0 to 1, or with a per cent sign: %(value)s %%.",
            value=value,
        )
    else:
        mend = Message("Write a number from 0 to %(most)s.", most=most)
    raise CellFault(what, mend)


def shifted(value: Decimal, most: int) -> Decimal:
    """`value` with its decimal comma moved until it fits: 104.5 → 10.45."""
    while value > most:
        value = value / 10
    return value


def whole_number(value: Decimal) -> None:
    if value != value.to_integral_value():
        raise CellFault(
            Message("%(value)s is no whole number.", value=value),
            Message("Write a whole number, without decimals."),
        )


def period(cell: Any) -> str:
    """Return a period that sorts as text: `2021`, `2021-S1`, `2021-Q3`, `2021-07`.

    >>> period(2021.0), period("Semester 2 2021"), period("Juli 2021"), period("07/2021")
    ('2021', '2021-S2', '2021-07', '2021-07')
    """
    if isinstance(cell, date):
        return f"{cell:%Y-%m}"
    text = re.sub(r"\s+", " ", str(cell).strip().lower()).removesuffix(".0")
    year = re.search(r"(?<!\d)(19[4-9]\d|20\d\d)(?!\d)", text)
    if year:
        rest = (text[: year.start()] + text[year.end() :]).strip(" -/.,")
        rest = rest.removeprefix("tahun").removeprefix("year").strip()
        if part := part_of_year(rest):
            return year[1] if part == "-" else f"{year[1]}{part}"
    if two := re.fullmatch(r"((?:19|20)\d\d) ?[/-] ?((?:19|20)?\d\d)", text):
        raise CellFault(
            Message("“%(cell)s” names two years.", cell=str(cell)[:40]),
            Message(
                "Write the one that the values are of: %(one)s or %(other)s.",
                one=two[1],
                other=two[1][: 4 - len(two[2])] + two[2],
            ),
        )
    if re.fullmatch(r"[34]\d{4}", text):
        # A date in a cell that is formatted as a number: 43830 is 31 December 2019.
        meant = date(1899, 12, 30) + timedelta(days=int(text))
        raise CellFault(
            Message("“%(cell)s” is how a spreadsheet counts days.", cell=text),
            Message(
                "Format the column as dates, or write %(month)s.",
                month=f"{meant:%Y-%m}",
            ),
        )
    raise CellFault(
        Message("“%(cell)s” is no period.", cell=str(cell)[:40]),
        Message("Write a year, a half-year or a month: 2021, 2021-S1 or 2021-07."),
    )


def part_of_year(text: str) -> str:
    """`-S1`, `-Q3`, `-07`; `-` is the whole year, '' is none of these."""
    if not text:
        return "-"
    if found := re.fullmatch(r"(?:s|smt|sem|semester)[ .]?(1|2|i|ii)", text):
        return "-S" + {"i": "1", "ii": "2"}.get(found[1], found[1])
    if found := re.fullmatch(r"(?:q|tw|triwulan|kuartal|quarter)[ .]?(1|2|3|4)", text):
        return f"-Q{found[1]}"
    if found := re.fullmatch(r"0?([1-9])|1([0-2])", text):
        return f"-{int(text):02d}"
    return f"-{MONTH[text]:02d}" if text in MONTH else ""


def day(cell: Any) -> date:
    """Return a day: a date cell, `31/12/2019`, `31-12-2019`, `2019-12-31`, `31 Des 2019`.

    >>> day("31/12/2019") == day("2019-12-31") == day("31 Desember 2019")
    True
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell).strip().lower()
    iso = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    ours = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2}|[a-z]+)[-/. ](\d{4})", text)
    if iso:
        parts = [int(part) for part in iso.groups()]
    elif ours and (ours[2].isdigit() or ours[2] in MONTH):
        month = int(ours[2]) if ours[2].isdigit() else MONTH[ours[2]]
        parts = [int(ours[3]), month, int(ours[1])]
    else:
        raise CellFault(
            Message("“%(cell)s” is no day.", cell=str(cell)[:40]),
            Message("Write day, month and year, such as 31/12/2019."),
        )
    return in_calendar(cell, *parts)


def in_calendar(cell: Any, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        mend = Message("Write a day that exists.")
        if 1 <= month <= 12 and day > 28:
            mend = Message(
                "Write a day that exists, such as %(day)s.",
                day=f"28/{month:02d}/{year}",
            )
        raise CellFault(
            Message("%(cell)s is not in the calendar.", cell=str(cell)), mend
        ) from error


def shown(value: Decimal, unit: str) -> Value:
    """A stored value as a typed value that pages know how to say."""
    match unit:
        case "share":
            return Share(Fraction(value))
        case "rupiah":
            return Rupiah(int(value))
        case _:
            return value
