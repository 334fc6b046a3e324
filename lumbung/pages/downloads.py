"""Tables as files, streamed: CSV and XLSX, with cells that cannot run as formulas."""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any, BinaryIO

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

FORMATS = ("xlsx", "csv")
# A spreadsheet runs a cell that begins so; a leading apostrophe makes it text.
FORMULA = re.compile(r"^[\s]*[=+\-@]")
# An Indonesian Excel splits our CSV at its own separator, `;`, wherever that stands.
SPLIT = re.compile(r"([;\t\r\n]\s*)([=+\-@])")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
Row = Sequence[Any]


def defuse(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula.

    >>> defuse("=HYPERLINK(1)"), defuse("Botosari"), defuse(-3)
    ("'=HYPERLINK(1)", 'Botosari', -3)
    """
    if isinstance(value, str):
        value = ILLEGAL.sub("", value)
        return f"'{value}" if FORMULA.match(value) else value
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, Fraction):
        return float(value)
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return defuse(str(value))


def download(
    form: str, *, name: str, header: Row, rows: Iterable[Row]
) -> HttpResponseBase:
    """Answer with `rows` under `header` as a file; `form` is one of `FORMATS`."""
    stem = slugify(PurePath(name).stem) or "lumbung"
    if form == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            csv_lines(header, rows), content_type="text/csv; charset=utf-8"
        )
    else:
        response = FileResponse(
            xlsx_file(header, rows),
            content_type=(
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            ),
        )
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{form}"'
    return response


class Line:
    """A file that gives back each line at once, so that nothing piles up."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    def cells(row: Row) -> list[Any]:
        safe = (defuse(cell) for cell in row)
        return [SPLIT.sub(r"\1'\2", c) if isinstance(c, str) else c for c in safe]

    writer = csv.writer(Line())
    # A byte-order mark, because Excel takes UTF-8 for Windows-1252 without one.
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(cells(header))
    for row in rows:
        yield writer.writerow(cells(row))


def xlsx_file(header: Row, rows: Iterable[Row]) -> BinaryIO:
    """Write the sheet to a temporary file row by row; memory stays flat."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    bold = []
    for title in header:
        cell = WriteOnlyCell(sheet, defuse(title))
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for row in rows:
        sheet.append([defuse(cell) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    book.save(file)
    file.seek(0)
    return file
