"""How long a write transaction keeps others from writing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


class Longest:
    """The longest time that a write transaction of this process was open."""

    def __init__(self) -> None:
        self.seconds, self.commit, self.since = 0.0, 0.0, 0.0

    @contextmanager
    def watch(self) -> Iterator[None]:
        enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
        longest = self

        def entered(atomic: Any) -> None:
            outer = not connection.in_atomic_block
            enter(atomic)
            if outer:  # BEGIN IMMEDIATE has the lock now
                longest.since = time.perf_counter()

        def left(atomic: Any, *error: Any) -> None:
            ending = time.perf_counter()
            leave(atomic, *error)
            if not connection.in_atomic_block and longest.since:
                now = time.perf_counter()
                spans = (now - longest.since, now - ending)
                longest.seconds, longest.commit = max(
                    (longest.seconds, longest.commit), spans
                )
                longest.since = 0.0

        transaction.Atomic.__enter__, transaction.Atomic.__exit__ = entered, left
        try:
            yield
        finally:
            transaction.Atomic.__enter__, transaction.Atomic.__exit__ = enter, leave
