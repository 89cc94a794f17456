import dataclasses
import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink import clock, keys
from peoplelink.channels.errors import ConfigurationError, PermanentError, TemporaryError, UnknownOutcome
from peoplelink.channels.messages import FailureReason, Medium
from peoplelink.outbound import release, tasks
from peoplelink.outbound.engine import drain
from peoplelink.outbound.models import Delivery, Dispatch, Lane
from peoplelink.outbound.services import queue_message, suppress, suppressions_of
from peoplelink.outbound.states import DeliveryStatus, HoldReason, Purpose, SuppressionReason, Urgency
from peoplelink.outbound.words import LEAVE_TAG, Words
from tests.factories import make_address, make_delivery
from tests.outbound.test_release import everybody

S = DeliveryStatus


@pytest.fixture
def runtime(runtime):
    return dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, twilio_segments_per_second=400))


def texts(runtime, number):
    """A dispatch of texts, and of emails to as many others."""
    now = clock.now()
    with runtime.database.transaction() as session:
        people = [make_address(session, value=f"+4474001{index:05}") for index in range(number)]
        mailboxes = [make_address(session, Medium.EMAIL) for _ in range(number)]
        dispatch = release.start(
            session,
            purpose=Purpose.BROADCAST,
            urgency=Urgency.BULK,
            words=[
                Words(Medium.SMS, "Dear {name|friend}, a fair."),
                Words(Medium.EMAIL, "Dear {name|friend}, a *fair*.", "Fair for {name|you}"),
            ],
            now=now,
        )
        release.add_recipients(session, dispatch, everybody(people, "A & B"), now=now)
        release.add_recipients(session, dispatch, everybody(mailboxes, "A & B"), now=now)
    return dispatch


def statuses(runtime, medium=None):
    query = select(Delivery.status, func.count()).group_by(Delivery.status)
    if medium:
        query = query.where(Delivery.lane.startswith(medium.value))
    with runtime.database.read() as session:
        return dict(session.execute(query).all())


def only_delivery(runtime):
    with runtime.database.read() as session:
        return session.scalars(select(Delivery)).one()


def one_text(runtime, error=None):
    with runtime.database.transaction() as session:
        address = make_address(session)
        queue_message(session, address, purpose=Purpose.REPLY, body="Thank you.", now=clock.now())
    runtime.channels[Medium.SMS].answer(address.value, error)
    tasks.drain_lane(runtime, "sms:urgent")
    return address


def test_everybody_is_sent_one_message_and_nobody_two(runtime):
    texts(runtime, 30)

    for _ in range(2):
        for lane in ("sms:bulk", "email:bulk"):
            tasks.drain_lane(runtime, lane)

    assert statuses(runtime) == {S.SENT: 60}
    sent = runtime.channels[Medium.SMS].sent + runtime.channels[Medium.EMAIL].sent
    assert len(sent) == len({message.to for message in sent}) == 60
    assert {message.body.text for message in runtime.channels[Medium.SMS].sent} == {"Dear A & B, a fair."}


def test_emails_of_one_content_share_a_call_and_each_has_its_own_way_out(runtime):
    dispatch = texts(runtime, 5)

    tasks.drain_lane(runtime, "email:bulk")

    channel = runtime.channels[Medium.EMAIL]
    assert channel.calls == 1
    assert len({message.body for message in channel.sent}) == 1
    leaving = {message.substitutions[LEAVE_TAG] for message in channel.sent}
    assert len(leaving) == 5
    for message in channel.sent:
        assert message.headers["List-Unsubscribe"].startswith(f"<{message.substitutions[LEAVE_TAG]}>, <mailto:r-")
        assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        token, _, domain = message.reply_to.partition("@")
        assert keys.read_reply_token(runtime.config.secret_keys, token) == dispatch.public_id
        assert domain == runtime.config.inbound_domain
        body = message.body.html
        for tag, value in message.substitutions.items():
            body = body.replace(tag, value)
        assert "Dear A &amp; B, a <em>fair</em>" in body
        assert "-pl_" not in body


