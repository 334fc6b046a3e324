"""The frame of the access table: who gets which answer at which address.

Each package keeps its part in `lumbung/<package>/tests/access.py`, the API its own in
`lumbung/tests/access.py`:

    @furnish
    def rows(world: World) -> None:
        world.things["case"] = open_case(...)           # for addresses
        world.mark(world.cast("botosari"), case.title)  # must not show outside

    ROWS = {
        "desk:case": Row(to("ratna slamet siti", 200), uid=lambda w: w.things["case"].uid),
        "programmes:move_case": Row(..., post=to("ratna", 200)),
    }

Whoever a row does not name gets 404 (a place outside is not there); the anonymous are
sent to the door. `everyone(200)` names all who signed in. `post=` states the answers
to an empty POST where they differ from those to GET.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from lumbung.places.models import Place

LUMBUNG = Path(__file__).parents[1] / "lumbung"
PEOPLE = ("tono", "siti", "slamet", "ratna", "budi", "maria", "ani", "yusuf")
ACTORS = ("anonymous", *PEOPLE)
# Where each lies inside, written down here once more, apart from the code's own rule.
TERRITORY = {
    "siti": "ID.33.26.02.",
    "slamet": "ID.33.26.02.",
    "ratna": "ID.33.26.",
    "budi": "ID.14.01.",
    "maria": "ID.",
    "ani": "ID.",
    "yusuf": "ID.33.26.02.2008.",
}
Answers = dict[str, int]


def everyone(status: int = 200, anonymous: int = 302) -> Answers:
    """The same answer for all who are signed in."""
    return {"anonymous": anonymous, **dict.fromkeys(PEOPLE, status)}


def public(status: int = 200) -> Answers:
    return dict.fromkeys(ACTORS, status)


def to(names: str, status: int = 200, otherwise: int = 404) -> Answers:
    """`status` for the people named, `otherwise` for the rest who are signed in."""
    unknown = set(names.split()) - set(PEOPLE)
    assert not unknown, f"Not in the cast: {unknown}"
    return everyone(otherwise) | dict.fromkeys(names.split(), status)


@dataclass
class World:
    """Rows inside and outside everybody's territory, and words that tell them apart."""

    cast: Callable[[str], Any]
    things: dict[str, Any] = field(default_factory=dict)
    marks: list[tuple[str, str]] = field(default_factory=list)

    def mark(self, place: Place, *words: Any) -> None:
        """These words (a uid, a title) belong to a row at `place` and to no other."""
        self.marks += [(place.path, str(each)) for each in words]

    def outside(self, actor: str) -> set[str]:
        """The words that must never reach this person."""
        territory = TERRITORY.get(actor, "-")
        return {word for path, word in self.marks if not path.startswith(territory)}


class Row:
    """One line of the table: expected answers, and what the address needs."""

    def __init__(
        self,
        get: Answers,
        *,
        post: Answers | None = None,
        query: str = "",
        **arguments: Callable[[World], Any],
    ) -> None:
        self.get = get
        self.post = post
        self.query = query
        self.arguments = arguments


Furnisher = Callable[[World], None]
FURNISHERS: list[Furnisher] = []


def furnish(make: Furnisher) -> Furnisher:
    """Register what makes a package's rows in the world of the walk."""
    FURNISHERS.append(make)
    return make


def table() -> dict[str, Row]:
    """All parts put together; an address stated twice is a mistake."""
    rows: dict[str, Row] = {}
    for path in sorted(LUMBUNG.glob("**/tests/access.py")):
        dotted = ".".join(path.relative_to(LUMBUNG.parent).with_suffix("").parts)
        part = importlib.import_module(dotted).ROWS
        assert not set(part) & set(rows), set(part) & set(rows)
        rows |= part
    return rows


def package_of(name: str) -> str:
    """Whose address it is; those of sign-in have no package before their name."""
    return name.split(":", maxsplit=1)[0] if ":" in name else "doors"


def names(
    resolver: URLResolver | None = None, prefix: tuple[str, ...] = ()
) -> Iterator[str]:
    """The name of every address, `package:verb`; its route where it has no name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join([*prefix, entry.name or str(entry.pattern)])
        else:
            deeper = (entry.namespace,) if entry.namespace else ()
            yield from names(entry, prefix + deeper)
