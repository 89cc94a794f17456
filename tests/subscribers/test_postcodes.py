"""Postcodes as people type them."""

import pytest

from peoplelink.subscribers import postcodes


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("LE3 6AB", "LE3 6AB"),
        ("le3 6ab", "LE3 6AB"),
        ("le36ab", "LE3 6AB"),
        (" LE3  6AB. ", "LE3 6AB"),
        ("LE3-6AB", "LE3 6AB"),
        ("L E 3 6 A B", "LE3 6AB"),
        ("\uff2c\uff25\uff13 \uff16\uff21\uff22", "LE3 6AB"),
        ("LE67 4AA", "LE67 4AA"),
        ("LE674AA", "LE67 4AA"),
        ("B79 0PJ", "B79 0PJ"),
        ("SW1A 1AA", "SW1A 1AA"),
        ("LE3 OAB", "LE3 0AB"),
        ("LEI 6AB", "LE1 6AB"),
        ("Colvile", None),  # no CO1V 1LE
        ("LE3", None),
        ("LE3 6", None),
        ("LE3 6AC", None),
        ("new parks", None),
        ("12 High Street LE3 6AB", None),
        ("07700 900123", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_a_postcode_is_read_however_it_is_typed(typed, written):
    found = postcodes.read(typed)

    assert (found.value if found else None) == written


@pytest.mark.parametrize(
    ("typed", "sector"),
    [("LE3 6", "LE3 6"), ("le67  4", "LE67 4"), ("LE36", None), ("LE3 6AB", None), ("", None), ("9" * 5000, None)],
)
def test_a_sector_needs_its_space(typed, sector):
    assert postcodes.read_sector(typed) == sector


@pytest.mark.parametrize(("typed", "is_one"), [("LE3", True), ("le67", True), ("LE3 6AB", False), ("parks", False)])
def test_the_first_half_of_a_postcode_is_known_for_what_it_is(typed, is_one):
    assert postcodes.is_district(typed) is is_one


def test_only_the_sector_of_a_postcode_is_for_keeping():
    assert postcodes.read("le67 4aa").sector == "LE67 4"
