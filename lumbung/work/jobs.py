"""The kinds of work that can be asked for. Packages add theirs when they load."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from lumbung.core.message import Message
from lumbung.work.models import Job


class Progress(Protocol):
    """What a running job calls to say how far it is.

    It raises `LeaseLost` where the job was taken back and given to another worker:
    whoever goes on after that would work against them.
    """

    def __call__(self, done: int, total: int | None = None) -> None: ...


@dataclass(frozen=True)
class JobKind:
    """How to run a kind of job, and what to call it on a page.

    `run(job, progress)` may be run twice for one job (a killed worker), so it must
    start from a clean state; what it returns, plain JSON, is kept in `job.result`.
    `url` leads from a finished job to what it made. With `every`, the loop asks for
    it by itself.
    """

    run: Callable[[Job, Progress], Any]
    title: Message
    url: Callable[[Job], str] | None = None
    every: timedelta | None = None


JOBS: dict[str, JobKind] = {}
