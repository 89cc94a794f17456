"""The plain-language STOP, on phrases that were written down before it. `python -m bin.plain_stop` prints the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.subscribers import commands, plain_stop
from tests.subscribers import phrases

FLOORS = {
    (False, "en"): (1.0, 1.0),
    (False, "pl"): (1.0, 1.0),
    (True, "en"): (1.0, 47 / 51),
    (True, "pl"): (1.0, 1.0),
}
"""Precision and recall that were reached, for the half the rules were made with and the half kept out (True)."""


@pytest.mark.parametrize(("half", "language"), FLOORS)
def test_precision_and_recall_are_no_less_than_was_measured(half, language):
    judged = [one for one in phrases.load() if one.kept_out is half and one.language == language]
    taken = [one for one in judged if commands.means_stop(one.text)]
    right = sum(one.stop for one in taken)

    precision, recall = FLOORS[half, language]
    assert right / len(taken) >= precision
    assert right / sum(one.stop for one in judged) >= recall


def test_the_phrases_are_many_and_of_both_kinds_in_both_halves():
    counted = {}
    for one in phrases.load():
        counted[one.language, one.stop, one.kept_out] = counted.get((one.language, one.stop, one.kept_out), 0) + 1

    assert len(phrases.load()) == len({one.text for one in phrases.load()}) >= 240
    assert len(counted) == 8
    assert min(counted.values()) >= 20


@pytest.mark.parametrize(
    ("words", "language"),
    [("proszę przestać pisać", "pl"), ("wypisz mnie z listy", "pl"), ("please stop texting me", None), ("hello", None)],
)
def test_a_stop_in_polish_is_known_for_polish(words, language):
    assert plain_stop.language_of(words) == language


def test_a_letter_is_read_by_a_person():
    assert not plain_stop.asks_to_stop("Please stop texting me. " + "There is more to say. " * 15)


@given(st.text(max_size=400))
def test_no_text_makes_the_matcher_fail(words):
    assert plain_stop.asks_to_stop(words) in {True, False}


@pytest.mark.parametrize(
    "words",
    [
        "stop texting me about bingo",
        "Please stop emailing me about the trips",
        "please stop texting this number after 9pm",
        "don't text my phone number at night",
        "stop messaging us before 8",
    ],
)
def test_a_wish_for_less_is_not_for_a_machine_to_act_on(words):
    assert not plain_stop.asks_to_stop(words)


@pytest.mark.parametrize(
    "words",
    [
        *("stop texting me", "Please stop emailing this address", "stop messaging us, ta"),
        *("leave", "Leave please", "st0p", "STOOP"),
        *("STOP TEXTING ME AT ALL", "Please stop emailing me at this address", "Stop emailing me in future"),
        *("stop texting me about anything", "stop texting me at once", "stop contacting me by text"),
        *(
            "stop texting me until further notice",
            "stop texting me about your events",
            "Stop messaging my phone at once please",
        ),
    ],
)
def test_the_same_without_a_condition_is(words):
    assert plain_stop.asks_to_stop(words)
