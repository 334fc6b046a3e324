"""Yes and no as files write it: true and false, 1 and 0, ya and tidak."""

from typing import Any

import ibis

YES = ["1", "1.0", "true", "t", "yes", "y", "ya"]
NO = ["0", "0.0", "false", "f", "no", "n", "tidak"]


def yes_or_no(cell: Any) -> Any:
    """Return an Ibis column as true, false, or empty where it is neither."""
    if cell.type().is_boolean():
        return cell
    text = cell.cast("string").strip().lower()
    return ibis.cases((text.isin(YES), True), (text.isin(NO), False), else_=None)


def neither(cell: Any) -> Any:
    """Return the condition that something is written that is neither yes nor no.

    NaN is how some programs write that nothing is.
    """
    if cell.type().is_boolean():
        return cell.isnull() & ibis.literal(False)  # no row is
    written = ~cell.cast("string").strip().lower().isin(["", "nan"])
    return written & yes_or_no(cell).isnull()
