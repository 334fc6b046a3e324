"""Quorum: whether enough of those invited were there to decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from lumbung.core.message import Message, Share


class QuorumFault(Exception):  # noqa: N818  # a pack is at fault
    """A quorum rule that says nothing we can count."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Quorum:
    """A part of those invited: at least so many, or more than so many."""

    part: Share
    more_than: bool

    def to_json(self) -> dict[str, str]:
        word = "more_than" if self.more_than else "at_least"
        return {word: str(Fraction(self.part))}

    def rule(self) -> Message:
        """The rule in words."""
        if self.part == 1 and not self.more_than:
            return Message("all who were invited")
        if self.more_than:
            return Message("more than %(part)s of those invited", part=self.part)
        return Message("at least %(part)s of those invited", part=self.part)


def parse(raw: object) -> Quorum:
    """Read `{more_than: 1/2}` or `{at_least: 2/3}`: a part of those invited.

    >>> parse({"more_than": "1/2"})
    Quorum(part=Share(1, 2), more_than=True)
    """
    if isinstance(raw, Mapping) and len(raw) == 1:
        [(word, part)] = raw.items()
        if word in {"more_than", "at_least"}:
            return Quorum(_part(part, word == "more_than"), word == "more_than")
    raise QuorumFault(
        Message(
            "Write a quorum as {more_than: 1/2} or {at_least: 2/3} of those invited."
        )
    )


def _part(raw: object, more_than: bool) -> Share:
    text = str(raw).strip()
    try:
        part = (
            Fraction(text[:-1].strip().replace(",", ".")) / 100
            if text.endswith("%")
            else Fraction(text)
        )
    except (ValueError, ZeroDivisionError):
        part = Fraction(-1)
    possible = 0 <= part < 1 if more_than else 0 < part <= 1
    if not possible:
        raise QuorumFault(
            Message("A quorum is a part of those invited: 1/2, 2/3, 60 %.")
        )
    return Share(part)


def met(rule: Quorum, present: int, invited: int) -> bool:
    """Whether `present` of `invited` people may decide under `rule`.

    An inter-village meeting (MAD) needs half of its delegates and one more; with
    nobody invited there is no quorum.

    >>> met(parse({"more_than": "1/2"}), 15, 30), met(parse({"more_than": "1/2"}), 16, 30)
    (False, True)
    """
    return invited > 0 and present >= needed(rule, invited)


def needed(rule: Quorum, invited: int) -> int:
    """The smallest number of people that may decide.

    >>> needed(parse({"at_least": "2/3"}), 31)
    21
    """
    whole, rest = divmod(rule.part * invited, 1)
    return int(whole) + 1 if rule.more_than or rest else int(whole)
