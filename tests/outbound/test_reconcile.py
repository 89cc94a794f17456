"""Outcomes that are unknown, settled by asking: the real clients and the sandbox over HTTP, its ledger the truth."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select, update

from peoplelink import clock
from peoplelink.channels.messages import Medium
from peoplelink.channels.sendgrid import SendGridChannel, SendGridSettings
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from peoplelink.outbound import release, tasks
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.reconcile import reconcile
from peoplelink.outbound.services import queue_message
from peoplelink.outbound.states import DeliveryStatus, Purpose, Urgency
from peoplelink.outbound.words import Words
from tests.factories import make_address
from tests.outbound.test_release import everybody
from tests.sandbox.parts import ACCOUNT, API_KEY, EVENT_PUBLIC, OURS, PARSE_PUBLIC, TOKEN, Server, make_settings

S = DeliveryStatus


@pytest.fixture
def sandbox():
    # Nobody listens for its webhooks: what happened can only be known by asking.
    server = Server(make_settings("http://127.0.0.1:9"))
    server.order(lose_webhooks=1)
    yield server
    server.stop()


@pytest.fixture
def runtime(runtime, sandbox):
    twilio = TwilioChannel(
        TwilioSettings(ACCOUNT, TOKEN, "http://127.0.0.1:9", sender=OURS, base_url=sandbox.url, timeout=1)
    )
    sendgrid = SendGridChannel(
        SendGridSettings(API_KEY, "a@example.org", EVENT_PUBLIC, PARSE_PUBLIC, base_url=sandbox.url, timeout=1)
    )
    config = dataclasses.replace(runtime.config, twilio_segments_per_second=500)
    return dataclasses.replace(runtime, channels={Medium.SMS: twilio, Medium.EMAIL: sendgrid}, config=config)


def queue_some(runtime, medium, number=5):
    now = clock.now()
    with runtime.database.transaction() as session:
        people = [make_address(session, medium) for _ in range(number)]
        words = [Words(medium, "Dear {name|friend}, a fair.", "Fair")]
        dispatch = release.start(session, purpose=Purpose.BROADCAST, urgency=Urgency.BULK, words=words, now=now)
        release.add_recipients(session, dispatch, everybody(people, name="Sam"), now=now)
    return dispatch


def statuses(runtime):
    with runtime.database.read() as session:
        return sorted(session.scalars(select(Delivery.status)))


def let_time_pass(runtime, minutes=30):
    """Everything that was claimed, was claimed that much earlier; at the provider too, so the ledger is not touched."""
    with runtime.database.transaction() as session:
        due = clock.now() - dt.timedelta(minutes=1)
        session.execute(update(Delivery).where(Delivery.look_up_at.is_not(None)).values(look_up_at=due))
        for delivery in session.scalars(select(Delivery).where(Delivery.claimed_at.is_not(None))):
            delivery.claimed_at -= dt.timedelta(minutes=minutes)


LANES = {Medium.SMS: "sms:bulk", Medium.EMAIL: "email:bulk"}


@pytest.mark.parametrize("fault", ["rate_5xx_after", "rate_timeout_after"])
@pytest.mark.parametrize("medium", list(Medium))
def test_what_was_taken_without_a_yes_is_found_and_not_sent_again(runtime, sandbox, medium, fault):
    queue_some(runtime, medium)
    sandbox.order(**{fault: 1, "timeout_seconds": 3})
    tasks.drain_lane(runtime, LANES[medium])
    assert statuses(runtime) == [S.UNCONFIRMED] * 5
    sandbox.order(**{fault: 0})
    let_time_pass(runtime, minutes=0)

    reconcile(runtime)
    tasks.drain_lane(runtime, LANES[medium])

    assert all(status in {S.SENT, S.DELIVERED} for status in statuses(runtime))
    assert len(sandbox.ledger()) == 5


@pytest.mark.parametrize("medium", list(Medium))
def test_what_was_never_taken_is_sent_once_more(runtime, sandbox, medium):
    queue_some(runtime, medium)
    sandbox.order(rate_5xx_before=1)
    tasks.drain_lane(runtime, LANES[medium])
    sandbox.order(rate_5xx_before=0)
    let_time_pass(runtime)

    reconcile(runtime)
    tasks.drain_lane(runtime, LANES[medium])

    assert statuses(runtime) == [S.SENT] * 5
    assert len(sandbox.ledger()) == 5
    with runtime.database.read() as session:
        assert {delivery.attempt for delivery in session.scalars(select(Delivery))} == {2}


def test_no_such_email_is_not_believed_at_once(runtime, sandbox):
    queue_some(runtime, Medium.EMAIL)
    sandbox.order(rate_5xx_before=1)
    tasks.drain_lane(runtime, LANES[Medium.EMAIL])
    let_time_pass(runtime, minutes=0)

    reconcile(runtime)

    assert statuses(runtime) == [S.UNCONFIRMED] * 5


@pytest.mark.parametrize("medium", list(Medium))
def test_a_look_up_that_does_not_work_settles_nothing_and_is_tried_later(runtime, sandbox, medium):
    queue_some(runtime, medium)
    sandbox.order(rate_5xx_before=1)
    tasks.drain_lane(runtime, LANES[medium])
    sandbox.order(rate_lookup_5xx=1)
    let_time_pass(runtime)

    reconcile(runtime)

    assert statuses(runtime) == [S.UNCONFIRMED] * 5
    with runtime.database.read() as session:
        assert all(row.look_up_at > clock.now() for row in session.scalars(select(Delivery)))


def test_the_same_words_to_the_same_number_are_told_apart(runtime, sandbox):
    with runtime.database.transaction() as session:
        address = make_address(session)
        for _ in range(2):
            queue_message(session, address, purpose=Purpose.REPLY, body="Thank you.", now=clock.now())
    sandbox.order(rate_5xx_after=1)
    tasks.drain_lane(runtime, "sms:urgent")
    let_time_pass(runtime, minutes=0)

    reconcile(runtime)

    # Two fit each of them: which is which cannot be known, and nobody is sent a third.
    assert statuses(runtime) == [S.UNCONFIRMED] * 2
    sandbox.order(rate_5xx_after=0)
    tasks.drain_lane(runtime, "sms:urgent")
    assert len(sandbox.ledger()) == 2


def test_a_text_that_is_known_to_be_anothers_is_not_taken_for_this_one(runtime, sandbox):
    with runtime.database.transaction() as session:
        address = make_address(session)
        queue_message(session, address, purpose=Purpose.REPLY, body="Thank you.", now=clock.now())
    tasks.drain_lane(runtime, "sms:urgent")
    with runtime.database.transaction() as session:
        queue_message(session, session.merge(address), purpose=Purpose.REPLY, body="Thank you.", now=clock.now())
    sandbox.order(rate_5xx_before=1)
    tasks.drain_lane(runtime, "sms:urgent")
    sandbox.order(rate_5xx_before=0)
    let_time_pass(runtime, minutes=0)

    reconcile(runtime)
    tasks.drain_lane(runtime, "sms:urgent")

    assert statuses(runtime) == [S.SENT] * 2
    assert len(sandbox.ledger()) == 2


def test_news_that_came_meanwhile_stands(runtime, sandbox):
    queue_some(runtime, Medium.SMS, 1)
    sandbox.order(rate_5xx_before=1)
    tasks.drain_lane(runtime, LANES[Medium.SMS])
    let_time_pass(runtime)
    with runtime.database.transaction() as session:
        session.execute(update(Delivery).values(status=S.DELIVERED, rank=50))

    reconcile(runtime)

    assert statuses(runtime) == [S.DELIVERED]


def test_the_sweep_rings_only_when_somebody_is_due(runtime, sandbox, jobs):
    queue_some(runtime, Medium.SMS, 1)
    sandbox.order(rate_5xx_before=1)
    tasks.drain_lane(runtime, LANES[Medium.SMS])
    jobs.rung.clear()

    tasks.sweep(runtime)
    early = list(jobs.rung)
    let_time_pass(runtime, minutes=0)
    tasks.sweep(runtime)

    assert early == []
    assert jobs.rung == ["reconcile"]
