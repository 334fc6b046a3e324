"""What a file of boundaries would draw, before anything is drawn; and drawing it.

    plan = preview(read_geojson(path), scheme="kemendagri")
    plan.faults, plan.doubts, plan.overlaps, plan.gaps
    put(sheet, draw(sheet, plan), plan, enter(plan, about=…, now=…))   # each plan.sheets

A feature belongs to a place by code alone. Without a code that we know, a place of the
same name is shown and never taken: a person decides.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lumbung.core import outlines
from lumbung.core.message import Message
from lumbung.core.names import apart, key
from lumbung.core.outlines import Drawn
from lumbung.core.refusal import Refusal
from lumbung.places import rows
from lumbung.places.codes import Resolver
from lumbung.places.geojson import Fault, Feature, GeoJson, NoGeoJson
from lumbung.places.models import BoundaryFile, Level, MapSheet, Outline, Place

# Whose maps show places of a level; how fine each is drawn, and how heavy it may be.
SHEETS = {
    Level.PROVINCE: (Level.COUNTRY,),
    Level.DISTRICT: (Level.COUNTRY, Level.PROVINCE),
    Level.SUBDISTRICT: (Level.DISTRICT,),
    Level.VILLAGE: (Level.DISTRICT, Level.SUBDISTRICT),
}
SIDE, LETTERS = 1000, 38_000
WIDE_SIDE, WIDE_LETTERS = 2000, 86_000  # the country by district
ENOUGH = 0.5  # of a territory's places must be in the file, to draw its map
CODES = (
    *(
        "code",
        "kode",
        "kode_desa",
        "kode_kelurahan",
        "kode_kecamatan",
        "kode_kabupaten",
    ),
    *("kode_kab", "kode_kec", "kode_prov", "kode_provinsi", "kode_wilayah"),
    *("kdepum", "kdebbps", "kdcpum", "kdpkab", "kdppum", "kd_desa", "kd_kec", "kd_kab"),
    *("iddesa", "idkec", "idkab", "idprov"),
)
NAMES = (
    *("name", "nama", "nama_desa", "nama_kelurahan", "nama_kecamatan"),
    *("nama_kabupaten", "nama_kab", "nama_prov", "namobj", "wadmkd", "nmdesa"),
)
METRES = 111_320  # to a degree of latitude
REASONS = 5  # are said of a file of which nothing can be used
FEWEST = 5  # features of which one may be called far off
FAR = 10  # times as far from the middle as three in four of a file are
SEEN_M2 = 10_000  # overlaps and gaps from a hectare on are named


@dataclass(frozen=True)
class About:
    """Where boundaries come from, as stands under each map."""

    source: str
    licence: str
    year: str


@dataclass(frozen=True)
class Patch:
    """An area that two places claim, or that none of those around it does."""

    area_m2: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class SheetPlan:
    """A map that would be drawn: of which places, and how many of them lack a boundary.

    `lost` counts places that have an outline now and would have none.
    """

    territory: Place
    places: list[Place]
    total: int
    lost: int
    before: BoundaryFile | None


@dataclass
class BoundaryPlan:
    """A file laid beside the places in force."""

    read: GeoJson
    level: Level
    found: dict[int, BaseGeometry]  # by the place's primary key
    places: dict[int, Place]
    faults: list[Fault]
    doubts: list[Fault]
    sheets: list[SheetPlan] = field(default_factory=list)
    scarce: list[tuple[Place, int, int]] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether all of it was drawn from this very file already."""
        return all(
            sheet.before is not None and sheet.before.sha256 == self.read.sha256
            for sheet in self.sheets
        )

    @cached_property
    def overlaps(self) -> list[Patch]:
        """Areas that two places claim, the largest first."""
        return sorted(overlaps(self), key=lambda patch: -patch.area_m2)

    @cached_property
    def gaps(self) -> list[Patch]:
        """Areas enclosed by places and belonging to none, the largest first."""
        return sorted(gaps(self), key=lambda patch: -patch.area_m2)


def preview(
    read: GeoJson,
    *,
    scheme: str = "kemendagri",
    level: Level | None = None,
    decided: Mapping[int, str] | None = None,
) -> BoundaryPlan:
    """Lay a file beside the places; writes nothing.

    `decided` gives a code to features that have none, by their number. Without
    `level` it is that of most features.
    """
    codes = {
        feature.number: (decided or {}).get(feature.number) or text(feature, CODES)
        for feature in read.features
    }
    resolver = Resolver(scheme or None)
    resolver.fetch(code for code in codes.values() if code)
    joined, faults, unknown = join(read.features, codes, resolver)
    levels = Counter(place.level for _, place in joined)
    if not joined and not unknown:
        why = dict.fromkeys(fault.message for fault in [*read.faults, *faults])
        raise NoGeoJson(
            Message("No feature of %(file)s can be used.", file=read.name),
            mend=next((fault.mend for fault in read.faults if fault.mend), None),
            parts=tuple(why)[:REASONS],
        )
    if not joined:
        raise NoGeoJson(
            Message("No feature of %(file)s has a code that we know.", file=read.name),
            mend=Message(
                "Put the place's code into the property “code”, or say whose codes"
                " they are."
            ),
        )
    main = level or Level(levels.most_common(1)[0][0])
    plan = BoundaryPlan(read, main, {}, {}, [*read.faults, *faults], [])
    take(plan, joined)
    plan.doubts += list(doubts(unknown, plan))
    plan.faults.sort(key=lambda fault: fault.feature)
    arrange(plan)
    return plan


