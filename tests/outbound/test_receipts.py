"""Receipts that did not come: the real clients ask the sandbox over HTTP."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import func, select, update

from peoplelink import clock
from peoplelink.channels.messages import FailureReason, Medium
from peoplelink.channels.sendgrid import SendGridChannel, SendGridSettings
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from peoplelink.outbound import events, receipts, release, tasks
from peoplelink.outbound.models import Address, Delivery, StatusNews
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason, Urgency
from peoplelink.outbound.words import Words
from peoplelink.timing import Timing
from tests.factories import make_address, make_delivery
from tests.outbound.test_release import everybody
from tests.sandbox.parts import ACCOUNT, API_KEY, EVENT_PUBLIC, OURS, PARSE_PUBLIC, TOKEN, Server, make_settings

S = DeliveryStatus
NOBODY = "http://127.0.0.1:9"
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
LANES = {Medium.SMS: "sms:bulk", Medium.EMAIL: "email:bulk"}
both = pytest.mark.parametrize("medium", list(Medium))


@pytest.fixture
def sandbox():
    server = Server(make_settings(NOBODY))
    server.order(lose_webhooks=1)
    yield server
    server.stop()


@pytest.fixture
def runtime(runtime, sandbox):
    twilio = TwilioChannel(TwilioSettings(ACCOUNT, TOKEN, NOBODY, sender=OURS, base_url=sandbox.url, timeout=2))
    sendgrid = SendGridChannel(
        SendGridSettings(API_KEY, "a@example.org", EVENT_PUBLIC, PARSE_PUBLIC, base_url=sandbox.url, timeout=2)
    )
    config = dataclasses.replace(runtime.config, twilio_segments_per_second=500)
    channels = {Medium.SMS: twilio, Medium.EMAIL: sendgrid}
    return dataclasses.replace(runtime, channels=channels, twilio=twilio, sendgrid=sendgrid, config=config)


def send(runtime, sandbox, medium, number=5):
    """Messages that the provider takes, and of which no event reaches us."""
    now = clock.now()
    with runtime.database.transaction() as session:
        people = [make_address(session, medium) for _ in range(number)]
        words = [Words(medium, "A fair.", "Fair")]
        dispatch = release.start(session, purpose=Purpose.BROADCAST, urgency=Urgency.BULK, words=words, now=now)
        release.add_recipients(session, dispatch, everybody(people, name="Sam"), now=now)
    tasks.drain_lane(runtime, LANES[medium])
    sandbox.idle()
    assert set(statuses(runtime)) == {S.SENT}


def statuses(runtime):
    with runtime.database.read() as session:
        return sorted(session.scalars(select(Delivery.status)))


def let_pass(runtime, time):
    """Everything was sent that much earlier."""
    with runtime.database.transaction() as session:
        for row in session.scalars(select(Delivery)):
            row.sent_at -= time
            row.look_up_at = row.look_up_at and row.look_up_at - time


def times(runtime):
    with runtime.database.read() as session:
        return session.scalars(select(Delivery.look_up_at)).all()


@both
def test_a_receipt_that_did_not_come_is_fetched_after_fifteen_minutes_and_not_before(runtime, sandbox, jobs, medium):
    send(runtime, sandbox, medium)
    jobs.rung.clear()

    let_pass(runtime, 14 * MINUTE)
    receipts.ring(runtime)
    receipts.ask(runtime)
    assert (jobs.rung, set(statuses(runtime))) == ([], {S.SENT})
    let_pass(runtime, 2 * MINUTE)
    receipts.ring(runtime)
    receipts.ask(runtime)

    assert jobs.rung == ["receipts"]
    assert statuses(runtime) == [S.DELIVERED] * 5
    assert set(times(runtime)) == {None}


@pytest.mark.parametrize(
    ("medium", "fault", "reason", "suppressed"),
    [
        (Medium.SMS, {"rate_undelivered": 1, "undelivered_code": 30003}, FailureReason.UNREACHABLE, frozenset()),
        (
            Medium.SMS,
            {"rate_undelivered": 1, "undelivered_code": 30005},
            FailureReason.BAD_ADDRESS,
            {SuppressionReason.BOUNCED},
        ),
        (Medium.EMAIL, {"rate_bounce": 1}, FailureReason.BAD_ADDRESS, {SuppressionReason.BOUNCED}),
        (Medium.EMAIL, {"rate_dropped": 1}, FailureReason.BAD_ADDRESS, {SuppressionReason.BOUNCED}),
    ],
)
def test_bad_news_is_heeded_as_if_it_had_been_pushed(runtime, sandbox, medium, fault, reason, suppressed):
    sandbox.order(**fault)
    send(runtime, sandbox, medium, 1)
    let_pass(runtime, 16 * MINUTE)

    receipts.ask(runtime)

    with runtime.database.read() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.status, row.reason) == (S.FAILED, reason)
        assert suppressions_of(session, session.get(Address, row.address_id)) == suppressed


def test_the_same_news_pushed_later_changes_nothing_and_is_kept_once(runtime, sandbox):
    send(runtime, sandbox, Medium.SMS, 1)
    let_pass(runtime, 16 * MINUTE)
    receipts.ask(runtime)
    with runtime.database.read() as session:
        row = session.scalars(select(Delivery)).one()
    [asked] = look_at(runtime, StatusNews)

    with runtime.database.transaction() as session:
        pushed = runtime.twilio.parse_status(callback(row))
        events.record(
            session, "twilio", pushed, now=clock.now(), listeners=runtime.listeners, timing=runtime.config.timing
        )

    assert [pushed[0].event_id] == [asked.event_id]
    assert len(look_at(runtime, StatusNews)) == 1


def callback(row):
    from peoplelink.channels.messages import ProviderRequest  # noqa: PLC0415

    url = f"{NOBODY}/webhooks/twilio/status?d={row.public_id}&a={row.attempt}"
    body = f"MessageSid={row.provider_message_id}&MessageStatus=delivered".encode()
    return ProviderRequest(url, {}, body, "application/x-www-form-urlencoded")


def look_at(runtime, table):
    with runtime.database.read() as session:
        return session.scalars(select(table)).all()


@both
def test_no_news_is_asked_for_at_growing_distances_and_not_after_three_days(runtime, sandbox, medium):
    send(runtime, sandbox, medium, 1)
    still_under_way(sandbox, medium)
    asked = []

    for _ in range(20):
        with runtime.database.read() as session:
            row = session.scalars(select(Delivery)).one()
        if row.look_up_at is None:
            break
        asked.append(round((row.look_up_at - row.sent_at) / MINUTE))
        let_pass(runtime, row.look_up_at - clock.now())
        receipts.ask(runtime)

    assert asked == [15, 30, 60, 120, 240, 480, 960, 1920, 3840, 4320]
    assert statuses(runtime) == [S.SENT]


def still_under_way(sandbox, medium):
    state = sandbox.world.state
    for text in state.texts.values():
        text.status = "sent"
    for mail in state.mails.values():
        mail.status = "deferred"


@both
def test_a_provider_that_does_not_answer_is_asked_again_in_five_minutes(runtime, sandbox, medium):
    send(runtime, sandbox, medium, 3)
    let_pass(runtime, 2 * HOUR)
    sandbox.order(rate_lookup_5xx=1)

    receipts.ask(runtime)

    assert set(statuses(runtime)) == {S.SENT}
    assert all(abs(time - clock.now() - 5 * MINUTE) < MINUTE for time in times(runtime))
    assert look_at(runtime, StatusNews) == []


@both
def test_a_message_that_the_provider_has_no_more_stays_sent(runtime, sandbox, medium):
    send(runtime, sandbox, medium, 2)
    let_pass(runtime, 16 * MINUTE)
    sandbox.world.state.clear()

    receipts.ask(runtime)

    assert set(statuses(runtime)) == {S.SENT}
    assert all(time > clock.now() + 10 * MINUTE for time in times(runtime))


def test_one_call_of_many_emails_is_asked_after_once(runtime, sandbox):
    send(runtime, sandbox, Medium.EMAIL, 40)
    let_pass(runtime, 16 * MINUTE)
    asked = count_of_calls(sandbox)

    receipts.ask(runtime)

    assert asked() == 1
    assert statuses(runtime) == [S.DELIVERED] * 40


def count_of_calls(sandbox):
    """A function that says how often the logs were asked: each look throws the dice once."""
    faults, thrown = sandbox.world.faults, []
    strikes = faults.strikes
    faults.strikes = lambda fault, addresses=(): thrown.append(fault) or strikes(fault, addresses)
    return lambda: thrown.count("rate_lookup_5xx")


def test_other_rows_are_left_alone(runtime, sandbox):
    long_ago = clock.now() - HOUR
    kept = [S.UNCONFIRMED, S.DELIVERED, S.FAILED, S.QUEUED]
    with runtime.database.transaction() as session:
        for status in kept:
            make_delivery(session, status=status, look_up_at=long_ago, created_at=long_ago, attempt=1)
        make_delivery(session, status=S.SENT, look_up_at=clock.now() + HOUR, sent_at=long_ago, created_at=long_ago)

    receipts.ask(runtime)

    assert statuses(runtime) == sorted([*kept, S.SENT])
    assert look_at(runtime, StatusNews) == []


def test_a_text_without_a_sid_cannot_be_asked_after(runtime, sandbox):
    send(runtime, sandbox, Medium.SMS, 1)
    let_pass(runtime, 16 * MINUTE)
    with runtime.database.transaction() as session:
        session.execute(update(Delivery).values(provider_message_id="../Messages"))

    receipts.ask(runtime)

    assert statuses(runtime) == [S.SENT]


@both
def test_a_slice_that_ends_with_work_left_rings_again_and_goes_on_where_it_was(
    runtime, sandbox, jobs, monkeypatch, medium
):
    monkeypatch.setattr(receipts, "_BATCH", 2)
    monkeypatch.setattr(receipts, "_LONG_ENOUGH", -1)
    send(runtime, sandbox, medium, 5)
    let_pass(runtime, 16 * MINUTE)
    jobs.rung.clear()

    for _ in range(3):
        receipts.ask(runtime)

    assert jobs.rung == ["receipts"] * 3
    assert statuses(runtime) == [S.DELIVERED] * 5


@pytest.mark.parametrize(
    ("minutes", "next_minutes"), [(15, 30), (100, 200), (3000, 4320), (4319, 4320), (4320, None), (9999, None)]
)
def test_the_next_time_is_twice_as_far_and_at_most_the_last(now, minutes, next_minutes):
    sent_at = now - minutes * MINUTE

    found = receipts.next_time(sent_at, Timing(), now)

    assert found == (None if next_minutes is None else sent_at + next_minutes * MINUTE)


def test_a_clock_that_was_put_back_asks_nobody_over_and_over(now):
    assert receipts.next_time(now + HOUR, Timing(), now) == now + 15 * MINUTE


def test_nothing_due_rings_nothing(runtime, jobs):
    receipts.ring(runtime)

    assert jobs.rung == []
    assert look_at(runtime, StatusNews) == []
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
