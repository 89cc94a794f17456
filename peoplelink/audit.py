"""Who did what to which thing, and when. Ids and counts only: no number, mailbox or message text."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from peoplelink.db import Base


class AuditEvent(Base):
    """One act, by an officer, a resident or the system. Never changed."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    actor: Mapped[str]
    """"officer:<public id>", "resident" or "system"."""
    action: Mapped[str]
    """What was done, such as "broadcast.sent" or "conversation.read"."""
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    """The public id of the thing."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(
    session: Session, action: str, *, actor: str, subject_kind: str, subject_id: str, now: dt.datetime, **detail: Any
) -> AuditEvent:
    """Write one act into the log, in the caller's transaction. `detail` holds ids and counts only."""
    event = AuditEvent(
        at=now, actor=actor, action=action, subject_kind=subject_kind, subject_id=subject_id, detail=detail
    )
    session.add(event)
    return event
