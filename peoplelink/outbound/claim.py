"""Claim: take waiting deliveries of a lane, look again at all that forbids sending, open an attempt for the rest."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, exists, select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.ids import new_public_id
from peoplelink.outbound.bulk import is_one_of
from peoplelink.outbound.models import Address, Delivery, Dispatch, Lane, Suppression
from peoplelink.outbound.quiet import quiet_until
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import PASSES, RANK, DeliveryStatus, HoldReason, Purpose
from peoplelink.outbound.turns import Turns

LEAST_VALIDITY = dt.timedelta(seconds=5)
"""With less time left it is not sent: Twilio advises that a message may wait in its queue for longer than this."""
MAX_CLAIM = 1000
"""Rows, as many as one call of SendGrid carries. A claim has its price whatever it takes: with 500 a fifth fewer texts
went out in a second."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this process may send just now."""

    delivery_id: int
    public_id: str
    attempt: int
    content_id: int
    dispatch: str
    """The dispatch's public id."""
    dispatch_id: int
    purpose: Purpose
    medium: Medium
    address: str = field(repr=False)
    address_public_id: str
    name: str | None = field(repr=False)
    segments: int
    expires_at: dt.datetime | None
    call_id: str
    """Of the call that will carry it: one a claim and content."""


@dataclass(frozen=True)
class Claim:
    """What one claim took, and the dispatches of which it settled or held rows that may not be sent."""

    rows: list[Claimed]
    settled: frozenset[int]


_NOTHING = Claim([], frozenset())


def claim(
    session: Session,
    lane: str,
    *,
    limit: int,
    lease: dt.timedelta,
    now: dt.datetime,
    turns: Turns | None = None,
    segments: int | None = None,
    only: Sequence[int] = (),
) -> Claim:
    """Take at most `limit` waiting deliveries, of at most `segments` together (but one at least).

    Dispatches take turns, the oldest of each first. Of two claims racing for a row, one gets it. `only` names the
    deliveries to take, of one dispatch.
    """
    paused = session.get(Lane, lane)
    if paused is not None and paused.paused_at is not None:
        return _NOTHING
    turns, limit = turns or Turns(), min(limit, MAX_CLAIM)
    dispatches, found = _found(session, lane, limit=limit, now=now, turns=turns, only=only)
    if not found and turns.remembered:
        turns.forget()
        dispatches, found = _found(session, lane, limit=limit, now=now, turns=turns, only=only)
    candidates = _within(found, segments)
    fates = {row.id: _fate(session, row, dispatches[row.dispatch_id], now) for row in candidates}
    settled = _settle_others(session, candidates, fates, now=now)
    rows = [row for row in candidates if fates[row.id] is DeliveryStatus.SENDING]
    return Claim(_open(session, rows, dispatches, lease=lease, now=now), settled)


def _found(
    session: Session, lane: str, *, limit: int, now: dt.datetime, turns: Turns, only: Sequence[int]
) -> tuple[Mapping[int, Row[Any]], list[Row[Any]]]:
    """The dispatches whose turn it is, and rows of theirs, locked."""
    groups = turns.of(session, lane) if not only else [[session.get_one(Delivery, only[0]).dispatch_id]]
    dispatches = _open_dispatches(session, [id_ for group in groups for id_ in group])
    return dispatches, _candidates(session, lane, groups, dispatches, limit=limit, now=now, turns=turns, only=only)


