"""Which webhook is read next, and by whom, with several workers running: the SQL that differs by database."""

from collections.abc import Collection

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, undefer

from peoplelink.db import is_sqlite
from peoplelink.inbound.models import Webhook, WebhookKind

_TURN = 0x706C696E  # "plin": the number of our advisory lock on PostgreSQL


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


def one(session: Session, webhook_id: int) -> Webhook | None:
    """One request, taken for this transaction, unless it has been read meanwhile or another worker has it."""
    query = (
        select(Webhook)
        .where(Webhook.id == webhook_id, Webhook.processed_at.is_(None))
        .options(undefer(Webhook.body))
        .with_for_update(skip_locked=True)
    )
    return session.scalar(query)


def next_message(session: Session, *, after: int) -> Webhook | None:
    """The oldest unread message from a resident, of either medium. Take your turn first: see `take_turn`."""
    query = (
        select(Webhook)
        .where(
            Webhook.processed_at.is_(None),
            Webhook.kind.in_((WebhookKind.TWILIO_INBOUND, WebhookKind.SENDGRID_INBOUND)),
            Webhook.id > after,
        )
        .order_by(Webhook.id)
        .limit(1)
        .options(undefer(Webhook.body))
    )
    return session.scalar(query)


def take_turn(session: Session) -> None:
    """Wait until this transaction is the only one that reads residents' messages.

    They are read in the order in which they came: a START that overtakes a STOP would undo it. The wait is for one
    message of another worker; passing by instead would leave a message that arrives at that moment to the sweeper.
    """
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(_TURN)))


def any_waiting(session: Session, kinds: Collection[WebhookKind] = tuple(WebhookKind)) -> bool:
    """Whether any request has not been read."""
    unread = exists().where(Webhook.processed_at.is_(None), Webhook.kind.in_(kinds))
    return bool(session.scalar(select(unread)))
