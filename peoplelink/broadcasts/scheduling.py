"""A broadcast that goes out at a time: put off, taken back to draft, and sent when it is due."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.broadcasts import proof
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.broadcasts.proof.events import draft
from peoplelink.db import ring_after_commit
from peoplelink.errors import ConflictError, ForbiddenError
from peoplelink.officers.models import Officer


class NotScheduledError(ConflictError):
    """It waits for no time: it has gone out, or somebody took it back."""


def schedule(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> None:
    """Let a checked draft wait for its time. The caller holds its row."""
    broadcast.status = BroadcastStatus.SCHEDULED
    facts = {"approval": "off", "edition": broadcast.edition, "for": _text(broadcast.scheduled_for)}
    _record(session, broadcast, "broadcast.scheduled", by.actor, now, **facts)
    proof.add(session, broadcast, proof.Kind.SCHEDULED, {"by": by.public_id, **facts, **draft(broadcast)}, now=now)


def take_back(session: Session, broadcast: Broadcast, *, by: Officer, now: dt.datetime) -> None:
    """Make a scheduled broadcast a draft again. Raises NotScheduledError, also when its time has just come."""
    if not by.allows("broadcasts.send", [zone.id for zone in broadcast.zones]):
        raise ForbiddenError("You may not send to all of these zones.")
    session.refresh(broadcast, with_for_update=True)
    if broadcast.status is not BroadcastStatus.SCHEDULED:
        raise NotScheduledError("It waits for no time any more: it has gone out, or somebody took it back.")
    broadcast.status, broadcast.updated_at = BroadcastStatus.DRAFT, now
    _record(session, broadcast, "broadcast.taken_back", by.actor, now)
    facts = {"by": by.public_id, "taken_back": "draft again"}
    proof.add(session, broadcast, proof.Kind.SCHEDULED, facts, now=now)


def release_due(session: Session, *, now: dt.datetime) -> None:
    """Send what is due, however late we are; what is of no use any more is not sent, and says so. Harmless twice."""
    due = (
        select(Broadcast)
        .where(Broadcast.status == BroadcastStatus.SCHEDULED, Broadcast.scheduled_for <= now)
        .order_by(Broadcast.scheduled_for, Broadcast.id)
        .with_for_update(of=Broadcast, skip_locked=True)
    )
    for broadcast in session.scalars(due.execution_options(populate_existing=True)).all():
        if broadcast.expires_at is not None and broadcast.expires_at <= now:
            _expire(session, broadcast, now)
        else:
            _send(session, broadcast, now)


def _send(session: Session, broadcast: Broadcast, now: dt.datetime) -> None:
    broadcast.status, broadcast.updated_at = BroadcastStatus.RELEASING, now
    late = int((now - (broadcast.scheduled_for or now)).total_seconds())
    _record(session, broadcast, "broadcast.sent", "system", now, approval="off", seconds_late=late)
    proof.sent(session, broadcast, by=broadcast.sent_by or broadcast.created_by, now=now)
    ring_after_commit(session, "release")


def _expire(session: Session, broadcast: Broadcast, now: dt.datetime) -> None:
    broadcast.status, broadcast.updated_at = BroadcastStatus.CANCELLED, now
    _record(session, broadcast, "broadcast.expired", "system", now)
    proof.add(session, broadcast, proof.Kind.CANCELLED, {"by": "system", "because": "expired"}, now=now)


def _record(session: Session, broadcast: Broadcast, action: str, actor: str, now: dt.datetime, **detail: Any) -> None:
    session.flush()
    it = broadcast.public_id
    audit.record(session, action, actor=actor, subject_kind="broadcast", subject_id=it, now=now, **detail)


def _text(moment: dt.datetime | None) -> str:
    return moment.isoformat() if moment else ""
