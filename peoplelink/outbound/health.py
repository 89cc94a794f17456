"""A run of failures pauses a dispatch: something is wrong that an officer must look at before the rest goes out."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from peoplelink.db import is_sqlite
from peoplelink.outbound.advance import Moved
from peoplelink.outbound.holding import hold
from peoplelink.outbound.models import Dispatch, DispatchHealth
from peoplelink.outbound.states import DeliveryStatus, HoldReason, Purpose

log = structlog.get_logger(__name__)

WINDOW, TOO_MANY = 50, 20
"""How many of the last outcomes of a dispatch may fail before it is paused."""
_LETTERS = {DeliveryStatus.SENT: "s", DeliveryStatus.FAILED: "f", DeliveryStatus.UNCONFIRMED: "f"}


def note(session: Session, moved: Iterable[Moved], *, now: dt.datetime) -> frozenset[int]:
    """Note how messages fared; the dispatches that were paused for it.

    Counts a message when it is handed over, and again if it fails later, so that receipts weigh as well.
    """
    outcomes: dict[int, str] = defaultdict(str)
    for one in moved:
        outcomes[one.dispatch_id] += _LETTERS.get(one.status, "")
    watched = session.scalars(
        select(Dispatch.id).where(Dispatch.id.in_(outcomes), Dispatch.purpose == Purpose.BROADCAST)
    )
    failing = [id_ for id_ in sorted(watched) if _add(session, id_, outcomes[id_]).count("f") >= TOO_MANY]
    return frozenset(id_ for id_ in failing if hold(session, id_, HoldReason.FAILURES, now=now))


def _add(session: Session, dispatch_id: int, letters: str) -> str:
    """The last outcomes with these among them."""
    insert = (sqlite.insert if is_sqlite(session) else postgresql.insert)(DispatchHealth)
    added = insert.values(dispatch_id=dispatch_id, recent=letters[-WINDOW:])
    recent = func.substr(DispatchHealth.recent + letters, -WINDOW) if is_sqlite(session) else None
    if recent is None:
        recent = func.right(DispatchHealth.recent + letters, WINDOW)
    return (
        session.scalar(
            added.on_conflict_do_update(index_elements=["dispatch_id"], set_={"recent": recent}).returning(
                DispatchHealth.recent
            )
        )
        or ""
    )
