"""Which place of one edition of the official list is which place of the next.

An edition is a mapping of code to name (`33.26.09.2005`: `Krandon`). A village that
moves to a new sub-district gets a new code, and the freed code may be given to its
neighbour, so neither code nor name alone says who is who. The rules, from sure to
doubtful, for each level from province to village:

1.  The code expected of a place is its own last part under its parent's new code.
    Same name there: the same place. Most of its children still there: the same
    place, renamed.
2.  Another name there, while its own name now stands at a sibling's code that
    changed hands: the code was re-issued, so look for the name instead.
3.  Another name there and nothing else known: renamed; in doubt if nothing in the
    two names is alike.
4.  What is left is looked for by name among new codes: under the same parent, in the
    same district, then province. One on each side: the same place (in doubt across
    districts). Nearly the same name: in doubt.

What is in doubt wants a person: their decisions go back in as `decided`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from lumbung.core.names import key

LEVELS = 4
ALIKE, NEARLY = 60, 80  # per cent of letters; chosen on editions 3.1.2 and 4.0.1
Codes = Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """A place's code in the earlier edition and in the later one."""

    before: str
    after: str


@dataclass
class Comparison:
    """What became of each place. Codes of places in the given order, by level.

    `pairs` leads from each code before to the code after for all that go on, doubtful
    ones included; `doubtful` are those that a person should look at. `gone` and `new`
    have no partner. `origins` says out of which places a new one was made (`split`),
    and which took in the children of one that is gone (`merged`).
    """

    pairs: dict[str, str] = field(default_factory=dict)
    doubtful: list[Pair] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    split: list[Pair] = field(default_factory=list)
    merged: list[Pair] = field(default_factory=list)


def level(code: str) -> int:
    return code.count(".") + 1


def parent(code: str) -> str:
    return code.rpartition(".")[0]


def compare(before: Codes, after: Codes, decided: Codes | None = None) -> Comparison:
    """Say what became of each place of `before` in `after`.

    `decided` is what people know: code before to code after, '' for "is gone".

    >>> old = {"1": "Aceh", "1.1": "Pidie", "1.2": "Gayo"}
    >>> new = {"1": "Aceh", "1.1": "Gayo", "1.3": "Pidie"}
    >>> compare(old, new).pairs
    {'1': '1', '1.1': '1.3', '1.2': '1.1'}
    """
    matching = Matching(before, after, decided or {})
    for depth in range(1, LEVELS + 1):
        matching.match(depth)
    return matching.result()


