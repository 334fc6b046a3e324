"""Find a place by its name as people type it, or by its code.

All names in force lie in one array in memory, built at the first search of a process
and again when the list of places changed. Letters may be wrong, missing, doubled or
swapped; a beginning is enough; `Mulyorejo, Tirto` says which of two.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from lumbung.core.names import apart, key
from lumbung.places.codes import forms
from lumbung.places.models import Edition, FormerName, Place, PlaceCode

ENOUGH = 0.5  # of the letters must be right
CLOSE = 60  # candidates that are looked at closely
OTHER_KIND = 0.01  # less for a desa where somebody wrote "kecamatan"


@dataclass(frozen=True)
class Hit:
    """A place that was found, with its ancestors at hand; 1.0 is the very name."""

    place: Place
    score: float
    former: str = ""  # the name it had, where it was found by that

    @property
    def where(self) -> str:
        """What it lies in, so that namesakes can be told apart."""
        return ", ".join(above.name for above in ancestors(self.place))


@dataclass(frozen=True)
class Index:
    """Every name with its place, in order of path; `by_name` is the other order."""

    keys: list[str]
    paths: list[str]
    places: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    kinds: list[str]
    by_name: list[int]
    sorted_keys: list[str]

    def territory(self, path: str) -> tuple[int, int]:
        """The stretch of the arrays that lies at or below `path`."""
        if not path:
            return 0, len(self.paths)
        return bisect_left(self.paths, path), bisect_left(self.paths, path[:-1] + "/")


def search(
    words: str,
    *,
    within: Place | None = None,
    levels: Collection[int] = (),
    limit: int = 10,
) -> list[Hit]:
    """Return the places that `words` may mean, best first.

    Only places in force; with `within` only that territory, with `levels` only those.
    """
    words = words.strip()
    if not any(letter.isalnum() for letter in words):
        return []
    if words[0].isdigit() and not any(letter.isalpha() for letter in words):
        return by_code(words, within=within, levels=levels, limit=limit)
    name, *context = [part for part in words.split(",") if part.strip()]
    index = present_index()
    scores = best(index, name, within.path if within else "")
    wanted = limit * 5 if levels or context else limit + 5
    hits = fetch(scores[:wanted], levels)
    if context:
        hits.sort(key=lambda hit: -hit.score - nearness(hit.place, context))
    return hits[:limit]


def by_code(
    words: str, *, within: Place | None, levels: Collection[int], limit: int
) -> list[Hit]:
    """Places by the beginning of a code in any list; the whole code comes first."""
    written = forms(words)
    shortest = min(written, key=len)
    rows = PlaceCode.objects.filter(place__closed_in=None)
    if within:
        rows = rows.filter(
            place__path__gte=within.path, place__path__lt=within.path[:-1] + "/"
        )
    exact = rows.filter(code__in=written).values_list("place", flat=True)
    longer = rows.filter(code__startswith=max(written, key=len)).order_by("code")
    if shortest != max(written, key=len):
        longer = longer | rows.filter(code__startswith=shortest)
    keys = [*exact, *longer.values_list("place", flat=True)[: limit * 5]]
    return fetch([(pk, 1.0, "") for pk in dict.fromkeys(keys)], levels)[:limit]


def best(index: Index, name: str, path: str) -> list[tuple[int, float, str]]:
    """Keys of places with their score, best first, each place once."""
    low, high = index.territory(path)
    kind, rest = apart(name)
    asked = [key(name)] + ([key(rest)] if kind else [])
    if low == high or not asked[0]:
        return []
    found: dict[int, float] = {}
    for query in asked:
        for place in near(index, query, low, high):
            score = closeness(query, index.keys[place])
            score -= OTHER_KIND if kind and index.kinds[place] != kind else 0.0
            found[place] = max(found.get(place, 0.0), score)
    order = sorted(
        found,
        key=lambda place: (
            -round(found[place], 6),
            len(index.paths[place]),
            index.paths[place],
        ),
    )
    unique: dict[int, tuple[int, float, str]] = {}
    for place in order:
        pk = int(index.places[place])
        unique.setdefault(pk, (pk, found[place], index.keys[place]))
    return list(unique.values())


def near(index: Index, query: str, low: int, high: int) -> Iterable[int]:
    """Entries worth a closer look: few letters apart, or beginning with the query."""
    keys = index.keys[low:high] if (low, high) != (0, len(index.keys)) else index.keys
    scores = process.cdist(
        [query], keys, scorer=OSA.normalized_similarity, dtype=np.float32
    )[0]
    few = min(CLOSE, len(scores))
    top = np.argpartition(-scores, few - 1)[:few]
    close = [low + int(place) for place in top if scores[place] >= ENOUGH]
    return [*close, *beginnings(index, query, low, high)]


def beginnings(index: Index, query: str, low: int, high: int) -> list[int]:
    start = bisect_left(index.sorted_keys, query)
    end = bisect_left(index.sorted_keys, query + "\uffff")
    stretch = index.by_name[start:end]
    return [place for place in stretch if low <= place < high][:CLOSE]


def closeness(query: str, name: str) -> float:
    """1 for the very name, then the fewest wrong letters; a beginning counts 0.9.

    Between names as many letters away, the one alike from its start comes first.
    """
    if query == name:
        return 1.0
    alike = OSA.normalized_similarity(query, name)
    if len(query) >= 3 and name.startswith(query):
        alike = max(alike, 0.9)
    return float(0.97 * alike + 0.02 * JaroWinkler.similarity(query, name))


def fetch(
    scores: Sequence[tuple[int, float, str]], levels: Collection[int]
) -> list[Hit]:
    """The places of the keys in their order, with what they lie in, by one query."""
    places = Place.objects.select_related("parent__parent__parent__parent").in_bulk(
        [pk for pk, _, _ in scores]
    )
    return [
        Hit(places[pk], score, former_name(places[pk], found))
        for pk, score, found in scores
        if pk in places and (not levels or places[pk].level in levels)
    ]


def former_name(place: Place, found: str) -> str:
    present = {key(place.name), key(apart(place.name)[1])}
    if not found or found in present:
        return ""
    names = place.former_names.values_list("name", flat=True)
    return next(
        (name for name in names if found in {key(name), key(apart(name)[1])}), ""
    )


def ancestors(place: Place) -> list[Place]:
    """What a place lies in, nearest first, without the country."""
    found = []
    above = place.parent
    while above and above.level:
        found.append(above)
        above = above.parent
    return found


def nearness(place: Place, context: Iterable[str]) -> float:
    """How well what a place lies in fits the words after the comma."""
    names = [key(apart(above.name)[1]) for above in ancestors(place)]
    return sum(
        max(
            (OSA.normalized_similarity(key(apart(part)[1]), name) for name in names),
            default=0.0,
        )
        for part in context
    )


def present_index() -> Index:
    latest = Edition.objects.latest_loaded()
    newest = Place.objects.order_by("-pk").values_list("uid", flat=True).first()
    return index_of(newest, latest.loaded_at if latest else None)


@lru_cache(maxsize=1)
def index_of(newest: UUID | None, loaded_at: datetime | None) -> Index:
    """Read all names; what it is asked with says which state of the list it holds."""
    rows = [
        (path, key(name), pk, kind)
        for pk, path, full, kind in Place.objects.in_force().values_list(
            "pk", "path", "name", "kind"
        )
        for name in {full, apart(full)[1]}
    ]
    rows += [
        (path, key(name), pk, kind)
        for pk, path, name, kind in FormerName.objects.filter(
            place__closed_in=None
        ).values_list("place", "place__path", "name", "place__kind")
    ]
    rows.sort()
    keys = [row[1] for row in rows]
    by_name = sorted(range(len(keys)), key=keys.__getitem__)
    return Index(
        keys=keys,
        paths=[row[0] for row in rows],
        places=np.array([row[2] for row in rows], dtype=np.int64),
        kinds=[row[3] for row in rows],
        by_name=by_name,
        sorted_keys=[keys[place] for place in by_name],
    )