def test_curly_brackets_in_a_single_message_are_words_like_any_other(runtime):
    with runtime.database.transaction() as session:
        address = make_address(session)
        queue_message(session, address, purpose=Purpose.REPLY, body="Hello {name|neighbour}", now=clock.now())

    tasks.drain_lane(runtime, "sms:urgent")

    assert [message.body.text for message in runtime.channels[Medium.SMS].sent] == ["Hello {name|neighbour}"]


def test_a_refusal_before_acceptance_is_tried_again_later(runtime):
    one_text(runtime, TemporaryError(retry_after=30))

    row = only_delivery(runtime)
    assert (row.status, row.tries) == (S.QUEUED, 1)
    assert row.not_before > clock.now() + dt.timedelta(seconds=20)
    assert runtime.channels[Medium.SMS].calls == 1


def test_an_unknown_outcome_is_never_sent_again(runtime):
    address = one_text(runtime, UnknownOutcome())
    runtime.channels[Medium.SMS].answer(address.value, None)

    tasks.sweep(runtime)
    tasks.drain_lane(runtime, "sms:urgent")

    assert only_delivery(runtime).status is S.UNCONFIRMED
    assert runtime.channels[Medium.SMS].sent == []


def test_a_fault_of_our_own_in_the_middle_of_a_call_is_an_unknown_outcome(runtime):
    one_text(runtime, ValueError("a fault"))

    assert only_delivery(runtime).status is S.UNCONFIRMED


def test_an_opt_out_at_the_provider_becomes_ours(runtime):
    address = one_text(runtime, PermanentError(reason=FailureReason.OPTED_OUT, provider_code="21610"))

    row = only_delivery(runtime)
    assert (row.status, row.reason, row.provider_code) == (S.FAILED, FailureReason.OPTED_OUT, "21610")
    with runtime.database.read() as session:
        assert SuppressionReason.PROVIDER in suppressions_of(session, address)


def test_one_bad_address_of_many_costs_the_others_nothing(runtime):
    texts(runtime, 30)
    channel = runtime.channels[Medium.EMAIL]
    with runtime.database.read() as session:
        bad = [row.address for row in session.scalars(select(Delivery)) if row.lane == "email:bulk"][7]
    channel.answer(bad.value, PermanentError(reason=FailureReason.BAD_ADDRESS))

    tasks.drain_lane(runtime, "email:bulk")

    assert statuses(runtime, Medium.EMAIL) == {S.FAILED: 1, S.SENT: 29}
    sent = [message.to for message in channel.sent]
    assert len(sent) == len(set(sent)) == 29
    assert len({message.call_id for message in channel.sent}) == channel.calls - 6
    with runtime.database.read() as session:
        assert SuppressionReason.BOUNCED in suppressions_of(session, bad)


def test_words_that_are_refused_are_not_asked_about_for_each_person(runtime):
    texts(runtime, 100)
    channel = runtime.channels[Medium.EMAIL]
    channel.answer_all(PermanentError(reason=FailureReason.CONTENT))

    tasks.drain_lane(runtime, "email:bulk")

    assert statuses(runtime, Medium.EMAIL) == {S.FAILED: 100}
    assert channel.calls < 60


def test_a_run_of_failures_pauses_the_dispatch_and_keeps_the_rest_waiting(runtime):
    dispatch = texts(runtime, 200)
    paused = []
    runtime.listeners.failing.append(lambda _session, ids, _now: paused.append(ids))
    runtime.channels[Medium.SMS].answer_all(PermanentError(reason=FailureReason.CONTENT, provider_code="30007"))

    tasks.drain_lane(runtime, "sms:bulk")
    tasks.drain_lane(runtime, "sms:bulk")

    assert paused == [{dispatch.id}]
    found = statuses(runtime, Medium.SMS)
    assert found[S.FAILED] + found[S.QUEUED] == 200
    assert 20 <= found[S.FAILED] < 200
    with runtime.database.read() as session:
        held = session.get_one(Dispatch, dispatch.id)
        assert (held.held_because, bool(held.held_at)) == (HoldReason.FAILURES, True)


