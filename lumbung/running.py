"""Whether somebody serves or works on an installation now: a lock on a file.

The lock ends with its process, however that dies. Shared by all that run; asked for
alone by who changes the tables under them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "serving.lock"


@contextmanager
def running(home: Path) -> Iterator[None]:
    """Say that this process works on the installation in `home` while the block runs."""
    handle = os.open(home / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def is_running(home: Path) -> bool:
    """Whether any process holds the installation in `home` now."""
    if not (home / NAME).exists():
        return False
    handle = os.open(home / NAME, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
