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


# What people write before a name to say what kind of place it is.
KIND_WORDS = {
    "prov": "provinsi",
    "provinsi": "provinsi",
    "kab": "kabupaten",
    "kabupaten": "kabupaten",
    "kota": "kota",
    "kec": "kecamatan",
    "kecamatan": "kecamatan",
    "distrik": "kecamatan",
    "ds": "desa",
    "desa": "desa",
    "kel": "kelurahan",
    "kelurahan": "kelurahan",
}


def apart(name: str) -> tuple[str, str]:
    """Return the kind that a name says first ('' if none), and the rest of it.

    >>> apart("Kab. Pekalongan"), apart("Botosari"), apart("Kota")
    (('kabupaten', 'Pekalongan'), ('', 'Botosari'), ('', 'Kota'))
    """
    first, _, rest = name.strip().replace(".", ". ", 1).partition(" ")
    kind = KIND_WORDS.get(first.casefold().rstrip("."), "")
    return (kind, rest.strip()) if kind and rest.strip() else ("", name.strip())