def text(feature: Feature, names: Iterable[str]) -> str:
    """The first of these properties that says something."""
    given = {str(name).lower(): value for name, value in feature.properties.items()}
    for name in names:
        value = given.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str | int | float) and (said := str(value).strip()):
            return said
    return ""


def join(
    features: Iterable[Feature], codes: Mapping[int, str], resolver: Resolver
) -> tuple[list[tuple[Feature, Place]], list[Fault], list[Feature]]:
    """Features with their places; those whose code means nothing; those without one."""
    joined, faults, unknown = [], [], []
    for feature in features:
        code = codes[feature.number]
        try:
            place = resolver.resolve(code) if code else None
        except Refusal as refusal:
            faults.append(Fault(feature.number, "code", refusal.message, refusal.mend))
            unknown.append(feature)
            continue
        if place is None:
            unknown.append(feature)
        elif place.closed_in_id is not None:
            message = Message("%(place)s is no longer in force.", place=str(place))
            mend = Message("Look for boundaries of the present list of places.")
            faults.append(Fault(feature.number, "code", message, mend))
        else:
            joined.append((feature, place))
    return joined, faults, unknown


def take(plan: BoundaryPlan, joined: Iterable[tuple[Feature, Place]]) -> None:
    """Put features at their places: one each, and all of one level."""
    first: dict[int, int] = {}
    for feature, place in joined:
        if place.level != plan.level:
            message = Message(
                "%(place)s is no %(level)s, as most of the file are.",
                place=str(place),
                level=plan.level.label,
            )
            mend = Message("One file holds places of one level.")
            plan.faults.append(Fault(feature.number, "code", message, mend))
        elif place.pk in first:
            message = Message(
                "Feature %(first)s is %(place)s already.",
                first=first[place.pk],
                place=str(place),
            )
            mend = Message("Join the two into one multipolygon, or correct the code.")
            plan.faults.append(Fault(feature.number, "code", message, mend))
        else:
            first[place.pk] = feature.number
            plan.found[place.pk] = feature.geometry
            plan.places[place.pk] = place
            named = text(feature, NAMES)
            if named and not alike(named, place.name):
                message = Message(
                    "Called “%(name)s” in the file, %(place)s in the list of places.",
                    name=named,
                    place=str(place),
                )
                plan.doubts.append(Fault(feature.number, "name", message))
    plan.doubts += far_off(first, plan)


def far_off(first: Mapping[int, int], plan: BoundaryPlan) -> Iterator[Fault]:
    """Features so far from all others that a map with them shows little else."""
    keys = list(first)
    if len(keys) < FEWEST:
        return
    west, south, east, north = shapely.bounds([plan.found[pk] for pk in keys]).T
    middles = np.column_stack((west + east, south + north)) / 2
    away = np.abs(middles - np.median(middles, axis=0)).max(axis=1)
    near = np.quantile(away, 3 / 4)
    for seat in np.flatnonzero(away > FAR * near):
        x, y = middles[seat]
        message = Message(
            "%(place)s lies far from all others, at %(x)s, %(y)s.",
            place=str(plan.places[keys[seat]]),
            x=f"{x:.1f}",
            y=f"{y:.1f}",
        )
        mend = Message("Correct its boundary, or leave it out: the map becomes small.")
        yield Fault(first[keys[seat]], "geometry", message, mend)


def alike(one: str, other: str) -> bool:
    """Whether two names are the same but for kind, case and marks."""
    return key(apart(one)[1]) == key(apart(other)[1])


def doubts(unknown: Iterable[Feature], plan: BoundaryPlan) -> Iterator[Fault]:
    """For features without a code: the places of that name near by, to decide."""
    around = Counter(
        place.path[: place.path.index(".", 3) + 4]
        for place in plan.places.values()
        if place.level > Level.PROVINCE
    )
    names: dict[str, list[Place]] = defaultdict(list)
    for path in around:
        rows_ = Place.objects.in_force().filter(
            level=plan.level, path__gte=path, path__lt=path[:-1] + "/"
        )
        for place in rows_.select_related("parent"):
            if place.pk not in plan.found:
                names[key(place.name)].append(place)
    for feature in unknown:
        named = text(feature, NAMES)
        likely = names.get(key(apart(named)[1]), []) if named else []
        if likely:
            said = ", ".join(
                f"{place} – {place.parent.name if place.parent else ''}"
                for place in likely[:5]
            )
            message = Message(
                "“%(name)s” has no code that we know; perhaps %(places)s.",
                name=named,
                places=said,
            )
            mend = Message("Write the code into the file, or decide with --decisions.")
        else:
            message = Message(
                "“%(name)s” has no code, and no place without a boundary is called so.",
                name=named or "–",
            )
            mend = Message("Write its code into the property “code”.")
        yield Fault(feature.number, "code", message, mend)


