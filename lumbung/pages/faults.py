"""What is wrong with a value that was sent, in words for whoever sent it."""

from collections.abc import Mapping
from typing import Any

from lumbung.core.message import Message

# By the beginning of what pydantic calls a fault.
FAULTS: Mapping[str, Message] = {
    "missing": Message("This is needed."),
    "extra_forbidden": Message("This name is not known here."),
    "string_pattern_mismatch": Message("This is not written as a code."),
    "control_character": Message("Control characters are no text."),
    "string": Message("Write a text."),
    "uuid": Message("This is no uid."),
    "date_": Message("Write a day, such as 2020-01-31."),
    "date": Message("Write a moment with its zone: 2020-01-31T08:00:00+07:00."),
    "timezone": Message("Write a moment with its zone: 2020-01-31T08:00:00+07:00."),
    "far_moment": Message("Write a moment with its zone: 2020-01-31T08:00:00+07:00."),
    "int": Message("Write a whole number, such as 3."),
    "bool": Message("Write true or false."),
}
ELSE = Message("This value is not right.")


def fault_of(kind: str, context: Mapping[str, Any]) -> Message:
    """The sentence for a fault of pydantic's, by its type and context.

    >>> fault_of("string_too_long", {"max_length": 200})
    Message('At most %(most)s letters.', most=200)
    """
    match kind, context:
        case "string_too_long", {"max_length": int(most)}:
            return Message("At most %(most)s letters.", most=most)
        case "string_too_short", {"min_length": int(least)}:
            return Message("At least %(least)s letters.", least=least)
        case "greater_than_equal", {"ge": int(least)}:
            return Message("At least %(least)s.", least=least)
        case "less_than_equal", {"le": int(most)}:
            return Message("At most %(most)s.", most=most)
        case "enum" | "literal_error", {"expected": str(codes)}:
            return Message("Write one of: %(codes)s.", codes=codes)
    return next((said for key, said in FAULTS.items() if kind.startswith(key)), ELSE)
