"""The only file that opens an engine: DuckDB by default, Spark by option.

A scalar expression of DuckDB can read any file, so before anything of a user's
runs the engine may open the named files only, and its configuration is locked.
"""

import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from lumbung.core.measure import BadInput, beyond_counting
from lumbung.core.message import Message
from lumbung.measure.datafile import (
    DataFile,
    is_damaged,
    open_data,
    read_xlsx,
    unreadable,
)

MEMORY = "LUMBUNG_MEMORY"  # how much memory an engine may take, such as `2GB`
DEFAULT_MEMORY = "1GB"

# A code that would be another as a number: 33.10 as 33.1, 1E5 as 100000.
CHANGED = r"\.\d*[1-9]\d*0\s*$|[eE]"

EngineName = Literal["duckdb", "spark"]


@ibis.udf.scalar.builtin(name="isfinite")  # type: ignore[untyped-decorator]
def _finite(number: float) -> bool:  # type: ignore[empty-body]
    """DuckDB's own. Its `isnan` it takes for false where it shall not.

    That is in a Parquet file whose statistics leave NaN out, as most do.
    """


class Engine:
    """An open engine: it reads data files as tables and computes expressions."""

    def __init__(self, backend: Any, files: dict[str, DataFile], room: Path) -> None:
        self.backend = backend
        self.files = files
        self.room = room
        self.rows_of: dict[str, int] = {}

    def table(self, name: str, *, names: Iterable[str] = ()) -> ir.Table:
        """Return the table in the file that was named when the engine opened.

        The columns `names` hold names and codes: `33.10` is not the number 33.1.
        """
        file = self.files[name]
        if file.form == "xlsx":
            return self.hold(read_xlsx(file.path))
        return self.read(file, names)

    def read(self, file: DataFile, names: Iterable[str]) -> ir.Table:
        if file.form == "parquet":
            # Text that was written without saying so is bytes to others.
            return self.backend.read_parquet(str(file.path), binary_as_string=True)
        try:
            table = self.read_csv(file)
            codes = self.codes(file, table, names)
            return self.read_csv(file, text=codes) if codes else table
        except duckdb.Error as fault:
            raise unreadable(file.path) from fault

    def read_csv(self, file: DataFile, text: Sequence[str] = ()) -> ir.Table:
        return self.backend.read_csv(
            str(file.path),
            header=True,
            skip=0,
            delim=file.delimiter,
            quote='"',
            escape='"',
            sample_size=-1,  # the whole file: a column of numbers has only numbers
            dateformat="%Y-%m-%d",  # 05/01 is a day in January here, in May there
            types=dict.fromkeys(text, "VARCHAR"),
        )

    def codes(self, file: DataFile, table: ir.Table, names: Iterable[str]) -> list[str]:
        """Return which of the columns `names` would be changed as numbers."""
        doubtful = [
            n for n in names if n in table.columns and table[n].type().is_floating()
        ]
        if not doubtful:
            return []
        text = self.read_csv(file, text=doubtful)
        lost = self.run(
            text.aggregate(**{n: text[n].re_search(CHANGED).any() for n in doubtful})
        )
        return [name for name in doubtful if lost[name][0].as_py()]

    def hold(self, rows: pa.Table) -> ir.Table:
        """Return a table of rows in memory, for use in expressions."""
        return ibis.memtable(rows)

    def finite(self, number: Any) -> Any:
        """Return whether a number is neither endless nor NaN."""
        return _finite(number)

    def run(self, expression: ir.Table) -> pa.Table:
        """Compute: the one place where an expression becomes figures."""
        try:
            return self.backend.to_pyarrow(expression)
        except duckdb.OutOfMemoryException as fault:
            raise BadInput(
                Message("The memory limit is too small for this measure."),
                mend=Message(
                    "Give more with the environment variable %(name)s.", name=MEMORY
                ),
            ) from fault
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as fault:
            if "convert string" in str(fault):
                raise  # a text taken for a number is a slip of ours
            raise beyond_counting() from fault
        except duckdb.Error as fault:
            for file in self.files.values():
                if str(file.path) in str(fault) or is_damaged(file):
                    raise unreadable(file.path) from fault
            raise


class SparkEngine(Engine):
    """Spark reads Parquet; other files are turned into it first, once.

    So a CSV file has the same column types on both engines.
    """

    def read(self, file: DataFile, names: Iterable[str]) -> ir.Table:
        if file.form == "parquet":
            return self.backend.read_parquet(str(file.path))
        with open_engine([str(file.path)]) as reader:
            rows = reader.run(reader.table(str(file.path), names=names))
        return self.hold(rows)

    def finite(self, number: Any) -> Any:
        return ~(number.isnan() | number.isinf())

    def hold(self, rows: pa.Table) -> ir.Table:
        path = self.room / f"held-{len(list(self.room.iterdir()))}.parquet"
        pa.parquet.write_table(rows, path)
        return self.backend.read_parquet(str(path))


@contextmanager
def open_engine(
    names: Iterable[str],
    engine: EngineName = "duckdb",
    told: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Engine]:
    """Open an engine that may read the files called `names`, and nothing else.

    `told` says by which parameter, where a file is not the data itself.
    """
    with tempfile.TemporaryDirectory(prefix="lumbung-") as folder:
        room = Path(folder)
        files = {
            name: open_data(name, spool=room, parameter=told.get(name, "DATA"))
            for name in names
        }
        if engine == "spark":
            backend = open_spark()
            try:
                yield SparkEngine(backend, files, room)
            finally:
                backend.disconnect()
            return
        backend = open_duckdb([file.path for file in files.values()], room)
        try:
            yield Engine(backend, files, room)
        finally:
            backend.disconnect()


def open_duckdb(paths: list[Path], room: Path) -> Any:
    connection = duckdb.connect(":memory:")
    backend = ibis.duckdb.from_connection(connection)
    allowed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    memory = os.environ.get(MEMORY, DEFAULT_MEMORY)
    for setting in (
        f"memory_limit = '{memory}'",
        f"temp_directory = '{room / 'spill'}'",
        f"allowed_paths = [{allowed}]",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "enable_external_access = false",
        # Else a column that is cast is read as if the file had been meant so: TRUE
        # is then no number, and what is written depends on what else is asked.
        "disabled_optimizers = 'type_pushdown'",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return backend


def open_spark() -> Any:
    """Start Spark on this machine, or on the cluster that `SPARK_MASTER` names."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  # an optional extra
    except ImportError as fault:
        raise BadInput(
            Message("Spark is not installed."),
            mend=Message("Install it with: pip install 'lumbung[spark]' (needs Java)."),
            field="engine",
        ) from fault
    # Standard error is for the analyst: no bars, no news of pandas.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    session = (
        SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[*]"))
        .appName("lumbung")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.binaryAsString", "true")
        .config("spark.driver.memory", os.environ.get(MEMORY, "2g"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)
