"""Both sides of a conversation in order, with what went out by itself, on both databases."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.inbound import answering
from peoplelink.inbound.thread import thread
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from tests.factories import make_officer
from tests.pages import soup

MINUTE = dt.timedelta(minutes=1)


def kinds(session, conversation):
    return [
        "resident" if bubble.received else "officer" if bubble.answer else "thanks"
        for bubble in thread(session, conversation)
    ]


def answer(desk, conversation, now):
    by = make_officer(desk.session)
    seen = answering.latest_answer_id(desk.session, conversation)
    return answering.answer(
        desk.session, conversation, "Thank you", by=by, seen_answer_id=seen, advice_taken=False, now=now
    )


def test_what_each_side_said_and_the_thank_you_stand_in_order(desk):
    conversation = desk.text().conversation
    answer(desk, conversation, desk.now + MINUTE)
    desk.text("Good", at=desk.now + 2 * MINUTE)

    assert kinds(desk.session, conversation) == ["resident", "thanks", "officer", "resident"]


def test_a_thank_you_stands_in_the_conversation_it_was_for_and_in_no_other(desk, number):
    first = desk.text(at=desk.now - dt.timedelta(days=9)).conversation
    second = desk.text().conversation
    desk.text("From somebody else", sender="+447700900777")

    assert first is not second
    assert kinds(desk.session, first) == ["resident", "thanks"]
    assert kinds(desk.session, second) == ["resident", "thanks"]
    assert {bubble.thanks.address_id for bubble in thread(desk.session, second) if bubble.thanks} == {number.id}


def test_another_message_of_the_day_that_was_not_thanked_for_shows_no_second_thank_you(desk):
    conversation = desk.text().conversation
    desk.text("And the bins", at=desk.now + MINUTE)

    assert kinds(desk.session, conversation) == ["resident", "thanks", "resident"]


def test_the_answer_to_a_command_is_no_part_of_a_conversation(desk):
    conversation = desk.text().conversation
    desk.text("HELP", at=desk.now + MINUTE)

    assert kinds(desk.session, conversation) == ["resident", "thanks"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_page_says_how_each_of_our_messages_fared(client, sign_in, provider, change, look):
    provider.text("The lights are out")
    provider.process()
    at = dt.datetime(2026, 3, 14, 10, 32, tzinfo=dt.UTC)

    def deliver(session):
        thanks = session.scalars(
            select(Delivery).join(Dispatch).where(Dispatch.purpose == Purpose.ACKNOWLEDGEMENT)
        ).one()
        thanks.status, thanks.settled_at = DeliveryStatus.DELIVERED, at
        return make_officer(session)

    sign_in(change(deliver))

    link = soup(client.get("/officer/inbox")).select_one("tbody a")["href"]
    bubbles = [" ".join(one.get_text(" ").split()) for one in soup(client.get(link)).select(".pl-bubble")]

    assert len(bubbles) == 2
    assert bubbles[1].startswith("Automatic thank-you")
    assert "Delivered Saturday 14 March" in bubbles[1]
    assert bubbles[1].endswith("10:32am")
