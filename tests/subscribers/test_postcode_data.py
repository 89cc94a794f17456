"""The packed postcodes say what the ONS Postcode Directory says, and cost little."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from peoplelink.subscribers import postcode_data

PACKED = Path(postcode_data.__file__).parent / "data" / "postcodes.xz"


@pytest.mark.parametrize(
    ("postcode", "east", "north"),
    [
        # Of offices whose place on the map everybody can look up, to within the size of a large building's grounds.
        ("LE1 1FZ", 459_000, 304_400),  # Leicester City Council
        ("LE3 8RA", 455_000, 306_700),  # Leicestershire County Council, Glenfield
        ("LE15 6HP", 486_300, 308_600),  # Rutland County Council, Oakham
        ("LE11 3TU", 452_100, 318_900),  # Loughborough University
        ("LE19 2BX", 455_300, 299_700),  # the police, Enderby
        ("LE13 1GH", 475_300, 318_800),  # Melton Borough Council
    ],
)
def test_a_known_postcode_lies_where_it_lies(postcode, east, north):
    found = postcode_data.load().point_of(postcode)

    assert abs(found.east - east) < 200
    assert abs(found.north - north) < 200


@pytest.mark.parametrize("postcode", ["LE36AB", "LE3 6AB"])
def test_a_postcode_is_found_with_and_without_its_space(postcode):
    assert postcode_data.load().point_of(postcode) is not None


@pytest.mark.parametrize("postcode", ["SW1A 1AA", "LE1 0ZZ", "A1 1AA", "ZZ99 9ZZ"])
def test_a_postcode_of_elsewhere_is_not_known(postcode):
    assert postcode_data.load().point_of(postcode) is None


def test_every_postcode_is_found_at_its_own_place():
    data = postcode_data.load()

    assert data.count == 37_196
    for place in range(0, data.count, 97):
        assert data.point_of(data.postcode(place)) == (data.easts[place], data.norths[place])


def test_postcodes_lie_in_leicestershire_or_rutland():
    data = postcode_data.load()

    assert (min(data.easts), max(data.easts)) == (428_234, 505_267)
    assert (min(data.norths), max(data.norths)) == (278_055, 342_519)


@pytest.mark.parametrize(("sector", "like"), [("LE1 1", "LE1 1"), ("LE11 1", "LE11 1"), ("LE3 6", "LE3 6")])
def test_a_sector_holds_its_postcodes_and_none_of_its_namesakes(sector, like):
    found = list(postcode_data.load().in_sector(sector))

    assert len(found) > 100
    assert {postcode[:-2] for postcode in found} == {like}


def test_a_sector_of_elsewhere_is_empty():
    assert list(postcode_data.load().in_sector("SW1 1")) == []


def test_the_file_is_small_and_unpacked_once_in_a_moment():
    assert PACKED.stat().st_size < 280_000

    postcode_data.load.cache_clear()
    begun = time.process_time()
    first = postcode_data.load()

    assert time.process_time() - begun < 0.5  # 0.02 s where nothing else runs
    assert postcode_data.load() is first


def test_a_website_that_starts_reads_no_postcodes_and_loads_no_shapely():
    look = (
        "import sys, peoplelink.app; from peoplelink.subscribers import postcode_data as d;"
        "print(d.load.cache_info().currsize, 'shapely' in sys.modules, 'numpy' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["0", "False", "False"]
