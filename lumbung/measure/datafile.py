"""Files of data that analysts bring: which kind they are, and their headers."""

import csv
import gzip
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TextIO

import pyarrow as pa
import pyarrow.parquet
from python_calamine import CalamineError, CalamineWorkbook

from lumbung.core.measure import BadInput
from lumbung.core.message import Message, Plural

STDIN = "-"
BEYOND = 2.0**63  # of whole numbers in 64 bits


@dataclass(frozen=True)
class DataFile:
    """A file by its absolute path, and how to read it."""

    path: Path
    form: Literal["csv", "parquet", "xlsx"]
    delimiter: str = ","


def open_data(name: str, *, spool: Path, parameter: str = "DATA") -> DataFile:
    """Recognise a file by its content. `-` is standard input, kept in `spool`."""
    path = Path(name).absolute()
    if name == STDIN:
        path = spool / "standard-input"
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
    if not path.is_file():
        raise BadInput(
            Message("There is no file %(path)s.", path=name), field=parameter
        )
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        raise BadInput(Message("%(path)s is empty.", path=name), field=parameter)
    if start == b"PK\x03\x04":
        return DataFile(path, "xlsx")  # its header is checked when it is read
    if start == b"PAR1":
        refuse_twins(parquet_header(path), parameter=parameter)
        return DataFile(path, "parquet")
    names, delimiter = csv_header(path)
    refuse_twins(names, parameter=parameter)
    return DataFile(path, "csv", delimiter)


def parquet_header(path: Path) -> list[str]:
    try:
        return list(pa.parquet.read_schema(path).names)
    except (pa.ArrowException, OSError) as fault:
        raise unreadable(path) from fault


def is_damaged(file: DataFile) -> bool:
    """Return whether a Parquet file breaks off, or is garbled, after its header."""
    if file.form != "parquet":
        return False
    try:
        for _ in pa.parquet.ParquetFile(file.path).iter_batches():
            pass
    except (pa.ArrowException, OSError):
        return True
    return False


def csv_header(path: Path) -> tuple[list[str], str]:
    """Return the names in the first line, and the mark that most divides it."""
    try:
        with open_text(path) as stream:
            line = stream.readline().rstrip("\r\n")
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as fault:
        raise unreadable(path) from fault
    delimiter = max(",;\t|", key=line.count)
    return next(csv.reader([line], delimiter=delimiter), [""]), delimiter


def open_text(path: Path) -> TextIO:
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    if zipped:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def unreadable(path: Path) -> BadInput:
    return BadInput(
        Message("%(path)s cannot be read as a table.", path=path.name),
        mend=Message("Bring CSV in UTF-8 with a header row, Parquet, or XLSX."),
        field="DATA",
    )


def refuse_twins(names: Iterable[str], *, parameter: str) -> None:
    """Refuse two columns of one name: nobody could say which is meant.

    Engines do not tell capitals from small letters in names, so neither do we.
    """
    counts = Counter(name.strip().casefold() for name in names)
    for name, count in counts.items():
        if count > 1:
            raise BadInput(
                Plural(
                    "%(count)s column is called %(name)s.",
                    "%(count)s columns are called %(name)s.",
                    count=count,
                    name=name,
                ),
                mend=Message("Give each column a name of its own."),
                field=parameter,
            )


def read_xlsx(path: Path, *, parameter: str = "DATA") -> pa.Table:
    """Return the first sheet: first row names, numbers, dates, truths and text.

    A column with any text in it is text. Whole numbers stay whole, though a
    spreadsheet keeps them as floats.
    """
    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    except CalamineError as fault:
        raise unreadable(path) from fault
    if not rows:
        raise BadInput(Message("%(path)s is empty.", path=path.name), field=parameter)
    names = [_as_text(cell).strip() for cell in rows[0]]
    kept = [i for i, name in enumerate(names) if name]
    refuse_twins((names[i] for i in kept), parameter=parameter)
    filled = [row for row in rows[1:] if any(cell != "" for cell in row)]
    return pa.table({names[i]: column([row[i] for row in filled]) for i in kept})


def column(cells: list[Any]) -> pa.Array:
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        told = [float(value) for value in values if value is not None]
        whole = all(value.is_integer() and abs(value) < BEYOND for value in told)
        return pa.array(
            [None if v is None else (int(v) if whole else float(v)) for v in values],
            pa.int64() if whole else pa.float64(),
        )
    if len(kinds) == 1 and not kinds & {str, timedelta}:
        return pa.array(values)
    return pa.array([None if v is None else _as_text(v) for v in values], pa.string())


def _as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
