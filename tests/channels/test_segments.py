"""What a text costs, against a table and against another implementation."""

# ruff: noqa: RUF001 - look-alike characters are the subject

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.channels.segments import Segments, count_segments, describe, to_gsm


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "left"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("a", "GSM-7", 1, 1, 159),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("€" * 80, "GSM-7", 160, 1, 0),
        ("\u0175", "UCS-2", 1, 1, 69),
        ("\u0175" * 70, "UCS-2", 70, 1, 0),
        ("\u0175" * 71, "UCS-2", 71, 2, 63),
        ("\u0175" * 134, "UCS-2", 134, 2, 0),
        ("\u0175" * 135, "UCS-2", 135, 3, 66),
        ("😀", "UCS-2", 2, 1, 68),
        ("😀" * 35, "UCS-2", 70, 1, 0),
        ("€\u0175", "UCS-2", 2, 1, 68),
        ("a\r\nb", "GSM-7", 3, 1, 157),
        ("a\nb", "GSM-7", 3, 1, 157),
    ],
)
def test_a_text_costs_what_the_standard_says(text, encoding, units, segments, left):
    counted = count_segments(text)

    assert (counted.encoding, counted.units, counted.segments, counted.left) == (encoding, units, segments, left)


def test_an_extension_pair_is_not_cut_at_the_end_of_a_part():
    # 152 + 2 leaves a unit of part one unused, and so again: 306 units would fit in two parts if pairs could be cut.
    text = "a" * 152 + "€" + "a" * 151 + "€" + "a"

    counted = count_segments(text)

    assert counted.units == 308
    assert counted.segments == 3
    assert count_segments("a" * 152 + "€" + "a" * 152) == Segments("GSM-7", 306, 3, 152, ())


def test_an_emoji_is_not_cut_at_the_end_of_a_part():
    counted = count_segments("\u0175" * 66 + "😀" + "\u0175" * 66)

    assert counted.units == 134
    assert counted.segments == 3


def test_the_characters_that_make_a_text_dear_are_named_once_each_in_order():
    counted = count_segments("It’s “free” – it’s 😀")

    assert counted.odd == ("’", "“", "”", "–", "😀")


# The oracle counts ESC as a letter of the alphabet; it is the mark that starts an extension pair, and cannot be sent.
sendable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"))
mostly_gsm = st.text(st.sampled_from("ab€[]^\n @é"), max_size=700)
mostly_wide = st.text(st.sampled_from("a€\u0175ગ😀"), max_size=300)


@given(sendable | mostly_gsm | mostly_wide)
def test_an_independent_implementation_agrees(text):
    text = text.replace("\r\n", "\n")  # which the oracle counts as two
    oracle = smsutil.split(text)

    counted = count_segments(text)

    # The oracle takes the empty text, which matches no alphabet, as one part of Unicode.
    assert counted.segments == (len(oracle.parts) if text else 0)
    if text:
        assert (counted.encoding == "GSM-7") == (oracle.encoding == "gsm0338")
        assert counted.units == oracle.total_bytes // (1 if counted.encoding == "GSM-7" else 2)


@given(sendable | mostly_gsm | mostly_wide)
def test_what_is_left_can_be_filled_and_one_more_needs_another_part(text):
    counted = count_segments(text)
    if counted.segments == 0:
        return

    filled = count_segments(text + "a" * counted.left)

    assert (filled.segments, filled.left) == (counted.segments, 0)
    assert count_segments(text + "a" * (counted.left + 1)).segments == counted.segments + 1


@given(st.text(st.characters(codec=None)))
def test_any_text_at_all_can_be_counted_and_its_characters_named(text):
    counted = count_segments(text)

    assert all(describe(char) for char in counted.odd)


@pytest.mark.parametrize(
    ("char", "words"),
    [
        ("“", "“ (curly quote)"),
        ("’", "’ (curly apostrophe)"),
        ("😀", "😀 (grinning face)"),
        ("ŵ", "ŵ (small letter w with circumflex)"),
        ("ગ", "ગ (Gujarati letter ga)"),
        ("\u00a0", "no-break space"),
        ("\u200b", "hidden zero-width space"),
        ("\ue000", "character U+E000"),
        ("\x00", "character U+0000"),
    ],
)
def test_a_character_is_named_in_plain_words(char, words):
    assert describe(char) == words


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("It’s “free” – come…", 'It\'s "free" - come...'),
        ("10\u00a0am\u200b", "10 am"),
        ("tea\tand\u202fcake", "tea and cake"),
        ("ŵ and ગ stay, so does é", "ŵ and ગ stay, so does é"),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_look_alikes_become_plain_and_letters_stay(typed, sent):
    assert to_gsm(typed) == sent


@given(st.text())
def test_making_a_text_plain_twice_is_making_it_plain_once(text):
    plain = to_gsm(text)

    assert to_gsm(plain) == plain
