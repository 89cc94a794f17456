import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from peoplelink.channels.messages import Medium
from peoplelink.outbound.advance import Move
from peoplelink.outbound.claim import claim
from peoplelink.outbound.going_back import put_back
from peoplelink.outbound.holding import hold
from peoplelink.outbound.models import Content, Delivery
from peoplelink.outbound.services import pause_lane, queue_message, resume_lane, suppress
from peoplelink.outbound.states import DeliveryStatus, HoldReason, Purpose, SuppressionReason
from peoplelink.outbound.turns import Turns
from tests.factories import (
    add_noise,
    make_address,
    make_content,
    make_delivery,
    make_dispatch,
    make_suppression,
)

LEASE = dt.timedelta(seconds=60)
LANE = "sms:bulk"


@pytest.fixture
def clock_at():
    """A moment by the clock on the wall in London."""
    return lambda text: dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


def take(session, now, lane=LANE, limit=500):
    return claim(session, lane, limit=limit, lease=LEASE, now=now)


def test_a_claim_opens_an_attempt_and_nobody_can_claim_again(session, now):
    delivery = make_delivery(session)
    make_delivery(session, content=make_content(session, make_dispatch(session, urgency="urgent")))

    first, second = take(session, now), take(session, now)

    assert [row.delivery_id for row in first.rows] == [delivery.id]
    assert second.rows == []
    session.refresh(delivery)
    assert (delivery.status, delivery.attempt, delivery.lease_until) == (DeliveryStatus.SENDING, 1, now + LEASE)
    assert (delivery.claimed_at, bool(delivery.lease_token)) == (now, True)


def test_the_oldest_come_first_up_to_the_limit(session, now):
    rows = [make_delivery(session) for _ in range(3)]

    assert [row.delivery_id for row in take(session, now, limit=2).rows] == [row.id for row in rows[:2]]


def test_what_may_not_be_sent_is_settled_and_not_left_waiting(session, now):
    stopped = make_delivery(session)
    make_suppression(session, stopped.address)
    late = make_delivery(session, expires_at=now)
    taken_back = make_delivery(session, content=make_content(session, make_dispatch(session, cancelled_at=now)))
    lifted = make_delivery(session)
    make_suppression(session, lifted.address, lifted_at=now)

    claimed = take(session, now)

    assert [row.delivery_id for row in claimed.rows] == [lifted.id]
    assert claimed.settled == {stopped.dispatch_id, late.dispatch_id, taken_back.dispatch_id}
    for row, status in (
        (stopped, DeliveryStatus.SUPPRESSED),
        (late, DeliveryStatus.EXPIRED),
        (taken_back, DeliveryStatus.CANCELLED),
    ):
        session.refresh(row)
        assert (row.status, row.settled_at, row.attempt) == (status, now, 0)


def test_what_must_wait_waits(session, now):
    later = make_delivery(session, not_before=now + dt.timedelta(seconds=1))
    held = make_delivery(session, content=make_content(session, make_dispatch(session, held_at=now)))

    assert take(session, now).rows == []
    assert {later.status, held.status} == {DeliveryStatus.QUEUED}
    assert len(take(session, now + dt.timedelta(seconds=1)).rows) == 1


def waiting(session, number, **values):
    """A dispatch with so many deliveries; they."""
    content = make_content(session, make_dispatch(session))
    return [make_delivery(session, content=content, **values) for _ in range(number)]


def test_dispatches_share_a_claim_and_take_turns_where_there_is_not_enough_for_all(session, now):
    large, small, smallest = waiting(session, 9), waiting(session, 4), waiting(session, 1)
    turns = Turns()
    owner = {row.id: name for name, rows in (("L", large), ("s", small), ("x", smallest)) for row in rows}

    def taken(limit):
        claimed = claim(session, LANE, limit=limit, lease=LEASE, now=now, turns=turns)
        return "".join(owner[row.delivery_id] for row in claimed.rows)

    assert [taken(1) for _ in range(4)] == ["L", "s", "x", "L"]
    assert sorted(taken(4)) == ["L", "L", "s", "s"]
    assert sorted(taken(100)) == ["L"] * 5 + ["s"]


def test_what_was_put_back_is_claimed_again_though_reading_had_gone_on(session, now):
    rows, turns = waiting(session, 5), Turns()
    claim(session, LANE, limit=3, lease=LEASE, now=now, turns=turns)
    put_back(session, [Move(rows[0].id, 1, DeliveryStatus.QUEUED)], now=now)

    found = [claim(session, LANE, limit=3, lease=LEASE, now=now, turns=turns).rows for _ in range(2)]

    assert [[row.delivery_id for row in some] for some in found] == [[rows[3].id, rows[4].id], [rows[0].id]]


def test_segments_bound_a_claim_and_one_message_always_goes(session, now):
    waiting(session, 3, segments=2)

    assert len(claim(session, LANE, limit=9, lease=LEASE, now=now, segments=5).rows) == 2
    assert len(claim(session, LANE, limit=9, lease=LEASE, now=now, segments=1).rows) == 1


def test_in_quiet_hours_messages_are_held_until_they_end(session, clock_at):
    at_night = clock_at("2026-11-24T22:15")
    rows = waiting(session, 2, quiet_from=21 * 60, quiet_until=8 * 60)
    anybody = make_delivery(session)

    claimed = take(session, at_night)

    assert [row.delivery_id for row in claimed.rows] == [anybody.id]
    assert claimed.settled == {rows[0].dispatch_id}
    for row in rows:
        session.refresh(row)
        assert (row.status, row.held_because) == (DeliveryStatus.HELD, HoldReason.QUIET_HOURS)
        assert row.not_before == clock_at("2026-11-25T08:00")


