"""When a broadcast is sent out, and when it is finished."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.broadcasts import services, settling
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.broadcasts.released import release_all, sent_broadcast, settle


def test_it_is_sent_out_when_nothing_waits_and_finished_when_receipts_are_in(session, now):
    broadcast = sent_broadcast(session)
    release_all(session, broadcast, now)
    services.settled(session, {broadcast.dispatch_id: []}, now)
    assert broadcast.status is BroadcastStatus.SENDING

    settle(session, broadcast, DeliveryStatus.SENT)
    services.settled(session, {broadcast.dispatch_id: []}, now)
    assert (broadcast.status, broadcast.sent_out_at) == (BroadcastStatus.SENT_OUT, now)

    later = now + dt.timedelta(minutes=5)
    settle(session, broadcast, DeliveryStatus.DELIVERED)
    services.settled(session, {broadcast.dispatch_id: []}, later)
    assert (broadcast.status, broadcast.finished_at) == (BroadcastStatus.FINISHED, later)


@pytest.mark.parametrize("status", [DeliveryStatus.QUEUED, DeliveryStatus.SENDING])
def test_one_delivery_under_way_keeps_it_sending(session, now, status):
    broadcast = sent_broadcast(session)
    release_all(session, broadcast, now)
    settle(session, broadcast, DeliveryStatus.DELIVERED)
    one = session.scalars(select(Delivery).where(Delivery.dispatch_id == broadcast.dispatch_id)).first()
    one.status = status
    session.flush()

    services.settled(session, {broadcast.dispatch_id: []}, now)

    assert broadcast.status is BroadcastStatus.SENDING


def test_news_of_another_dispatch_moves_nothing(session, now):
    broadcast = sent_broadcast(session)
    release_all(session, broadcast, now)
    settle(session, broadcast, DeliveryStatus.DELIVERED)

    services.settled(session, {broadcast.dispatch_id + 1: []}, now)

    assert broadcast.status is BroadcastStatus.SENDING


@pytest.mark.parametrize(("hours", "status"), [(71, BroadcastStatus.SENT_OUT), (72, BroadcastStatus.FINISHED)])
def test_after_72_hours_no_receipt_is_waited_for(session, now, hours, status):
    broadcast = sent_broadcast(session)
    release_all(session, broadcast, now)
    settle(session, broadcast, DeliveryStatus.UNCONFIRMED)
    settling.refresh(session, broadcast.id, now=now)

    settling.refresh(session, broadcast.id, now=now + dt.timedelta(hours=hours))

    assert broadcast.status is status
