"""What a column's title says of the values below it: indicator, period, part, scale."""

import re
from dataclasses import dataclass
from decimal import Decimal

from lumbung.core import cells
from lumbung.core.message import Message
from lumbung.core.sheets import letter
from lumbung.imports.staging import tidy
from lumbung.measures.columns import PARTS
from lumbung.measures.models import Indicator
from lumbung.measures.place_reader import NoPeriod

WITH_YEAR = re.compile(r"(.*?\D)_?((?:19|20)\d\d)")


@dataclass(frozen=True)
class Seat:
    """A column of values: where it is, and what all its values have in common.

    `breakdown` and `indicator` are None where each row says them; `period` is '' where
    the title does not say it.
    """

    index: int
    indicator: Indicator | None
    period: str
    per_cent: bool
    breakdown: str | None = None
    factor: Decimal = cells.ONE


class Titles:
    """Knows the titles that columns of each indicator have in files.

    `chosen` is the indicator that the file is said to be of; columns of others are
    then not read. `per_cent` holds for the whole file.
    """

    def __init__(self, chosen: Indicator | None, per_cent: bool) -> None:
        self.chosen, self.per_cent = chosen, per_cent
        self.indicators = {row.code: row for row in Indicator.objects.all()}
        self.known: dict[str, tuple[Indicator, Decimal, str | None]] = {}
        # Later packs may call a column the same; the chosen indicator's own wins.
        last = chosen.code if chosen else ""
        for row in sorted(self.indicators.values(), key=lambda i: i.code == last):
            for each in row.known_as:
                meant = row, Decimal(each.get("factor", 1)), each.get("breakdown")
                self.known[whole(each["title"])] = meant
                # What stands in brackets may be the scale: then it must be there.
                if meant[1] == 1:
                    self.known[tidy(each["title"])] = meant
            self.known[tidy(row.code)] = row, cells.ONE, None

    def value(self, index: int, title: str) -> Seat:
        """The one column of values of a long table."""
        return Seat(index, self.chosen, "", self.in_per_cent(title))

    def seat(self, index: int, title: str) -> Seat | None:
        """What a title that is no key column says; None where it says nothing."""
        name = tidy(title)
        if not name:
            return None
        return (
            self.of_indicator(index, title, whole(title))
            or self.of_indicator(index, title, name)
            or self.of_indicator_in_year(index, title, name)
            or self.of_part(index, title, name)
            or self.of_period(index, title)
        )

    def of_indicator(
        self, index: int, title: str, name: str, period: str = ""
    ) -> Seat | None:
        meant = self.known.get(name)
        if meant is None or self.chosen not in {None, meant[0]}:
            return None
        indicator, factor, breakdown = meant
        return Seat(
            index, indicator, period, self.in_per_cent(title), breakdown, factor
        )

    def of_indicator_in_year(self, index: int, title: str, name: str) -> Seat | None:
        """`POP2000`, `Persen miskin 2021`."""
        match = WITH_YEAR.fullmatch(name)
        if not match:
            return None
        return self.of_indicator(index, title, match[1].strip("_"), match[2])

    def of_part(self, index: int, title: str, name: str) -> Seat | None:
        if self.chosen is None or name not in PARTS:
            return None
        part, per_cent = PARTS[name], self.in_per_cent(title)
        return Seat(index, self.chosen, "", per_cent, part)

    def of_period(self, index: int, title: str) -> Seat | None:
        try:
            period = cells.period(title)
        except cells.CellFault as fault:
            if re.match(r"(19|20)\d\d\b", title):
                raise NoPeriod(
                    Message(
                        "Column %(letter)s: %(what)s",
                        letter=letter(index),
                        what=fault.message,
                    ),
                    mend=fault.mend,
                ) from fault
            return None
        return Seat(index, self.chosen, period, self.in_per_cent(title))

    def in_per_cent(self, title: str) -> bool:
        name = tidy(title)
        return self.per_cent or "%" in title or "persen" in name or "percent" in name


def whole(title: str) -> str:
    """A title with what stands in brackets, which may be the scale of its values.

    >>> whole("Pengeluaran per kapita (ribu rupiah)")
    'pengeluaran_per_kapita_(ribu_rupiah)'
    """
    return "_".join(re.sub(r"[-_.]", " ", title.lower()).split())
