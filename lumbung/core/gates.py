"""Gates: nothing moves without facts."""

from dataclasses import dataclass
from datetime import date

from lumbung.core.message import Message, Text, Value


@dataclass(frozen=True)
class Known:
    """A fact's value, with where it comes from and the day it holds for."""

    value: Value
    source: Message | Text | str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Unknown:
    """A fact that cannot be computed. It is never false-as-zero."""

    why: Message
