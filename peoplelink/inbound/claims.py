"""Which webhook is read next, and by whom, with several workers running."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Row, Select, exists, func, select, update
from sqlalchemy.orm import Session, undefer

from peoplelink.inbound.models import Webhook, WebhookKind
from peoplelink.outbound.bulk import is_one_of

Held = Row[int, str, str, bytes]
"""The id, URL, content type and body of a request."""


def waiting(session: Session, kind: WebhookKind, *, after: int, limit: int) -> Sequence[Held]:
    """What the oldest unread requests of a kind above an id hold, taken for this transaction: see `mark_read`.

    Rows that another worker has taken are passed over. SQLite has one writer at a time, and needs no lock.
    """
    query = (
        _held()
        .where(Webhook.processed_at.is_(None), Webhook.kind == kind, Webhook.id > after)
        .order_by(Webhook.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.execute(query).all()


def alone(session: Session, webhook_id: int) -> Sequence[Held]:
    """The same of one request; nothing where it has been read meanwhile or another worker has it."""
    query = _held().where(Webhook.id == webhook_id, Webhook.processed_at.is_(None)).with_for_update(skip_locked=True)
    return session.execute(query).all()


def mark_read(session: Session, ids: Collection[int], *, now: dt.datetime, problem: str | None = None) -> None:
    """Note that these requests have been read, or why they cannot be."""
    if ids:
        read = update(Webhook).where(is_one_of(session, Webhook.id, ids)).values(processed_at=now, problem=problem)
        session.execute(read.execution_options(synchronize_session=False))


def one(session: Session, webhook_id: int) -> Webhook | None:
    """One request, taken for this transaction, unless it has been read meanwhile or another worker has it."""
    query = select(Webhook).where(Webhook.id == webhook_id, Webhook.processed_at.is_(None))
    return session.scalar(query.with_for_update(skip_locked=True))


def next_message(session: Session) -> Webhook | None:
    """The oldest unread message from a resident, of either medium, for whoever has the turn (see `turns`)."""
    query = (
        select(Webhook)
        .where(
            Webhook.processed_at.is_(None),
            Webhook.kind.in_((WebhookKind.TWILIO_INBOUND, WebhookKind.SENDGRID_INBOUND)),
        )
        .order_by(Webhook.id)
        .limit(1)
        .options(undefer(Webhook.body))
    )
    return session.scalar(query)


def any_waiting(session: Session, kinds: Collection[WebhookKind] = tuple(WebhookKind)) -> bool:
    """Whether any request has not been read."""
    unread = exists().where(Webhook.processed_at.is_(None), Webhook.kind.in_(kinds))
    return bool(session.scalar(select(unread)))


def newest(session: Session) -> int:
    """The highest id of a request that has not been read; 0 when all have."""
    return session.scalar(select(func.max(Webhook.id)).where(Webhook.processed_at.is_(None))) or 0


def _held() -> Select[int, str, str, bytes]:
    return select(Webhook.id, Webhook.url, Webhook.content_type, Webhook.body)
