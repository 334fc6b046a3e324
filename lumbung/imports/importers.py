"""What can be imported. Each package adds its kinds to `IMPORTERS`.

An importer knows its columns and starts a reader for one file; the reader turns rows
into unsaved objects, or says what is wrong with them, and writes them in chunks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lumbung.core.message import Message, Value
from lumbung.imports.models import Import
from lumbung.pages.forms import Form
from lumbung.places.models import Place


@dataclass(frozen=True)
class Column:
    """A column that a file may have. `names` are the titles people give it, lower case.

    The first name is the one in the template.
    """

    key: str
    names: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell: the column's key or title, and how to mend it."""

    column: str
    message: Message
    mend: Message | None = None


class Faulty(Exception):  # noqa: N818  # the file is at fault, not we
    """A row that cannot be taken, with everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True)
class Row:
    """One row of a file: its number as the spreadsheet counts, and its cells by key.

    `extra` are cells of columns that no key claims, by the file's own title: years
    in a wide table.
    """

    number: int
    cells: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A cell as trimmed text; '' where it is empty or there is no such column."""
        value = self.cells.get(key)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value).strip()


@dataclass(frozen=True)
class Sample:
    """A good row as the preview shows it; `before` is None where the value is new."""

    row: int
    name: str
    code: str
    before: Value | None
    after: Value


@dataclass
class Counts:
    """What writing would change, had it been accepted: rows by kind."""

    new: int = 0
    revised: int = 0
    same: int = 0
    samples: list[Sample] = field(default_factory=list)


class Reader(Protocol):
    """Reads one file of one kind.

    `per_row` is how many objects a row may hold: years in a wide table. `touched` names
    what the file writes, coarsely (an indicator and its source): two imports that touch
    the same may not be accepted past each other.
    """

    per_row: int
    touched: set[str]

    def prepare(self, rows: Sequence[Row]) -> None:
        """Look up at once what a chunk of rows needs. May refuse the whole file."""

    def take(self, row: Row) -> Sequence[Any]:
        """Return what a row holds as unsaved objects, or raise `Faulty`."""

    def write(self, staged: list[Any]) -> Counts:
        """Write a chunk of at most 250 rows' objects in one short transaction."""


@dataclass(frozen=True)
class Importer:
    """One kind of import.

    `form` asks for parameters (period, source); its cleaned data become JSON by
    `parameters`. `used` says what already rests on an accepted import, so that it
    cannot be undone. `template` gives title row and rows of a file to fill in.
    """

    kind: str
    name: Message
    help: Message
    form: type[Form]
    columns: tuple[Column, ...]
    start: Callable[[Import, Sequence[str]], Reader]
    parameters: Callable[[Mapping[str, Any]], dict[str, Any]]
    template: Callable[[Place], tuple[Sequence[str], Iterable[Sequence[Any]]]]
    purge: Callable[[Import], int]
    used: Callable[[Import], list[Message]] = lambda of: []


IMPORTERS: dict[str, Importer] = {}
