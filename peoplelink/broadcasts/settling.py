"""How a broadcast ends: sending -> sent out -> finished, as its deliveries are handed over and receipts come in."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, literal_column, or_, select, update
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.outbound import progress
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.services import lane_of

RECEIPT_TIME = dt.timedelta(hours=72)
"""After that a receipt is not expected any more, and "sent" is final: "no receipt"."""

_SMALL = 2_000  # recipients; counting the receipts of more at each piece of news would be most of the work


def settled(session: Session, dispatch_ids: Collection[int], now: dt.datetime) -> None:
    """Move the broadcasts of these dispatches on. Called at each piece of news, so it is quick; harmless twice."""
    for broadcast in _under_way(session, Broadcast.dispatch_id.in_(dispatch_ids)):
        move_on(session, broadcast, now=now, count_receipts=sum(broadcast.recipients.values()) <= _SMALL)


def refresh(session: Session, *, now: dt.datetime) -> None:
    """Move on every broadcast under way: for the scheduler, where news was lost or 72 hours have passed."""
    for broadcast in _under_way(session):
        move_on(session, broadcast, now=now)


def move_on(session: Session, broadcast: Broadcast, *, now: dt.datetime, count_receipts: bool = True) -> None:
    """Say that it is sent out when nothing waits any more, and finished when receipts are in or their time is over."""
    if broadcast.status is BroadcastStatus.SENDING and not _waits(session, broadcast):
        _change(session, broadcast, BroadcastStatus.SENT_OUT, sent_out_at=now)
    if broadcast.status is not BroadcastStatus.SENT_OUT:
        return
    overdue = broadcast.sent_out_at is not None and broadcast.sent_out_at <= now - RECEIPT_TIME
    if overdue or (count_receipts and not progress.without_receipt(session, _dispatch_id(broadcast))):
        _change(session, broadcast, BroadcastStatus.FINISHED, finished_at=now)


def _under_way(session: Session, *where: ColumnElement[bool]) -> list[Broadcast]:
    statuses = (BroadcastStatus.SENDING, BroadcastStatus.SENT_OUT)
    return list(session.scalars(select(Broadcast).where(Broadcast.status.in_(statuses), *where)))


def _change(session: Session, broadcast: Broadcast, status: BroadcastStatus, **moments: dt.datetime) -> None:
    # Conditional on the status we saw: two workers may come to the end of a broadcast together.
    session.execute(
        update(Broadcast)
        .where(Broadcast.id == broadcast.id, Broadcast.status == broadcast.status)
        .values(status=status, **moments)
        .execution_options(synchronize_session=False)
    )
    session.refresh(broadcast)


def _waits(session: Session, broadcast: Broadcast) -> bool:
    """Whether a delivery is queued or under way.

    Literal statuses, the lane, and a plus before dispatch_id lead both databases to the partial indexes on waiting and
    open rows; the index on dispatch_id would walk past every finished row, at every piece of news.
    """
    dispatch = session.get_one(Dispatch, _dispatch_id(broadcast))
    this = literal_column("+deliveries.dispatch_id") == dispatch.id
    lanes = Delivery.lane.in_([lane_of(medium, dispatch.urgency) for medium in Medium])
    queued = select(Delivery.id).where(this, lanes, literal_column("deliveries.status = 'queued'"))
    open_now: ColumnElement[bool] = literal_column(
        "deliveries.status IN ('sending', 'unconfirmed') AND deliveries.status = 'sending'"
    )
    sending = select(Delivery.id).where(this, open_now)
    return bool(session.scalar(select(or_(queued.exists(), sending.exists()))))


def _dispatch_id(broadcast: Broadcast) -> int:
    assert broadcast.dispatch_id is not None, "a broadcast under way has been released"
    return broadcast.dispatch_id
