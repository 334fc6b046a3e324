"""Reading what a run is computed from: one value for each place and indicator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lumbung.fields import below
from lumbung.imports.models import Import
from lumbung.measures.facts import end_of
from lumbung.measures.models import Indicator, Observation, Source
from lumbung.measures.snapshots import ReadRow
from lumbung.places.models import Level, Place
from lumbung.programmes.pack_shape import LEVELS

Chosen = tuple[str, Source, int, int]  # value, its source, its import, its row


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
    values, doubled = chosen_values(place, indicators, period, only)
    brought = dict(Import.objects.accepted().values_list("pk", "uid"))
    reading = Reading([], {}, doubled=doubled)
    rows = places_of(place, level).order_by("path")
    for pk, uid, code, name, path in rows.values_list(
        "pk", "uid", "code", "name", "path"
    ).iterator(chunk_size=5000):
        reading.keys[str(uid)] = pk
        plain = ReadRow(str(uid), code, name, group(path, depth))
        found = list(told(plain, values.get(pk, {}), period, brought))
        reading.read += len(found)
        reading.rows += found or [plain]
    return reading


def group(path: str, depth: int) -> str:
    """The code of the territory at this depth of a path.

    >>> group("ID.33.26.09.2005.", 3), group("ID.33.26.09.2005.", 1), group("ID.33.", 0)
    ('33.26', 'ID', '')
    """
    parts = path.split(".")[:depth]
    return ".".join(parts[1:]) or "".join(parts)


def told(
    plain: ReadRow,
    values: Mapping[str, Chosen],
    period: str,
    brought: Mapping[int, Any],
) -> Iterator[ReadRow]:
    for indicator in sorted(values):
        value, source, of, row = values[indicator]
        cut_off = source.cut_off_on
        yield replace(
            plain,
            indicator=indicator,
            period=period,
            value=value,
            source=str(source.uid),
            title=source.title,
            cut_off_on=cut_off.isoformat() if cut_off else "",
            is_example="yes" if source.is_example else "no",
            brought=str(brought[of]),
            row=str(row),
        )


def chosen_values(
    place: Place, indicators: Sequence[str], period: str, only: Source | None
) -> tuple[dict[int, dict[str, Chosen]], int]:
    """By place and indicator the value that counts; and how many had a choice."""
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
    latest: dict[tuple[int, int], dict[int, tuple[int, str, int]]] = {}
    fields = ("place", "indicator", "source", "of", "value", "row")
    for at, what, source, of, value, row in rows.values_list(*fields).iterator(
        chunk_size=5000
    ):
        known = latest.setdefault((at, what), {})
        if source not in known or known[source][0] < of:
            known[source] = (of, value, row)
    return resolved(latest, codes, period)


def resolved(
    latest: Mapping[tuple[int, int], Mapping[int, tuple[int, str, int]]],
    codes: Mapping[int, str],
    period: str,
) -> tuple[dict[int, dict[str, Chosen]], int]:
    """One source for each value, by the order of their cut-off days."""
    named = {source for known in latest.values() for source in known}
    sources = Source.objects.in_bulk(named)
    days = {
        pk: source.cut_off_on or end_of(period) or date.min
        for pk, source in sources.items()
    }
    found: dict[int, dict[str, Chosen]] = {}
    doubled = 0
    for (at, what), known in latest.items():
        best = next(iter(known))
        if len(known) > 1:
            doubled += 1
            best = max(known, key=lambda pk, known=known: (days[pk], known[pk][0]))  # type: ignore[misc]
        of, value, row = known[best]
        found.setdefault(at, {})[codes[what]] = (value, sources[best], of, row)
    return found, doubled
