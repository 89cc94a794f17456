"""How a broadcast ends: sending -> sent out -> finished, as its deliveries are handed over and receipts come in.

One that was cancelled stays cancelled, and is over when the same is true of what had gone out before.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, update
from sqlalchemy.orm import Session

from peoplelink.broadcasts import proof
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.outbound import progress
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.services import lane_of
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import DeliveryStatus

RECEIPT_TIME = dt.timedelta(hours=72)
"""After that a receipt is not expected any more, and "sent" is final: "no receipt"."""

_UNDER_WAY = (BroadcastStatus.SENDING, BroadcastStatus.SENT_OUT)
_SENT = (*_UNDER_WAY, BroadcastStatus.FINISHED, BroadcastStatus.CANCELLED)
_SMALL = 2_000  # recipients; counting the receipts of more at each piece of news would be most of the work


def settled(session: Session, moved: Mapping[int, Collection[int]], now: dt.datetime) -> None:
    """Move the broadcasts of these dispatches on; of those that are over, note the deliveries that moved late.

    Called at each piece of news, so it is quick; harmless twice.
    """
    if not proof.take_turn(session, moved.keys()):
        return
    for broadcast in _broadcasts(session, Broadcast.status.in_(_SENT), Broadcast.dispatch_id.in_(moved.keys())):
        if broadcast.finished_at is not None:
            proof.late(session, broadcast, moved[_dispatch_id(broadcast)], now=now)
        else:
            move_on(session, broadcast, now=now, count_receipts=sum(broadcast.recipients.values()) <= _SMALL)


def under_way(session: Session) -> list[int]:
    """The ids of the broadcasts that are not over yet."""
    cancelled = and_(Broadcast.status == BroadcastStatus.CANCELLED, Broadcast.finished_at.is_(None))
    waits = or_(Broadcast.status.in_(_UNDER_WAY), cancelled & Broadcast.dispatch_id.is_not(None))
    return [broadcast.id for broadcast in _broadcasts(session, waits)]


def refresh(session: Session, broadcast_id: int, *, now: dt.datetime) -> None:
    """Move a broadcast on: for the scheduler, where news was lost or 72 hours have passed. Harmless twice."""
    move_on(session, session.get_one(Broadcast, broadcast_id), now=now)


def move_on(session: Session, broadcast: Broadcast, *, now: dt.datetime, count_receipts: bool = True) -> None:
    """Say that it is sent out when nothing waits any more, and finished when receipts are in or their time is over."""
    if broadcast.status is BroadcastStatus.SENDING and not _waits(session, broadcast):
        change(session, broadcast, BroadcastStatus.SENT_OUT, sent_out_at=now)
    since = _receipts_since(session, broadcast)
    if since is None:
        return
    if since <= now - RECEIPT_TIME or (
        count_receipts and not progress.without_receipt(session, _dispatch_id(broadcast))
    ):
        _finish(session, broadcast, now)


def _receipts_since(session: Session, broadcast: Broadcast) -> dt.datetime | None:
    """Since when receipts are all that is waited for; None while that is not so."""
    if broadcast.status is BroadcastStatus.SENT_OUT:
        return broadcast.sent_out_at
    if broadcast.status is BroadcastStatus.CANCELLED and broadcast.dispatch and not broadcast.finished_at:
        return None if _waits(session, broadcast) else broadcast.dispatch.cancelled_at
    return None


def _finish(session: Session, broadcast: Broadcast, now: dt.datetime) -> None:
    seen = broadcast.status
    proof.take_turn(session, [_dispatch_id(broadcast)])
    session.refresh(broadcast)
    if broadcast.finished_at is not None or broadcast.status is not seen:
        return
    cancelled = seen is BroadcastStatus.CANCELLED
    if change(session, broadcast, seen if cancelled else BroadcastStatus.FINISHED, finished_at=now):
        proof.finished(session, broadcast, now=now)


def _broadcasts(session: Session, *where: ColumnElement[bool]) -> list[Broadcast]:
    # In one order, since each may be locked; and as they are now, since others may have had their turn before us.
    wanted = select(Broadcast).where(*where).order_by(Broadcast.dispatch_id)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def change(session: Session, broadcast: Broadcast, status: BroadcastStatus, **moments: dt.datetime) -> bool:
    """Move a broadcast to another status, unless somebody else has moved it; whether it was moved."""
    # Conditional on the status we saw: two workers may come to the end of a broadcast together.
    changed = session.scalars(
        update(Broadcast)
        .where(Broadcast.id == broadcast.id, Broadcast.status == broadcast.status)
        .values(status=status, **moments)
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.refresh(broadcast)
    return bool(changed)


def _waits(session: Session, broadcast: Broadcast) -> bool:
    """Whether a delivery is queued, under way, or held until its quiet hours end.

    The lane, and a plus before dispatch_id, lead both databases to the partial indexes on waiting and open rows; the
    index on dispatch_id would walk past every finished row, at every piece of news.
    """
    dispatch = session.get_one(Dispatch, _dispatch_id(broadcast))
    this = literal_column("+deliveries.dispatch_id") == dispatch.id
    lanes = Delivery.lane.in_([lane_of(medium, dispatch.urgency) for medium in Medium])
    queued = select(Delivery.id).where(this, lanes, stands_at(DeliveryStatus.QUEUED))
    sending = select(Delivery.id).where(this, stands_at(DeliveryStatus.SENDING))
    held = select(Delivery.id).where(this, stands_at(DeliveryStatus.HELD))
    return bool(session.scalar(select(or_(queued.exists(), sending.exists()))) or session.scalar(select(held.exists())))


def _dispatch_id(broadcast: Broadcast) -> int:
    assert broadcast.dispatch_id is not None, "a broadcast under way has been released"
    return broadcast.dispatch_id
