"""What officers do to a broadcast under way: each thing once, whoever else presses, and every act on record."""

import datetime as dt
import threading

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.broadcasts import proof, settling, steering, tasks, withdrawing
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus, ProofLink
from peoplelink.channels.messages import FailureReason
from peoplelink.errors import ForbiddenError
from peoplelink.outbound.advance import Move, Moved, advance
from peoplelink.outbound.claim import claim
from peoplelink.outbound.publishing import publish
from peoplelink.outbound.states import DeliveryStatus, HoldReason
from peoplelink.runtime import Listeners
from peoplelink.timing import Timing
from tests.broadcasts.steered import by_status, deliveries, under_way
from tests.factories import make_officer, make_zone

QUEUED, SENDING, SENT, FAILED, UNCONFIRMED, CANCELLED = (
    DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.FAILED,
    DeliveryStatus.UNCONFIRMED, DeliveryStatus.CANCELLED,
)  # fmt: skip
LANE, LEASE = "sms:urgent", dt.timedelta(seconds=60)


def take(session, now, limit=500):
    return [row.delivery_id for row in claim(session, LANE, limit=limit, lease=LEASE, now=now).rows]


def end(session, broadcast, now, status, reason=None, number=None):
    """All of it, or `number`, is claimed and comes to this."""
    moves = [Move(id_, 1, status, reason=reason) for id_ in take(session, now, number or 500)]
    moved = advance(session, moves, timing=Timing(), now=now)
    settling.settled(session, {broadcast.dispatch_id: [one.delivery_id for one in moved]}, now)


def links(session, broadcast):
    query = select(ProofLink.kind, ProofLink.facts).where(ProofLink.broadcast_id == broadcast.id)
    return dict(session.execute(query.order_by(ProofLink.number)).all())


def acts(session, broadcast):
    query = select(AuditEvent.action).where(AuditEvent.subject_id == broadcast.public_id).order_by(AuditEvent.id)
    return list(session.scalars(query))


def test_a_paused_broadcast_sends_nothing_until_it_is_resumed(session, now):
    broadcast = under_way(session, now)
    officer = broadcast.created_by

    steering.pause(session, broadcast, by=officer, now=now)
    paused, claimed = broadcast.status, take(session, now)
    steering.resume(session, broadcast, by=officer, now=now)

    assert (paused, claimed, broadcast.status) == (BroadcastStatus.PAUSED, [], BroadcastStatus.SENDING)
    assert len(take(session, now)) == 4
    assert acts(session, broadcast)[-2:] == ["broadcast.paused", "broadcast.resumed"]
    assert links(session, broadcast)[proof.Kind.PAUSED] == {"by": officer.public_id, "because": "officer"}


def test_who_presses_second_changes_nothing_and_is_told(session, now):
    broadcast = under_way(session, now)
    officer = broadcast.created_by
    steering.pause(session, broadcast, by=officer, now=now)

    with pytest.raises(steering.NotNowError):
        steering.pause(session, broadcast, by=officer, now=now)
    steering.cancel(session, broadcast, by=officer, now=now)
    for act in (steering.resume, steering.cancel, steering.retry, steering.send_unconfirmed_again):
        with pytest.raises(steering.NotNowError):
            act(session, broadcast, by=officer, now=now)


@pytest.mark.parametrize(
    "act", [steering.pause, steering.resume, steering.cancel, steering.retry, steering.leave_unconfirmed]
)
def test_an_officer_of_other_zones_may_not(session, now, act):
    broadcast = under_way(session, now)
    elsewhere = make_officer(session, zones=[make_zone(session)])

    with pytest.raises(ForbiddenError):
        act(session, broadcast, by=elsewhere, now=now)


def test_a_pause_while_the_list_is_made_stops_that_too_and_goes_on_where_it_was(session, now):
    broadcast = under_way(session, now, residents=0)
    broadcast.status, broadcast.released_at, broadcast.dispatch.released_at = BroadcastStatus.RELEASING, None, None
    session.flush()

    steering.pause(session, broadcast, by=broadcast.created_by, now=now)
    assert broadcast.status is BroadcastStatus.PAUSED
    steering.resume(session, broadcast, by=broadcast.created_by, now=now)

    assert broadcast.status is BroadcastStatus.RELEASING
    assert "release" in session.info["bells"]


def test_cancelling_leaves_what_was_sent_and_takes_back_the_rest(session, now):
    broadcast = under_way(session, now)
    end(session, broadcast, now, SENT, number=1)

    steering.cancel(session, broadcast, by=broadcast.created_by, now=now)
    while withdrawing.next_part(session, now=now):
        pass

    assert broadcast.status is BroadcastStatus.CANCELLED
    assert by_status(session, broadcast) == {SENT: 1, CANCELLED: 3}
    assert "cancel" in session.info["bells"]
    assert links(session, broadcast)[proof.Kind.CANCELLED] == {"by": broadcast.created_by.public_id}


