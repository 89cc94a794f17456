"""STOP in other words takes effect before we answer, as the bare word does."""

import pytest
from sqlalchemy import select

from peoplelink.outbound.models import Suppression


@pytest.mark.parametrize("words", ["Stop please", "Please stop texting me", "STOP THESE TEXTS"])
def test_a_stop_in_other_words_acts_before_we_answer(provider, look, words):
    provider.text(words)

    assert [reason.value for reason in look(lambda s: list(s.scalars(select(Suppression.reason))))] == ["stop"]


@pytest.mark.parametrize("words", ["Count me in, we have to STOP this", "can you stop the noise"])
def test_what_is_no_wish_to_leave_is_left_for_a_person(provider, look, words):
    provider.text(words)
    provider.process()

    assert look(lambda s: list(s.scalars(select(Suppression.reason)))) == []
