"""Files that say which code of another list (BPS) belongs to which place.

A CSV with `kode_bps`, `kode_dagri` and, to be sure, `nama_dagri`: codes were given to
other places over the years, so a row whose name is not at all the place's is a fault.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from lumbung.core.editions import ALIKE, likeness
from lumbung.core.message import Message, Plural
from lumbung.core.names import apart
from lumbung.core.refusal import Refusal
from lumbung.places.codes import Resolver
from lumbung.places.models import FormerName, Place, PlaceCode

CHUNK = 1_000
LENGTHS = {2: 1, 4: 2, 7: 3, 10: 4}  # digits of a BPS code: level of the place
Row = Mapping[str, str]


class FaultyCodes(Refusal):
    """Rows of the file are at fault; nothing was written."""

    code = "faulty_codes"
    status = 422


@dataclass(frozen=True)
class Fault:
    """What is wrong in one row (numbered as a spreadsheet does) and column."""

    row: int
    column: str
    message: Message


@dataclass(frozen=True)
class Crosswalk:
    """A file as read against the places here: new codes, known ones, faults."""

    scheme: PlaceCode.Scheme
    new: list[tuple[int, str]]  # key of the place, its code in the other list
    same: int
    faults: list[Fault]


def read_crosswalk(path: Path, scheme: PlaceCode.Scheme) -> Crosswalk:
    """Read the file and say what it would add; writes nothing."""
    column = f"kode_{scheme}"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as fault:
        raise FaultyCodes(
            Message("%(file)s is no CSV in UTF-8.", file=path.name),
            mend=Message("Save it as “CSV UTF-8”."),
        ) from fault
    missing = {column, "kode_dagri"} - set(rows[0] if rows else ())
    if missing:
        raise FaultyCodes(
            Message(
                "%(file)s has no column %(columns)s.",
                file=path.name,
                columns=", ".join(sorted(missing)),
            )
        )
    reading = Reading(scheme, column)
    for start in range(0, len(rows), CHUNK):
        reading.take(rows[start : start + CHUNK], first=start + 2)
    return Crosswalk(scheme, reading.new, reading.same, reading.faults)


class Reading:
    """One crosswalk on its way."""

    def __init__(self, scheme: PlaceCode.Scheme, column: str) -> None:
        self.scheme, self.column = scheme, column
        self.resolver = Resolver(PlaceCode.Scheme.KEMENDAGRI)
        self.owners: dict[str, set[int]] = defaultdict(set)
        for code, place in PlaceCode.objects.filter(scheme=scheme).values_list(
            "code", "place"
        ):
            self.owners[code].add(place)
        self.former: dict[int, list[str]] = defaultdict(list)
        for place, name in FormerName.objects.values_list("place", "name"):
            self.former[place].append(name)
        self.new: list[tuple[int, str]] = []
        self.same = 0
        self.faults: list[Fault] = []

    def take(self, rows: list[dict[str, str]], *, first: int) -> None:
        self.resolver.fetch(row["kode_dagri"] or "" for row in rows)
        for number, row in enumerate(rows, first):
            try:
                self.accept(row)
            except Refusal as refusal:
                column = refusal.field or "kode_dagri"
                self.faults.append(Fault(number, column, refusal.message))

    def accept(self, row: Row) -> None:
        code = (row[self.column] or "").strip()
        place = self.resolver.resolve(row["kode_dagri"] or "")
        self.refuse_shape(code, place)
        self.refuse_name(row.get("nama_dagri") or "", place)
        if place.pk in self.owners[code]:
            self.same += 1
            return
        if self.owners[code]:
            raise FaultyCodes(
                Message("%(code)s belongs to another place already.", code=code),
                field=self.column,
            )
        self.owners[code].add(place.pk)
        self.new.append((place.pk, code))

    def refuse_shape(self, code: str, place: Place) -> None:
        if not code.isdigit() or LENGTHS.get(len(code)) != place.level:
            raise FaultyCodes(
                Message(
                    "“%(code)s” is no code for %(name)s.", code=code, name=place.name
                ),
                field=self.column,
            )

    def refuse_name(self, name: str, place: Place) -> None:
        if name and not any(
            likeness(apart(name)[1], apart(known)[1]) >= ALIKE
            for known in (place.name, *self.former[place.pk])
        ):
            raise FaultyCodes(
                Message(
                    "The file calls %(code)s “%(name)s”; here it is “%(place)s”.",
                    code=place.code,
                    name=name,
                    place=place.name,
                ),
                field="nama_dagri",
            )


@transaction.atomic
def add_codes(crosswalk: Crosswalk, *, accept_faults: bool = False) -> int:
    """Write the codes of a crosswalk; returns how many are new.

    Refuses while rows are at fault, unless `accept_faults` leaves those out.
    """
    count = len(crosswalk.faults)
    if count and not accept_faults:
        raise FaultyCodes(
            Plural(
                "%(count)s row is at fault; nothing was written.",
                "%(count)s rows are at fault; nothing was written.",
                count=count,
            ),
            mend=Message("Mend the rows, or accept the file without them."),
        )
    PlaceCode.objects.bulk_create(
        [
            PlaceCode(place_id=place, scheme=crosswalk.scheme, code=code)
            for place, code in crosswalk.new
        ],
        batch_size=2000,
    )
    return len(crosswalk.new)
