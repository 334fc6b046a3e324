"""What a file is made of to its readers: columns, rows, and what is wrong in a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lumbung.core.message import Message


@dataclass(frozen=True)
class Column:
    """A column that a file may have. `names` are the titles people give it, lower case.

    The first name is the one in the template. Of several columns with these names,
    the earliest name counts if `first_counts`; else two are refused.
    """

    key: str
    names: tuple[str, ...]
    required: bool = True
    first_counts: bool = False


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell: the column's key or its seat, and how to mend it."""

    column: str | int
    message: Message
    mend: Message | None = None


class Faulty(Exception):  # noqa: N818  # the file is at fault, not we
    """A row that cannot be taken, with everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


class LeftOut(Exception):  # noqa: N818  # nothing is wrong: an officer said so
    """A row that somebody decided to leave out."""


NOTHING_MERGED: Mapping[int, str] = {}


class Row:
    """One row of a file: its number as the spreadsheet counts, its cells as they stand.

    `seats` says where the known columns stand. `merged` are the seats whose cell is
    part of a merged one, with its name (`B5:B8`). Made by the million, hence plain.
    """

    __slots__ = ("cells", "merged", "number", "seats")

    def __init__(
        self,
        number: int,
        cells: Sequence[Any],
        seats: Mapping[str, int],
        merged: Mapping[int, str] = NOTHING_MERGED,
    ) -> None:
        self.number, self.cells, self.seats = number, cells, seats
        self.merged = merged

    def get(self, key: str) -> Any:
        """The cell of a known column; None where it is empty or there is no such."""
        seat = self.seats.get(key)
        return None if seat is None else self.cells[seat]

    def text(self, key: str) -> str:
        """A cell as trimmed text; '' where it is empty or there is no such column."""
        value = self.get(key)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value).strip()