class Matching:
    """One comparison on its way, level by level from the top."""

    def __init__(self, before: Codes, after: Codes, decided: Codes) -> None:
        self.before, self.after, self.decided = before, after, decided
        self.pairs: dict[str, str] = {}
        self.taken: set[str] = set()
        self.doubtful: list[Pair] = []
        self.children: dict[str, list[str]] = defaultdict(list)
        for code in before:
            self.children[parent(code)].append(code)
        self.siblings: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, name in after.items():
            self.siblings[parent(code), key(name)].append(code)

    def match(self, depth: int) -> None:
        old = [code for code in self.before if level(code) == depth]
        for code in old:
            if self.decided.get(code):
                self.pair(code, self.decided[code])
        left = [code for code in old if code not in self.decided]
        left = list(self.by_code(left))
        widest = 0 if depth <= 2 else 1
        for scope in range(depth - 1, widest - 1, -1):
            left = list(self.by_name(left, depth, scope))
        if depth > 1:
            left = list(self.by_likeness(left, depth))
        for code in left:
            self.keep_renamed(code)

    def pair(self, before: str, after: str, *, doubt: bool = False) -> None:
        self.pairs[before] = after
        self.taken.add(after)
        if doubt:
            self.doubtful.append(Pair(before, after))

    def expected(self, code: str) -> str:
        """The code that a place has if nothing happened to it alone; '' if none."""
        above = parent(code)
        if not above:
            return code if code in self.after else ""
        if above not in self.pairs:
            return ""
        here = f"{self.pairs[above]}.{code.rpartition('.')[2]}"
        return here if here in self.after else ""

    def by_code(self, codes: Iterable[str]) -> Iterator[str]:
        """Pair who stands where expected; yield the rest."""
        for code in codes:
            here = self.expected(code)
            if not here or here in self.taken:
                yield code
            elif self.same_name(code, here) or self.children_stayed(code, here):
                self.pair(code, here)
            elif self.changed_hands(code, here):
                yield code
            else:
                alike = likeness(self.before[code], self.after[here]) >= ALIKE
                self.pair(code, here, doubt=not alike)

    def same_name(self, old: str, new: str) -> bool:
        return key(self.before[old]) == key(self.after[new])

    def children_stayed(self, old: str, new: str) -> bool:
        children = self.children[old]
        stayed = sum(
            key(self.after.get(new + child[len(old) :], "")) == key(self.before[child])
            for child in children
        )
        return bool(children) and stayed * 2 >= len(children)

    def changed_hands(self, old: str, new: str) -> bool:
        """Whether the old name stands at a sibling's code that is new to it."""
        namesakes = self.siblings[parent(new), key(self.before[old])]
        return any(
            key(self.before.get(code, "")) != key(self.after[code])
            for code in namesakes
        )

    def by_name(self, codes: list[str], depth: int, scope: int) -> Iterator[str]:
        """Pair namesakes that are alone on both sides in a territory; yield the rest.

        Across districts of a province that may be chance, so it is in doubt.
        """
        free: dict[tuple[str | None, str], list[str]] = defaultdict(list)
        for new, name in self.after.items():
            if level(new) == depth and new not in self.taken:
                free[upper(new, scope), key(name)].append(new)
        wanted = {c: (self.territory(c, scope), key(self.before[c])) for c in codes}
        rivals = Counter(wanted.values())
        for code in codes:
            namesakes = free.get(wanted[code], [])
            if rivals[wanted[code]] == 1 and len(namesakes) == 1:
                self.pair(code, namesakes[0], doubt=depth > 2 > scope)
            else:
                yield code

    def territory(self, code: str, scope: int) -> str | None:
        """Where a place's ancestor of level `scope` is now; None if it is gone."""
        return self.pairs.get(upper(code, scope)) if scope else ""

    def by_likeness(self, codes: list[str], depth: int) -> Iterator[str]:
        """Pair the most alike first, in doubt, inside one district; yield the rest."""
        scope = min(2, depth - 1)
        free = defaultdict(list)
        for new in self.after:
            if level(new) == depth and new not in self.taken:
                free[upper(new, scope)].append(new)
        found = sorted(
            (-score, code, new)
            for code in codes
            for new in free.get(self.territory(code, scope) or "-", [])
            if (score := likeness(self.before[code], self.after[new])) >= NEARLY
        )
        for _, code, new in found:
            if code not in self.pairs and new not in self.taken:
                self.pair(code, new, doubt=True)
        yield from (code for code in codes if code not in self.pairs)

    def keep_renamed(self, code: str) -> None:
        """Nothing better was found: if the code is still free, it is a new name."""
        here = self.expected(code)
        if here and here not in self.taken:
            self.pair(code, here, doubt=True)

    def result(self) -> Comparison:
        gone = [code for code in self.before if code not in self.pairs]
        new = [code for code in self.after if code not in self.taken]
        split, merged = self.origins(set(new))
        return Comparison(self.pairs, self.doubtful, gone, new, split, merged)

    def origins(self, new: set[str]) -> tuple[list[Pair], list[Pair]]:
        """Where children went tells what was split and what was merged."""
        split, merged = set(), set()
        for before, after in self.pairs.items():
            old, now = parent(before), parent(after)
            if old in self.pairs and now in new:
                split.add((old, now))
            elif old and old not in self.pairs:
                merged.add((old, now))
        return (
            [Pair(*pair) for pair in sorted(split)],
            [Pair(*pair) for pair in sorted(merged)],
        )


def upper(code: str, depth: int) -> str:
    """The code of the ancestor at level `depth`; '' is the country.

    >>> upper("33.26.09.2005", 2)
    '33.26'
    """
    return ".".join(code.split(".")[:depth])


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 100; whole words of one in the other count.

    >>> round(likeness("VII Koto Sungai Sarik", "VII Koto"))
    100
    """
    words, others = one.casefold().split(), other.casefold().split()
    if set(words) <= set(others) or set(others) <= set(words):
        return 100.0
    return float(fuzz.ratio(key(one), key(other)))
