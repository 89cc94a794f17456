"""A text from a number that was stopped long ago may be somebody else's by now, on both databases."""

import datetime as dt

import pytest

from peoplelink.subscribers import services
from tests.subscribers import people

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(("after", "theirs"), [(60 * DAY, False), (2 * DAY, True)])
def test_what_is_said_long_after_a_stop_begins_a_conversation_of_nobody_we_know(desk, after, theirs):
    ash = people.resident(desk.session, desk.now, desk.number.value, name="Ash")
    services.stop_as_asked(desk.session, desk.number, evidence={}, now=desk.now)

    first = desk.text("please take me off the list", at=desk.now + after)
    second = desk.text("My neighbour deals drugs", at=desk.now + after + dt.timedelta(minutes=3))

    assert first.conversation is second.conversation
    assert first.conversation.subscriber is (ash if theirs else None)


def test_what_is_said_at_a_number_that_was_given_up_joins_no_conversation_of_before(desk):
    people.resident(desk.session, desk.now, desk.number.value, name="Ash")
    before = desk.text("The lights are out")
    services.stop_as_asked(desk.session, desk.number, evidence={}, now=desk.now)
    assert services.close(desk.session, desk.number, now=desk.now)

    after = desk.text("Who is this?", at=desk.now + DAY)

    assert after.conversation is not before.conversation
    assert after.conversation.subscriber is None
