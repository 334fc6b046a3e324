"""A GeoJSON file of boundaries, read with all that is wrong with it named.

    read = read_geojson(path)
    read.features[0].number, .properties, .geometry
    read.faults     # feature 12: what, and how to mend it

Polygons and multipolygons in degrees, longitude first (RFC 7946). A boundary that
crosses itself is mended as well as can be, and said.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

MAX_BYTES = 200_000_000
DEGREES = ("CRS84", "4326", "4979")  # how files name longitude and latitude


class NoGeoJson(Refusal):
    """The file as a whole cannot be read as boundaries."""

    code = "no_geojson"
    status = 422


@dataclass(frozen=True)
class Fault:
    """What is wrong with one feature, counted from 1, and with which property of it."""

    feature: int
    what: str
    message: Message
    mend: Message | None = None


@dataclass(frozen=True)
class Feature:
    number: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry


@dataclass(frozen=True)
class GeoJson:
    """A file as read. `faults` are features left out, `mended` those repaired."""

    name: str
    sha256: str
    total: int
    features: list[Feature]
    faults: list[Fault] = field(default_factory=list)
    mended: list[Fault] = field(default_factory=list)


def read_geojson(path: Path) -> GeoJson:
    """Read a file whole. Refuses what is no GeoJSON; names what is wrong in features."""
    if path.stat().st_size > MAX_BYTES:
        raise NoGeoJson(
            Message("%(file)s is larger than 200 MB.", file=path.name),
            mend=Message("Simplify it, or split it by district."),
        )
    content = path.read_bytes()
    rows = features_of(parsed(content, path.name), path.name)
    read = GeoJson(path.name, hashlib.sha256(content).hexdigest(), len(rows), [])
    for number, row in enumerate(rows, 1):
        geometry = geometry_of(number, row, read)
        if geometry is not None:
            said = row.get("properties")
            properties = said if isinstance(said, dict) else {}
            read.features.append(Feature(number, properties, geometry))
    return read


def parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NoGeoJson(
            Message("%(file)s is not text in UTF-8.", file=name),
            mend=Message("Export it as GeoJSON again; a shapefile is another format."),
        ) from error
    except ValueError as error:
        place = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        raise NoGeoJson(
            Message(
                "%(file)s is not JSON: line %(line)s, letter %(letter)s.",
                file=name,
                line=place[0],
                letter=place[1],
            ),
            mend=Message("Perhaps it was cut off. Export it again."),
        ) from error
    except RecursionError as error:
        raise NoGeoJson(Message("%(file)s is not GeoJSON.", file=name)) from error


def features_of(data: Any, name: str) -> list[dict[str, Any]]:
    """The features of a collection in longitude and latitude."""
    kind = data.get("type") if isinstance(data, dict) else None
    rows = data.get("features") if kind == "FeatureCollection" else None
    if rows == []:
        raise NoGeoJson(
            Message("The layer in %(file)s is empty.", file=name),
            mend=Message("Export the layer of boundaries as GeoJSON."),
        )
    if not isinstance(rows, list):
        raise NoGeoJson(
            Message("%(file)s holds no collection of features.", file=name),
            mend=Message("Export the layer of boundaries as GeoJSON."),
        )
    crs = json.dumps(data.get("crs") or "CRS84")
    if not any(each in crs for each in DEGREES):
        raise NoGeoJson(
            Message("%(file)s is not in longitude and latitude (WGS84).", file=name),
            mend=Message("Export it in EPSG:4326."),
        )
    return [row if isinstance(row, dict) else {} for row in rows]


def geometry_of(
    number: int, row: Mapping[str, Any], read: GeoJson
) -> BaseGeometry | None:
    """The boundary of a feature, mended if need be; None if it is at fault."""
    data = row.get("geometry") or {}
    kind = data.get("type") if isinstance(data, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        message = Message("It has no area: %(kind)s.", kind=str(kind or "–"))
        mend = Message("Only polygons and multipolygons bound a place.")
        read.faults.append(Fault(number, "geometry", message, mend))
        return None
    try:
        found: BaseGeometry = shape(data)
    except (ShapelyError, ValueError, TypeError, AttributeError, IndexError):
        message = Message("Its coordinates cannot be read.")
        mend = Message("Each ring has four points or more, and ends where it begins.")
        read.faults.append(Fault(number, "geometry", message, mend))
        return None
    outside = out_of_range(found)
    if outside:
        read.faults.append(Fault(number, "geometry", *outside))
        return None
    if shapely.is_valid(found):
        return found
    why = shapely.is_valid_reason(found)
    whole = shapely.make_valid(found, method="structure", keep_collapsed=False)
    if not whole.area > 0:
        message = Message("It has no area: %(kind)s.", kind=why)
        read.faults.append(Fault(number, "geometry", message))
        return None
    message = Message("Its boundary is not sound; mended here: %(why)s.", why=why)
    read.mended.append(Fault(number, "geometry", message))
    return whole


def out_of_range(found: BaseGeometry) -> tuple[Message, Message] | None:
    """Why coordinates are no degrees, longitude first, if they are not."""
    if found.is_empty:
        return Message("It is empty."), Message("Draw its boundary, or leave it out.")
    west, south, east, north = found.bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return None
    if west >= -90 and east <= 90 and south >= -180 and north <= 180:
        return (
            Message("Latitude stands before longitude."),
            Message("Swap the two: Indonesia lies at 95 to 141, then -11 to 6."),
        )
    return (
        Message("%(x)s, %(y)s are no degrees.", x=f"{west:.1f}", y=f"{south:.1f}"),
        Message("The file is in metres. Export it in EPSG:4326."),
    )
