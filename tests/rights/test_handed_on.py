"""A number that somebody has left is handed on: who has it now is not shown to who had it, on both databases."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.app import PARTS
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.outbound.models import Address
from peoplelink.outbound.services import queue_message
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.persons import Wish
from peoplelink.rights import exporting, holding
from peoplelink.rights.models import HoldKind, RequestKind, RequestSource, RightsRequest
from peoplelink.subscribers import people
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.imports.models import Import, ImportRow, ImportStatus, RowStatus
from peoplelink.subscribers.models import LinkStatus, SubscriberAddress
from tests.factories import (
    NOW,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_report,
    make_sign_up,
    make_subscriber,
    make_wording,
)
from tests.rights import life

DAY = dt.timedelta(days=1)
SECRET = "a stranger's words"


def leaves(session, robin, status):
    link = session.get(SubscriberAddress, (robin.resident.id, robin.number.id))
    link.status, link.stopped_at = status, NOW
    session.flush()


def a_stranger_has_it(session, number, at):
    """Something of theirs in every table that knows an address."""
    talk = make_conversation(session, number, opened_at=at, last_message_at=at, subject=SECRET)
    make_message(session, talk, text=SECRET, received_at=at)
    make_report(session, talk, text=SECRET)
    sent = queue_message(session, number, purpose=Purpose.ACKNOWLEDGEMENT, body=SECRET, now=at)
    sent.status, sent.rank = DeliveryStatus.DELIVERED, 50
    wording = make_wording(session)
    session.add(Waiting(address=number, sector="XX9 9", wording_id=wording.id, by_form=True, asked_at=at,
                        expires_at=at + DAY))  # fmt: skip
    make_sign_up(session, addresses=[number], name=SECRET, created_at=at, expires_at=at + DAY)
    listed = Import(status=ImportStatus.FINISHED, file_name="new.csv", digest="e", encoding="utf-8", delimiter=",",
                    created_at=at, created_by="officer:x")  # fmt: skip
    session.add(listed)
    session.flush()
    session.add(ImportRow(import_id=listed.id, line=2, status=RowStatus.REFUSED, mobile_hash=number.hash,
                          cells={"name": SECRET}))  # fmt: skip
    session.add(RightsRequest(kind=RequestKind.COMPLAINT, source=RequestSource.WEB, received_at=at, due_at=at,
                              contact=number.value, words=SECRET))  # fmt: skip
    session.flush()


def shown(session, robin, **wish):
    person = people.person_of(session, robin.resident)
    export = exporting.export_person(session, person, PARTS, now=NOW, wish=Wish(**wish))
    return {one.key: [dict(row) for row in one.rows] for one in export.sections}


@pytest.mark.parametrize(("status", "after"), [(LinkStatus.CLOSED, DAY), (LinkStatus.STOPPED, 31 * DAY)])
def test_what_whoever_has_it_now_says_is_not_shown(session, robin, status, after):
    leaves(session, robin, status)
    before = shown(session, robin, with_reports=True)
    a_stranger_has_it(session, robin.number, NOW + after)

    assert shown(session, robin, with_reports=True) == before
    assert {row["words"] for row in before["messages"]} == {life.WORDS}
    assert before["deliveries"]
    assert before["imported"]


def test_what_comes_within_a_month_of_a_stop_is_still_theirs(session, robin):
    leaves(session, robin, LinkStatus.STOPPED)
    a_stranger_has_it(session, robin.number, NOW + 29 * DAY)

    found = shown(session, robin, with_reports=True)

    for key in ("messages", "deliveries", "reports", "waiting", "sign_ups", "imported", "requests"):
        assert SECRET in str(found[key]) or "XX9 9" in str(found[key]), key


def test_what_we_send_to_whoever_has_joined_there_since_is_not_shown_either(session, robin):
    leaves(session, robin, LinkStatus.CLOSED)
    before = shown(session, robin)["deliveries"]
    make_subscriber(session, sms=robin.number, name="Another")
    content = make_content(session, make_dispatch(session), text=SECRET)
    make_delivery(session, robin.number, content=content, status=DeliveryStatus.DELIVERED, created_at=NOW + DAY)

    now = shown(session, robin)["deliveries"]

    assert SECRET not in str(now)
    assert [row for row in before if row["about"] == "A message to everybody in your zone"] == now
    assert now


def test_their_own_mails_after_they_unsubscribed_are_shown(session, robin):
    link = session.get(SubscriberAddress, (robin.resident.id, robin.mailbox.id))
    link.status, link.stopped_at = LinkStatus.STOPPED, NOW
    talk = make_conversation(session, robin.mailbox, opened_at=NOW + 40 * DAY, last_message_at=NOW + 40 * DAY)
    make_message(session, talk, text="It is Robin again", received_at=NOW + 40 * DAY)

    assert "It is Robin again" in str(shown(session, robin)["messages"])


def test_a_hold_on_what_is_said_there_now_stands_in_the_way_of_an_erasure(session, robin):
    leaves(session, robin, LinkStatus.CLOSED)
    talk = make_conversation(session, robin.number, opened_at=NOW + DAY, last_message_at=NOW + DAY)
    holding.place(session, HoldKind.CONVERSATION, talk.public_id, "Court", by=make_officer(session), now=NOW)

    with pytest.raises(holding.OnHoldError):
        life.erase(session, people.person_of(session, robin.resident))


def test_an_erasure_takes_all_that_came_from_there(session, robin):
    leaves(session, robin, LinkStatus.CLOSED)
    a_stranger_has_it(session, robin.number, NOW + DAY)

    life.erase(session, people.person_of(session, robin.resident))

    assert session.scalars(select(ReceivedMessage.id).where(ReceivedMessage.text == SECRET)).all() == []
    assert session.scalars(select(Address.id).where(Address.value == life.NUMBER)).all() == []
