"""Three lists that run upward: higher packages fill them, this one reads them.

Each package fills them in its own `facts.py`, `story.py`, `waiting.py`;
`lumbung.registry` imports those once. No fourth list without a decision record.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lumbung.accounts.models import User
from lumbung.core.gates import Known, Unknown
from lumbung.core.message import Message, Text, Value
from lumbung.programmes.models import Case


@dataclass(frozen=True)
class FactKind:
    """How a fact is computed, and of which type: what gates may ask of it.

    `compute(cases, on, argument)` returns, for each case by primary key, the value
    on a day with where it came from, or why it cannot be known; never zero for
    "unknown". It takes many cases so that a board of hundreds asks the database
    once. The argument is what stands behind the colon: `evidence:minutes`.
    With a `suffix` it may say more: `indicator:poor_share@2019`.
    """

    type: str  # count, share, number, rupiah, date, yesno, choice
    compute: "Compute"
    takes: str = ""  # the argument names: requirement, declared, indicator, scheme, ''
    suffix: str = ""  # what may follow it behind an @, as a pattern: `poor_share@2019`
    prefetch: tuple[Any, ...] = ()  # of cases, read once for all facts together


@dataclass(frozen=True)
class StoryLine:
    """One dated line in the story of a case."""

    on: date
    kind: str  # step, meeting, evidence, fact, money
    title: Message
    text: Message | Text | str = ""
    url: str = ""
    tone: str = ""  # a `.tag` class for what should stand out, such as `over`
    anchor: str = ""
    by: User | None = None


@dataclass(frozen=True)
class Waiting:
    """Something that waits for one person, for their home page."""

    title: Message | str
    text: Message | str
    state: Message
    tone: str  # late, ready, waits
    where: Value
    url: str
    button: Message
    due_on: date | None = None


Compute = Callable[[Sequence[Case], date, str], Mapping[int, Known | Unknown]]
FACTS: dict[str, FactKind] = {}
STORY: list[Callable[[Case, User], Iterable[StoryLine]]] = []
WAITING: list[Callable[[User, date], Iterable[Waiting]]] = []