def test_only_those_named_are_claimed(session, now):
    rows = waiting(session, 3)

    claimed = claim(session, LANE, limit=9, lease=LEASE, now=now, only=[rows[1].id])

    assert [row.delivery_id for row in claimed.rows] == [rows[1].id]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_pause_waits_for_the_claim_under_way_and_ends_all_others(database, now):
    with database.transaction() as session:
        content = make_delivery(session).content
    paused = threading.Event()

    def pause():
        with database.transaction() as session:
            hold(session, content.dispatch_id, HoldReason.OFFICER, now=now)
        paused.set()

    with database.transaction() as session:
        assert len(take(session, now).rows) == 1
        thread = threading.Thread(target=pause)
        thread.start()
        assert not paused.wait(0.5)
    thread.join(10)
    assert paused.is_set()
    with database.transaction() as session:
        make_delivery(session, content=session.get_one(Content, content.id))
        assert take(session, now).rows == []


def test_nothing_is_claimed_from_a_paused_lane_until_it_is_resumed(session, now, jobs):
    make_delivery(session)
    pause_lane(session, LANE, because="The key is wrong.", now=now)

    assert take(session, now).rows == []
    resume_lane(session, LANE)
    assert len(take(session, now).rows) == 1


def test_the_answer_to_stop_passes_and_a_confirmation_follows_an_unsubscribe_only(session, now):
    number, mailbox = make_address(session), make_address(session, Medium.EMAIL)
    suppress(session, number, SuppressionReason.STOP, source="text", now=now)
    suppress(session, mailbox, SuppressionReason.UNSUBSCRIBED, source="link", now=now)
    answer = queue_message(session, number, purpose=Purpose.OPT_OUT_ANSWER, body="You have left.", now=now)
    asked = queue_message(session, number, purpose=Purpose.CONFIRMATION, body="Reply YES", now=now)
    mailed = queue_message(session, mailbox, purpose=Purpose.CONFIRMATION, body="Confirm", subject="Confirm", now=now)

    texts, mails = take(session, now, "sms:urgent"), take(session, now, "email:urgent")

    assert [row.delivery_id for row in texts.rows] == [answer.id]
    assert [row.delivery_id for row in mails.rows] == [mailed.id]
    session.refresh(asked)
    assert asked.status is DeliveryStatus.SUPPRESSED


def test_a_confirmation_does_not_follow_a_bounce(session, now):
    mailbox = make_address(session, Medium.EMAIL)
    suppress(session, mailbox, SuppressionReason.UNSUBSCRIBED, source="link", now=now)
    suppress(session, mailbox, SuppressionReason.BOUNCED, source="event", now=now)
    queue_message(session, mailbox, purpose=Purpose.CONFIRMATION, body="Confirm", subject="Confirm", now=now)

    assert take(session, now, "email:urgent").rows == []


@pytest.mark.parametrize(
    ("reason", "answered"),
    [
        (SuppressionReason.UNSUBSCRIBED, True),
        (SuppressionReason.ERASED, True),
        (SuppressionReason.STOP, False),
        (SuppressionReason.PROVIDER, False),
        (SuppressionReason.OFFICER, False),
    ],
)
def test_a_word_texted_is_answered_after_leaving_by_link_and_not_after_a_stop(session, now, reason, answered):
    number = make_address(session)
    suppress(session, number, reason, source="test", now=now)
    asked = queue_message(session, number, purpose=Purpose.KEYWORD_ANSWER, body="Text JOIN ...", now=now)

    claimed = [row.delivery_id for row in take(session, now, "sms:urgent").rows]

    assert claimed == ([asked.id] if answered else [])


def test_of_eight_claims_racing_each_row_goes_to_one(database, now):
    with database.transaction() as session:
        add_noise(session)
        content = make_content(session, make_dispatch(session))
        for _ in range(60):
            make_delivery(session, content=content)
    won: list[int] = []

    def race():
        for _ in range(20):
            with database.transaction() as session:
                won.extend(row.delivery_id for row in take(session, now, limit=7).rows)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as session:
        sending = select(func.count()).select_from(Delivery).where(Delivery.status == DeliveryStatus.SENDING)
        assert session.scalar(sending) == len(won) == len(set(won)) >= 60


def test_what_could_not_be_handed_on_before_it_is_too_late_is_not_sent(session, now):
    late = make_delivery(session, expires_at=now + dt.timedelta(seconds=4))
    in_time = make_delivery(session, expires_at=now + dt.timedelta(seconds=5))

    assert [row.delivery_id for row in take(session, now).rows] == [in_time.id]
    session.refresh(late)
    assert late.status is DeliveryStatus.EXPIRED


def test_what_is_of_no_use_before_the_quiet_hours_end_is_expired_at_once(session, clock_at):
    quiet = {"quiet_from": 21 * 60, "quiet_until": 8 * 60}
    over = make_delivery(session, expires_at=clock_at("2026-11-24T22:15"), **quiet)
    early = make_delivery(session, expires_at=clock_at("2026-11-25T07:00"), **quiet)
    late = make_delivery(session, expires_at=clock_at("2026-11-25T09:00"), **quiet)

    assert take(session, clock_at("2026-11-24T22:15")).rows == []
    for row in (over, early, late):
        session.refresh(row)
    assert [row.status for row in (over, early, late)] == [*(DeliveryStatus.EXPIRED,) * 2, DeliveryStatus.HELD]
    assert [row.held_because for row in (over, early, late)] == [None, *(HoldReason.QUIET_HOURS,) * 2]
