"""News after the end moves a delivery, and is no change of the past: it has a link that nobody else can make."""

import datetime as dt

from sqlalchemy import update

from peoplelink.broadcasts import services
from peoplelink.broadcasts.proof import chain
from peoplelink.channels.messages import EventKind
from peoplelink.outbound.models import Delivery, StatusNews
from peoplelink.outbound.states import DeliveryStatus
from tests.broadcasts.proof import story
from tests.factories import NOW

LATER = NOW + dt.timedelta(days=4)
S = DeliveryStatus


def in_state(session, broadcast, status):
    return next(row for row in story.rows(session, broadcast) if row.status == status)


def test_a_receipt_after_the_end_gets_a_link_and_explains_itself(session):
    broadcast = story.finished(session, without_receipt=1)
    waits = in_state(session, broadcast, S.SENT)

    story.receipt(session, waits, EventKind.DELIVERED, now=LATER)

    verdict = story.verdict(session, broadcast)
    link = chain.links(session, broadcast)[-1]
    assert (str(link.kind), link.made_at, link.facts) == ("late", LATER, {"deliveries": {waits.public_id: "delivered"}})
    assert verdict.problems == []
    assert verdict.notes == [
        "1 delivery moved on after the end, by news of their own (link 5): that is no change of the past."
    ]


def test_a_late_failure_keeps_its_reason(session):
    broadcast = story.finished(session, without_receipt=1)

    story.receipt(session, in_state(session, broadcast, S.SENT), EventKind.FAILED, now=LATER)

    assert story.verdict(session, broadcast).problems == []


def test_news_that_moves_nothing_adds_no_link(session):
    broadcast = story.finished(session)
    done = in_state(session, broadcast, S.DELIVERED)

    story.receipt(session, done, EventKind.SENT, now=LATER)

    assert len(chain.links(session, broadcast)) == 4


def test_a_receipt_that_somebody_put_into_the_table_explains_nothing(session):
    broadcast = story.finished(session, without_receipt=1)
    waits = in_state(session, broadcast, S.SENT)
    session.add(
        StatusNews(
            provider="twilio", event_id="forged", delivery_id=waits.id, attempt=1, kind=EventKind.DELIVERED,
            provider_word="delivered", received_at=LATER, changed=True,
        )
    )  # fmt: skip
    waits.status = S.DELIVERED

    assert story.verdict(session, broadcast).problems == [
        f"Delivery {waits.public_id} was “sent” at the end, and says “delivered” now."
    ]


def test_a_change_after_late_news_is_told_of(session):
    broadcast = story.finished(session, without_receipt=1)
    waits = in_state(session, broadcast, S.SENT)
    story.receipt(session, waits, EventKind.DELIVERED, now=LATER)

    session.execute(update(Delivery).where(Delivery.id == waits.id).values(status=S.SENT))

    assert story.verdict(session, broadcast).problems == [
        f"Delivery {waits.public_id} was “delivered” at the end, and says “sent” now."
    ]


def test_what_was_in_doubt_at_the_end_may_be_sent_again_and_be_taken_back_on_the_way(session):
    broadcast = story.finished(session, unconfirmed=1)
    doubt = in_state(session, broadcast, S.UNCONFIRMED)
    steps = []

    # A look-up found nothing: back in the queue, which is news. Claimed and given back: no news, until it is accepted.
    for status, is_news in (
        (S.QUEUED, True),
        (S.SENDING, False),
        (S.QUEUED, False),
        (S.SENDING, False),
        (S.SENT, True),
    ):
        session.execute(update(Delivery).where(Delivery.id == doubt.id).values(status=status))
        services.settled(session, {broadcast.dispatch_id: [doubt.id] if is_news else []}, LATER)
        steps.append(story.verdict(session, broadcast).problems)

    assert steps == [[]] * 5
    assert story.kinds(session, broadcast)[-2:] == ["late", "late"]


def test_what_was_handed_over_does_not_go_back_without_a_link(session):
    broadcast = story.finished(session, unconfirmed=1)
    doubt = in_state(session, broadcast, S.UNCONFIRMED)

    session.execute(update(Delivery).where(Delivery.id == doubt.id).values(status=S.QUEUED))

    assert len(story.verdict(session, broadcast).problems) == 1


def test_news_of_a_broadcast_before_its_end_adds_no_link(session):
    broadcast = story.sent(session)
    story.release(session, broadcast)
    story.hand_over(session, broadcast, without_receipt=2)
    story.finish(session, broadcast, hours=1)

    story.receipt(session, in_state(session, broadcast, S.SENT), EventKind.DELIVERED, now=NOW)

    assert story.kinds(session, broadcast) == ["sent", "frozen", "released"]
