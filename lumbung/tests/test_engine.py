"""The engine: what it may not do comes first, then what it reads."""

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
from openpyxl import Workbook

from lumbung.core.measure import BadInput
from lumbung.engine import MEMORY, open_engine


def read(path: Path) -> pa.Table:
    with open_engine([str(path)]) as engine:
        return engine.run(engine.table(str(path)))


def save_workbook(path: Path, *rows: list[Any]) -> None:
    book = Workbook()
    sheet = book.create_sheet("first", 0)
    for row in rows:
        sheet.append(row)
    book.save(path)


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '/tmp/lumbung-attack.csv'",
        "ATTACH '/tmp/lumbung-attack.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SET allowed_paths = ['/etc/passwd']",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    ],
)
def test_it_opens_no_file_but_those_named_and_keeps_its_settings(
    attack: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")

    with open_engine([str(path)]) as engine, pytest.raises(duckdb.Error):
        engine.backend.raw_sql(attack).fetchall()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n3\n4,5,6\n",
        b"a,A\n1,2\n",
        b"PAR1 but not really",
        b"PK\x03\x04 but not really",
        b"\x1f\x8b but not really",
        "näme\nJosé\n".encode("latin-1"),
    ],
)
def test_it_refuses_what_is_no_table_of_differently_named_columns(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)

    with pytest.raises(BadInput):
        read(path)


def test_it_refuses_a_file_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="no file"), open_engine(["/nowhere/a.csv"]):
        pass


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_it_reads_csv_with_any_usual_mark_and_keeps_codes_as_text(
    mark: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    text = 'code,name,x,day\n01,"a, b; c",1.5,2020-02-29\n02,d,,\n'
    path.write_text("\ufeff" + text if mark == "," else text.replace(",", mark, 3))
    if mark != ",":
        lines = [["code", "name", "x", "day"], ["01", '"a, b; c"', "1.5", "2020-02-29"]]
        lines.append(["02", "d", "", ""])
        path.write_text("".join(mark.join(line) + "\n" for line in lines))

    found = read(path).to_pylist()

    assert found == [
        {"code": "01", "name": "a, b; c", "x": 1.5, "day": date(2020, 2, 29)},
        {"code": "02", "name": "d", "x": None, "day": None},
    ]


def test_a_late_text_makes_a_column_text_not_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    rows = "".join(f"{i}\n" for i in range(30_000))
    path.write_bytes(gzip.compress(f"x\n{rows}n.a.\n".encode()))

    assert read(path)["x"].to_pylist()[-1] == "n.a."


def test_it_reads_xlsx_with_whole_numbers_whole_and_empty_cells_empty(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xlsx"
    save_workbook(
        path,
        ["code", "n", "x", "mixed"],
        ["01", 3, 1.5, 7],
        ["02", None, 2, "x"],
        [None, None, None, None],
    )

    assert read(path).to_pylist() == [
        {"code": "01", "n": 3, "x": 1.5, "mixed": "7"},
        {"code": "02", "n": None, "x": 2.0, "mixed": "x"},
    ]


def test_it_refuses_two_columns_of_one_name_in_a_workbook(tmp_path: Path) -> None:
    save_workbook(tmp_path / "a.xlsx", ["x", "X"], [1, 2])

    with pytest.raises(BadInput):
        read(tmp_path / "a.xlsx")


def test_a_quote_in_a_file_name_is_no_way_out(tmp_path: Path) -> None:
    path = tmp_path / "o'hara'] ; --.parquet"
    pa.parquet.write_table(pa.table({"x": [1]}), path)

    assert read(path).to_pylist() == [{"x": 1}]


def test_too_little_memory_is_said_not_thrown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table({"x": list(range(300_000))}), path)
    monkeypatch.setenv(MEMORY, "2MB")

    with open_engine([str(path)]) as engine:
        table = engine.table(str(path))
        sorted_by_text = table.mutate(y=table.x.cast("string")).order_by("y")
        with pytest.raises(BadInput, match="memory"):
            engine.run(sorted_by_text)
