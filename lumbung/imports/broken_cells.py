"""Cells of a workbook whose formula gave an error, such as `#N/A`.

The library that reads workbooks gives them as empty cells, and an empty cell says
nothing about what is wrong. So we look for them in the XML, streamed.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from lumbung.core.sheets import seat

PIECE = 1_000_000
OVERLAP = 2_000  # longer than a cell with its formula usually is
SHEET = re.compile(rb"<sheet\b[^>]*>")
RELATION = re.compile(rb"<Relationship\b[^>]*>")
BROKEN = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+\d+)"[^>]*>(?:(?!</c>).)*?<v>(#[^<]*)</v>',
    re.DOTALL,
)


def broken_cells(path: Path, sheet: str) -> Mapping[int, Mapping[int, str]]:
    """The errors of a sheet by row number and seat; empty for what is no XLSX."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as book:
        member = member_of(book, sheet)
        if member not in book.namelist():
            return found
        for name, error in errors(book, member):
            row, column = seat(name)
            found[row][column] = error
    return found


def errors(book: zipfile.ZipFile, member: str) -> Iterator[tuple[str, str]]:
    kept = b""
    with book.open(member) as file:
        while piece := file.read(PIECE):
            text = kept + piece
            if b't="e"' in text:
                for match in BROKEN.finditer(text):
                    yield match[1].decode(), match[2].decode()
            kept = text[-OVERLAP:]


def member_of(book: zipfile.ZipFile, sheet: str) -> str:
    """Which file of the workbook holds a sheet; '' where it does not say."""
    try:
        sheets = book.read("xl/workbook.xml")
        relations = book.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return ""
    wanted = sheet.encode("ascii", "xmlcharrefreplace"), escaped(sheet).encode()
    ids = [
        attribute(tag, rb"r:id")
        for tag in SHEET.findall(sheets)
        if attribute(tag, rb"name") in wanted
    ]
    for tag in RELATION.findall(relations):
        if ids and attribute(tag, rb"Id") == ids[0]:
            target = attribute(tag, rb"Target").decode().removeprefix("/")
            return target if target.startswith("xl/") else f"xl/{target}"
    return ""


def escaped(name: str) -> str:
    """A sheet's name as XML writes it in an attribute."""
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        name = name.replace(mark, entity)
    return name


def attribute(tag: bytes, name: bytes) -> bytes:
    match = re.search(rb"\b" + name + rb'="([^"]*)"', tag)
    return match[1] if match else b""
