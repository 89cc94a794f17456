"""What became of a delivery: news moves it forward within its attempt, never back.

Besides this module only the claim, a suppression (of what is queued) and the look-up (back to the queue) write status.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import FailureReason
from peoplelink.db import is_sqlite
from peoplelink.outbound.bulk import rows_from
from peoplelink.outbound.models import Attempt, Delivery
from peoplelink.outbound.states import FINAL, HANDED_OVER, RANK, DeliveryStatus

MAX_TRIES = 3
"""How often a message that was refused before acceptance is tried."""
LOOK_UP_AFTER = dt.timedelta(seconds=180)
"""When the provider is asked about a message whose outcome is unknown: the attempt's lease (120 s) and the longest call
(60 s) are over by then, so that a slow or stopped worker cannot send after we have asked."""
_FIRST_WAIT = dt.timedelta(seconds=5)


@dataclass(frozen=True)
class Move:
    """A piece of news about one attempt of a delivery."""

    delivery_id: int
    attempt: int
    status: DeliveryStatus
    provider_message_id: str | None = None
    call_id: str | None = None
    reason: FailureReason | None = None
    provider_code: str | None = None


@dataclass(frozen=True)
class Moved:
    """A delivery that news has moved."""

    delivery_id: int
    dispatch_id: int


_COLUMNS = {
    "delivery_id": int,
    "attempt": int,
    "status": str,
    "rank": int,
    "provider_message_id": str,
    "call_id": str,
    "reason": str,
    "provider_code": str,
}


def advance(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> list[Moved]:
    """Apply each move whose attempt is the delivery's newest and whose rank is higher; the ones that took effect."""
    highest = _highest(moves)
    if not highest:
        return []
    lock_in_order(session, [move.delivery_id for move in highest])
    news = rows_from(session, [_row(move) for move in highest], _COLUMNS)
    final = news.c.status.in_([status.value for status in FINAL])
    unconfirmed = news.c.status == DeliveryStatus.UNCONFIRMED.value
    handed_over = news.c.status.in_([status.value for status in HANDED_OVER])
    moved = session.execute(
        update(Delivery)
        .where(Delivery.id == news.c.delivery_id, Delivery.attempt == news.c.attempt, Delivery.rank < news.c.rank)
        .values(
            status=news.c.status,
            rank=news.c.rank,
            provider_message_id=func.coalesce(news.c.provider_message_id, Delivery.provider_message_id),
            reason=_kept_unless_delivered(news.c.status, news.c.reason, Delivery.reason),
            provider_code=_kept_unless_delivered(news.c.status, news.c.provider_code, Delivery.provider_code),
            lease_until=case((unconfirmed, now + LOOK_UP_AFTER), else_=None),
            sent_at=case((handed_over, func.coalesce(Delivery.sent_at, now)), else_=Delivery.sent_at),
            settled_at=case((final, now), else_=Delivery.settled_at),
        )
        .returning(Delivery.id, Delivery.dispatch_id)
        .execution_options(synchronize_session=False)
    ).all()
    _close_attempts(session, highest, now=now)
    return [Moved(delivery_id, dispatch_id) for delivery_id, dispatch_id in moved]