def test_what_failed_is_tried_again_and_a_finished_broadcast_sends_again(session, now):
    broadcast = under_way(session, now)
    end(session, broadcast, now, FAILED, FailureReason.PROVIDER, number=3)
    end(session, broadcast, now, FAILED, FailureReason.NOT_MOBILE)
    assert broadcast.status is BroadcastStatus.FINISHED

    moved = steering.retry(session, broadcast, by=broadcast.created_by, now=now)

    assert (moved, broadcast.status, broadcast.finished_at) == (3, BroadcastStatus.SENDING, None)
    assert by_status(session, broadcast) == {QUEUED: 3, FAILED: 1}
    assert links(session, broadcast)[proof.Kind.RETRIED]["messages"] == 3
    with pytest.raises(steering.NotNowError):
        steering.retry(session, broadcast, by=broadcast.created_by, now=now)


def test_what_is_in_doubt_is_sent_again_or_left_and_then_it_is_over(session, now):
    broadcast = under_way(session, now)
    end(session, broadcast, now, UNCONFIRMED)
    officer = broadcast.created_by
    assert broadcast.status is BroadcastStatus.SENT_OUT

    again = steering.send_unconfirmed_again(session, broadcast, by=officer, now=now)
    assert (again, broadcast.status) == (4, BroadcastStatus.SENDING)
    for row in deliveries(session, broadcast):
        advance(session, [Move(row.id, row.attempt, UNCONFIRMED)], timing=Timing(), now=now)
    take(session, now)
    moves = [Move(row.id, 2, UNCONFIRMED) for row in deliveries(session, broadcast)]
    moved = advance(session, moves, timing=Timing(), now=now)
    settling.settled(session, {broadcast.dispatch_id: [one.delivery_id for one in moved]}, now)
    left = steering.leave_unconfirmed(session, broadcast, by=officer, now=now)

    assert (left, broadcast.status) == (4, BroadcastStatus.FINISHED)
    assert by_status(session, broadcast) == {UNCONFIRMED: 4}


def test_a_run_of_failures_shows_the_broadcast_as_paused(session, now):
    broadcast = under_way(session, now, residents=25)
    moves = [Move(id_, 1, FAILED, reason=FailureReason.PROVIDER) for id_ in take(session, now, 20)]
    moved = advance(session, moves, timing=Timing(), now=now)

    publish(session, moved, Listeners(settled=[settling.settled], failing=[steering.failing]), now=now)

    session.refresh(broadcast)
    session.refresh(broadcast.dispatch)
    assert (broadcast.status, broadcast.dispatch.held_because) == (BroadcastStatus.PAUSED, HoldReason.FAILURES)
    assert links(session, broadcast)[proof.Kind.PAUSED] == {"by": "system", "because": "failures"}
    assert take(session, now) == []
    steering.resume(session, broadcast, by=broadcast.created_by, now=now)
    assert len(take(session, now)) == 5


def test_failures_after_the_last_message_pause_nothing(session, now):
    broadcast = under_way(session, now, residents=25)
    moved = [Moved(id_, broadcast.dispatch_id, SENT) for id_ in take(session, now)]
    advance(session, [Move(one.delivery_id, 1, SENT) for one in moved], timing=Timing(), now=now)
    settling.settled(session, {broadcast.dispatch_id: []}, now)
    failed = [Moved(one.delivery_id, broadcast.dispatch_id, FAILED) for one in moved]

    publish(session, failed, Listeners(failing=[steering.failing]), now=now)

    session.refresh(broadcast.dispatch)
    assert (broadcast.status, broadcast.dispatch.held_at) == (BroadcastStatus.SENT_OUT, None)


def together(*acts):
    faults = []

    def guarded(act):
        try:
            act()
        except Exception as fault:  # noqa: BLE001 - the test says which are right
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_two_officers_who_press_at_once_are_told_the_truth(database, now):
    with database.transaction() as session:
        broadcast = under_way(session, now)

    def pressing(act):
        def press():
            with database.transaction() as session:
                mine = session.get_one(Broadcast, broadcast.id)
                act(session, mine, by=mine.created_by, now=now)

        return press

    faults = together(*[pressing(steering.pause)] * 3, *[pressing(steering.cancel)] * 3)

    with database.read() as session:
        done = acts(session, broadcast)
        status = session.get_one(Broadcast, broadcast.id).status
    assert {type(fault) for fault in faults} == {steering.NotNowError}
    assert (status, done.count("broadcast.cancelled"), done.count("broadcast.paused") <= 1) == (
        BroadcastStatus.CANCELLED, 1, True,
    )  # fmt: skip


def test_a_cancellation_during_a_real_drain_sends_each_message_once_or_not_at_all(database, runtime, now):
    from peoplelink.outbound.engine import drain  # noqa: PLC0415 - with its event loop

    with database.transaction() as session:
        broadcast = under_way(session, now, residents=120)

    def cancelling():
        with database.transaction() as session:
            mine = session.get_one(Broadcast, broadcast.id)
            steering.cancel(session, mine, by=mine.created_by, now=now)
        tasks.cancel(runtime)

    faults = together(lambda: drain(runtime, LANE, seconds=2), cancelling)
    drain(runtime, LANE, seconds=2)
    tasks.cancel(runtime)

    with database.read() as session:
        found = by_status(session, broadcast)
    sent = [message.delivery for message in runtime.channels["sms"].sent]
    assert faults == []
    assert set(found) <= {SENT, CANCELLED}
    assert sum(found.values()) == 120
    assert len(sent) == len(set(sent)) == found.get(SENT, 0)
