"""Files as people have them, read into rows: XLSX, XLS, ODS and CSV of any kind."""

import csv
import io
import itertools
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetVisibleEnum,
)

from lumbung.core.message import Message
from lumbung.core.sheets import letter
from lumbung.imports.bombs import Unreadable, damaged, refuse_bomb
from lumbung.imports.broken_cells import broken_cells

MERGED_MAX = 1_000_000  # cells of a sheet that are part of merged ones
CELLS_MAX = 200  # columns in a row
ROW_MAX = 2_000_000  # letters in a row of a CSV
HEADER_WITHIN = 20  # rows in which the titles must stand

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8")
MARKS = ";,\t|"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
Line = tuple[int, list[Any]]
Merged = Mapping[int, Mapping[int, str]]


@dataclass(frozen=True)
class Sheet:
    """A table in a file: its name, its titles, and the rows below with their numbers.

    `merged` says of a row which of its seats belong to a merged cell, and which
    (`B5:B8`). A cell merged over several rows counts for each of them.
    """

    name: str
    header: Sequence[str]
    rows: Iterator[Line]
    merged: Merged = field(default_factory=dict)


def read(path: Path, *, sheet: str = "") -> Sheet:
    """Read the table in `path`: the sheet named, else the first that has rows.

    What the file is, its bytes say, not its name. Rows are numbered as a
    spreadsheet shows them, from 1.
    """
    with path.open("rb") as file:
        head = file.read(8192)
    if not head.strip():
        raise Unreadable(
            Message("The file is empty."),
            mend=Message("Choose the file again; perhaps it was not saved yet."),
        )
    if head.startswith((ZIP, OLE)):
        return in_workbook(path, sheet)
    wide = head.startswith(UTF_16)
    if (b"\x00" in head and not wide) or head.startswith(NO_TABLES):
        raise Unreadable(
            Message("This is no table."),
            mend=Message("Save it as XLSX or CSV, then upload that."),
        )
    return titled("", enumerate(csv_rows(path), start=1))


def in_workbook(path: Path, wanted: str) -> Sheet:
    refuse_bomb(path, wanted)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = chosen(book, wanted)
        merged = merged_in(sheet)
        # Rust holds the sheet; we turn one row after the other into Python.
        rows = enumerate(map(plain, sheet.iter_rows()), start=1)
    except (CalamineError, OSError, IndexError) as fault:
        raise damaged() from fault
    broken = broken_cells(path, sheet.name)
    filled = fill_down(show_broken(from_first_column(sheet, rows), broken), merged)
    found = titled(sheet.name, filled)
    return Sheet(found.name, found.header, found.rows, names_of(merged))


def chosen(book: CalamineWorkbook, wanted: str) -> CalamineSheet:
    """The sheet named, else the first that people see and that has rows."""
    names = book.sheet_names
    if wanted and wanted not in names:
        raise Unreadable(
            Message(
                "The file has no sheet “%(name)s”; it has: %(names)s.",
                name=wanted,
                names=", ".join(names),
            ),
            field="sheet",
        )
    if wanted:
        return book.get_sheet_by_name(wanted)
    seen = [
        each.name
        for each in book.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible
    ]
    full = [n for n in names if book.get_sheet_by_name(n).height > 1]
    for name in full:
        if name in seen:
            return book.get_sheet_by_name(name)
    if full:
        raise Unreadable(
            Message("Only the hidden sheet “%(name)s” has rows.", name=full[0]),
            mend=Message("Show it in the spreadsheet, or write its name under Sheet."),
            field="sheet",
        )
    raise Unreadable(
        Message("The sheet “%(name)s” is empty.", name=names[0]),
        mend=Message("Choose the file again; perhaps another one was meant."),
    )


def from_first_column(sheet: CalamineSheet, rows: Iterator[Line]) -> Iterator[Line]:
    """Rows whose first cell is in column A: calamine leaves empty columns out."""
    left = (sheet.start or (0, 0))[1]
    if not left:
        return rows
    return ((number, [None] * left + cells) for number, cells in rows)


def show_broken(
    rows: Iterator[Line], broken: Mapping[int, Mapping[int, str]]
) -> Iterator[Line]:
    """Where a formula gave an error, the cell holds its name: `#N/A`."""
    for number, cells in rows:
        for seat, error in broken.get(number, {}).items():
            if seat < len(cells):  # behind the last column that holds anything
                cells[seat] = error
        yield number, cells


Range = tuple[tuple[int, int], tuple[int, int]]


def merged_in(sheet: CalamineSheet) -> list[Range]:
    """The merged cells, as far as the sheet has rows and columns."""
    bottom, right = sheet.end or (0, 0)
    merged = [
        (first, (min(last[0], bottom), min(last[1], right)))
        for first, last in sheet.merged_cell_ranges or []
        if first[0] <= min(last[0], bottom) and first[1] <= min(last[1], right)
    ]
    cells = sum(
        (last[0] - first[0] + 1) * (last[1] - first[1] + 1) for first, last in merged
    )
    if cells > MERGED_MAX:
        raise Unreadable(
            Message(
                "More than %(most)s cells of the sheet are merged.", most=MERGED_MAX
            ),
            mend=Message("Unmerge them, or save the sheet as CSV."),
        )
    return merged


def fill_down(rows: Iterator[Line], merged: Sequence[Range]) -> Iterator[Line]:
    """Give each row of a merged cell what the cell holds."""
    anchors: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (top, left), (bottom, _) in merged:
        if bottom > top:
            anchors[top + 1].append((left, bottom + 1))
    held: dict[int, tuple[Any, int]] = {}
    for number, cells in rows:
        for seat, (value, last) in list(held.items()):
            if number > last:
                del held[seat]
            else:
                cells[seat] = value
        for seat, last in anchors.get(number, ()):
            held[seat] = cells[seat], last
        yield number, cells


