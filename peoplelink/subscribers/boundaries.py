"""A zone's boundary as an officer uploads it: GeoJSON, checked in plain words, and the postcodes that lie in it.

Shapely, and with it NumPy, is loaded only where a boundary is read: pages that residents see do without.
"""

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peoplelink.errors import InvalidInputError
from peoplelink.subscribers import postcode_data
from peoplelink.subscribers.grid import to_grid

if TYPE_CHECKING:
    from shapely import MultiPolygon

LARGEST = 500_000
"""Bytes of a file. A zone drawn by hand has some hundred corners; a district of the ONS some ten thousand."""
MOST_CORNERS = 10_000
_LEAST_CORNERS = 4  # of a ring: a triangle that is closed
_WEST, _SOUTH, _EAST, _NORTH = -1.9, 52.2, -0.2, 53.2
"""Around Leicester, Leicestershire and Rutland, with some miles to spare."""

Ring = list[tuple[float, float]]

_NO_GEOJSON = (
    "This file is not GeoJSON. Draw the zone with a map program, such as QGIS or geojson.io, and save it as GeoJSON"
)
_NO_AREA = "This file holds no area. Draw the zone as a polygon, not as a line or a point"
_SEVERAL = "This file holds several things. Save a file with the boundary of this one zone only"
_FAR = "This boundary lies outside Leicester, Leicestershire and Rutland. Check that it is the right file"


@dataclass(frozen=True)
class Boundary:
    """A polygon or several, in longitude and latitude: of each its outline first, then its holes."""

    polygons: tuple[tuple[Ring, ...], ...]

    @property
    def geojson(self) -> dict[str, Any]:
        """As it is kept, and given back to whoever asks for the file."""
        rings = [[[list(corner) for corner in ring] for ring in polygon] for polygon in self.polygons]
        return {"type": "MultiPolygon", "coordinates": rings}


def read(raw: bytes) -> Boundary:
    """The boundary in a file; raises InvalidInputError with what to do about it."""
    if len(raw) > LARGEST:
        raise InvalidInputError(
            f"This file is too large. Save the boundary with fewer corners, in at most {LARGEST // 1000} kB"
        )
    return of_geojson(_json(raw))


def of_geojson(found: dict[str, Any]) -> Boundary:
    """The boundary in GeoJSON; raises InvalidInputError with what to do about it."""
    geometry = _geometry(found)
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise InvalidInputError(_NO_AREA)
    coordinates = geometry.get("coordinates")
    parts = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    if not isinstance(parts, list) or not parts:
        raise InvalidInputError(_NO_AREA)
    boundary = Boundary(tuple(_polygon(part) for part in parts))
    if sum(len(ring) for polygon in boundary.polygons for ring in polygon) > MOST_CORNERS:
        raise InvalidInputError(f"This boundary has more than {MOST_CORNERS:,} corners. Save it with fewer")
    _shape(boundary)
    return boundary


def postcodes_in(boundary: Boundary) -> list[str]:
    """The postcodes whose middle lies in a boundary or on its line, in order."""
    import numpy as np  # noqa: PLC0415 - see the head of this module
    import shapely  # noqa: PLC0415

    data = postcode_data.load()
    shape = _shape(boundary)
    shapely.prepare(shape)
    inside = shapely.intersects_xy(shape, np.asarray(data.easts), np.asarray(data.norths))
    return [data.postcode(int(place)) for place in np.flatnonzero(inside)]


def _json(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as err:
        raise InvalidInputError(_NO_GEOJSON) from err
    if not isinstance(found, dict):
        raise InvalidInputError(_NO_GEOJSON)
    return found


def _geometry(found: dict[str, Any]) -> dict[str, Any]:
    """The one geometry of a file, however it is wrapped."""
    if found.get("type") == "FeatureCollection":
        features = found.get("features")
        if not isinstance(features, list) or not features:
            raise InvalidInputError(_NO_AREA)
        if len(features) > 1:
            raise InvalidInputError(_SEVERAL)
        found = features[0] if isinstance(features[0], dict) else {}
    if found.get("type") == "Feature":
        inner = found.get("geometry")
        found = inner if isinstance(inner, dict) else {}
    if found.get("type") == "GeometryCollection":
        raise InvalidInputError(_SEVERAL)
    if "type" not in found:
        raise InvalidInputError(_NO_GEOJSON)
    return found


def _polygon(part: object) -> tuple[Ring, ...]:
    if not isinstance(part, list) or not part:
        raise InvalidInputError(_NO_AREA)
    return tuple(_ring(ring) for ring in part)


def _ring(ring: object) -> Ring:
    if not isinstance(ring, list):
        raise InvalidInputError(_NO_AREA)
    corners = [_corner(position) for position in ring]
    if len(corners) < _LEAST_CORNERS:
        raise InvalidInputError("A boundary needs at least three corners. Draw it again")
    if corners[0] != corners[-1]:
        raise InvalidInputError("The line of this boundary is not closed: its last corner must be its first")
    return corners


def _corner(position: object) -> tuple[float, float]:
    """Longitude and latitude; a height after them is let go."""
    numbers = position[:2] if isinstance(position, list) else []
    if len(numbers) != 2 or not all(_is_number(number) for number in numbers):  # noqa: PLR2004
        raise InvalidInputError(_NO_GEOJSON)
    longitude, latitude = float(numbers[0]), float(numbers[1])
    if not (_WEST <= longitude <= _EAST and _SOUTH <= latitude <= _NORTH):
        raise InvalidInputError(_why_elsewhere(longitude, latitude))
    return longitude, latitude


def _is_number(found: object) -> bool:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return math.isfinite(found) if isinstance(found, float) else abs(found) < 10_000_000  # noqa: PLR2004


def _why_elsewhere(longitude: float, latitude: float) -> str:
    if _WEST <= latitude <= _EAST and _SOUTH <= longitude <= _NORTH:
        return "This file has latitude and longitude the wrong way round. GeoJSON wants longitude first"
    if abs(longitude) > 180 or abs(latitude) > 90:  # noqa: PLR2004 - degrees end there
        return "This file does not hold longitude and latitude. Save it in the coordinate system WGS 84 (EPSG:4326)"
    return _FAR


def _shape(boundary: Boundary) -> "MultiPolygon":
    """A boundary on the grid; raises InvalidInputError where its lines cross or it is empty."""
    import shapely  # noqa: PLC0415 - see the head of this module

    on_grid = [[[to_grid(*corner) for corner in ring] for ring in rings] for rings in boundary.polygons]
    shape = shapely.MultiPolygon([shapely.Polygon(outline, holes) for outline, *holes in on_grid])
    if not shape.is_valid or shape.area == 0:
        raise InvalidInputError("The lines of this boundary cross or lie on each other. Draw it again")
    return shape
