"""Who works on an installation now: a lock on a file, which ends with its process.

Shared by all that serve and work; held alone by who changes the tables under them, so
that nobody begins in the middle of it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

NAME = "serving.lock"


class StillServed(Refusal):
    code = "still_served"


class BeingChanged(Refusal):
    code = "being_changed"


@contextmanager
def running(home: Path) -> Iterator[None]:
    """Say that this process works on the installation in `home` while the block runs."""
    refusal = BeingChanged(
        Message(
            "The tables are being changed now: by an upgrade, a restore or a reset."
        ),
        mend=Message("Wait until it has ended, then run this again."),
    )
    with held(home, fcntl.LOCK_SH, refusal):
        yield


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Keep all others out of the installation in `home` while the block runs."""
    refusal = StillServed(
        Message("Lumbung serves, works or is being changed here now."),
        mend=Message("End `lumbung serve` and `lumbung work`, then run this again."),
    )
    with held(home, fcntl.LOCK_EX, refusal):
        yield


@contextmanager
def held(home: Path, how: int, refusal: Refusal) -> Iterator[None]:
    handle = os.open(home / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal from None
        yield
    finally:
        os.close(handle)
