"""What an officer decides about messages that failed or are in doubt, also when it is decided twice."""

import datetime as dt
import threading

import pytest
from sqlalchemy import select

from peoplelink.channels.messages import FailureReason
from peoplelink.outbound import progress, retrying
from peoplelink.outbound.advance import Move, advance
from peoplelink.outbound.claim import claim
from peoplelink.outbound.models import Attempt, Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.timing import Timing
from tests.factories import make_content, make_delivery, make_dispatch, make_suppression

FAILED, QUEUED, UNCONFIRMED, SENT = (
    DeliveryStatus.FAILED, DeliveryStatus.QUEUED, DeliveryStatus.UNCONFIRMED, DeliveryStatus.SENT
)  # fmt: skip


@pytest.fixture
def over(now):
    """A function that adds a delivery that was tried once."""

    def made(session, content, status=FAILED, reason=FailureReason.UNREACHABLE, **columns):
        if status is not FAILED:
            reason = None
        tried = {"attempt": 1, "lease_token": "claim", "claimed_at": now, "sent_at": now}
        columns = tried | {"settled_at": now if status is FAILED else None} | columns
        return make_delivery(session, content=content, status=status, reason=reason, **columns)

    return made


@pytest.fixture
def content(session):
    return make_content(session, make_dispatch(session))


@pytest.mark.parametrize("reason", FailureReason)
def test_only_what_another_try_can_help_is_tried_again(session, now, content, over, reason):
    row = over(session, content, reason=reason, provider_code="30003")

    worth = retrying.count_retriable(session, content.dispatch_id, now=now)
    moved = retrying.retry_failed(session, content.dispatch_id, now=now)

    session.refresh(row)
    assert worth == moved == (1 if reason in retrying.WORTH_ANOTHER_TRY else 0)
    assert row.status is (QUEUED if moved else FAILED)


def test_a_message_that_is_tried_again_begins_anew_and_keeps_what_it_was(session, now, content, over):
    row = over(session, content, tries=3, provider_code="30003", provider_message_id="SM1")

    retrying.retry_failed(session, content.dispatch_id, now=now)

    session.refresh(row)
    attempt = session.scalars(select(Attempt).where(Attempt.delivery_id == row.id)).one()
    assert (row.rank, row.tries, row.reason, row.provider_message_id, row.settled_at) == (0, 0, None, None, None)
    assert (attempt.number, attempt.outcome, attempt.reason) == (1, FAILED, FailureReason.UNREACHABLE)
    assert (attempt.provider_code, attempt.provider_message_id) == ("30003", "SM1")
    lease = dt.timedelta(seconds=60)
    assert [one.attempt for one in claim(session, row.lane, limit=5, lease=lease, now=now).rows] == [2]


def test_nobody_who_said_stop_and_nothing_that_is_too_late_is_tried_again(session, now, content, over):
    stopped = over(session, content)
    make_suppression(session, stopped.address)
    over(session, content, expires_at=now)
    elsewhere = over(session, make_content(session, make_dispatch(session)))

    assert retrying.retry_failed(session, content.dispatch_id, now=now) == 0
    session.refresh(elsewhere)
    assert elsewhere.status is FAILED


def test_what_we_are_not_sure_about_is_sent_again_if_the_officer_says_so(session, now, content, over):
    row = over(session, content, UNCONFIRMED)
    over(session, content, SENT)

    assert retrying.count_in_doubt(session, content.dispatch_id) == 1
    assert retrying.send_unconfirmed_again(session, content.dispatch_id, now=now) == 1

    session.refresh(row)
    assert row.status is QUEUED
    advance(session, [Move(row.id, 1, SENT, "SM1")], timing=Timing(), now=now)
    session.refresh(row)
    assert row.status is SENT


def test_what_is_left_stays_unconfirmed_is_asked_after_no_more_and_takes_late_news(session, now, content, over):
    row = over(session, content, UNCONFIRMED, look_up_at=now)

    left = [retrying.leave_unconfirmed(session, content.dispatch_id, now=now) for _ in range(2)]

    session.refresh(row)
    assert left == [1, 0]
    assert (row.status, row.look_up_at, row.settled_at) == (UNCONFIRMED, None, now)
    assert progress.without_receipt(session, content.dispatch_id) == 0
    assert retrying.send_unconfirmed_again(session, content.dispatch_id, now=now) == 0
    advance(session, [Move(row.id, 1, DeliveryStatus.DELIVERED)], timing=Timing(), now=now)
    session.refresh(row)
    assert row.status is DeliveryStatus.DELIVERED


def test_reasons_are_counted_the_most_common_first(session, content, over):
    for reason in (FailureReason.PROVIDER, FailureReason.NOT_MOBILE, FailureReason.NOT_MOBILE):
        over(session, content, reason=reason)

    found = retrying.reasons(session, content.dispatch_id)

    assert list(found.items()) == [(FailureReason.NOT_MOBILE, 2), (FailureReason.PROVIDER, 1)]


def test_retry_pressed_by_several_at_once_opens_one_attempt_each(database, now, over):
    with database.transaction() as session:
        content = make_content(session, make_dispatch(session))
        for _ in range(80):
            over(session, content)
    counted: list[int] = []

    def pressing():
        with database.transaction() as session:
            counted.append(retrying.retry_failed(session, content.dispatch_id, now=now))

    threads = [threading.Thread(target=pressing) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as session:
        rows = session.scalars(select(Delivery)).all()
        attempts = session.scalars(select(Attempt.delivery_id)).all()
    assert sum(counted) == len(rows) == len(attempts) == len(set(attempts)) == 80
    assert {row.status for row in rows} == {QUEUED}
