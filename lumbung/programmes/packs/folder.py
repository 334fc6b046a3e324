"""Reading a pack's folder into plain data, keeping where each piece was written.

A folder holds `pack.yaml` (the head), and for each kind of item a file of that name:
`roles.yaml`, `glossary.csv`, a sheet `facts` of any `.xlsx`, or a folder with one file
for each item (`templates/village.yaml`). Nothing is judged here beyond being legible.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import python_calamine
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lumbung.core.message import Message
from lumbung.programmes.packs.pack import KINDS

Way = tuple[str | int, ...]  # from the pack's root to a value; items by their id
LARGEST = 2_000_000  # bytes of one file: rules written by people are far smaller


@dataclass(frozen=True)
class Spot:
    """Where something is written. Rows and columns count from 1; 0 is the whole."""

    file: str
    row: int = 0
    column: int = 0
    sheet: str = ""

    def said(self) -> Message:
        if self.sheet:
            return Message(
                "%(file)s, sheet %(sheet)s, row %(row)s, column %(column)s",
                file=self.file,
                sheet=self.sheet,
                row=self.row,
                column=self.column,
            )
        if self.row:
            return Message(
                "%(file)s, row %(row)s, column %(column)s",
                file=self.file,
                row=self.row,
                column=self.column,
            )
        return Message("%(file)s", file=self.file)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a pack: where it stands and how to mend it."""

    spot: Spot
    message: Message

    def said(self) -> Message:
        return Message("%(where)s: %(what)s", where=self.spot.said(), what=self.message)


@dataclass
class Folder:
    """A pack's files as read: the head, items by kind, and where each value stood."""

    path: Path
    head: dict[str, Any] = field(default_factory=dict)
    items: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {kind: [] for kind in KINDS}
    )
    spots: dict[Way, Spot] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def spot(self, way: Way) -> Spot:
        """Where `way` is written, or the nearest thing around it that is."""
        for length in range(len(way), 0, -1):
            if spot := self.spots.get(way[:length]):
                return spot
        return Spot("pack.yaml")

    def fault(self, way: Way, message: Message) -> None:
        self.faults.append(Fault(self.spot(way), message))

    def add(self, kind: str, item: Any, spot: Spot, spots: dict[Way, Spot]) -> None:
        """Take one item in. `spots` are its inner places, from the item's root."""
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            self.faults.append(Fault(spot, Message("Each item needs an id.")))
            return
        way = (kind, item["id"])
        if way in self.spots:
            first = self.spots[way].said()
            text = Message(
                "Second %(id)s: the first is in %(spot)s.", id=item["id"], spot=first
            )
            self.faults.append(Fault(spot, text))
            return
        self.items[kind].append(item)
        self.spots[way] = spot
        self.spots |= {(*way, *inner): place for inner, place in spots.items()}


def read_folder(path: Path) -> Folder:
    """Read all files of a pack's folder; what is illegible is among its faults."""
    folder = Folder(path)
    if not (path / "pack.yaml").is_file():
        folder.faults.append(Fault(Spot("pack.yaml"), Message("This file is missing.")))
        return folder
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.name.startswith((".", "README")):
            read_file(folder, file)
    return folder


def read_file(folder: Folder, file: Path) -> None:
    name = file.relative_to(folder.path).as_posix()
    kind = name.split("/")[0].split(".")[0]
    try:
        if file.stat().st_size > LARGEST:
            raise Illegible(Spot(name), Message("This file is too large for a pack."))
        if name == "pack.yaml":
            read_head(folder, file)
        elif file.suffix == ".xlsx":
            read_workbook(folder, file, name)
        elif kind not in KINDS or file.suffix not in {".yaml", ".csv"}:
            kinds = ", ".join(KINDS)
            text = Message(
                "No pack has such a file. Names are: %(kinds)s, as .yaml or .csv.",
                kinds=kinds,
            )
            raise Illegible(Spot(name), text)
        elif file.suffix == ".csv":
            read_csv(folder, file, name, kind)
        else:
            read_items(folder, file, name, kind)
    except Illegible as illegible:
        folder.faults.append(illegible.fault)
    except UnicodeDecodeError:
        text = Message("Save this file as UTF-8.")
        folder.faults.append(Fault(Spot(name), text))


class Illegible(Exception):  # noqa: N818  # a file is at fault
    def __init__(self, spot: Spot, message: Message) -> None:
        super().__init__(message)
        self.fault = Fault(spot, message)


def read_head(folder: Folder, file: Path) -> None:
    head, spots = Tree("pack.yaml", folder.faults).read(file.read_text("utf-8"))
    if not isinstance(head, dict):
        raise Illegible(Spot("pack.yaml"), Message("Write names and values here."))
    folder.head = head
    folder.spots |= spots


def read_items(folder: Folder, file: Path, name: str, kind: str) -> None:
    tree = Tree(name, folder.faults)
    data, spots = tree.read(file.read_text("utf-8"))
    if isinstance(data, dict):
        folder.add(kind, data, spots[()], {w: s for w, s in spots.items() if w})
        return
    if not isinstance(data, list):
        raise Illegible(Spot(name), Message("Write a list of items here."))
    for index, item in enumerate(data):
        step = key_of(item, index)
        inner = {w[1:]: s for w, s in spots.items() if len(w) > 1 and w[0] == step}
        folder.add(kind, item, spots.get((step,), Spot(name)), inner)