def test_what_was_claimed_too_long_ago_goes_back_and_is_not_sent(runtime):
    timing = dataclasses.replace(runtime.config.timing, fresh=-1.0)
    late = dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, timing=timing))
    texts(late, 3)

    assert drain(late, "sms:bulk", seconds=0.5)
    assert statuses(late, Medium.SMS) == {S.QUEUED: 3}
    assert runtime.channels[Medium.SMS].calls == 0


def test_wrong_settings_pause_the_lane_and_lose_nothing(runtime):
    address = one_text(runtime, ConfigurationError(provider_code="20003"))

    row = only_delivery(runtime)
    with runtime.database.read() as session:
        lane = session.get_one(Lane, "sms:urgent")
    assert (row.status, row.tries) == (S.QUEUED, 0)
    assert "20003" in lane.paused_because
    assert "peoplelink doctor" in lane.paused_because
    assert address.value not in lane.paused_because


def test_a_stop_between_queue_and_claim_is_kept(runtime):
    texts(runtime, 2)
    with runtime.database.transaction() as session:
        stopped = session.scalars(select(Delivery).where(Delivery.lane == "sms:bulk").limit(1)).one().address
        suppress(session, stopped, SuppressionReason.STOP, source="text", now=clock.now())

    tasks.drain_lane(runtime, "sms:bulk")

    assert stopped.value not in {message.to for message in runtime.channels[Medium.SMS].sent}
    assert statuses(runtime, Medium.SMS) == {S.SUPPRESSED: 1, S.SENT: 1}


def test_a_lane_that_is_not_empty_after_its_slice_rings_again(runtime, jobs):
    slow = dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, twilio_segments_per_second=1))
    texts(slow, 40)
    jobs.rung.clear()

    tasks.drain_lane(slow, "sms:bulk")

    assert jobs.rung == ["lane:sms:bulk"]
    assert 3 <= statuses(slow, Medium.SMS)[S.SENT] <= 7


def test_the_sweep_rings_for_what_was_left_and_names_what_a_dead_worker_held(runtime, jobs):
    now = clock.now()
    with runtime.database.transaction() as session:
        make_delivery(session)
        make_delivery(session, not_before=now + dt.timedelta(hours=1), lane="email:bulk")
        orphan = make_delivery(session, status=S.SENDING, attempt=1, lease_until=now - dt.timedelta(seconds=1))
        busy = make_delivery(session, status=S.SENDING, attempt=1, lease_until=now + dt.timedelta(seconds=50))
    jobs.rung.clear()

    tasks.sweep(runtime)

    assert jobs.rung == ["lane:sms:bulk"]
    with runtime.database.read() as session:
        assert session.get_one(Delivery, orphan.id).status is S.UNCONFIRMED
        assert session.get_one(Delivery, busy.id).status is S.SENDING


def test_the_sweep_does_not_ring_for_a_paused_lane(runtime, jobs):
    with runtime.database.transaction() as session:
        make_delivery(session)
        session.add(Lane(name="sms:bulk", paused_at=clock.now(), paused_because="x"))
    jobs.rung.clear()

    tasks.sweep(runtime)

    assert jobs.rung == []


def test_an_officer_is_not_asked_to_leave_their_work(runtime):
    with runtime.database.transaction() as session:
        address = make_address(session, Medium.EMAIL)
        queue_message(session, address, purpose=Purpose.NOTICE, subject="A complaint", body="Sign in.", now=clock.now())

    tasks.drain_lane(runtime, "email:urgent")

    [message] = runtime.channels[Medium.EMAIL].sent
    assert message.headers == {}
    for part in (message.body.text, message.body.html):
        assert LEAVE_TAG not in part
        assert "leave" not in part.casefold()
        assert "/preferences" not in part
