"""Cells of a workbook whose formula gave an error, such as `#N/A`.

The library that reads workbooks gives them as empty cells, and an empty cell says
nothing about what is wrong. So we look for them in the XML, streamed.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from lumbung.core.sheets import seat

PIECE = 1_000_000
OPEN_DOCUMENT = "content.xml"
IS_ERROR = b'calcext:value-type="error"'
CELLS = {"table:table-cell", "table:covered-table-cell"}
OVERLAP = 2_000  # longer than a cell with its formula usually is
# No tag and no cell is looked for past the next one, or a page of tags without an end
# would be gone through once for each of them.
SHEET = re.compile(rb"<sheet\b[^<>]*>")
RELATION = re.compile(rb"<Relationship\b[^<>]*>")
BROKEN = re.compile(
    rb'<c\b(?=[^<>]*\bt="e")[^<>]*?\br="([A-Z]+\d+)"[^<>]*>'
    rb"(?:(?!</?c\b).)*?<v>(#[^<]*)</v>",
    re.DOTALL,
)


def broken_cells(path: Path, sheet: str) -> Mapping[int, Mapping[int, str]]:
    """The errors of a sheet by row number and seat; empty for what is no XLSX."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        if (member := member_of(book, sheet)) in names:
            for name, error in errors(book, member):
                row, column = seat(name)
                found[row][column] = error
        elif OPEN_DOCUMENT in names and has_errors(book):
            OpenDocument(sheet, found).read(book)
    return found


def has_errors(book: zipfile.ZipFile) -> bool:
    """Whether it is worth reading the whole text for errors: most have none."""
    kept = b""
    with book.open(OPEN_DOCUMENT) as file:
        while piece := file.read(PIECE):
            if IS_ERROR in kept + piece:
                return True
            kept = piece[-len(IS_ERROR) :]
    return False


class OpenDocument:
    """Reads where an ODS says that a formula gave an error; rows and cells repeat."""

    def __init__(self, sheet: str, found: dict[int, dict[int, str]]) -> None:
        self.sheet, self.found = sheet, found
        self.here, self.row, self.column = False, 0, 0
        self.error: str | None = None

    def read(self, book: zipfile.ZipFile) -> None:
        parser = ParserCreate()
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.said
        # Whoever reads the cells is the judge of the file; here it may stay unsaid.
        with book.open(OPEN_DOCUMENT) as file, suppress(ExpatError):
            parser.ParseFile(file)

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "table:table":
            self.here, self.row = given.get("table:name") == self.sheet, 0
        elif name == "table:table-row":
            self.repeated = int(given.get("table:number-rows-repeated", 1))
            self.row, self.column = self.row + 1, 0
        elif name in CELLS and self.here:
            if given.get("calcext:value-type") == "error":
                self.error = ""
            self.width = int(given.get("table:number-columns-repeated", 1))

    def said(self, text: str) -> None:
        if self.error is not None:
            self.error += text

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self.row += self.repeated - 1
        elif name in CELLS and self.here:
            if self.error is not None:
                self.found[self.row][self.column] = self.error.strip() or "#ERR"
                self.error = None
            self.column += self.width


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
