"""Long work that belongs before the transaction of a POST, such as reading a photo.

The API does a POST inside one transaction with the answer that it keeps. A database
with one writer must not wait there for a picture to be decoded.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Operation = TypeVar("Operation", bound=Callable[..., Any])
PREPARED: dict[Callable[..., Any], Callable[..., dict[str, Any]]] = {}


def prepared_by(
    before: Callable[..., dict[str, Any]],
) -> Callable[[Operation], Operation]:
    """Call `before` with the operation's arguments first; it returns better ones."""

    def mark(operation: Operation) -> Operation:
        PREPARED[operation] = before
        return operation

    return mark
