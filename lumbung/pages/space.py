"""No space left: told from other faults, so that people hear what to do about it."""

import errno
import sqlite3
from collections.abc import Iterator

from lumbung.core.message import Message

FULL = Message("The storage of the server is full, so this was not done.")
MEND = Message(
    "Tell whoever looks after the server. When there is space, do it again. What was"
    " kept before is safe and can be read."
)
FILES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SQLITE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}
POSTGRESQL = {"53100"}  # disk_full


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, says that a disk or quota is full."""
    return any(says_full(each) for each in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in FILES
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) in SQLITE
    return getattr(error, "sqlstate", "") in POSTGRESQL
