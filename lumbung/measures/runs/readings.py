"""Reading what a run is computed from: one value for each place and indicator."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lumbung.fields import below
from lumbung.imports.models import Import
from lumbung.measures.facts import end_of
from lumbung.measures.models import Indicator, Observation, Source
from lumbung.measures.runs.snapshots import ReadRow
from lumbung.places.models import Level, Place
from lumbung.programmes.packs.shape import LEVELS

Chosen = tuple[str, int, int, int]  # value, its source, its import, its row
Plain = tuple[str, str, str, str]  # a place's uid, code, name; what it is ranked in


@dataclass
class Reading:
    """The rows of a run in the order of places, and how many had several sources."""

    rows: list[ReadRow]
    keys: dict[str, int]  # a place's uid: its key
    read: int = 0
    doubled: int = 0


def level_of(word: str) -> Level:
    return Level(LEVELS.index(word))


def places_of(place: Place, level: Level) -> Any:
    """The places of one level that a run for `place` puts into classes."""
    return Place.objects.in_force().below(place).filter(level=level)


def read(
    place: Place,
    content: Mapping[str, Any],
    indicators: Sequence[str],
    *,
    period: str,
    only: Source | None = None,
) -> Reading:
    """Read each place of the rule's level with its values in a period.

    Of the revisions of one value the latest that was accepted counts; of several
    sources the one with the later cut-off day, then the one brought later.
    """
    level = level_of(content["level"])
    depth = 1 + level_of(content["within"]) if "within" in content else 0
    named = named_now(period)
    values, doubled = chosen_values(place, indicators, period, only, named)
    reading = Reading([], {}, doubled=doubled)
    rows = places_of(place, level).order_by("path")
    for pk, uid, code, name, path in rows.values_list(
        "pk", "uid", "code", "name", "path"
    ).iterator(chunk_size=5000):
        plain = (str(uid), code, name, group(path, depth) if depth else "")
        reading.keys[plain[0]] = pk
        found = list(told(plain, values[pk], period, named)) if pk in values else []
        reading.read += len(found)
        reading.rows += found or [ReadRow(*plain)]
    return reading


def group(path: str, depth: int) -> str:
    """The code of the territory at this depth of a path.

    >>> group("ID.33.26.09.2005.", 3), group("ID.33.26.09.2005.", 1), group("ID.33.", 0)
    ('33.26', 'ID', '')
    """
    parts = path.split(".")[:depth]
    return ".".join(parts[1:]) or "".join(parts)


def told(
    plain: Plain, values: Mapping[str, Chosen], period: str, named: "Named"
) -> Iterator[ReadRow]:
    for indicator in sorted(values):
        value, source, of, row = values[indicator]
        quoted = named.sources[source]
        yield ReadRow(
            *plain, indicator, period, value, *quoted, named.imports[of], str(row)
        )


@dataclass(frozen=True)
class Named:
    """Sources and imports by key, as the rows of a run name them: said once each."""

    sources: Mapping[int, tuple[str, str, str, str]]
    imports: Mapping[int, str]
    days: Mapping[int, date]


def named_now(period: str) -> Named:
    """Every source there is, and every import that counts."""
    sources = Source.objects.in_bulk()
    return Named(
        sources={pk: quoted(source) for pk, source in sources.items()},
        imports={
            pk: str(uid)
            for pk, uid in Import.objects.accepted().values_list("pk", "uid")
        },
        days={pk: each.cut_off_on or end_of(period) for pk, each in sources.items()},
    )


def quoted(source: Source) -> tuple[str, str, str, str]:
    day = source.cut_off_on.isoformat() if source.cut_off_on else ""
    return str(source.uid), source.title, day, "yes" if source.is_example else "no"


def chosen_values(
    place: Place,
    indicators: Sequence[str],
    period: str,
    only: Source | None,
    named: Named,
) -> tuple[dict[int, dict[str, Chosen]], int]:
    """By place and indicator the value that counts; and how many had a choice.

    The latest of (cut-off day, import) is the latest revision of the latest source.
    """
    codes = dict(
        Indicator.objects.filter(code__in=indicators).values_list("pk", "code")
    )
    rows = Observation.objects.accepted().filter(
        below("place__path", place.path),
        indicator__in=list(codes),
        period=period,
        breakdown="",
    )
    if only:
        rows = rows.filter(source=only)
    found: dict[int, dict[str, Chosen]] = defaultdict(dict)
    doubled: set[tuple[int, int]] = set()
    fields = ("place", "indicator", "source", "of", "value", "row")
    for at, what, source, of, value, row in rows.values_list(*fields).iterator(
        chunk_size=5000
    ):
        code = codes[what]
        known = found[at].get(code)
        if known is not None:
            if known[1] != source:
                doubled.add((at, what))
            if (named.days[known[1]], known[2]) > (named.days[source], of):
                continue
        found[at][code] = (value, source, of, row)
    return found, len(doubled)
