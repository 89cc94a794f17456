import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.channels.messages import FailureReason
from peoplelink.outbound import advance as advancing
from peoplelink.outbound.advance import Move
from peoplelink.outbound.claim import claim
from peoplelink.outbound.going_back import WAITS, put_back, requeue, send_again
from peoplelink.outbound.models import Attempt
from peoplelink.outbound.states import RANK, DeliveryStatus
from peoplelink.timing import Timing
from tests.factories import make_delivery

S = DeliveryStatus


def advance(session, moves, *, now):
    return advancing.advance(session, moves, timing=Timing(), now=now)


def claimed(session, now):
    delivery = make_delivery(session)
    make_delivery(session)  # another, which no news is about
    claim(session, "sms:bulk", limit=1, lease=dt.timedelta(seconds=60), now=now)
    session.refresh(delivery)
    return delivery


@pytest.mark.parametrize(
    ("news", "ends"),
    [
        ([S.SENT], S.SENT),
        ([S.SENT, S.DELIVERED], S.DELIVERED),
        ([S.DELIVERED, S.SENT], S.DELIVERED),
        ([S.FAILED, S.SENT], S.FAILED),
        ([S.FAILED, S.DELIVERED], S.DELIVERED),
        ([S.DELIVERED, S.FAILED], S.DELIVERED),
        ([S.UNCONFIRMED, S.SENT], S.SENT),
        ([S.SENT, S.UNCONFIRMED], S.SENT),
        ([S.UNCONFIRMED, S.DELIVERED, S.DELIVERED], S.DELIVERED),
    ],
)
def test_news_only_moves_forward(session, now, news, ends):
    delivery = claimed(session, now)

    for status in news:
        advance(session, [Move(delivery.id, 1, status)], now=now)

    session.refresh(delivery)
    assert (delivery.status, delivery.rank) == (ends, RANK[ends])


def test_all_news_of_one_moment_comes_to_the_highest(session, now):
    delivery = claimed(session, now)

    moved = advance(session, [Move(delivery.id, 1, status) for status in (S.SENT, S.DELIVERED, S.SENT)], now=now)

    session.refresh(delivery)
    assert [one.delivery_id for one in moved] == [delivery.id]
    assert delivery.status is S.DELIVERED
    assert delivery.sent_at == delivery.settled_at == now


def test_news_of_another_attempt_changes_nothing(session, now):
    delivery = claimed(session, now)

    assert advance(session, [Move(delivery.id, 2, S.SENT), Move(delivery.id, 0, S.SENT)], now=now) == []
    session.refresh(delivery)
    assert delivery.status is S.SENDING


def test_a_reason_is_kept_and_goes_when_it_was_delivered_after_all(session, now):
    delivery = claimed(session, now)

    advance(session, [Move(delivery.id, 1, S.FAILED, "SM1", FailureReason.UNREACHABLE, "30003")], now=now)

    session.refresh(delivery)
    assert (delivery.reason, delivery.provider_code, delivery.provider_message_id) == (
        FailureReason.UNREACHABLE, "30003", "SM1",
    )  # fmt: skip
    advance(session, [Move(delivery.id, 1, S.DELIVERED)], now=now)
    session.refresh(delivery)
    assert (delivery.reason, delivery.provider_code, delivery.provider_message_id) == (None, None, "SM1")


def test_what_was_refused_before_acceptance_is_tried_three_times_more_and_then_failed(session, now):
    delivery = claimed(session, now)

    for number, seconds in enumerate((*WAITS, None), start=1):
        requeue(session, [Move(delivery.id, number, S.QUEUED, reason=FailureReason.THROTTLED)], now=now)
        session.refresh(delivery)
        if seconds is not None:
            assert (delivery.status, delivery.tries, delivery.attempt) == (S.QUEUED, number, number)
            assert delivery.not_before == now + dt.timedelta(seconds=seconds)
            now = delivery.not_before
            claim(session, "sms:bulk", limit=1, lease=dt.timedelta(seconds=60), now=now)

    assert (delivery.status, delivery.reason, delivery.settled_at) == (S.FAILED, FailureReason.THROTTLED, now)
    assert [attempt.number for attempt in attempts_of(session, delivery)] == [1, 2, 3, 4]


def attempts_of(session, delivery):
    query = select(Attempt).where(Attempt.delivery_id == delivery.id).order_by(Attempt.number)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def sent_again(session, now):
    """A delivery whose first attempt was looked up and not found, before its second is claimed."""
    delivery = claimed(session, now)
    advance(session, [Move(delivery.id, 1, S.UNCONFIRMED)], now=now)
    send_again(session, [Move(delivery.id, 1, S.QUEUED)], now=now)
    return delivery


def test_an_attempt_that_another_may_follow_is_written_down(session, now):
    delivery = sent_again(session, now)

    [attempt] = attempts_of(session, delivery)
    assert (attempt.number, attempt.outcome, attempt.opened_at, attempt.closed_at) == (1, S.UNCONFIRMED, now, now)


def test_news_of_the_first_attempt_before_the_second_is_claimed_settles_it(session, now):
    delivery = sent_again(session, now)

    advance(session, [Move(delivery.id, 1, S.DELIVERED)], now=now)

    session.refresh(delivery)
    assert (delivery.status, delivery.accepted_twice_at) == (S.DELIVERED, None)


def test_news_of_the_first_attempt_while_the_second_is_under_way_is_shown_as_accepted_twice(session, now):
    delivery = sent_again(session, now)
    claim(session, "sms:bulk", limit=1, lease=dt.timedelta(seconds=60), now=now)

    advance(session, [Move(delivery.id, 1, S.SENT, "SM1")], now=now)

    session.refresh(delivery)
    assert (delivery.status, delivery.accepted_twice_at) == (S.SENDING, now)
    assert attempts_of(session, delivery)[0].provider_message_id == "SM1"


def test_news_of_the_first_attempt_after_the_second_was_refused_keeps_a_third_from_going_out(session, now):
    delivery = sent_again(session, now)
    claim(session, "sms:bulk", limit=1, lease=dt.timedelta(seconds=60), now=now)
    requeue(session, [Move(delivery.id, 2, S.QUEUED)], now=now)

    advance(session, [Move(delivery.id, 1, S.SENT)], now=now)

    session.refresh(delivery)
    assert (delivery.status, delivery.accepted_twice_at) == (S.SENT, None)


def test_the_provider_says_how_long_to_wait(session, now):
    delivery = claimed(session, now)

    requeue(session, [Move(delivery.id, 1, S.QUEUED)], now=now, wait=dt.timedelta(seconds=77))

    session.refresh(delivery)
    assert delivery.not_before == now + dt.timedelta(seconds=77)


def test_a_report_that_overtook_the_refusal_stands(session, now):
    delivery = claimed(session, now)
    advance(session, [Move(delivery.id, 1, S.DELIVERED)], now=now)

    requeue(session, [Move(delivery.id, 1, S.QUEUED)], now=now)
    put_back(session, [Move(delivery.id, 1, S.QUEUED)], now=now)

    session.refresh(delivery)
    assert delivery.status is S.DELIVERED


def test_what_was_put_back_for_our_own_fault_counts_no_try(session, now):
    delivery = claimed(session, now)

    put_back(session, [Move(delivery.id, 1, S.QUEUED)], now=now)

    session.refresh(delivery)
    assert (delivery.status, delivery.tries, delivery.rank, delivery.not_before) == (S.QUEUED, 0, 0, None)