def key_of(item: Any, index: int) -> str | int:
    """An item of a list is known by its id; anything else by its place."""
    if isinstance(item, dict) and isinstance(item.get("id"), str) and "en" not in item:
        return str(item["id"])
    return index


class Tree:
    """One YAML file as plain data, with the spot of each value.

    Numbers with a point stay text, to be read exactly; so do dates. YAML is read in
    version 1.2, where `yes` is a word like any other.
    """

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.faults = faults
        self.spots: dict[Way, Spot] = {}
        self.seen: set[int] = set()

    def read(self, text: str) -> tuple[Any, dict[Way, Spot]]:
        try:
            root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark
            spot = Spot(self.file, mark.line + 1, mark.column + 1)
            problem = str(error.problem)
            raise Illegible(
                spot, Message("This YAML cannot be read: %(problem)s.", problem=problem)
            ) from error
        except (YAMLError, RecursionError) as error:
            raise Illegible(
                Spot(self.file), Message("This YAML cannot be read.")
            ) from error
        if root is None:
            raise Illegible(Spot(self.file), Message("This file is empty."))
        return self.value(root, ()), self.spots

    def spot_of(self, node: Node) -> Spot:
        mark = node.start_mark
        return Spot(self.file, mark.line + 1, mark.column + 1)

    def value(self, node: Node, way: Way) -> Any:
        self.spots[way] = self.spot_of(node)
        if id(node) in self.seen:
            text = Message("Write this out: packs use no anchors.")
            self.faults.append(Fault(self.spot_of(node), text))
            return None
        self.seen.add(id(node))
        match node:
            case MappingNode():
                return self.mapping(node, way)
            case SequenceNode():
                return self.sequence(node, way)
            case ScalarNode():
                return plain(node)
        raise TypeError(node)

    def mapping(self, node: MappingNode, way: Way) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in data:
                text = Message("%(key)s is written twice.", key=key)
                self.faults.append(Fault(self.spot_of(key_node), text))
            data[key] = self.value(value_node, (*way, key))
        return data

    def sequence(self, node: SequenceNode, way: Way) -> list[Any]:
        data: list[Any] = []
        keys: set[str | int] = set()
        for index, child in enumerate(node.value):
            key = key_in(child, index)
            if key in keys:
                text = Message("Second %(id)s in this list.", id=str(key))
                self.faults.append(Fault(self.spot_of(child), text))
            keys.add(key)
            data.append(self.value(child, (*way, key)))
        return data


def key_in(node: Node, index: int) -> str | int:
    """As `key_of`, before the value is made."""
    if isinstance(node, MappingNode):
        pairs = {str(key.value): value for key, value in node.value}
        own = pairs.get("id")
        if isinstance(own, ScalarNode) and "en" not in pairs:
            return str(own.value)
    return index


def plain(node: ScalarNode) -> Any:
    text = str(node.value)
    match str(node.tag).removeprefix("tag:yaml.org,2002:"):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if text.lstrip("+-").isdigit():
            return int(text)
        case _:
            return text


def read_csv(folder: Folder, file: Path, name: str, kind: str) -> None:
    rows = csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline=""), strict=True)
    try:
        read_rows(folder, kind, name, "", enumerate(rows, start=1))
    except csv.Error as error:
        text = Message("This CSV cannot be read: %(problem)s.", problem=str(error))
        raise Illegible(Spot(name, rows.line_num, 1), text) from error


def read_workbook(folder: Folder, file: Path, name: str) -> None:
    try:
        book = python_calamine.load_workbook(file)
    except (python_calamine.CalamineError, OSError) as error:
        raise Illegible(Spot(name), Message("This workbook cannot be read.")) from error
    for sheet in book.sheet_names:
        if sheet not in KINDS:
            text = Message(
                "No pack has a sheet %(sheet)s. Names are: %(kinds)s.",
                sheet=sheet,
                kinds=", ".join(KINDS),
            )
            folder.faults.append(Fault(Spot(name, 1, 1, sheet), text))
            continue
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        rows = enumerate(([as_text(cell) for cell in row] for row in cells), start=1)
        read_rows(folder, sheet, name, sheet, rows)


def as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def read_rows(
    folder: Folder,
    kind: str,
    name: str,
    sheet: str,
    rows: Iterator[tuple[int, list[str]]],
) -> None:
    """Read a table: the first row names the values, with a point for inner ones."""
    header: list[str] = []
    for number, cells in rows:
        if not header:
            header = [cell.strip() for cell in cells]
            continue
        if not any(cell.strip() for cell in cells):
            continue
        item: dict[str, Any] = {}
        spots: dict[Way, Spot] = {}
        for column, (title, cell) in enumerate(
            zip(header, cells, strict=False), start=1
        ):
            spot = Spot(name, number, column, sheet)
            if cell.strip():
                put(item, title.split("."), cell.strip())
            spots[tuple(title.split("."))] = spot
        if len(cells) > len(header):
            text = Message("This row has more cells than the first row has names.")
            folder.faults.append(Fault(Spot(name, number, len(cells), sheet), text))
        folder.add(kind, item, Spot(name, number, 1, sheet), spots)


def put(item: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        inner = item.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        item = inner
    item[keys[-1]] = value
