"""What an officer decides about messages that are over, or in doubt: send again, or leave them."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, not_, or_, select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import FailureReason
from peoplelink.outbound.advance import Move
from peoplelink.outbound.going_back import send_again, try_again
from peoplelink.outbound.models import Address, Delivery, Suppression
from peoplelink.outbound.states import DeliveryStatus

WORTH_ANOTHER_TRY = frozenset(
    {
        FailureReason.UNREACHABLE,
        FailureReason.CONFIGURATION,
        FailureReason.THROTTLED,
        FailureReason.PROVIDER,
        FailureReason.EXPIRED,
        FailureReason.UNKNOWN,
    }
)
"""The rest would fail again: no such number, a landline, refused words, a wish to stop, a company that blocks us."""
_AT_ONCE = 5_000


def retry_failed(session: Session, dispatch_id: int, *, now: dt.datetime) -> int:
    """Put failed messages back into the queue, each as a new attempt, where that can help; how many.

    Nobody who may not be written to is among them, and nothing that is of no use any more. Harmless twice: a row is put
    back once, and what is not failed stays as it is.
    """
    wanted = _rows().where(*_can_be_retried(dispatch_id, now))
    return sum(len(try_again(session, part, now=now)) for part in _moves(session, wanted))


def count_retriable(session: Session, dispatch_id: int, *, now: dt.datetime) -> int:
    """How many failed messages another try may help."""
    wanted = select(func.count()).select_from(Delivery).where(*_can_be_retried(dispatch_id, now))
    return session.scalar(wanted) or 0


def send_unconfirmed_again(session: Session, dispatch_id: int, *, now: dt.datetime) -> int:
    """Send again what we are not sure about, though it may arrive twice; how many messages."""
    wanted = _rows().where(*_in_doubt(dispatch_id))
    return sum(len(send_again(session, part, now=now)) for part in _moves(session, wanted))


def leave_unconfirmed(session: Session, dispatch_id: int, *, now: dt.datetime) -> int:
    """Count what we are not sure about as over, its outcome not known; how many messages.

    They stay unconfirmed, since that is the truth. Nobody asks any more; news that comes by itself still counts.
    """
    left = update(Delivery).where(*_in_doubt(dispatch_id)).values(settled_at=now, look_up_at=None)
    return len(session.scalars(left.returning(Delivery.id).execution_options(synchronize_session=False)).all())


def count_in_doubt(session: Session, dispatch_id: int) -> int:
    """How many messages wait for an officer's decision, or for the provider's answer about them."""
    return session.scalar(select(func.count()).select_from(Delivery).where(*_in_doubt(dispatch_id))) or 0


def reasons(session: Session, dispatch_id: int) -> dict[FailureReason, int]:
    """Why messages failed, the most common reason first."""
    rows = session.execute(
        select(Delivery.reason, func.count())
        .where(Delivery.dispatch_id == dispatch_id, Delivery.status == DeliveryStatus.FAILED)
        .group_by(Delivery.reason)
        .order_by(func.count().desc(), Delivery.reason)
    )
    found: dict[FailureReason, int] = {}
    for reason, number in rows:
        found[reason or FailureReason.UNKNOWN] = found.get(reason or FailureReason.UNKNOWN, 0) + number
    return found


def _can_be_retried(dispatch_id: int, now: dt.datetime) -> list[ColumnElement[bool]]:
    live = select(Suppression.id).join(Address, Address.hash == Suppression.hash).where(Suppression.lifted_at.is_(None))
    suppressed = live.where(Address.id == Delivery.address_id).correlate(Delivery).exists()
    return [
        Delivery.dispatch_id == dispatch_id,
        Delivery.status == DeliveryStatus.FAILED,
        Delivery.reason.in_(WORTH_ANOTHER_TRY),
        or_(Delivery.expires_at.is_(None), Delivery.expires_at > now),
        not_(suppressed),
    ]


def _in_doubt(dispatch_id: int) -> Collection[ColumnElement[bool]]:
    return (
        Delivery.dispatch_id == dispatch_id,
        Delivery.status == DeliveryStatus.UNCONFIRMED,
        Delivery.settled_at.is_(None),
    )


def _rows() -> Select[int, int, FailureReason | None, str | None]:
    return select(Delivery.id, Delivery.attempt, Delivery.reason, Delivery.provider_code)


def _moves(session: Session, wanted: Select[int, int, FailureReason | None, str | None]) -> Sequence[Sequence[Move]]:
    rows = session.execute(wanted.order_by(Delivery.id)).all()
    moves = [
        Move(row.id, row.attempt, DeliveryStatus.QUEUED, reason=row.reason, provider_code=row.provider_code)
        for row in rows
    ]
    return [moves[start : start + _AT_ONCE] for start in range(0, len(moves), _AT_ONCE)]