def requeue(
    session: Session, moves: Sequence[Move], *, now: dt.datetime, wait: dt.timedelta | None = None
) -> list[Moved]:
    """Put back what the provider refused before accepting it; after MAX_TRIES it has failed.

    `wait` is what the provider asked for; otherwise 5 s, then 20 s. Counts a try.
    """
    if not moves:
        return []
    lock_in_order(session, [move.delivery_id for move in moves])
    news = rows_from(session, [_row(move) for move in moves], _COLUMNS)
    spent = Delivery.tries + 1 >= MAX_TRIES
    again = now + (wait or _FIRST_WAIT), now + (wait or _FIRST_WAIT * 4)
    moved = session.execute(
        update(Delivery)
        .where(
            Delivery.id == news.c.delivery_id,
            Delivery.attempt == news.c.attempt,
            # A slow refusal may come when the sweep has already called it unknown; a refusal is news.
            Delivery.status.in_([DeliveryStatus.SENDING, DeliveryStatus.UNCONFIRMED]),
        )
        .values(
            tries=Delivery.tries + 1,
            status=case((spent, DeliveryStatus.FAILED), else_=DeliveryStatus.QUEUED),
            rank=case((spent, RANK[DeliveryStatus.FAILED]), else_=0),
            reason=case((spent, news.c.reason), else_=None),
            provider_code=news.c.provider_code,
            lease_until=None,
            not_before=case((Delivery.tries == 0, again[0]), else_=again[1]),
            settled_at=case((spent, now), else_=None),
        )
        .returning(Delivery.id, Delivery.dispatch_id)
        .execution_options(synchronize_session=False)
    ).all()
    _close_attempts(session, moves, now=now)
    return [Moved(delivery_id, dispatch_id) for delivery_id, dispatch_id in moved]


def put_back(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> None:
    """Put back what was not sent for a fault of our own (settings); counts no try, since nobody was asked."""
    lock_in_order(session, [move.delivery_id for move in moves])
    news = rows_from(session, [_row(move) for move in moves], _COLUMNS)
    session.execute(
        update(Delivery)
        .where(
            Delivery.id == news.c.delivery_id,
            Delivery.attempt == news.c.attempt,
            Delivery.status == DeliveryStatus.SENDING,
        )
        .values(status=DeliveryStatus.QUEUED, rank=0, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    _close_attempts(session, moves, now=now)


def lock_in_order(session: Session, ids: Collection[int]) -> None:
    """Take the rows that are to be written, lowest id first, as everybody does: so nobody waits in a circle.

    One UPDATE of many rows takes them in an order of the planner's choosing. SQLite has one writer at a time.
    """
    if ids and not is_sqlite(session):
        # NO KEY UPDATE, as the UPDATE itself takes: a plain FOR UPDATE would quarrel with new status events, whose
        # foreign key holds the row's key.
        rows = select(Delivery.id).where(Delivery.id.in_(ids)).order_by(Delivery.id)
        session.execute(rows.with_for_update(key_share=True)).all()


def _kept_unless_delivered(status: ColumnElement[str], news: ColumnElement[str], held: object) -> ColumnElement[str]:
    # A receipt after a refusal proves the refusal wrong: its reason goes.
    return case((status == DeliveryStatus.DELIVERED.value, None), else_=func.coalesce(news, held))


def _close_attempts(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> None:
    news = rows_from(session, [_row(move) for move in moves], _COLUMNS)
    session.execute(
        update(Attempt)
        .where(Attempt.delivery_id == news.c.delivery_id, Attempt.number == news.c.attempt)
        .values(
            closed_at=func.coalesce(Attempt.closed_at, now),
            outcome=news.c.status,
            provider_message_id=func.coalesce(news.c.provider_message_id, Attempt.provider_message_id),
            call_id=func.coalesce(news.c.call_id, Attempt.call_id),
            reason=func.coalesce(news.c.reason, Attempt.reason),
            provider_code=func.coalesce(news.c.provider_code, Attempt.provider_code),
        )
        .execution_options(synchronize_session=False)
    )


def _highest(moves: Sequence[Move]) -> list[Move]:
    # An UPDATE ... FROM with two rows for one target takes either; so the highest of each attempt is chosen here.
    best: dict[tuple[int, int], Move] = {}
    for move in moves:
        key = (move.delivery_id, move.attempt)
        if key not in best or RANK[move.status] > RANK[best[key].status]:
            best[key] = move
    return list(best.values())


def _row(move: Move) -> dict[str, object]:
    return {
        "delivery_id": move.delivery_id,
        "attempt": move.attempt,
        "status": move.status.value,
        "rank": RANK[move.status],
        "provider_message_id": move.provider_message_id,
        "call_id": move.call_id,
        "reason": move.reason.value if move.reason else None,
        "provider_code": move.provider_code,
    }
