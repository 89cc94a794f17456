"""Which words set a resident a task."""

import pytest

from peoplelink.inbound.tasking import phrases


@pytest.mark.parametrize(
    "words",
    [
        "Can you find out who lives there?",
        "Please KEEP WATCHING and tell us",
        "Could you keep\nan eye on number 7",
        "Try to get the registration",
        "get his number plate if you can",
        "Please take some photos",
        "Next time they come, follow them",
        "Ask around, will you",
        "let us know when he comes back",
    ],
)
def test_words_that_set_a_task_are_found(words):
    assert phrases(words)


@pytest.mark.parametrize(
    "words",
    [
        "Thank you, we have passed this to the council.",
        "We will find the right person and write again by Friday.",
        "Your photo has come, thank you.",
        "If it happens again and you are in danger call 999.",
        "Regarding your note about the registration of the club",
        "",
    ],
)
def test_plain_answers_are_let_through(words):
    assert phrases(words) == []


def test_each_phrase_is_named_once_in_order():
    assert phrases("Ask around and find out. Find out more, ask around") == [
        "Ask around",
        "find out",
        "Find out",
        "ask around",
    ]
