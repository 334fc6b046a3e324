"""The only file that opens an engine: DuckDB by default, Spark by option.

A scalar expression of DuckDB can read any file, so before anything of a user's
runs the engine may open the named files only, and its configuration is locked.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from lumbung.core.measure import BadInput
from lumbung.core.message import Message
from lumbung.measure.datafile import DataFile, open_data, read_xlsx, unreadable

MEMORY = "LUMBUNG_MEMORY"  # how much memory an engine may take, such as `2GB`
DEFAULT_MEMORY = "1GB"

EngineName = Literal["duckdb", "spark"]


class Engine:
    """An open engine: it reads data files as tables and computes expressions."""

    def __init__(self, backend: Any, files: dict[str, DataFile], room: Path) -> None:
        self.backend = backend
        self.files = files
        self.room = room
        self.rows_of: dict[str, int] = {}

    def table(self, name: str) -> ir.Table:
        """Return the table in the file that was named when the engine opened."""
        file = self.files[name]
        if file.form == "xlsx":
            return self.hold(read_xlsx(file.path))
        return self.read(file)

    def read(self, file: DataFile) -> ir.Table:
        if file.form == "parquet":
            return self.backend.read_parquet(str(file.path))
        try:
            # The whole file is sampled: a column of numbers has only numbers.
            return self.backend.read_csv(
                str(file.path),
                header=True,
                skip=0,
                delim=file.delimiter,
                quote='"',
                escape='"',
                sample_size=-1,
            )
        except duckdb.Error as fault:
            raise unreadable(file.path) from fault

    def hold(self, rows: pa.Table) -> ir.Table:
        """Return a table of rows in memory, for use in expressions."""
        return ibis.memtable(rows)

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


class SparkEngine(Engine):
    """Spark reads Parquet; other files are turned into it first, once.

    So a CSV file has the same column types on both engines.
    """

    def read(self, file: DataFile) -> ir.Table:
        if file.form == "parquet":
            return self.backend.read_parquet(str(file.path))
        with open_engine([str(file.path)]) as reader:
            rows = reader.run(reader.table(str(file.path)))
        return self.hold(rows)

    def hold(self, rows: pa.Table) -> ir.Table:
        path = self.room / f"held-{len(list(self.room.iterdir()))}.parquet"
        pa.parquet.write_table(rows, path)
        return self.backend.read_parquet(str(path))


@contextmanager
def open_engine(names: list[str], engine: EngineName = "duckdb") -> Iterator[Engine]:
    """Open an engine that may read the files called `names`, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="lumbung-") as folder:
        room = Path(folder)
        files = {name: open_data(name, spool=room) for name in names}
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
    session = (
        SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[*]"))
        .appName("lumbung")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.memory", os.environ.get(MEMORY, "2g"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)
