"""What a measure is: its name, parameters, definition, and how it is computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal


class BadInput(Refusal):
    """Data or a parameter that a measure cannot honestly be computed from."""

    code = "bad_input"


def beyond_counting() -> BadInput:
    """Refuse what no number of 64 bits can hold, so that nobody gets a wrong one."""
    return BadInput(
        Message("The numbers are too large, or too near 0, to compute with."),
        mend=Message("Look for a slip in the data, or count in thousands or millions."),
        field="DATA",
    )


class Takes(StrEnum):
    """What a parameter takes on the command line, and what a measure then gets."""

    COLUMN = "COL"  # str: a column of any type (codes, names, dates)
    VALUE = "NUMBER_COL"  # str: a column of numbers
    VALUES = "NUMBER_COL,…"  # tuple[str, …]: columns of numbers
    VALUE_OR_NUMBER = "NUMBER|COL"  # str (a column of numbers) or Fraction
    YES_NO = "YES_NO_COL"  # str: a column of true and false, 1 and 0, ya and tidak
    NUMBER = "NUMBER"  # Fraction, exactly: 0.6, 60%, 3/5
    NUMBERS = "NUMBER,…"  # tuple[Fraction, …]
    COUNT = "N"  # int
    RUPIAH = "RUPIAH"  # int, whole rupiah
    WORD = "WORD"  # str, one of `choices`
    TEXT = "TEXT"  # str
    DATE = "DATE"  # date
    DATES = "DATE,…"  # tuple[date, …]
    FLAG = ""  # bool
    SPEC = "FILE.yaml"  # dict: every scalar is text, so that weights stay exact
    TABLE = "FILE"  # a second table: an Ibis table, or Arrow for matrix measures
    SAVE = "OUT_FILE"  # bool: whether the extra table of that name is wanted


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One named parameter; `--two-words` on the command line is `two_words` here."""

    name: str
    takes: Takes
    help: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    may_be_missing: bool = False  # empty cells mean something: do not drop the row


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that may be wrong with the data, and how to count it.

    `rows` is an Ibis condition of the rows at fault (`table.weight < 0`); where
    that cannot say it, `count` is a scalar over the table. The engine runs it
    together with the measure. Above zero it refuses with `message`, to which it
    adds the count; a `warn` fault is said and passed, unless the caller is strict.
    """

    message: Message
    rows: Any = None
    count: Any = None
    parameter: str = ""
    warn: bool = False
    # A table of one text column: which ones, for `%(names)s` in the message.
    names: Any = None


def number_of(fault: Fault) -> Any:
    return fault.count if fault.rows is None else wrong(fault.rows)


def wrong(rows: Any) -> Any:
    """Count the rows for which a condition holds; unknown counts as not."""
    return rows.fill_null(False).cast("int64").sum().fill_null(0)


@dataclass(frozen=True)
class Outcome:
    """What a matrix measure gives: rows by table name, and what to warn of.

    The main table's name is the empty string. Rows are dicts of plain values
    (None for empty), or an Arrow table.
    """

    tables: Mapping[str, Any]
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column that a measure reads, for which parameter, and what it must hold."""

    name: str
    parameter: str
    takes: Takes = Takes.COLUMN
    may_be_missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Lack:
    """A value that rows need and do not have: `rows` is an Ibis condition.

    Such rows are dropped or refused as the caller said; with `drop`, dropped.
    """

    name: str
    parameter: str
    rows: Any
    drop: bool = False


def no_lacks(*_: Any, **__: Any) -> list[Lack]:
    return []


def no_faults(*_: Any, **__: Any) -> list[Fault]:
    return []


def no_columns(*_: Any, **__: Any) -> list[Column]:
    return []


def one_table(**_: Any) -> bool:
    return False


def many_tables(**_: Any) -> bool:
    return True


def no_warnings(*_: Any, **__: Any) -> tuple[Message, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure as its users meet it, and the functions that compute it.

    table   `compute(table, *, by, weight, **parameters)` takes an Ibis table
            and returns one, or a dict of them by name; executes nothing.
    matrix  `compute(rows, **parameters)` takes an Arrow table of few rows and
            returns an `Outcome`; `by` is done for it, group by group.
    plain   `compute(**parameters)` reads no table, and returns an `Outcome`.

    A table measure that is one grouped aggregation also gives `totals` (named
    Ibis scalars over the table, or None where these parameters need more than
    one scan) and `finish` (a table of `by` and those totals to the result), both
    with the keywords of `compute`: the faults are then counted in the same scan.

    `by` and `weight` reach only measures that are `grouped` and `weighted`.
    """

    name: str
    kind: Literal["table", "matrix", "plain"]
    definition: str
    source: str
    parameters: tuple[Parameter, ...]
    columns: str  # what follows the columns of `by`, as the help shows it
    compute: Callable[..., Any]
    faults: Callable[..., list[Fault]] = no_faults
    totals: Callable[..., dict[str, Any] | None] | None = None
    finish: Callable[..., Any] | None = None
    # What a total is taken for, where that is more than `by`.
    keys: Callable[..., tuple[str, ...]] | None = None
    # Missing values that are not simply empty cells of a column.
    lacks: Callable[..., list[Lack]] = no_lacks
    # The columns of the result where they depend on the parameters.
    results: Callable[..., tuple[str, ...]] | None = None
    # Further columns that the parameters name, for instance inside a specification.
    reads: Callable[..., list["Column"]] = no_columns
    # Whether these parameters give several tables, which no one CSV can hold.
    several: Callable[..., bool] = one_table
    weighted: bool = False  # takes --weight
    grouped: bool = True  # takes --by
    seeded: bool = False  # takes --seed; others draw nothing at random
    # With `strata` or `cluster` given, `where` and missing values must not remove
    # rows from a survey's design: `compute` then gets `domain`, a yes-no column.
    surveyed: bool = False
    # Looks at the finished main table (`pyarrow.Table`): refuses, or gives warnings.
    judge: Callable[..., tuple[Message, ...]] = no_warnings
