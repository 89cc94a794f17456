"""The head of a proof leaves the house, to those who sent and approved the broadcast, and tells of nobody else."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.broadcasts import steering
from peoplelink.broadcasts.proof import chain
from peoplelink.outbound import claim
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch
from peoplelink.outbound.services import suppress
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from tests.broadcasts.proof import story
from tests.factories import NOW, make_officer


def mails(session):
    found = session.execute(
        select(Address.value, Content.subject, Content.text)
        .select_from(Delivery)
        .join(Address, Address.id == Delivery.address_id)
        .join(Content, Content.id == Delivery.content_id)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .where(Dispatch.purpose == Purpose.NOTICE)
        .order_by(Address.value)
    )
    return list(found)


def test_the_head_goes_to_the_officer_who_sent_it(session):
    broadcast = story.finished(session)

    [mail] = mails(session)

    head = chain.links(session, broadcast)[-1].link
    assert mail.value == broadcast.sent_by.email
    assert mail.subject == "Keep this email: the proof of a broadcast"
    assert f"peoplelink proof verify {broadcast.public_id} --head {head}" in mail.text
    assert "delivered (email)" in mail.text
    assert "1 failed" in mail.text


def test_nothing_in_it_tells_of_a_resident_or_what_was_said(session):
    broadcast = story.finished(session)

    [mail] = mails(session)

    residents = select(Address.value).join(Delivery).where(Delivery.dispatch_id == broadcast.dispatch_id)
    for value in session.scalars(residents):
        assert value not in mail.text
    assert broadcast.title not in mail.text + mail.subject
    assert "on Saturday" not in mail.text


def test_who_approved_it_gets_it_too_and_one_who_did_both_gets_it_once(session):
    approver = make_officer(session, email="approver@office.example.org")
    both = story.sent(session, approved_by_id=approver.id)
    one = story.sent(session)
    one.approved_by_id = one.sent_by_id
    for broadcast in (both, one):
        story.release(session, broadcast)
        story.hand_over(session, broadcast)
        story.finish(session, broadcast)

    assert [mail.value for mail in mails(session)] == sorted([approver.email, both.sent_by.email, one.sent_by.email])


def test_who_has_left_the_office_gets_none(session):
    broadcast = story.sent(session)
    story.release(session, broadcast)
    story.hand_over(session, broadcast)
    broadcast.sent_by.active = False

    story.finish(session, broadcast)

    assert mails(session) == []


def test_a_second_end_is_mailed_too(session):
    broadcast = story.finished(session)
    steering.retry(session, broadcast, by=broadcast.sent_by, now=NOW)
    story.hand_over(session, broadcast, failed=0)

    story.finish(session, broadcast, now=NOW + dt.timedelta(days=4))

    heads = [link.link for link in chain.links(session, broadcast) if link.kind == "finished"]
    assert all(any(head in mail.text for mail in mails(session)) for head in heads)
    assert len(mails(session)) == 2


@pytest.mark.parametrize(
    ("reason", "sent"), [(SuppressionReason.UNSUBSCRIBED, True), (SuppressionReason.BOUNCED, False)]
)
def test_an_officer_who_left_as_a_resident_still_gets_it(session, reason, sent):
    story.finished(session)
    [notice] = session.scalars(select(Delivery).join(Dispatch).where(Dispatch.purpose == Purpose.NOTICE))
    suppress_only(session, notice.address, reason)

    claim.claim(session, "email:urgent", limit=10, lease=dt.timedelta(seconds=60), now=NOW + dt.timedelta(days=4))

    session.refresh(notice)
    assert (notice.status is DeliveryStatus.SENDING) is sent


def suppress_only(session, address, reason):
    # After this nothing of the address is queued any more; it was queued before they left.
    suppress(session, address, reason, source="link", now=NOW)
    queued = select(Delivery).where(Delivery.address_id == address.id)
    for delivery in session.scalars(queued.execution_options(populate_existing=True)):
        delivery.status, delivery.rank, delivery.settled_at = DeliveryStatus.QUEUED, 0, None
    session.flush()
