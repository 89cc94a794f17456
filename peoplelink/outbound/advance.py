"""What became of a delivery: news moves it forward within its attempt, never back.

The newest attempt stands on the delivery itself. `going_back.py` opens the way for another: it writes the attempt down
and puts the delivery back into the queue. Besides these two only the claim, and a suppression, hold or cancellation of
what is queued, write status.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, String, case, cast, func, select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import FailureReason
from peoplelink.db import is_sqlite
from peoplelink.outbound.bulk import is_one_of, rows_from
from peoplelink.outbound.models import Attempt, Delivery
from peoplelink.outbound.states import ACCEPTED, FINAL, HANDED_OVER, RANK, DeliveryStatus
from peoplelink.timing import Timing

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Move:
    """A piece of news about one attempt of a delivery."""

    delivery_id: int
    attempt: int
    status: DeliveryStatus
    provider_message_id: str | None = None
    reason: FailureReason | None = None
    provider_code: str | None = None


@dataclass(frozen=True)
class Moved:
    """A delivery that news has moved, and where to."""

    delivery_id: int
    dispatch_id: int
    status: DeliveryStatus


COLUMNS = {
    "delivery_id": int,
    "attempt": int,
    "status": str,
    "rank": int,
    "provider_message_id": str,
    "reason": str,
    "provider_code": str,
}


def advance(session: Session, moves: Sequence[Move], *, timing: Timing, now: dt.datetime) -> list[Moved]:
    """Apply each move whose attempt is the delivery's newest and whose rank is higher; the ones that took effect.

    News of an older attempt is noted there; one that was accepted after all is shown as accepted twice.
    """
    highest = _highest(moves)
    if not highest:
        return []
    lock_in_order(session, [move.delivery_id for move in highest])
    news = rows_from(session, [row_of(move) for move in highest], COLUMNS)
    final = news.c.status.in_([status.value for status in FINAL])
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
            lease_until=None,
            look_up_at=_next_look(news.c.status, timing, now),
            sent_at=case((handed_over, func.coalesce(Delivery.sent_at, now)), else_=Delivery.sent_at),
            settled_at=case((final, now), else_=Delivery.settled_at),
        )
        .returning(Delivery.id, Delivery.dispatch_id, Delivery.status)
        .execution_options(synchronize_session=False)
    ).all()
    if len(moved) < len(highest):
        _note_older(session, highest, now=now)
    return [Moved(*row) for row in moved]


def _next_look(status: ColumnElement[str], timing: Timing, now: dt.datetime) -> ColumnElement[dt.datetime | None]:
    return case(
        (status == DeliveryStatus.UNCONFIRMED.value, now + dt.timedelta(seconds=timing.look_up)),
        (status == DeliveryStatus.SENT.value, now + dt.timedelta(seconds=timing.receipt)),
        else_=None,
    )


def _note_older(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> None:
    """What did not move its delivery may be news of an attempt that another has followed."""
    news = rows_from(session, [row_of(move) for move in moves], COLUMNS)
    rank = case({status.value: rank for status, rank in RANK.items()}, value=cast(Attempt.outcome, String))
    noted = session.execute(
        update(Attempt)
        .where(Attempt.delivery_id == news.c.delivery_id, Attempt.number == news.c.attempt, rank < news.c.rank)
        .values(
            outcome=news.c.status,
            provider_message_id=func.coalesce(news.c.provider_message_id, Attempt.provider_message_id),
            reason=func.coalesce(news.c.reason, Attempt.reason),
            provider_code=func.coalesce(news.c.provider_code, Attempt.provider_code),
        )
        .returning(Attempt.delivery_id, Attempt.outcome)
        .execution_options(synchronize_session=False)
    ).all()
    for status in ACCEPTED:
        _accepted_after_all(session, [row.delivery_id for row in noted if row.outcome is status], status, now=now)


def _accepted_after_all(session: Session, ids: list[int], status: DeliveryStatus, *, now: dt.datetime) -> None:
    """An older attempt was accepted: nothing more is sent, and if something was, it is shown."""
    if not ids:
        return
    theirs = update(Delivery).where(Delivery.id.in_(ids)).execution_options(synchronize_session=False)
    waiting = theirs.where(Delivery.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.HELD]))
    session.execute(waiting.values(status=status, rank=RANK[status], sent_at=now))
    twice = theirs.where(Delivery.status.in_([DeliveryStatus.SENDING, DeliveryStatus.UNCONFIRMED, *ACCEPTED]))
    found = session.scalars(
        twice.where(Delivery.accepted_twice_at.is_(None), Delivery.sent_at.is_distinct_from(now))
        .values(accepted_twice_at=now)
        .returning(Delivery.id)
    ).all()
    if found:
        log.error("accepted_twice", deliveries=found)


def lock_in_order(session: Session, ids: Collection[int]) -> None:
    """Take the rows that are to be written, lowest id first, as everybody does: so nobody waits in a circle.

    One UPDATE of many rows takes them in an order of the planner's choosing. SQLite has one writer at a time.
    """
    if ids and not is_sqlite(session):
        # NO KEY UPDATE, as the UPDATE itself takes: a plain FOR UPDATE would quarrel with new status events, whose
        # foreign key holds the row's key.
        rows = select(Delivery.id).where(is_one_of(session, Delivery.id, ids)).order_by(Delivery.id)
        session.execute(rows.with_for_update(key_share=True)).all()


def _kept_unless_delivered(status: ColumnElement[str], news: ColumnElement[str], held: object) -> ColumnElement[str]:
    # A receipt after a refusal proves the refusal wrong: its reason goes.
    return case((status == DeliveryStatus.DELIVERED.value, None), else_=func.coalesce(news, held))


def _highest(moves: Sequence[Move]) -> list[Move]:
    # An UPDATE ... FROM with two rows for one target takes either; so the highest of each attempt is chosen here.
    best: dict[tuple[int, int], Move] = {}
    for move in moves:
        key = (move.delivery_id, move.attempt)
        if key not in best or RANK[move.status] > RANK[best[key].status]:
            best[key] = move
    return list(best.values())


def row_of(move: Move) -> dict[str, object]:
    """A move as a row of `COLUMNS`."""
    return {
        "delivery_id": move.delivery_id,
        "attempt": move.attempt,
        "status": move.status.value,
        "rank": RANK[move.status],
        "provider_message_id": move.provider_message_id,
        "reason": move.reason.value if move.reason else None,
        "provider_code": move.provider_code,
    }
