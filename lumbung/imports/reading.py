"""Files as people have them, read into rows: XLSX, XLS, ODS and CSV of any kind."""

import csv
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

UNPACKED_MAX = 500_000_000  # bytes that a workbook may unpack to
PIECE = 1_000_000
CELLS_MAX = 200  # columns in a row
HEADER_WITHIN = 20  # rows in which the titles must stand

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
Line = tuple[int, Sequence[Any]]


class Unreadable(Refusal):
    code = "unreadable_file"
    status = 422


@dataclass(frozen=True)
class Sheet:
    """A table in a file: its name, its titles, and the rows below with their numbers."""

    name: str
    header: Sequence[str]
    rows: Iterator[Line]


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
    if b"\x00" in head or head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        raise Unreadable(
            Message("This is no table."),
            mend=Message("Save it as XLSX or CSV, then upload that."),
        )
    return titled("", enumerate(csv_rows(path), start=1))


def in_workbook(path: Path, wanted: str) -> Sheet:
    refuse_bomb(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
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
        name = wanted or next(
            (n for n in names if book.get_sheet_by_name(n).total_height > 1), names[0]
        )
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError) as fault:
        raise damaged() from fault
    return titled(name, enumerate(map(plain, rows), start=1))


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


def refuse_bomb(path: Path) -> None:
    """A workbook is a zip; one that unpacks to more than memory is refused unread.

    What a zip says of its own sizes may be a lie, so we count while unpacking.
    """
    if not zipfile.is_zipfile(path):
        return
    left = UNPACKED_MAX
    try:
        with zipfile.ZipFile(path) as packed, path.open("rb") as file:
            for entry in packed.infolist():
                left -= unpacked_size(entry, file, left)
                if left <= 0:
                    raise too_much()
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError) as fault:
        raise damaged() from fault


def unpacked_size(entry: zipfile.ZipInfo, file: IO[bytes], most: int) -> int:
    """How many bytes a member really unpacks to, counted up to `most`."""
    file.seek(entry.header_offset + 26)
    name, extra = struct.unpack("<HH", file.read(4))
    file.seek(name + extra, os.SEEK_CUR)
    if entry.compress_type == zipfile.ZIP_STORED:
        return entry.compress_size
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError
    inflate, size, rest = zlib.decompressobj(-15), 0, entry.compress_size
    while size < most and not inflate.eof:
        piece = inflate.unconsumed_tail
        if not piece:
            piece = file.read(min(PIECE, rest))
            rest -= len(piece)
            if not piece:
                break
        size += len(inflate.decompress(piece, PIECE))
    return size


def too_much() -> Unreadable:
    return Unreadable(
        Message(
            "The workbook unpacks to more than %(most)s MB.",
            most=UNPACKED_MAX // 1_000_000,
        ),
        mend=Message("Split it, or save the sheet as CSV."),
    )


def damaged() -> Unreadable:
    return Unreadable(
        Message("The workbook is damaged or protected by a password."),
        mend=Message("Open it in a spreadsheet and save it anew."),
    )


def csv_rows(path: Path) -> Iterator[list[Any]]:
    """Rows of a CSV whose encoding and delimiter are found out from its content."""
    encoding = "utf-8-sig" if is_utf8(path) else "cp1252"
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        first = file.readline()
        file.seek(0)
        marks = {mark: first.count(mark) for mark in ";,\t|"}
        delimiter = max(marks, key=lambda mark: marks[mark])
        try:
            for cells in csv.reader(file, delimiter=delimiter):
                yield [cell.strip() or None for cell in cells]
        except csv.Error as fault:
            raise Unreadable(
                Message("The file breaks off inside a quoted cell."),
                mend=Message("Save it anew as CSV or XLSX."),
            ) from fault


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
            return Sheet(name, titles(cells), rows)
        if number >= HEADER_WITHIN:
            break
    raise Unreadable(
        Message("No row of column titles was found."),
        mend=Message("The first row says what each column is."),
    )


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
