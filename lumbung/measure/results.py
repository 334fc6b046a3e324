"""Result tables written for people and programs: table, CSV, JSON, Parquet, XLSX."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from lumbung.core.measure import BadInput
from lumbung.core.message import Message

SUFFIXES = (".csv", ".json", ".parquet", ".xlsx")
Tables = Mapping[str, pa.Table]


def as_text(tables: Tables, form: str) -> str:
    """Return the tables as one text in `form`: table, csv or json."""
    if form == "json":
        return as_json(tables)
    if form == "csv":
        return as_csv(*tables.values())
    titled = len(tables) > 1
    return "\n".join(
        (f"{name}\n" if titled else "") + as_columns(table)
        for name, table in tables.items()
    )


def several_tables() -> BadInput:
    return BadInput(
        Message("This measure gives several tables, and CSV holds one."),
        mend=Message("Write them to files: --out FILE.csv, or use --format json."),
        field="format",
    )


def refuse_out(out: Path, *, parameter: str, data: str | None = None) -> None:
    """Refuse a file that could not be written, before anything is computed."""
    if out.suffix.lower() not in SUFFIXES:
        raise BadInput(
            Message("%(name)s does not say its form.", name=out.name),
            mend=Message("End it in .csv, .json, .parquet or .xlsx."),
            field=parameter,
        )
    if not out.parent.is_dir():
        raise BadInput(
            Message("There is no folder %(path)s.", path=str(out.parent)),
            field=parameter,
        )
    if data and out.absolute() == Path(data).absolute():
        raise BadInput(
            Message("The result would be written over the data."),
            mend=Message("Give it a name of its own."),
            field=parameter,
        )


def write(tables: Tables, out: Path) -> list[Path]:
    """Write to `out`, in the form its suffix says; return the files written.

    CSV and Parquet hold one table: several go to `FILE.areas.csv` and so on.
    """
    form = out.suffix.lower()
    if form == ".json":
        out.write_text(as_json(tables), encoding="utf-8")
        return [out]
    if form == ".xlsx":
        from lumbung.measure.workbook import write_xlsx  # noqa: PLC0415  # slow to load

        write_xlsx(tables, out)
        return [out]
    paths = {name: named(out, name) if len(tables) > 1 else out for name in tables}
    for name, table in tables.items():
        if form == ".parquet":
            pa.parquet.write_table(table, paths[name])
        else:
            paths[name].write_text(as_csv(table), encoding="utf-8", newline="")
    return list(paths.values())


def named(out: Path, name: str) -> Path:
    return out.with_name(f"{out.stem}.{name}{out.suffix}")


def as_json(tables: Tables) -> str:
    rows = {name: table.to_pylist() for name, table in tables.items()}
    content = next(iter(rows.values())) if len(rows) == 1 else rows
    return (
        json.dumps(
            content, indent=1, ensure_ascii=False, allow_nan=False, default=_scalar
        )
        + "\n"
    )


def _scalar(value: Any) -> Any:
    """Return what JSON has no form for: whole numbers whole, all else as text."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return value.decode(errors="replace")
        case _:
            return str(value)


def as_csv(table: pa.Table) -> str:
    """Return CSV with full precision; an empty cell is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(
        zip(*(column.to_pylist() for column in table.columns), strict=True)
    )
    return text.getvalue()


def as_columns(table: pa.Table) -> str:
    """Return aligned columns for reading: six digits, numbers to the right.

    >>> print(as_columns(pa.table({"area": ["a", "bc"], "p0": [0.5, None]})), end="")
    area   p0
    a     0.5
    bc
    """
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        cells = [name, *(_shown(value) for value in column.to_pylist())]
        width = max(map(len, cells))
        number = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
        columns.append([c.rjust(width) if number else c.ljust(width) for c in cells])
    lines = ("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
