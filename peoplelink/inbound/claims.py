"""Which webhook is read next, and by whom, with several workers running."""

from collections.abc import Collection

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, undefer

from peoplelink.inbound.models import Webhook, WebhookKind


def waiting(session: Session, kind: WebhookKind, *, after: int, limit: int) -> list[Webhook]:
    """The oldest unread requests of a kind above an id, taken for this transaction.

    Rows that another worker has taken are passed over. SQLite has one writer at a time, and needs no lock.
    """
    query = (
        select(Webhook)
        .where(Webhook.processed_at.is_(None), Webhook.kind == kind, Webhook.id > after)
        .order_by(Webhook.id)
        .limit(limit)
        .options(undefer(Webhook.body))
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def one(session: Session, webhook_id: int, *, with_body: bool = False) -> Webhook | None:
    """One request, taken for this transaction, unless it has been read meanwhile or another worker has it."""
    query = (
        select(Webhook)
        .where(Webhook.id == webhook_id, Webhook.processed_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    return session.scalar(query.options(undefer(Webhook.body)) if with_body else query)


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
