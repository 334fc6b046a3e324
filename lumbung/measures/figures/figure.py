"""A figure: one number that a page shows, and its birth certificate.

A figure is an address, `kind?key=value&…`, such as
`nilai?tempat=33.26.02.2008&indikator=decile_1_4_share&periode=2017`. The address is
stable: a page, a print, the API and a question about the number all name it alike. Each
kind knows how to make the certificate of an address for a reader. Packages add theirs:

    FIGURES["nilai"] = Kind(keys=("tempat", "indikator", …), certify=certify)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.message import Message, Text, Value
from lumbung.imports.models import Import
from lumbung.measures.models import Run, Source
from lumbung.places.models import Place

Said = Message | Text | str


@dataclass(frozen=True)
class Address:
    """What a figure is called: its kind and its keys, in the kind's order."""

    kind: str
    keys: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.kind}?{urlencode(self.keys)}"

    @property
    def query(self) -> str:
        return urlencode(self.keys)

    @property
    def url(self) -> str:
        return f"{certificate(self.kind)}?{self.query}"

    @property
    def rows_url(self) -> str:
        """The page of the rows, for kinds that have no list of their own elsewhere."""
        return f"{reverse('measures:figure_rows', args=[self.kind])}?{self.query}"

    def get(self, key: str) -> str:
        return dict(self.keys).get(key, "")

    def but(self, kind: str = "", **changes: str) -> "Address":
        """The same with other keys, or of another kind."""
        return address(kind or self.kind, dict(self.keys) | changes)


@cache
def certificate(kind: str) -> str:
    """The page of all figures of a kind; a page of a place links it 150 times."""
    return reverse("measures:figure", args=[kind])


def address(kind: str, keys: Mapping[str, Any]) -> Address:
    """The one address of these keys: in the kind's order, empty ones left out.

    What the kind does not know is left out too, so that a page's own parameters
    (sorting, page number) never make a second address of one figure.
    """
    known = FIGURES[kind].keys
    return Address(kind, tuple((k, str(keys[k])) for k in known if keys.get(k)))


def read(text: str) -> Address | None:
    """The address that `str` wrote, or None where it is none (any longer)."""
    kind, _, query = text.partition("?")
    if kind not in FIGURES:
        return None
    return address(kind, dict(parse_qsl(query)))


@dataclass(frozen=True)
class Rule:
    """What a number was made by: an indicator, a class scheme, a template of a pack."""

    name: Text
    pack: str
    version: str
    status: str  # official, local, example

    @property
    def url(self) -> str:
        return reverse("desk:pack", args=[self.pack, self.version])


@dataclass(frozen=True)
class Point:
    """One value among others: an earlier revision, another period."""

    label: str
    value: Value
    number: float | None
    source: Source
    of: Import
    now: bool = False


@dataclass(frozen=True)
class Other:
    """The same figure by another source, and how far apart the two are."""

    source: Source
    value: Value
    difference: Value | None
    address: Address


@dataclass(frozen=True)
class Rows:
    """What was counted: how many rows, where they are listed, and their digest.

    `digest` is the SHA-256 of the rows' uids or codes, sorted, one a line. `url` is
    empty where the reader may not see the rows: then number, filter, digest remain.
    """

    count: int
    digest: str
    url: str


@dataclass
class Figure:
    """A number with all that its certificate says, for one reader."""

    address: Address
    title: Message
    value: Value
    meaning: Said
    formula: Said
    counts: Said
    place: Place | None = None
    programme: str = ""
    said: str = ""  # as the source printed it
    tone: str = ""  # of a class
    is_example: bool = False
    is_reference: bool = True  # everyone signed in may know it
    sources: list[Source] = field(default_factory=list)
    rule: Rule | None = None
    of: Import | None = None  # how it came in
    row: int = 0  # its row in that file
    run: Run | None = None  # what computed it, where something here did
    revisions: list[Point] = field(default_factory=list)
    periods: list[Point] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    rows: Rows | None = None
    notes: list[Said] = field(default_factory=list)
    related: list[tuple[Said, Value, Address]] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """A kind of figure. `certify` answers None where there is nothing to certify.

    `rows` gives the places that were counted, where the kind counts places.
    """

    keys: tuple[str, ...]
    certify: Callable[[Address, User, date], Figure | None]
    rows: Callable[[Address, User], Any] | None = None


FIGURES: dict[str, Kind] = {}


def certify(found: Address, user: User, on: date) -> Figure | None:
    """The certificate of an address as one reader may see it; None if there is none."""
    return FIGURES[found.kind].certify(found, user, on)


def digest(names: Iterable[Any]) -> str:
    """SHA-256 over names (uids, codes), sorted, one a line.

    >>> digest(["b", "a"]) == digest(["a", "b"])
    True
    """
    text = "\n".join(sorted(str(name) for name in names))
    return sha256(text.encode()).hexdigest()
