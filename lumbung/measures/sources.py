"""Where the numbers of one file come from; a row may give its own cut-off date."""

from datetime import date
from typing import Any

from lumbung.core import cells
from lumbung.imports.lines import Fault, Faulty, Row
from lumbung.measures.models import Source


class Sources:
    """The sources of a file: one for each cut-off date in it. They go by their key."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        day = parameters.get("cut_off_on")
        self.cut_off_on = date.fromisoformat(day) if day else None
        self.by_cell: dict[Any, int] = {}
        self.by_day: dict[date | None, int] = {}

    def of(self, row: Row) -> int:
        """The row's source, or `Faulty` where its date cannot be read."""
        cell = row.get("date")
        found = self.by_cell.get(cell)
        if found is None:
            found = self.by_cell[cell] = self.on(self.day(cell))
        return found

    def day(self, cell: Any) -> date | None:
        if cell is None:
            return self.cut_off_on
        try:
            return cells.day(cell)
        except cells.CellFault as fault:
            raise Faulty(Fault("date", fault.message, fault.mend)) from fault

    def on(self, cut_off_on: date | None) -> int:
        if cut_off_on not in self.by_day:
            self.by_day[cut_off_on] = Source.objects.get_or_create(
                title=self.parameters["source_title"].strip(),
                url=self.parameters.get("source_url", ""),
                cut_off_on=cut_off_on,
                is_example=bool(self.parameters.get("is_example")),
            )[0].pk
        return self.by_day[cut_off_on]
