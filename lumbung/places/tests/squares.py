"""Small invented boundaries: places as squares beside each other."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WEST, SOUTH, SIDE = 109.5, -7.0, 0.01


def square(column: float, row: float = 0, side: float = SIDE) -> dict[str, Any]:
    """A square of a kilometre, so many to the east and north of the first."""
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write(
    folder: Path,
    features: Sequence[Any],
    name: str = "batas.geojson",
    **more: Any,
) -> Path:
    path = folder / name
    data = {"type": "FeatureCollection", "features": features} | more
    path.write_text(json.dumps(data))
    return path
