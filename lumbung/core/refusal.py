"""The one way our code says no.

A refusal is for people and is expected; a bug is an exception that nobody
catches. Each verb defines its refusals beside itself, as a subclass with a
`code`; each door knows how to show the base class.
"""

from lumbung.core.message import Message


class Refusal(Exception):  # noqa: N818  # it is no error: a rule was kept
    """A rule was not met: what is wrong, how to mend it, and where.

    `field` is the name of the form field or parameter at fault, if one is;
    `parts` are the single sentences where several things are wrong at once.
    """

    code = "refused"
    status = 409

    def __init__(
        self,
        message: Message,
        *,
        mend: Message | None = None,
        field: str = "",
        parts: tuple[Message, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.field = field
        self.parts = parts
