"""Tables are read as people have them, and refused in words where they are none."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from lumbung.evidence.tests.files import paper, photo
from lumbung.imports import bombs, reading
from lumbung.imports.bombs import Unreadable
from lumbung.imports.reading import read
from lumbung.imports.tests.files import xlsx

TABLE = [["kode", "nilai"], ["33.26.02.2008", "38,2"]]


def rows_of(path: Path, data: bytes, sheet: str = "") -> list[Sequence[Any]]:
    file = path / "file"
    file.write_bytes(data)
    found = read(file, sheet=sheet)
    return [list(found.header), *(list(cells) for _, cells in found.rows)]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_it_finds_delimiter_and_encoding(
    mark: str, encoding: str, tmp_path: Path
) -> None:
    text = f'kode{mark}nama\r\n33.26{mark}"Désa{mark} Kédung"\r\n'

    rows = rows_of(tmp_path, text.encode(encoding))

    assert rows == [["kode", "nama"], ["33.26", f"Désa{mark} Kédung"]]


def test_a_decimal_comma_does_not_pass_for_a_delimiter(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"kode;nilai\n33.26.02.2008;38,2\n") == TABLE


def test_spreadsheet_cells_keep_their_kinds(tmp_path: Path) -> None:
    sheet = xlsx(
        ("kode", "nilai", "tanggal", "saat"),
        (3326022008, 0.382, date(2019, 12, 31), datetime(2019, 12, 31, 9, 30)),  # noqa: DTZ001
    )

    rows = rows_of(tmp_path, sheet.read())

    assert rows[1][:3] == [3326022008, 0.382, date(2019, 12, 31)]
    assert rows[1][3] == datetime(2019, 12, 31, 9, 30)  # noqa: DTZ001


def test_rows_are_numbered_as_the_spreadsheet_does(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(
        xlsx(("Data desil 2019",), (), ("kode", "nilai"), (), ("33.26", 1)).read()
    )

    found = read(file)

    assert found.header == ["kode", "nilai"]
    assert [n for n, cells in found.rows if any(c is not None for c in cells)] == [5]


def test_a_sheet_is_found_by_name_or_its_names_are_told(tmp_path: Path) -> None:
    data = xlsx(("kode", "nilai"), ("33.26", 1)).read()

    assert rows_of(tmp_path, data, "Data")[0] == ["kode", "nilai"]
    with pytest.raises(Unreadable) as refusal:
        rows_of(tmp_path, data, "Lembar1")
    assert refusal.value.message.values["names"] == "Data"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        photo(),
        photo("PNG"),
        paper(),
        b"PK\x03\x04 not a zip at all",
        b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
        b"kode\x00nilai\n",
        b"one column only\nx\n",
        xlsx(("kode", "nilai"), ("33.26", 1)).read()[:-300],
    ],
)
def test_what_is_no_table_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refusal:
        rows_of(tmp_path, data)

    assert refusal.value.mend


def packed(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", b"\x00" * size)
    return out.getvalue()


def lying(data: bytes, says: int) -> bytes:
    """The same zip, that says its member were `says` bytes and fits the checksum."""
    real = zipfile.ZipFile(io.BytesIO(data)).infolist()[0]
    honest = struct.pack("<II", real.compress_size, real.file_size)
    lie = struct.pack("<II", real.compress_size, says)
    crc = struct.pack("<I", zlib.crc32(b"\x00" * says))
    return data.replace(honest, lie).replace(struct.pack("<I", real.CRC), crc)


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bombs, "UNPACKED_MAX", 5_000_000)
    bomb = packed(6_000_000)
    assert len(bomb) < 10_000
    for data in (bomb, lying(bomb, 1000)):
        with pytest.raises(Unreadable) as refusal:
            rows_of(tmp_path, data)
        assert "unpacks" in refusal.value.message.id


def sheet(fill: Callable[[Worksheet], object]) -> bytes:
    """A workbook of one row under its titles, and what `fill` does to it."""
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    for row in TABLE:
        book.active.append(row)
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_xml(data: bytes, extra: bytes) -> bytes:
    """The workbook with something more behind the cells of its sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            new.writestr(name, xml.replace(b"</sheetData>", b"</sheetData>" + extra))
    return out.getvalue()


def test_one_cell_at_the_end_of_the_sheet_does_not_end_the_server(
    tmp_path: Path,
) -> None:
    """The library that reads workbooks ends its process where it gets no memory."""
    with pytest.raises(Unreadable) as refusal:
        rows_of(tmp_path, sheet(lambda to: to.cell(1_048_576, 16_384, "x")))

    assert refusal.value.mend
    assert "too wide" in refusal.value.message.id


def test_merged_cells_reach_no_further_than_the_table(tmp_path: Path) -> None:
    for cells in ("A3:XFD1048576", "A2:XFD2", "F1:G9"):
        data = sheet(lambda to, cells=cells: to.merged_cells.add(cells))  # type: ignore[misc]
        assert rows_of(tmp_path, data) == TABLE


def test_too_many_merged_cells_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MERGED_MAX", 3)
    with pytest.raises(Unreadable) as refusal:
        rows_of(tmp_path, sheet(lambda to: to.merged_cells.add("A1:B2")))

    assert "merged" in refusal.value.message.id


@pytest.mark.parametrize("tag", [b'<c t="e" r="A1">', b"<c "])
def test_tags_without_an_end_are_not_gone_through_for_each_of_them(
    tag: bytes, tmp_path: Path
) -> None:
    comment = b'<!-- t="e" ' + tag * 50_000 + b" -->"

    data = with_xml(sheet(lambda to: None), comment)
    assert rows_of(tmp_path, data) == TABLE


def test_a_quoted_cell_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        rows_of(tmp_path, b'kode;nama\n33.26;"' + b"x" * 200_000)


@pytest.mark.parametrize("endless", [b"," * 3_000_000, b'"\n",' * 600_000])
def test_a_row_without_end_is_refused_before_it_fills_the_memory(
    endless: bytes, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable) as refusal:
        rows_of(tmp_path, b"kode,nilai\n33.26,1\n" + endless)

    assert "too long" in refusal.value.message.id
