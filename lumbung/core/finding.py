"""What a check of stored things found: the same shape whoever looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from lumbung.core.message import Message


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written, in words, with what to do.

    `code` is for programs and never changes. A `note` is worth knowing and proves
    nothing wrong.
    """

    code: str
    message: Message
    mend: Message | None = None
    note: bool = False


@dataclass(frozen=True)
class Proof:
    """What one check looked at, in a sentence, and what it found wrong or notable.

    `counts` are for programs: how many of what was looked at.
    """

    part: str
    what: Message
    findings: Sequence[Finding]
    counts: dict[str, int | str]

    @property
    def holds(self) -> bool:
        return all(finding.note for finding in self.findings)
