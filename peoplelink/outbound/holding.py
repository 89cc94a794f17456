"""Pausing, resuming and cancelling a dispatch. A claim looks at the dispatch with a lock, so each is exact.

Once a pause or a cancellation is committed nothing more of the dispatch is claimed; what was claimed before may still
go out. Whoever changes a dispatch and the thing that it carries out changes the dispatch first.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, literal_column, select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.db import ring_after_commit
from peoplelink.outbound.bulk import is_one_of
from peoplelink.outbound.models import Delivery, Dispatch, DispatchHealth
from peoplelink.outbound.services import lane_of
from peoplelink.outbound.states import RANK, DeliveryStatus, HoldReason

CHUNK = 5_000
"""Deliveries taken back in one transaction."""


def hold(session: Session, dispatch_id: int, because: HoldReason, *, now: dt.datetime) -> bool:
    """Claim nothing more of a dispatch. True when that is new; what is already claimed may still go out."""
    running = update(Dispatch).where(
        Dispatch.id == dispatch_id, Dispatch.held_at.is_(None), Dispatch.cancelled_at.is_(None)
    )
    return _changed(session, running, held_at=now, held_because=because)


def resume(session: Session, dispatch_id: int) -> bool:
    """Claim from a dispatch again, and count its failures anew. True when it was held."""
    held = update(Dispatch).where(Dispatch.id == dispatch_id, Dispatch.held_at.is_not(None))
    if not _changed(session, held, held_at=None, held_because=None):
        return False
    anew = update(DispatchHealth).where(DispatchHealth.dispatch_id == dispatch_id).values(recent="")
    session.execute(anew.execution_options(synchronize_session=False))
    ring(session, dispatch_id)
    return True


def cancel(session: Session, dispatch_id: int, *, now: dt.datetime) -> bool:
    """Send nothing more of a dispatch, ever. True when that is new.

    `take_back` then settles what waits. What comes back into the queue later (refused, or never called) is settled by
    the claim, which is why a pause ends here.
    """
    open_ = update(Dispatch).where(Dispatch.id == dispatch_id, Dispatch.cancelled_at.is_(None))
    return _changed(session, open_, cancelled_at=now, held_at=None, held_because=None)


def take_back(session: Session, dispatch_id: int, *, now: dt.datetime, limit: int = CHUNK) -> int:
    """Settle at most `limit` deliveries of a cancelled dispatch that wait; how many. 0: none is left, but for those
    that a claim holds at this moment and settles itself.
    """
    dispatch = session.get_one(Dispatch, dispatch_id, populate_existing=True)
    if dispatch.cancelled_at is None:
        return 0
    ids = list(session.scalars(_queued(dispatch).limit(limit)))
    ids += session.scalars(_held(dispatch).limit(limit - len(ids))) if len(ids) < limit else ()
    status = DeliveryStatus.CANCELLED
    # The rows are locked: nobody has moved them since they were read.
    waiting = update(Delivery).where(is_one_of(session, Delivery.id, ids))
    taken = waiting.values(status=status, rank=RANK[status], held_because=None, settled_at=now)
    session.execute(taken.execution_options(synchronize_session=False))
    return len(ids)


def take_back_one(session: Session, delivery_id: int, *, now: dt.datetime) -> bool:
    """Settle one delivery that waits, because its reader does not want it any more. False once it is on its way."""
    status = DeliveryStatus.CANCELLED
    taken = _waiting(delivery_id).values(status=status, rank=RANK[status], held_because=None, settled_at=now)
    return session.scalar(taken.returning(Delivery.id)) is not None


def rest(session: Session, delivery_id: int, quiet_from: int, quiet_until: int) -> None:
    """Give a delivery that waits other quiet hours. One that is held stays so until the end it was held for."""
    session.execute(_waiting(delivery_id).values(quiet_from=quiet_from, quiet_until=quiet_until))


def ring(session: Session, dispatch_id: int) -> None:
    """Tell the workers that something of a dispatch may wait."""
    urgency = session.scalars(select(Dispatch.urgency).where(Dispatch.id == dispatch_id)).one()
    for medium in Medium:
        ring_after_commit(session, f"lane:{lane_of(medium, urgency)}")


def _waiting(delivery_id: int) -> Update:
    # Conditional on the status: a worker may have claimed it meanwhile.
    waits = Delivery.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.HELD])
    it = update(Delivery).where(Delivery.id == delivery_id, waits)
    return it.execution_options(synchronize_session=False)


# Literal statuses lead both databases to the partial indexes, which hold nothing that is settled.
def _queued(dispatch: Dispatch) -> Select[Any]:
    lanes = [lane_of(medium, dispatch.urgency) for medium in Medium]
    queued = _of(dispatch, "queued").where(Delivery.lane.in_(lanes))
    return queued.order_by(Delivery.lane, Delivery.dispatch_id, Delivery.id)


def _held(dispatch: Dispatch) -> Select[Any]:
    return _of(dispatch, "held").order_by(Delivery.not_before, Delivery.id)


def _of(dispatch: Dispatch, status: str) -> Select[Any]:
    standing: ColumnElement[bool] = literal_column(f"deliveries.status = '{status}'")
    return select(Delivery.id).where(Delivery.dispatch_id == dispatch.id, standing).with_for_update(skip_locked=True)


def _changed(session: Session, statement: Any, **values: object) -> bool:
    changed = statement.values(**values).returning(Dispatch.id).execution_options(synchronize_session=False)
    return session.scalar(changed) is not None
