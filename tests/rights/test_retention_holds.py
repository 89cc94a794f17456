"""What is held for a claim or an inquiry stays, however old it is."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.broadcasts.models import DigestIssue, DigestItem
from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import ReceivedMessage, Webhook
from peoplelink.intelligence.models import Report, ReportSource
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from peoplelink.persons import RecordClass
from peoplelink.rights import holding
from peoplelink.rights.models import HoldKind, RequestKind, RequestSource, RightsRequest
from peoplelink.subscribers import services
from peoplelink.subscribers.models import ConsentRecord, Subscriber
from tests.factories import (
    NOW,
    make_address,
    make_content,
    make_conversation,
    make_delivery,
    make_dispatch,
    make_message,
    make_officer,
    make_report,
    make_subscriber,
    make_webhook,
)
from tests.rights.aged import (
    SECOND,
    count,
    cutoff,
    make_digest_at,
    make_message_at,
    run,
)


def held_message(session):
    at = cutoff(session, RecordClass.MESSAGES) - SECOND
    resident = make_subscriber(session)
    conversation = make_conversation(
        session, resident.addresses[0].address, subscriber=resident, last_message_at=at, opened_at=at
    )
    report = make_report(session, conversation, updated_at=at)
    message = make_message(session, conversation, received_at=at, webhook_id=make_webhook(
        session, received_at=at, processed_at=at).id)  # fmt: skip
    return message, {"person": resident.public_id, "conversation": conversation.public_id, "report": report.public_id}


@pytest.mark.parametrize("kind", list(HoldKind))
def test_a_hold_keeps_conversation_report_and_raw_request(session, kind):
    message, names = held_message(session)
    other = make_message_at(session, message.received_at)
    officer = make_officer(session)
    hold = holding.place(session, kind, names[kind], "Evidence", by=officer, now=NOW)
    ids = [message.id, other.id]

    run(session)

    assert list(session.scalars(select(ReceivedMessage.id).where(ReceivedMessage.id.in_(ids)))) == ids[:1]
    assert (count(session, Report), count(session, ReportSource), count(session, Webhook)) == (1, 1, 1)
    holding.lift(session, hold.public_id, by=officer, now=NOW)
    run(session, now=NOW + SECOND)
    assert (count(session, ReceivedMessage), count(session, Report), count(session, Webhook)) == (0, 0, 0)


def test_a_hold_on_a_person_keeps_what_was_sent_to_them_and_their_consent(session):
    resident = make_subscriber(session)
    address = resident.addresses[0].address
    services.stop_address(
        session, address, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=NOW
    )
    thanks = make_delivery(session, address, content=make_content(session, make_dispatch(
        session, purpose=Purpose.ACKNOWLEDGEMENT)), status=DeliveryStatus.SENT)  # fmt: skip
    holding.place(session, HoldKind.PERSON, resident.public_id, "A claim", by=make_officer(session), now=NOW)

    run(session, now=NOW + dt.timedelta(days=366 * 7))

    assert session.get(Delivery, thanks.id) is not None
    assert count(session, ConsentRecord) == 2
    assert session.get(Subscriber, resident.id) is not None


def test_a_hold_on_a_person_keeps_their_complaint_that_gives_only_a_mailbox(session):
    mailbox = make_address(session, Medium.EMAIL, "ash@example.org")
    resident = make_subscriber(session, email=mailbox)
    at = cutoff(session, RecordClass.REQUESTS) - SECOND
    for contact in (mailbox.value, "another@example.org", ""):
        session.add(RightsRequest(kind=RequestKind.COMPLAINT, source=RequestSource.WEB, received_at=at, due_at=at,
                                  closed_at=at, contact=contact))  # fmt: skip
    holding.place(session, HoldKind.PERSON, resident.public_id, "A claim", by=make_officer(session), now=NOW)

    run(session)

    assert list(session.scalars(select(RightsRequest.contact))) == [mailbox.value]


def test_a_hold_on_a_person_keeps_what_a_digest_told_them(session):
    at = cutoff(session, RecordClass.DELIVERIES) - SECOND
    theirs, _another = make_digest_at(session, at), make_digest_at(session, at)
    resident = session.get_one(Subscriber, theirs.subscriber_id)
    holding.place(session, HoldKind.PERSON, resident.public_id, "A claim", by=make_officer(session), now=NOW)

    run(session)

    assert list(session.scalars(select(DigestItem.issue_id))) == [theirs.id]
    assert list(session.scalars(select(DigestIssue.id))) == [theirs.id]


def test_a_hold_keeps_what_a_digest_told_a_mailbox_that_others_read_too(session):
    at = cutoff(session, RecordClass.DELIVERIES) - SECOND
    digest = make_digest_at(session, at)
    other = make_subscriber(session, email=session.get_one(Address, session.scalar(select(DigestItem.address_id))))
    holding.place(session, HoldKind.PERSON, other.public_id, "A claim", by=make_officer(session), now=NOW)

    run(session)

    assert session.get(DigestIssue, digest.id) is not None
