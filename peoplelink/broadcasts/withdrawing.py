"""What waits of a cancelled broadcast is taken back, some thousand messages in a transaction."""

import datetime as dt

from sqlalchemy import ColumnElement, Select, literal_column, or_, select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.db import ring_after_commit
from peoplelink.outbound import holding
from peoplelink.outbound.models import Delivery


def next_part(session: Session, *, now: dt.datetime) -> bool:
    """Take back the next messages of any cancelled broadcast; whether there were any."""
    ids = session.scalars(_left()).all()
    return any(holding.take_back(session, dispatch_id, now=now) for dispatch_id in ids if dispatch_id is not None)


def ring_if_left_behind(session: Session) -> None:
    """Ring again where nobody takes back any more (Redis was flushed, a worker died)."""
    if session.scalar(_left().limit(1)) is not None:
        ring_after_commit(session, "cancel")


def _left() -> Select[int | None]:
    # Literal statuses: the partial indexes hold nothing that is settled.
    waits: ColumnElement[bool] = or_(
        *(
            select(Delivery.id)
            .where(Delivery.dispatch_id == Broadcast.dispatch_id, literal_column(f"deliveries.status = '{status}'"))
            .exists()
            for status in ("queued", "held")
        )
    )
    return select(Broadcast.dispatch_id).where(
        Broadcast.status == BroadcastStatus.CANCELLED, Broadcast.dispatch_id.is_not(None), waits
    )
