"""From longitude and latitude (WGS 84, as in GeoJSON) to the British National Grid, in which postcodes are placed.

The Ordnance Survey's own formulas ("A guide to coordinate systems in Great Britain", annexes B and C) with its Helmert
transformation, which is good to about 5 metres: much less than the width of a postcode. No library is needed for it.
"""

from dataclasses import dataclass
from math import atan2, cos, hypot, radians, sin, sqrt, tan


@dataclass(frozen=True)
class _Ellipsoid:
    a: float
    b: float

    @property
    def e2(self) -> float:
        return 1 - (self.b / self.a) ** 2

    def normal(self, latitude: float) -> float:
        """The radius of curvature across the meridian."""
        return self.a / sqrt(1 - self.e2 * sin(latitude) ** 2)


_WGS84 = _Ellipsoid(6_378_137.0, 6_356_752.314_245)
_AIRY = _Ellipsoid(6_377_563.396, 6_356_256.909)

# Helmert's seven numbers from WGS 84 to OSGB 36: metres, a scale, seconds of arc.
_SHIFT = (-446.448, 125.157, -542.060)
_SCALE = 1 + 20.4894e-6
_TURN = tuple(radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))

# The grid's own: scale on the central meridian, true and false origin.
_F0, _LAT0, _LON0, _E0, _N0 = 0.999_601_2717, radians(49), radians(-2), 400_000.0, -100_000.0


def to_grid(longitude: float, latitude: float) -> tuple[float, float]:
    """Easting and northing, in metres, of a place in Great Britain."""
    return _project(*_to_osgb36(radians(longitude), radians(latitude)))


def _to_osgb36(lon: float, lat: float) -> tuple[float, float]:
    radius = _WGS84.normal(lat)
    x, y, z = radius * cos(lat) * cos(lon), radius * cos(lat) * sin(lon), radius * (1 - _WGS84.e2) * sin(lat)
    (dx, dy, dz), (rx, ry, rz) = _SHIFT, _TURN
    x, y, z = (
        dx + _SCALE * x - rz * y + ry * z,
        dy + rz * x + _SCALE * y - rx * z,
        dz - ry * x + rx * y + _SCALE * z,
    )
    return atan2(y, x), _latitude(hypot(x, y), z)


def _latitude(p: float, z: float) -> float:
    lat = atan2(z, p * (1 - _AIRY.e2))
    for _ in range(5):  # each round is some 300 times nearer
        lat = atan2(z + _AIRY.e2 * _AIRY.normal(lat) * sin(lat), p)
    return lat


def _project(lon: float, lat: float) -> tuple[float, float]:
    """The transverse Mercator projection, by the series of the guide's annex C."""
    nu = _AIRY.normal(lat) * _F0
    rho = nu * (1 - _AIRY.e2) / (1 - _AIRY.e2 * sin(lat) ** 2)
    eta2 = nu / rho - 1
    s, c, t2, d = sin(lat), cos(lat), tan(lat) ** 2, lon - _LON0
    one = _meridian(lat) + _N0
    two = nu / 2 * s * c
    three = nu / 24 * s * c**3 * (5 - t2 + 9 * eta2)
    three_a = nu / 720 * s * c**5 * (61 - 58 * t2 + t2**2)
    four = nu * c
    five = nu / 6 * c**3 * (nu / rho - t2)
    six = nu / 120 * c**5 * (5 - 18 * t2 + t2**2 + 14 * eta2 - 58 * t2 * eta2)
    return _E0 + four * d + five * d**3 + six * d**5, one + two * d**2 + three * d**4 + three_a * d**6


def _meridian(lat: float) -> float:
    """How far it is along the central meridian from the true origin."""
    n = (_AIRY.a - _AIRY.b) / (_AIRY.a + _AIRY.b)
    minus, plus = lat - _LAT0, lat + _LAT0
    return (
        _AIRY.b
        * _F0
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * minus
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(minus) * cos(plus)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * minus) * cos(2 * plus)
            - 35 / 24 * n**3 * sin(3 * minus) * cos(3 * plus)
        )
    )
