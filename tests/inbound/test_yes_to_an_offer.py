"""A YES to "did you mean New Parks?": what it was said to, and what it is not taken for; on both databases."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.inbound.models import MessageKind
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers import limits, services, signup
from peoplelink.subscribers.models import SignUp
from tests.subscribers import people

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def said(desk):
    """Call with texts: they come a minute apart, after whatever came before; the last as it was understood."""
    moments = iter(desk.now + MINUTE * count for count in range(1, 100))

    def say(*texts):
        return [desk.text(words, at=next(moments)) for words in texts][-1].command

    return say


def waiting(desk):
    pending = signup.pending_at(desk.session, desk.number, now=desk.now)
    return [zone.name for zone in signup.chosen_zones(desk.session, pending)] if pending else None


def zones_at(desk):
    living = services.subscribers_at(desk.session, desk.number)
    return sorted(zone.name for person in living for zone in services.zones_of(desk.session, person))


@pytest.mark.parametrize("words", ["JOIN NEWPRKS", "new praks", "join lnew parks pls", "JOIN WITHWICK"])
def test_a_yes_takes_the_zone_that_was_offered_and_is_asked_to_confirm(desk, said, words):
    assert said(words, "Yes please") == "join"

    assert waiting(desk) == (["Coalville"] if "WITHWICK" in words else ["New Parks"])
    assert zones_at(desk) == []

    assert said("YES") == "yes"
    assert len(zones_at(desk)) == 1


def test_a_yes_is_said_to_the_offer_and_not_to_an_earlier_question(desk, said):
    said("JOIN COALVILLE", "JOIN NEWPRKS", "YES")

    assert zones_at(desk) == []
    assert waiting(desk) == ["New Parks"]


def test_a_yes_to_several_is_asked_again_and_joins_nobody(desk, said):
    assert said("JOIN NEWPRKS AND COALVILE", "YES") == "join"

    first, second = desk.sent(Purpose.KEYWORD_ANSWER)
    assert first == second
    assert "Reply JOIN" in second
    assert desk.session.scalars(select(SignUp).where(SignUp.expires_at > desk.now)).all() == []


def test_the_next_yes_is_said_to_the_offer_too_and_not_to_an_earlier_question(desk, said):
    said("JOIN NEW PARKS", "JOIN NEWPRKS AND COALVILE", "YES", "YES")

    assert zones_at(desk) == []


def test_a_resident_gets_the_offered_zone_at_once(desk, said):
    people.resident(desk.session, desk.now, desk.number.value)

    assert said("JOIN COALVILE", "YES") == "join"

    assert zones_at(desk) == ["Coalville", "New Parks"]


def test_a_yes_after_which_zone_to_leave_leaves_it(desk, said):
    people.resident(desk.session, desk.now, desk.number.value, zones=("new-parks", "coalville"))

    assert said("STOP NEWPRKS", "YES") == "stop_part"

    assert zones_at(desk) == ["Coalville"]


@pytest.mark.parametrize("between", ["What is this?", "HELP"])
def test_a_yes_to_something_else_since_is_none(desk, said, between):
    said("JOIN NEWPRKS", between, "YES")

    assert waiting(desk) is None
    assert zones_at(desk) == []


def test_a_yes_after_a_broadcast_is_read_by_a_person(desk, said):
    people.resident(desk.session, desk.now, desk.number.value)
    said("JOIN COALVILE")
    desk.broadcast(desk.number, ago=-MINUTE * 2)

    answer = desk.text("YES", at=desk.now + MINUTE * 3)

    assert answer.kind is MessageKind.REPLY
    assert zones_at(desk) == ["New Parks"]


def test_a_yes_after_a_broadcast_that_waited_for_the_end_of_the_night_is_read_by_a_person(desk):
    people.resident(desk.session, desk.now, desk.number.value)
    held = desk.broadcast(desk.number, ago=HOUR)
    delivery = desk.session.scalars(select(Delivery).where(Delivery.dispatch_id == held.dispatch_id)).one()
    delivery.sent_at = desk.now + 2 * HOUR
    desk.text("JOIN COALVILE")

    answer = desk.text("YES", at=desk.now + 3 * HOUR)

    assert answer.kind is MessageKind.REPLY
    assert zones_at(desk) == ["New Parks"]


def test_a_yes_days_later_is_part_of_a_conversation(desk):
    desk.text("JOIN NEWPRKS")

    late = desk.text("YES", at=desk.now + dt.timedelta(days=2))

    assert late.kind is MessageKind.REPLY
    assert waiting(desk) is None


def test_a_yes_after_an_offer_that_was_never_sent_is_none(desk, said):
    for _ in range(limits.ANSWERS_AN_HOUR):
        said("JOIN NEWPRKS")
    sent = len(desk.sent(Purpose.KEYWORD_ANSWER))

    said("JOIN COALVILE", "YES")

    assert len(desk.sent(Purpose.KEYWORD_ANSWER)) == sent
    assert waiting(desk) is None


def test_a_yes_after_join_and_a_zone_confirms_as_before(desk, said):
    assert said("JOIN NEW PARKS", "YES") == "yes"

    assert zones_at(desk) == ["New Parks"]