def _open_dispatches(session: Session, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The dispatches that are not paused, and cannot be before this claim is done: so a pause is exact."""
    if not ids:
        return {}
    rows: Iterable[Row[Any]] = session.execute(
        select(Dispatch.id, Dispatch.public_id, Dispatch.purpose, Dispatch.cancelled_at)
        .where(Dispatch.id.in_(ids), Dispatch.held_at.is_(None))
        .order_by(Dispatch.id)
        .with_for_update(read=True)
    )
    return {row.id: row for row in rows}


def _candidates(
    session: Session,
    lane: str,
    groups: Sequence[Sequence[int]],
    dispatches: Mapping[int, Row[Any]],
    *,
    limit: int,
    now: dt.datetime,
    turns: Turns,
    only: Sequence[int],
) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for index, group in enumerate(groups):
        share = -(-(limit - len(found)) // (len(groups) - index))  # rounded up
        ids = [id_ for id_ in group if id_ in dispatches]
        if not ids or not share:
            continue
        waiting = _of(lane, ids, turns.start_of(ids), share, now)
        rows = session.execute(waiting.where(is_one_of(session, Delivery.id, only)) if only else waiting).all()
        turns.served(ids, rows[-1].id if len(rows) == share else None)
        found += rows
    return found


_SUPPRESSED = exists().where(Suppression.hash == Address.hash, Suppression.lifted_at.is_(None)).correlate(Address)


def _of(lane: str, group: Sequence[int], after: int, limit: int, now: dt.datetime) -> Select[Any]:
    return (
        select(
            Delivery.id,
            Delivery.public_id,
            Delivery.dispatch_id,
            Delivery.attempt,
            Delivery.content_id,
            Delivery.merge["name"].as_string().label("name"),
            Delivery.segments,
            Delivery.expires_at,
            Delivery.quiet_from,
            Delivery.quiet_until,
            Address.medium,
            Address.hash,
            Address.value.label("address"),
            Address.public_id.label("address_public_id"),
            _SUPPRESSED.label("suppressed"),
        )
        .join(Address, Address.id == Delivery.address_id)
        .where(
            Delivery.lane == lane,
            Delivery.dispatch_id == group[0] if len(group) == 1 else Delivery.dispatch_id.in_(group),
            stands_at(DeliveryStatus.QUEUED),
            Delivery.id > after,
            Delivery.not_before.is_(None) | (Delivery.not_before <= now),
        )
        # All three, so that the partial index answers it: by id alone the planner may walk past all finished rows.
        .order_by(Delivery.lane, Delivery.dispatch_id, Delivery.id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    )


def _within(rows: list[Row[Any]], segments: int | None) -> list[Row[Any]]:
    if segments is None:
        return rows
    taken = 0
    for index, row in enumerate(rows):
        if index and taken + row.segments > segments:
            return rows[:index]
        taken += row.segments
    return rows


def _fate(session: Session, row: Row[Any], dispatch: Row[Any], now: dt.datetime) -> DeliveryStatus:
    if dispatch.cancelled_at is not None:
        return DeliveryStatus.CANCELLED
    if _late(row, now):
        return DeliveryStatus.EXPIRED
    if row.suppressed and _forbidden(session, row.hash, dispatch):
        return DeliveryStatus.SUPPRESSED
    if row.quiet_from is not None and (morning := quiet_until(now, row.quiet_from, row.quiet_until)):
        # Held until it is of no use any more: then it is too late already, and the officer should know.
        return DeliveryStatus.EXPIRED if _late(row, morning) else DeliveryStatus.HELD
    return DeliveryStatus.SENDING


def _late(row: Row[Any], moment: dt.datetime) -> bool:
    return row.expires_at is not None and row.expires_at < moment + LEAST_VALIDITY


def _forbidden(session: Session, address_hash: str, dispatch: Row[Any]) -> bool:
    passing = PASSES.get(dispatch.purpose, frozenset())
    live = select(Suppression.reason).where(Suppression.hash == address_hash, Suppression.lifted_at.is_(None))
    return any(reason not in passing for reason in session.scalars(live))


def _settle_others(
    session: Session, rows: Sequence[Row[Any]], fates: Mapping[int, DeliveryStatus], *, now: dt.datetime
) -> frozenset[int]:
    others = [row for row in rows if fates[row.id] is not DeliveryStatus.SENDING]
    by_change: dict[tuple[tuple[str, object], ...], list[int]] = {}
    for row in others:
        change = _hold(row, now) if fates[row.id] is DeliveryStatus.HELD else _end(row, fates[row.id], now)
        by_change.setdefault(tuple(change.items()), []).append(row.id)
    for changes, ids in by_change.items():
        session.execute(_waiting(session, ids).values(**dict(changes)))
    return frozenset(row.dispatch_id for row in others)


def _hold(row: Row[Any], now: dt.datetime) -> dict[str, object]:
    return {
        "status": DeliveryStatus.HELD,
        "held_because": HoldReason.QUIET_HOURS,
        "not_before": quiet_until(now, row.quiet_from, row.quiet_until),
    }


def _end(row: Row[Any], fate: DeliveryStatus, now: dt.datetime) -> dict[str, object]:
    # It expires before its time only because quiet hours last until then.
    rested = fate is DeliveryStatus.EXPIRED and not _late(row, now)
    because = HoldReason.QUIET_HOURS if rested else None
    return {"status": fate, "rank": RANK[fate], "settled_at": now, "held_because": because}


def _waiting(session: Session, ids: Sequence[int]) -> Any:
    return (
        update(Delivery)
        .where(is_one_of(session, Delivery.id, ids), Delivery.status == DeliveryStatus.QUEUED)
        .execution_options(synchronize_session=False)
    )


def _open(
    session: Session, rows: list[Row[Any]], dispatches: Mapping[int, Row[Any]], *, lease: dt.timedelta, now: dt.datetime
) -> list[Claimed]:
    if not rows:
        return []
    token = new_public_id()
    # The rows are locked: nobody has moved them since they were read.
    session.execute(
        _waiting(session, [row.id for row in rows]).values(
            status=DeliveryStatus.SENDING,
            rank=RANK[DeliveryStatus.SENDING],
            attempt=Delivery.attempt + 1,
            claimed_at=now,
            lease_token=token,
            lease_until=now + lease,
        )
    )
    return [_claimed(row, dispatches[row.dispatch_id], token) for row in rows]


def call_id_of(lease_token: str, content_id: int) -> str:
    """The id of the one call that carries a content's messages of one claim; a claim is never larger than a call."""
    return f"{lease_token}.{content_id}"


def lease_token_of(call_id: str) -> str:
    """The claim that a call belongs to."""
    return call_id.partition(".")[0]


def _claimed(row: Row[Any], dispatch: Row[Any], lease_token: str) -> Claimed:
    return Claimed(
        delivery_id=row.id,
        public_id=row.public_id,
        attempt=row.attempt + 1,
        content_id=row.content_id,
        dispatch=dispatch.public_id,
        dispatch_id=row.dispatch_id,
        purpose=dispatch.purpose,
        medium=row.medium,
        address=row.address,
        address_public_id=row.address_public_id,
        name=row.name,
        segments=row.segments,
        expires_at=row.expires_at,
        call_id=call_id_of(lease_token, row.content_id),
    )
