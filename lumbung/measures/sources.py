"""Where the numbers of one file come from; a row may give its own cut-off date."""

from datetime import date
from typing import Any

from lumbung.core import cells
from lumbung.imports.importers import Fault, Faulty, Row
from lumbung.measures.models import Source


class Sources:
    """The sources of a file: one for each cut-off date in it."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        day = parameters.get("cut_off_on")
        self.cut_off_on = date.fromisoformat(day) if day else None
        self.known: dict[date | None, Source] = {}

    def of(self, row: Row) -> Source:
        """The row's source, or `Faulty` where its date cannot be read."""
        cell = row.cells.get("date")
        try:
            return self.on(cells.day(cell) if cell is not None else self.cut_off_on)
        except cells.CellFault as fault:
            raise Faulty(Fault("date", fault.message, fault.mend)) from fault

    def on(self, cut_off_on: date | None) -> Source:
        if cut_off_on not in self.known:
            self.known[cut_off_on] = Source.objects.get_or_create(
                title=self.parameters["source_title"].strip(),
                url=self.parameters.get("source_url", ""),
                cut_off_on=cut_off_on,
                is_example=bool(self.parameters.get("is_example")),
            )[0]
        return self.known[cut_off_on]