def names_of(merged: Sequence[Range]) -> Merged:
    """What each merged seat belongs to, by the row's number."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for (top, left), (bottom, right) in merged:
        name = f"{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"
        for row in range(top + 1, bottom + 2):
            for seat in range(left, right + 1):
                found[row][seat] = name
    return found


def plain(cells: Sequence[Any]) -> list[Any]:
    """Cells as they are meant: no empty strings, moments at midnight are days."""
    return [
        None
        if cell == ""
        else cell.date()
        if isinstance(cell, datetime) and not (cell.hour or cell.minute)
        else cell
        for cell in cells
    ]


def csv_rows(path: Path) -> Iterator[list[Any]]:
    """Rows of a CSV whose encoding and delimiter are found out from its content."""
    width, last = 0, 0
    with path.open(encoding=encoding_of(path), newline="", errors="replace") as file:
        delimiter = delimiter_of(list(itertools.islice(file, HEADER_WITHIN)))
        file.seek(0)
        try:
            lines = Lines(file)
            for cells in csv.reader(lines, delimiter=delimiter):
                lines.row, last = 0, len(cells)
                width = width or last
                yield [cell.strip() or None for cell in cells]
        except csv.Error as fault:
            raise Unreadable(
                Message("The file breaks off inside a quoted cell."),
                mend=Message("Save it anew as CSV or XLSX."),
            ) from fault
    if last < width and not ends_its_line(path):
        raise Unreadable(
            Message(
                "The file breaks off in its last row: %(cells)s of %(titles)s cells.",
                cells=last,
                titles=width,
            ),
            mend=Message("Copy or download it again; its end is missing."),
        )


def delimiter_of(lines: Sequence[str]) -> str:
    """What parts the cells: the mark of the first line whose next line has it too.

    >>> delimiter_of(["Miskin, menurut desa, 2019", "", "kode;nilai", "33.26;0,2"])
    ';'
    """
    full = [line for line in lines if line.strip()] or [""]
    for line, following in itertools.pairwise(full):
        mark = max(MARKS, key=line.count)
        if line.count(mark) and mark in following:
            return mark
    return max(MARKS, key=full[0].count)


class Lines:
    """Lines of text, refused where they hold what is none or a row never ends.

    PostgreSQL keeps no byte of zero; a row of nothing but commas would fill the memory.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines, self.row = lines, 0

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self.lines, start=1):
            self.row += len(line)
            if "\0" in line:
                raise Unreadable(
                    Message(
                        "Line %(number)s holds bytes that are no text.", number=number
                    ),
                    mend=Message("Save it anew as CSV or XLSX."),
                )
            if self.row > ROW_MAX:
                raise Unreadable(
                    Message(
                        "Line %(number)s is too long for a row of a table.",
                        number=number,
                    ),
                    mend=Message("Save it anew as CSV or XLSX."),
                )
            yield line


def ends_its_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in b"\r\n\x00"


def encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            return "utf-16"
    return "utf-8-sig" if is_utf8(path) else "cp1252"


def is_utf8(path: Path) -> bool:
    with path.open("rb") as file:
        decoder = io.TextIOWrapper(file, encoding="utf-8")
        try:
            while decoder.read(1_000_000):
                pass
        except UnicodeDecodeError:
            return False
    return True


def titled(name: str, rows: Iterator[Line]) -> Sheet:
    """Find the titles: the first row with two or more filled cells."""
    for number, cells in rows:
        filled = [cell for cell in cells if cell is not None]
        if len(filled) >= 2:
            header = titles(cells)
            return Sheet(name, header, below(header, number, rows))
        if number >= HEADER_WITHIN:
            break
    raise Unreadable(
        Message("No row of column titles was found."),
        mend=Message("The first row says what each column is."),
    )


NUMBERING = re.compile(r"\(\d+\)")


def below(header: Sequence[str], number: int, rows: Iterator[Line]) -> Iterator[Line]:
    """The rows under the titles; refuses where the titles take two rows.

    A row that only numbers the columns, (1) (2) (3), is left out.
    """
    first = next((line for line in rows if any(c is not None for c in line[1])), None)
    if first is None:
        return iter(())
    under = {seat: as_text(cell) for seat, cell in enumerate(first[1]) if cell}
    if all(NUMBERING.fullmatch(text) for text in under.values()):
        return rows
    untitled = [
        seat for seat in under if seat >= len(header) or not header[seat].strip()
    ]
    if untitled and not any(re.search(r"\d|^-$", text) for text in under.values()):
        raise Unreadable(
            Message(
                "Rows %(one)s and %(two)s are both titles.", one=number, two=first[0]
            ),
            mend=Message(
                "Put the titles into one row, such as “%(title)s”, and delete the other.",
                title=f"{above(header, untitled[0])} {under[untitled[0]]}".strip(),
            ),
        )
    return itertools.chain([first], rows)


def above(header: Sequence[str], seat: int) -> str:
    """The last title at or left of a seat: a merged title stands over several."""
    return next((title for title in reversed(header[: seat + 1]) if title), "")


def titles(cells: Sequence[Any]) -> list[str]:
    if len(cells) > CELLS_MAX:
        raise Unreadable(
            Message(
                "The table has %(count)s columns; at most %(most)s are read.",
                count=len(cells),
                most=CELLS_MAX,
            )
        )
    return [title(cell) for cell in cells]


def title(cell: Any) -> str:
    """A column's title as text: a year that the sheet holds as a number, too."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def as_text(cell: Any) -> str:
    """A cell as the preview shows it."""
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return title(cell)[:300]
