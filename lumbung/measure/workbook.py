"""Result tables as a workbook, a sheet each."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

DIGITS = 15  # that a spreadsheet keeps of a number


def write_xlsx(tables: Mapping[str, pa.Table], out: Path) -> None:
    book = Workbook(write_only=True)
    for name, table in tables.items():
        sheet = book.create_sheet(name[:31] or "result")
        sheet.append(table.column_names)
        for row in table.to_pylist():
            sheet.append([_cell(sheet, value) for value in row.values()])
    book.save(out)


def _cell(sheet: Any, value: Any) -> Any:
    """Text stays text: a name that begins with `=` is no formula.

    So does what a spreadsheet has no form for, or would cut.
    """
    match value:
        case datetime(tzinfo=zone) if zone:
            value = value.isoformat()
        case int() if abs(value) >= 10**DIGITS:
            value = str(value)
        case list() | dict():
            value = str(value)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell
