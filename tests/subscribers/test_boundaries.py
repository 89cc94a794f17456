"""Boundaries that officers upload: what is taken, what is refused and in which words."""

import json

import pytest

from peoplelink.errors import InvalidInputError
from peoplelink.subscribers import boundaries, postcode_data
from peoplelink.subscribers.grid import to_grid

SQUARE = [[-1.18, 52.64], [-1.15, 52.64], [-1.15, 52.66], [-1.18, 52.66], [-1.18, 52.64]]
"""Some 2 km by 2 km in the west of Leicester."""
HOLE = [[-1.17, 52.645], [-1.16, 52.645], [-1.16, 52.655], [-1.17, 52.655], [-1.17, 52.645]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def read(geometry):
    return boundaries.read(json.dumps(geometry).encode())


def feature(geometry):
    return {"type": "Feature", "properties": {"name": "New Parks"}, "geometry": geometry}


@pytest.mark.parametrize(
    ("longitude", "latitude", "east", "north", "metres"),
    [
        # The Ordnance Survey's own survey mark at Caister, to the accuracy of a Helmert transformation.
        (1.7160737, 52.6580072, 651_409.8, 313_177.4, 5),
        # Corners and middle of our area as PROJ has them (pyproj, EPSG:4326 to EPSG:27700 without a grid of shifts).
        (-1.6, 52.4, 427_312.5, 278_073.6, 0.1),
        (-0.45, 52.95, 504_238.0, 340_303.8, 0.1),
        (-1.13, 52.635, 458_975.4, 304_494.0, 0.1),
        (-1.206, 52.772, 453_664.2, 319_674.0, 0.1),
    ],
)
def test_longitude_and_latitude_become_a_place_on_the_grid(longitude, latitude, east, north, metres):
    assert to_grid(longitude, latitude) == pytest.approx((east, north), abs=metres)


@pytest.mark.parametrize(
    "wrapped",
    [
        polygon(SQUARE),
        feature(polygon(SQUARE)),
        {"type": "FeatureCollection", "features": [feature(polygon(SQUARE))]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        polygon([[*corner, 81.5] for corner in SQUARE]),
    ],
)
def test_a_boundary_is_taken_however_it_is_wrapped(wrapped):
    found = read(wrapped)

    assert found.geojson == {"type": "MultiPolygon", "coordinates": [[SQUARE]]}


def test_what_is_kept_reads_as_the_same_boundary():
    found = read(polygon(SQUARE, HOLE))

    assert read(found.geojson) == found


def test_the_postcodes_inside_are_found_and_no_others():
    inside = boundaries.postcodes_in(read(polygon(SQUARE)))
    data = postcode_data.load()
    (west, south), (east, north) = to_grid(*SQUARE[0]), to_grid(*SQUARE[2])

    assert len(inside) > 300
    # The sides of the square lean a little on the grid: 60 m at its corners.
    for postcode in inside:
        point = data.point_of(postcode)
        assert west - 60 < point.east < east + 60
        assert south - 60 < point.north < north + 60
    middle = {p for s in ("LE3 6", "LE3 9") for p in data.in_sector(s) if _well_inside(data.point_of(p), west, south)}
    assert middle
    assert middle <= set(inside)


def _well_inside(point, west, south):
    return west + 100 < point.east < west + 1900 and south + 100 < point.north < south + 2000


def test_a_hole_holds_no_postcodes():
    whole, holed = (set(boundaries.postcodes_in(read(polygon(*rings)))) for rings in ([SQUARE], [SQUARE, HOLE]))

    assert holed < whole
    data = postcode_data.load()
    (west, south), (east, north) = to_grid(*HOLE[0]), to_grid(*HOLE[2])
    for postcode in whole - holed:
        point = data.point_of(postcode)
        assert west - 60 < point.east < east + 60
        assert south - 60 < point.north < north + 60


BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ([], "not GeoJSON"),
        ({}, "not GeoJSON"),
        ({"type": "Feature", "geometry": None}, "not GeoJSON"),
        ({"type": "FeatureCollection", "features": []}, "holds no area"),
        ({"type": "FeatureCollection", "features": [7]}, "not GeoJSON"),
        ({"type": "FeatureCollection", "features": [feature(polygon(SQUARE))] * 2}, "one zone only"),
        ({"type": "GeometryCollection", "geometries": [polygon(SQUARE)]}, "one zone only"),
        ({"type": "Point", "coordinates": SQUARE[0]}, "not as a line or a point"),
        ({"type": ["Polygon"], "coordinates": [SQUARE]}, "not as a line or a point"),
        ({"type": "Polygon"}, "holds no area"),
        ({"type": "Polygon", "coordinates": []}, "holds no area"),
        ({"type": "Polygon", "coordinates": [7]}, "holds no area"),
        ({"type": "MultiPolygon", "coordinates": {}}, "holds no area"),
        (polygon(SQUARE[:2]), "at least three corners"),
        (polygon(SQUARE[:-1]), "its last corner must be its first"),
        (polygon(BOW_TIE), "cross or lie on each other"),
        (polygon([SQUARE[0]] * 5), "cross or lie on each other"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), "longitude first"),
        (polygon([[455_000, 305_000]] * 4), "WGS 84"),
        (polygon([[-0.12, 51.5]] * 4), "outside Leicester"),
        (polygon([["-1.1", "52.6"]] * 4), "not GeoJSON"),
        (polygon([[True, False]] * 4), "not GeoJSON"),
        (polygon([[10**400, 52.6]] * 4), "not GeoJSON"),
        (polygon([[float("nan"), 52.6]] * 4), "not GeoJSON"),
        (polygon([[-1.1]] * 4), "not GeoJSON"),
        (polygon([7, 8, 9, 7]), "not GeoJSON"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "cross or lie on each other"),
    ],
)
def test_what_is_no_boundary_is_refused_with_what_to_do(geometry, why):
    with pytest.raises(InvalidInputError, match=why):
        read(geometry)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "not GeoJSON"),
        (b"\xff\xfe", "not GeoJSON"),
        (b"[" * 200_000, "not GeoJSON"),
        (b"PK\x03\x04", "not GeoJSON"),
        (b" " * (boundaries.LARGEST + 1), "too large"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_to_do(raw, why):
    with pytest.raises(InvalidInputError, match=why):
        boundaries.read(raw)


def test_a_boundary_of_too_many_corners_is_refused():
    along = [[-1.18 + step / 1e6, 52.64] for step in range(boundaries.MOST_CORNERS)]

    with pytest.raises(InvalidInputError, match="more than 10,000 corners"):
        read(polygon([*along, *SQUARE[2:]]))
