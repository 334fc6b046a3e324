"""What can be imported. Each package adds its kinds to `IMPORTERS`.

An importer knows its columns and starts a reader for one file; the reader turns rows
into what is to be written, or says what is wrong with them, and writes in chunks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import models

from lumbung.core.message import Message, Value
from lumbung.imports.lines import Column, Row
from lumbung.imports.models import Import
from lumbung.imports.whereabouts import Whereabouts
from lumbung.pages.forms import Form
from lumbung.places.models import Place


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

    `per_row` is how many values a row may hold: years in a wide table. `touched` names
    what the file writes, coarsely (an indicator and its source): two imports that touch
    the same may not be accepted past each other. `unread` are the seats of columns
    that nothing is taken from.
    """

    per_row: int
    touched: set[str]
    unread: Sequence[int]
    places: Whereabouts

    def prepare(self, rows: Sequence[Row]) -> None:
        """Look up at once what a chunk of rows needs. May refuse the whole file."""

    def take(self, row: Row) -> Sequence[Any]:
        """Return what a row holds, ready to be written; or raise `Faulty`, `LeftOut`."""

    def write(self, staged: list[Any]) -> Counts:
        """Write what a chunk of rows holds, in the caller's short transaction."""


@dataclass(frozen=True)
class Finding:
    """What an officer should look at before accepting, though nothing is wrong.

    `kind` is `change` (a value that leaps: `before`, `after`) or `total` (the sum of
    the parts is `before`, the total `after`).
    """

    kind: str
    place: str
    code: str
    text: Message
    before: Value
    after: Value


@dataclass
class Review:
    """What reading the staged rows once more brings to light: counts, and the first."""

    changes: int = 0
    totals: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Importer:
    """One kind of import.

    `form` asks for parameters (period, source); its cleaned data become JSON by
    `parameters`. `start` begins reading a file with these titles, of which the known
    ones stand in these seats. `model` is the table the rows go into; `review` looks
    for what is worth a look in the staged rows. `used` says what already rests on an
    accepted import, so that it cannot be undone. `template` gives title row and rows
    of a file to fill in. `page` is where an import is looked at that came of no file.
    """

    kind: str
    name: Message
    help: Message
    form: type[Form]
    columns: tuple[Column, ...]
    start: Callable[[Import, Sequence[str], Mapping[str, int]], Reader]
    parameters: Callable[[Mapping[str, Any]], dict[str, Any]]
    template: Callable[[Place], tuple[Sequence[str], Iterable[Sequence[Any]]]]
    model: type[models.Model]
    review: Callable[[Import], Review] = lambda of: Review()
    used: Callable[[Import], list[Message]] = lambda of: []
    page: Callable[[Import], str] = lambda of: ""


IMPORTERS: dict[str, Importer] = {}
