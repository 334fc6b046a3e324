"""Names as people type them, brought to one form so that they can be compared."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=400_000)
def key(name: str) -> str:
    """Return `name` without case, accents, spaces and marks.

    >>> key('Api-Api'), key('Côte d’Ivoire'), key('Ra"as')
    ('apiapi', 'cotedivoire', 'raas')
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in name.casefold() if letter.isalnum())
