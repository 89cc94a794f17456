"""The postcodes of Leicester, Leicestershire and Rutland and where they lie: read when first needed, kept in 0.6 MB.

Made by bin/build_postcodes.py from the ONS Postcode Directory, old postcodes included.
"""

import array
import json
import lzma
import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parent / "data" / "postcodes.xz"
_WIDTH = 7


ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right 2025",
    "Contains Royal Mail data © Royal Mail copyright and database right 2025",
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0",
)
"""The licence wants these lines shown where the data is used; they are not translated."""


class Point(NamedTuple):
    """A place on the British National Grid, in metres: the middle of a postcode."""

    east: int
    north: int


@dataclass(frozen=True)
class PostcodeData:
    """Postcodes in order, without spaces, each `_WIDTH` letters wide; eastings and northings in the same order."""

    edition: str
    year: int
    count: int
    _names: bytes
    easts: "array.array[int]"
    norths: "array.array[int]"

    def point_of(self, postcode: str) -> Point | None:
        """Where a postcode lies; None when we do not know it (it is elsewhere, or newer than our data)."""
        wanted = postcode.replace(" ", "").encode().ljust(_WIDTH)
        place = bisect_left(range(self.count), wanted, key=self._name)
        if place == self.count or self._name(place) != wanted:
            return None
        return Point(self.easts[place], self.norths[place])

    def postcode(self, place: int) -> str:
        """The postcode at a place in the order, as it is written."""
        squeezed = self._name(place).decode().strip()
        return f"{squeezed[:-3]} {squeezed[-3:]}"

    def in_sector(self, sector: str) -> Iterator[str]:
        """The postcodes we know in a sector such as "LE3 6"."""
        start = sector.replace(" ", "").encode()
        place = bisect_left(range(self.count), start.ljust(_WIDTH), key=self._name)
        while place < self.count and self._name(place).startswith(start):
            # "LE11" opens LE1 1AA and LE11 1AA alike: the width tells them apart.
            if len(self._name(place).strip()) == len(start) + 2:
                yield self.postcode(place)
            place += 1

    def _name(self, place: int) -> bytes:
        return self._names[_WIDTH * place : _WIDTH * (place + 1)]


@cache
def load() -> PostcodeData:
    """The data; unpacked once a process."""
    header, _, packed = lzma.decompress(_FILE.read_bytes()).partition(b"\n")
    about = json.loads(header)
    count = about["count"]
    places = array.array("i", packed[_WIDTH * count :])
    if sys.byteorder == "big":
        places.byteswap()
    return PostcodeData(
        edition=about["edition"],
        year=about["year"],
        count=count,
        _names=packed[: _WIDTH * count],
        easts=places[:count],
        norths=places[count:],
    )
