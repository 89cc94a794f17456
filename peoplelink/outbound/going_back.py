"""Back into the queue: what was refused before acceptance, never sent, or not found by a look-up that worked."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import case, literal, select, update
from sqlalchemy.orm import Session

from peoplelink.db import UTCDateTime
from peoplelink.outbound.advance import COLUMNS, Move, Moved, lock_in_order, row_of
from peoplelink.outbound.bulk import insert_ignoring, rows_from
from peoplelink.outbound.models import Attempt, Delivery
from peoplelink.outbound.states import RANK, DeliveryStatus

WAITS = (5.0, 30.0, 120.0)
"""Seconds before each further try of what the provider refused before accepting it; then it has failed."""

_KEPT = [
    "delivery_id",
    "number",
    "lease_token",
    "opened_at",
    "closed_at",
    "outcome",
    "provider_message_id",
    "reason",
    "provider_code",
]
_UNDER_WAY = (DeliveryStatus.SENDING, DeliveryStatus.UNCONFIRMED)
# A claim opens the next attempt; nothing of this one may linger on the row.
_WAITS_AGAIN = {"rank": 0, "lease_until": None, "look_up_at": None, "provider_message_id": None}


def requeue(
    session: Session, moves: Sequence[Move], *, now: dt.datetime, wait: dt.timedelta | None = None
) -> list[Moved]:
    """Put back what the provider refused before accepting it, to wait; after all of WAITS it has failed.

    `wait` is what the provider asked for, and holds where it is longer. Counts a try.
    """
    if not moves:
        return []
    spent = Delivery.tries >= len(WAITS)
    # A slow refusal may come when the sweep has already called it unknown; a refusal is news.
    _keep_attempts(session, moves, _UNDER_WAY, outcome=DeliveryStatus.QUEUED, now=now)
    news = rows_from(session, [row_of(move) for move in moves], COLUMNS)
    values: dict[str, Any] = {
        "tries": Delivery.tries + 1,
        "status": case((spent, DeliveryStatus.FAILED), else_=DeliveryStatus.QUEUED),
        "reason": case((spent, news.c.reason), else_=None),
        "provider_code": news.c.provider_code,
        "not_before": case(dict(enumerate(_moments(now, wait))), value=Delivery.tries),
        "settled_at": case((spent, now), else_=None),
    }
    rank = case((spent, RANK[DeliveryStatus.FAILED]), else_=0)
    return _write(session, news, _UNDER_WAY, _WAITS_AGAIN | values | {"rank": rank})


def _moments(now: dt.datetime, wait: dt.timedelta | None) -> list[Any]:
    asked = wait or dt.timedelta()
    return [literal(now + max(asked, dt.timedelta(seconds=seconds)), UTCDateTime) for seconds in WAITS]


def put_back(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> list[Moved]:
    """Put back what was not sent for a reason of our own; counts no try, since nobody was asked."""
    if not moves:
        return []
    _keep_attempts(session, moves, [DeliveryStatus.SENDING], outcome=DeliveryStatus.QUEUED, now=now)
    news = rows_from(session, [row_of(move) for move in moves], COLUMNS)
    return _write(session, news, [DeliveryStatus.SENDING], _WAITS_AGAIN | {"status": DeliveryStatus.QUEUED})


def send_again(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> list[Moved]:
    """Put back what is unconfirmed and was not sent: the provider looked and has none, or an officer decided so."""
    if not moves:
        return []
    _keep_attempts(session, moves, [DeliveryStatus.UNCONFIRMED], outcome=DeliveryStatus.UNCONFIRMED, now=now)
    news = rows_from(session, [row_of(move) for move in moves], COLUMNS)
    back = _WAITS_AGAIN | {"status": DeliveryStatus.QUEUED, "not_before": None, "sent_at": None}
    return _write(session, news, [DeliveryStatus.UNCONFIRMED], back)


def try_again(session: Session, moves: Sequence[Move], *, now: dt.datetime) -> list[Moved]:
    """Put back what has failed, because an officer decided so; all its tries are before it again."""
    if not moves:
        return []
    _keep_attempts(session, moves, [DeliveryStatus.FAILED], outcome=DeliveryStatus.FAILED, now=now)
    news = rows_from(session, [row_of(move) for move in moves], COLUMNS)
    forgotten = dict.fromkeys(("not_before", "reason", "provider_code", "sent_at", "settled_at"))
    back = _WAITS_AGAIN | forgotten | {"status": DeliveryStatus.QUEUED, "tries": 0}
    return _write(session, news, [DeliveryStatus.FAILED], back)


def _keep_attempts(
    session: Session,
    moves: Sequence[Move],
    statuses: Collection[DeliveryStatus],
    *,
    outcome: DeliveryStatus,
    now: dt.datetime,
) -> None:
    """Write the newest attempt of each down, before the delivery forgets it."""
    lock_in_order(session, [move.delivery_id for move in moves])
    news = rows_from(session, [row_of(move) for move in moves], COLUMNS)
    kept = select(
        Delivery.id,
        Delivery.attempt,
        Delivery.lease_token,
        Delivery.claimed_at,
        literal(now, UTCDateTime),
        literal(outcome.value),
        Delivery.provider_message_id,
        news.c.reason,
        news.c.provider_code,
    ).where(Delivery.id == news.c.delivery_id, Delivery.attempt == news.c.attempt, Delivery.status.in_(statuses))
    # A late answer can settle a delivery that waits for its next attempt: then this one has been written down before.
    session.execute(insert_ignoring(session, Attempt).from_select(_KEPT, kept))


def _write(session: Session, news: Any, statuses: Collection[DeliveryStatus], values: Mapping[str, Any]) -> list[Moved]:
    rows = session.execute(
        update(Delivery)
        .where(Delivery.id == news.c.delivery_id, Delivery.attempt == news.c.attempt, Delivery.status.in_(statuses))
        .values(**values)
        .returning(Delivery.id, Delivery.dispatch_id, Delivery.status)
        .execution_options(synchronize_session=False)
    )
    return [Moved(*row) for row in rows]
