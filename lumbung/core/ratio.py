"""The one way to divide: empty where the divisor is zero."""

from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir


def ratio(a: Any, b: Any) -> Any:
    """Return `a / b`, or empty (null, None) where `b` is 0.

    Engines differ on division by zero: inf, nan, null or an error. Columns
    divide as 64-bit floats; whole numbers and fractions exactly.

    >>> ratio(1, 4), ratio(1, 0), ratio(0.5, 2.0)
    (Fraction(1, 4), None, 0.25)
    """
    if isinstance(b, ir.Value):
        a = a.cast("float64") if isinstance(a, ir.Value) else float(a)
        return a / b.cast("float64").nullif(0.0)
    if b == 0:
        return ibis.null("float64") if isinstance(a, ir.Value) else None
    if isinstance(a, ir.Value):
        return a.cast("float64") / float(b)
    if isinstance(a, int | Fraction) and isinstance(b, int | Fraction):
        return Fraction(a) / Fraction(b)
    return a / b
