"""Pausing a dispatch. A claim looks at the dispatch with a lock, so nothing of it is claimed once this is committed."""

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from peoplelink.outbound.models import Dispatch
from peoplelink.outbound.states import HoldReason


def hold(session: Session, dispatch_id: int, because: HoldReason, *, now: dt.datetime) -> bool:
    """Claim nothing more of a dispatch. True when that is new; what is already claimed may still go out."""
    running = update(Dispatch).where(
        Dispatch.id == dispatch_id, Dispatch.held_at.is_(None), Dispatch.cancelled_at.is_(None)
    )
    held = session.scalar(running.values(held_at=now, held_because=because).returning(Dispatch.id))
    return held is not None
