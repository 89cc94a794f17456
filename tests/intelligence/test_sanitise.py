"""What is blotted out of a report's first draft, and how the difference is shown."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.intelligence.difference import difference
from peoplelink.intelligence.sanitise import blot, marks, pieces


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Call me on 07700 900123.", "Call me on [number]."),
        ("Call +44 7700 900 123 or 0116-496-0123", "Call [number] or [number]"),
        ("My account is 12345678", "My account is [number]"),
        ("Write to Some.One@example.org please", "Write to [mailbox] please"),
        ("I live at LE3 6QX", "I live at [postcode]"),
        ("near le36qx", "near [postcode]"),
        ("A car, AB12 CDE, and ab12cde", "A car, [registration], and [registration]"),
        ("An old one A123 BCD and ABC 123D", "An old one [registration] and [registration]"),
        ("Born 14.03.1984", "Born [number]"),
        ("At 12 Some Road and 7a Long High Street", "At [house number] Some Road and [house number] Long High Street"),
        ("I am Robin Smith, Robin for short", "I am [name], [name] for short"),
    ],
)
def test_marks_of_who_somebody_is_are_blotted(written, expected):
    assert blot(written, names=["Robin Smith"]) == expected


@pytest.mark.parametrize(
    "written",
    [
        "Every Friday at 10pm, about 20 bikes on the M1 and the A6 was shut.",
        "Since 2019 it is worse; 3 times in 2 weeks on 14 March 2026.",
        "Bus 48 stops at 15 minutes past",
        "Bins at the corner of Some Road",
        "Between 10.30-11.30 on 14.03.2026 and 14-3-2026, as in 2024-2025 and 2024 - 2026",
        "",
    ],
)
def test_what_is_told_stays(written):
    assert blot(written, names=["Robin Smith"]) == written


def test_a_name_within_another_word_stays():
    assert blot("Robins sing; ROBIN too", names=["Robin"]) == "Robins sing; [name] too"


@given(st.text(alphabet="a1 @.+(-R", max_size=60))
def test_marks_stand_apart_in_order_and_pieces_add_up_to_the_text(text):
    found = marks(text, names=["R a"])

    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert "".join(piece.text for piece in pieces(text, found)) == text
    assert [piece.text for piece in pieces(text, found) if piece.changed] == [text[m.start : m.end] for m in found]


def test_the_difference_marks_what_went_and_what_came():
    shown = difference("Call 07700900123 now", "Call [number] now")

    assert [piece.text for piece in shown.original if piece.changed] == ["07700900123"]
    assert [piece.text for piece in shown.sanitised if piece.changed] == ["[number]"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_always_add_up_to_both_texts(before, after):
    shown = difference(before, after)

    assert "".join(piece.text for piece in shown.original) == before
    assert "".join(piece.text for piece in shown.sanitised) == after


@pytest.mark.parametrize(
    "text", ["0" * 20_000, "a1 " * 7_000, "1 a " * 5_000, "+(" * 10_000, "a@" * 10_000, "é" * 20_000]
)
def test_no_text_takes_long(text):
    began = time.monotonic()
    difference(text, blot(text, names=["A B"]))

    assert time.monotonic() - began < 5
