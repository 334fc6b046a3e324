"""Workbooks that would take the memory of the server, refused before they are read."""

import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

UNPACKED_MAX = 500_000_000  # bytes that a workbook may unpack to
MEMORY_MAX = 2_000_000_000  # bytes for its cells and their text
PIECE = 1_000_000
NO_MEMORY = 3
# What is wrong with the file the reading itself says; here only that it ends well.
OPEN = f"""
import resource, sys
from python_calamine import CalamineWorkbook
path, sheet, most = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_AS, (int(most), int(most)))
try:
    book = CalamineWorkbook.from_path(path)
    for name in [sheet] if sheet else book.sheet_names:
        book.get_sheet_by_name(name).merged_cell_ranges
except MemoryError:
    sys.exit({NO_MEMORY})
except Exception:
    pass
"""


class Unreadable(Refusal):
    code = "unreadable_file"
    status = 422


def refuse_bomb(path: Path, sheet: str) -> None:
    """Refuse a workbook that could not be opened without harm: before opening it."""
    refuse_packed(path)
    refuse_wide(path, sheet)


def refuse_wide(path: Path, sheet: str) -> None:
    """Open it in a process of its own first, which may only take so much memory.

    One cell far down on the right makes the library ask for a table of all cells
    between, of which it can get no more than our process has: it then ends that.
    """
    asked = [sys.executable, "-I", "-c", OPEN, str(path), sheet, str(MEMORY_MAX)]
    done = subprocess.run(asked, stderr=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode < 0 or done.returncode == NO_MEMORY:
        raise Unreadable(
            Message("The sheet is too wide and too long to be read."),
            mend=Message(
                "Perhaps something stands far below the table or far to its right:"
                " delete it. Or save the sheet as CSV."
            ),
        )
    if done.returncode:
        raise damaged()


def refuse_packed(path: Path) -> None:
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
