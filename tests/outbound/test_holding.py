"""Pausing, resuming and cancelling while workers claim: each message is sent once, or taken back, never both."""

import datetime as dt
import threading

import pytest
from sqlalchemy import func, select

from peoplelink.outbound.claim import claim
from peoplelink.outbound.holding import cancel, hold, resume, take_back
from peoplelink.outbound.models import Delivery, DispatchHealth
from peoplelink.outbound.services import suppress
from peoplelink.outbound.states import DeliveryStatus, HoldReason, SuppressionReason
from tests.factories import add_noise, make_address, make_content, make_delivery, make_dispatch

LEASE = dt.timedelta(seconds=60)
LANE = "sms:bulk"
QUEUED, HELD, SENDING, CANCELLED = (
    DeliveryStatus.QUEUED, DeliveryStatus.HELD, DeliveryStatus.SENDING, DeliveryStatus.CANCELLED
)  # fmt: skip


def crowd(session, number, **columns):
    """A dispatch with so many waiting deliveries; its id."""
    content = make_content(session, make_dispatch(session, **columns))
    for index in range(number):
        make_delivery(session, make_address(session, value=f"+4474001{index:05}"), content=content)
    return content.dispatch_id


def take(session, now, limit=500):
    return [row.delivery_id for row in claim(session, LANE, limit=limit, lease=LEASE, now=now).rows]


def by_status(session, dispatch_id):
    query = select(Delivery.status, func.count()).where(Delivery.dispatch_id == dispatch_id).group_by(Delivery.status)
    return dict(session.execute(query).all())


def together(acts):
    faults = []

    def guarded(act):
        try:
            act()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test shows it
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_of_two_pauses_one_is_new_and_after_it_nothing_is_claimed(session, now):
    dispatch_id = crowd(session, 3)

    first, second = (hold(session, dispatch_id, because, now=now) for because in (HoldReason.OFFICER, "failures"))

    assert (first, second, take(session, now)) == (True, False, [])


def test_resuming_rings_counts_failures_anew_and_is_new_once(session, now, jobs):
    dispatch_id = crowd(session, 2)
    session.add(DispatchHealth(dispatch_id=dispatch_id, recent="f" * 20))
    hold(session, dispatch_id, HoldReason.FAILURES, now=now)

    found = [resume(session, dispatch_id) for _ in range(2)]

    assert found == [True, False]
    assert len(take(session, now)) == 2
    assert session.scalar(select(DispatchHealth.recent).where(DispatchHealth.dispatch_id == dispatch_id)) == ""
    assert session.info["bells"] == {"lane:sms:bulk", "lane:email:bulk"}


def test_cancelling_takes_back_what_waits_and_what_is_held_and_leaves_what_is_under_way(session, now):
    dispatch_id = crowd(session, 5)
    first = take(session, now, limit=2)
    other = make_delivery(session).dispatch_id
    ids = list(session.scalars(select(Delivery.id).where(Delivery.dispatch_id == dispatch_id).order_by(Delivery.id)))
    night = session.get_one(Delivery, ids[-1])
    night.status, night.held_because, night.not_before = HELD, HoldReason.QUIET_HOURS, now
    hold(session, dispatch_id, HoldReason.OFFICER, now=now)

    said = [cancel(session, dispatch_id, now=now) for _ in range(2)]
    taken = [take_back(session, dispatch_id, now=now, limit=2) for _ in range(3)]

    assert (said, taken) == ([True, False], [2, 1, 0])
    assert by_status(session, dispatch_id) == {SENDING: len(first), CANCELLED: 3}
    assert by_status(session, other) == {QUEUED: 1}
    session.refresh(night)
    assert (night.held_because, night.settled_at) == (None, now)


def test_nothing_is_taken_back_of_what_was_not_cancelled(session, now):
    dispatch_id = crowd(session, 2)

    assert take_back(session, dispatch_id, now=now) == 0
    assert by_status(session, dispatch_id) == {QUEUED: 2}


def test_what_comes_back_after_a_cancellation_is_settled_by_the_claim(session, now):
    dispatch_id = crowd(session, 1)
    hold(session, dispatch_id, HoldReason.OFFICER, now=now)

    cancel(session, dispatch_id, now=now)

    assert take(session, now) == []
    assert by_status(session, dispatch_id) == {CANCELLED: 1}


def test_a_stop_takes_back_what_waits_for_the_morning(session, now):
    held = make_delivery(session, status=HELD, held_because=HoldReason.QUIET_HOURS, not_before=now)

    suppress(session, held.address, SuppressionReason.STOP, source="text", now=now)

    session.refresh(held)
    assert (held.status, held.held_because) == (DeliveryStatus.SUPPRESSED, None)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_of_a_pause_among_claims_each_claim_is_before_it_or_finds_nothing(database, now):
    with database.transaction() as session:
        add_noise(session)
        dispatch_id = crowd(session, 300)
    paused, late = threading.Event(), []

    def claiming():
        for _ in range(15):
            before = paused.is_set()
            with database.transaction() as session:
                taken = take(session, now, limit=4)
                mine = [id_ for id_ in taken if session.get_one(Delivery, id_).dispatch_id == dispatch_id]
            late.extend(mine if before else [])

    def pausing():
        with database.transaction() as session:
            hold(session, dispatch_id, HoldReason.OFFICER, now=now)
        paused.set()

    together([claiming] * 4 + [pausing])

    assert (late, paused.is_set()) == ([], True)


def test_a_cancellation_during_a_drain_leaves_each_message_claimed_once_or_taken_back(database, now):
    with database.transaction() as session:
        dispatch_id = crowd(session, 200)
    won: list[int] = []

    def claiming():
        for _ in range(12):
            with database.transaction() as session:
                won.extend(take(session, now, limit=5))

    def cancelling():
        with database.transaction() as session:
            cancel(session, dispatch_id, now=now)
        taken = True
        while taken:
            with database.transaction() as session:
                taken = take_back(session, dispatch_id, now=now, limit=20)

    together([claiming] * 3 + [cancelling] * 2)

    with database.transaction() as session:
        assert take(session, now) == []
        found = by_status(session, dispatch_id)
    assert len(won) == len(set(won)) == found.get(SENDING, 0)
    assert sum(found.values()) == found.get(SENDING, 0) + found[CANCELLED] == 200
