"""Files that hold one edition of the official list of places.

A text file (`.csv`, or packed as `.csv.xz`) that begins with lines about itself:

    # number: 4.0.1
    # decree: Kepmendagri 300.2.2-2138 Tahun 2025
    # valid from: 2025-04-25
    # source: npm idn-area-data 4.0.1
    # licence: ODbL-1.0
    code,name
    11,Aceh
    11.01,Kabupaten Aceh Selatan

Beside it may lie `NUMBER.decisions.csv` (`before,after`): what people decided about
codes that no rule can tell; an empty `after` means that the place is gone.
"""

import csv
import hashlib
import io
import lzma
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from lumbung.core.editions import parent
from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal

SHIPPED = Path(__file__).parent / "data"
CODE = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")
ABOUT = ("number", "decree", "valid from", "source", "licence")
SHOWN_FAULTS = 20


class FaultyEdition(Refusal):
    """The file is no edition: what is wrong stands in `parts`, by row."""

    code = "faulty_edition"
    status = 422


@dataclass(frozen=True)
class EditionFile:
    """An edition as read: about itself, names by code (parents first), decisions."""

    number: str
    decree: str
    source: str
    licence: str
    valid_from: date
    sha256: str
    names: Mapping[str, str]
    decided: Mapping[str, str]


def shipped() -> list[Path]:
    """The editions that come with Lumbung, oldest first."""
    return sorted(SHIPPED.glob("*.csv.xz"))


@lru_cache(maxsize=4)
def read(path: Path) -> EditionFile:
    """Read an edition file whole. Refuses it with all its faults named."""
    content = unpacked(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultyEdition(
            Message("%(file)s is not text in UTF-8.", file=path.name)
        ) from error
    about, start = about_itself(text, path.name)
    names = names_by_code(text, start, path.name)
    return EditionFile(
        number=about["number"],
        decree=about.get("decree", ""),
        source=about.get("source", path.name),
        licence=about.get("licence", ""),
        valid_from=valid_from(about, path.name),
        sha256=hashlib.sha256(content).hexdigest(),
        names=names,
        decided=read_decisions(path.with_name(f"{about['number']}.decisions.csv")),
    )


def unpacked(path: Path) -> bytes:
    if path.suffix != ".xz":
        return path.read_bytes()
    try:
        return lzma.decompress(path.read_bytes())
    except lzma.LZMAError as error:
        raise FaultyEdition(
            Message("%(file)s cannot be unpacked: it is damaged.", file=path.name)
        ) from error


def about_itself(text: str, name: str) -> tuple[dict[str, str], int]:
    """The lines `# what: value` at the top, and how many lines they take."""
    about: dict[str, str] = {}
    lines = 0
    for line in io.StringIO(text):
        if not line.startswith("#"):
            break
        lines += 1
        what, _, value = line[1:].partition(":")
        about[what.strip().lower()] = value.strip()
    missing = [what for what in ("number", "valid from") if not about.get(what)]
    if missing:
        raise FaultyEdition(
            Message(
                "%(file)s does not say its %(missing)s.",
                file=name,
                missing=", ".join(missing),
            ),
            mend=Message(
                "Begin the file with lines such as “# number: 4.0.1” and "
                "“# valid from: 2025-04-25”."
            ),
        )
    return about, lines


def valid_from(about: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(about["valid from"])
    except ValueError as error:
        raise FaultyEdition(
            Message(
                "%(file)s: “%(value)s” is not a date such as 2025-04-25.",
                file=name,
                value=about["valid from"],
            )
        ) from error


def names_by_code(text: str, start: int, name: str) -> dict[str, str]:
    rows = csv.reader(io.StringIO(text))
    for _ in range(start):
        next(rows)
    names: dict[str, str] = {}
    faults: list[Message] = []
    if [cell.strip().lower() for cell in next(rows, [])][:2] != ["code", "name"]:
        faults.append(Message("The columns must be “code” and “name”."))
    for row in rows:
        if not row:
            continue
        fault = fault_of(row, names)
        if fault:
            faults.append(
                Message("Row %(row)s: %(fault)s", row=rows.line_num, fault=fault)
            )
        else:
            names[row[0].strip()] = " ".join(row[1].split())
    if faults or not names:
        count = len(faults)
        raise FaultyEdition(
            Plural(
                "%(file)s has %(count)s fault.",
                "%(file)s has %(count)s faults.",
                count=count,
                file=name,
            ),
            mend=Message("Mend the rows named here; nothing was changed."),
            parts=tuple(faults[:SHOWN_FAULTS]),
        )
    return dict(sorted(names.items(), key=lambda item: (len(item[0]), item[0])))


def fault_of(row: list[str], names: Mapping[str, str]) -> Message | None:
    code = row[0].strip()
    if not CODE.fullmatch(code):
        return Message("“%(code)s” is not a code such as 33.26.09.2005.", code=code)
    if len(row) < 2 or not row[1].strip():
        return Message("%(code)s has no name.", code=code)
    if len(row[1]) > 100:
        return Message("The name of %(code)s is longer than 100 letters.", code=code)
    if code in names:
        return Message("%(code)s stands twice.", code=code)
    if parent(code) and parent(code) not in names:
        return Message(
            "%(code)s lies in %(parent)s, which no row before it names.",
            code=code,
            parent=parent(code),
        )
    return None


def read_decisions(path: Path) -> dict[str, str]:
    """Decisions that lie beside an edition: code before to code after."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return dict(decisions(csv.DictReader(file), path.name))


def decisions(rows: "csv.DictReader[str]", name: str) -> Iterator[tuple[str, str]]:
    for row in rows:
        if "before" not in row or "after" not in row:
            raise FaultyEdition(
                Message(
                    "%(file)s: the columns must be “before” and “after”.", file=name
                )
            )
        yield (row["before"] or "").strip(), (row["after"] or "").strip()
