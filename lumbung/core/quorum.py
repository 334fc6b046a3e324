"""Quorum: whether enough of those invited were there to decide."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from lumbung.core.message import Message


class QuorumFault(Exception):  # noqa: N818  # a pack is at fault
    """A quorum rule that says nothing we can count."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


def parse(raw: object) -> dict[str, Fraction]:
    """Read `{more_than: 1/2}` or `{at_least: 2/3}`: a part of those invited.

    >>> parse({"more_than": "1/2"})
    {'more_than': Fraction(1, 2)}
    """
    if isinstance(raw, Mapping) and len(raw) == 1:
        [(word, part)] = raw.items()
        if word in {"more_than", "at_least"}:
            return {word: _part(part)}
    raise QuorumFault(
        Message(
            "Write a quorum as {more_than: 1/2} or {at_least: 2/3} of those invited."
        )
    )


def _part(raw: object) -> Fraction:
    text = str(raw).strip()
    try:
        part = (
            Fraction(text[:-1].strip().replace(",", ".")) / 100
            if text.endswith("%")
            else Fraction(text)
        )
    except (ValueError, ZeroDivisionError):
        part = Fraction(-1)
    if not 0 <= part <= 1:
        raise QuorumFault(
            Message("A quorum is a part of those invited: 1/2, 2/3, 60 %.")
        )
    return part


def met(rule: Mapping[str, Any], present: int, invited: int) -> bool:
    """Whether `present` of `invited` people may decide under `rule`.

    An inter-village meeting (MAD) needs half of its delegates and one more; with
    nobody invited there is no quorum.

    >>> met({"more_than": "1/2"}, 15, 30), met({"more_than": "1/2"}, 16, 30)
    (False, True)
    """
    return invited > 0 and present >= needed(rule, invited)


def needed(rule: Mapping[str, Any], invited: int) -> int:
    """The smallest number of people that may decide.

    >>> needed({"at_least": "2/3"}, 31)
    21
    """
    [(word, part)] = parse(rule).items()
    whole, rest = divmod(part * invited, 1)
    return int(whole) + 1 if word == "more_than" or rest else int(whole)