def arrange(plan: BoundaryPlan) -> None:
    """Which maps the file draws, and for which it has too few places."""
    for above in SHEETS[plan.level]:
        held: dict[str, list[Place]] = defaultdict(list)
        for place in plan.places.values():
            held[".".join(place.path.split(".")[: above + 1]) + "."].append(place)
        territories = {
            place.path: place for place in Place.objects.filter(path__in=list(held))
        }
        standing = {
            sheet.territory_id: sheet
            for sheet in MapSheet.objects.filter(
                territory__path__in=list(held), level=plan.level
            ).select_related("of")
        }
        for path, places in sorted(held.items()):
            territory = territories[path]
            total = (
                Place.objects.in_force()
                .below(territory)
                .filter(level=plan.level)
                .count()
            )
            if len(places) < ENOUGH * total:
                plan.scarce.append((territory, len(places), total))
                continue
            before = standing.get(territory.pk)
            plan.sheets.append(
                SheetPlan(
                    territory=territory,
                    places=sorted(places, key=lambda place: place.path),
                    total=total,
                    lost=lost(before, places) if before else 0,
                    before=before.of if before else None,
                )
            )


def lost(before: MapSheet, places: Iterable[Place]) -> int:
    """How many places that are on a map now would not be on its successor."""
    now = before.outlines.filter(place__closed_in=None)
    return len(
        set(now.values_list("place", flat=True)) - {place.pk for place in places}
    )


def square_metres(geometry: BaseGeometry) -> int:
    """The area of a small piece given in degrees, good to a per cent."""
    north = geometry.centroid.y
    area: float = geometry.area * METRES**2 * math.cos(math.radians(north))
    return round(area)


def overlaps(plan: BoundaryPlan) -> Iterator[Patch]:
    keys = list(plan.found)
    shapes = np.array([plan.found[pk] for pk in keys], dtype=object)
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    common = shapely.intersection(shapes[left], shapes[right])
    large = shapely.area(common) * METRES**2 > SEEN_M2 / 2
    for one, other, piece in zip(left[large], right[large], common[large], strict=True):
        area = square_metres(piece)
        if area >= SEEN_M2:
            pair = (plan.places[keys[one]].name, plan.places[keys[other]].name)
            yield Patch(area, pair)


def gaps(plan: BoundaryPlan) -> Iterator[Patch]:
    keys = list(plan.found)
    shapes = np.array([plan.found[pk] for pk in keys], dtype=object)
    tree = shapely.STRtree(shapes)
    whole = shapely.union_all(shapes)
    for part in shapely.get_parts(whole):
        for number in range(shapely.get_num_interior_rings(part)):
            hole = shapely.polygons(shapely.get_interior_ring(part, number))
            area = square_metres(hole)
            if area >= SEEN_M2:
                near = tree.query(hole, predicate="intersects")
                names = [plan.places[keys[each]].name for each in sorted(near)]
                yield Patch(area, tuple(names[:4]))


def enter(plan: BoundaryPlan, *, about: About, now: datetime) -> BoundaryFile:
    """Note the file that maps are about to be drawn from."""
    return BoundaryFile.objects.create(
        level=plan.level,
        file_name=plan.read.name[:200],
        sha256=plan.read.sha256,
        source=about.source,
        licence=about.licence,
        year=about.year,
        outlines=len(plan.found),
        accepted_at=now,
    )


def draw(sheet: SheetPlan, plan: BoundaryPlan) -> Drawn:
    """Draw one map; takes a second or two for 500 places, and writes nothing."""
    wide = sheet.territory.level == Level.COUNTRY and plan.level == Level.DISTRICT
    return outlines.draw(
        [plan.found[place.pk] for place in sheet.places],
        side=WIDE_SIDE if wide else SIDE,
        letters=WIDE_LETTERS if wide else LETTERS,
    )


def put(sheet: SheetPlan, drawn: Drawn, plan: BoundaryPlan, of: BoundaryFile) -> None:
    """Put a drawn map in the place of what was there. Call it in a transaction."""
    old = MapSheet.objects.filter(territory=sheet.territory, level=plan.level)
    old.delete()
    made = MapSheet.objects.create(
        territory=sheet.territory,
        level=plan.level,
        of=of,
        width=drawn.width,
        height=drawn.height,
    )
    rows.insert(
        Outline,
        ("sheet", "place", "drawing", "x", "y", "room"),
        [
            (made.pk, place.pk, shape.path, shape.x, shape.y, shape.room)
            for place, shape in zip(sheet.places, drawn.shapes, strict=True)
        ],
    )
