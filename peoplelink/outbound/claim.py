"""Claim: take waiting deliveries of a lane, look again at all that forbids sending, open an attempt for the rest."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, exists, insert, select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.ids import new_public_id
from peoplelink.outbound.models import Address, Attempt, Delivery, Dispatch, Lane, Suppression
from peoplelink.outbound.states import PASSES, RANK, DeliveryStatus

MAX_CLAIM = 500  # rows; larger batches were slower (measured, shared facts on the stack)


@dataclass(frozen=True)
class Claimed:
    """A delivery this process may send until `deadline`."""

    delivery_id: int
    public_id: str
    attempt: int
    content_id: int
    dispatch: str
    """The dispatch's public id."""
    medium: Medium
    address: str = field(repr=False)
    address_public_id: str
    name: str | None = field(repr=False)
    segments: int
    expires_at: dt.datetime | None
    call_id: str
    """Of the call that will carry it: one a claim and content."""
    deadline: dt.datetime


@dataclass(frozen=True)
class Claim:
    """What one claim took, and the dispatches of which it settled rows that may not be sent."""

    rows: list[Claimed]
    settled: frozenset[int]


def claim(session: Session, lane: str, *, limit: int, lease: dt.timedelta, now: dt.datetime) -> Claim:
    """Take at most `limit` waiting deliveries, oldest first. Of two claims racing for a row, one gets it."""
    paused = session.get(Lane, lane)
    if paused is not None and paused.paused_at is not None:
        return Claim([], frozenset())
    candidates = session.execute(_candidates(lane, min(limit, MAX_CLAIM), now)).all()
    fates = {row.id: _fate(row, now) for row in candidates}
    settled: set[int] = set()
    for fate in (DeliveryStatus.CANCELLED, DeliveryStatus.EXPIRED, DeliveryStatus.SUPPRESSED):
        chosen = [row for row in candidates if fates[row.id] is fate]
        _settle(session, [row.id for row in chosen], fate, now=now)
        settled.update(row.dispatch_id for row in chosen)
    rows = [row for row in candidates if fates[row.id] is DeliveryStatus.SENDING]
    return Claim(_open(session, rows, lease=lease, now=now), frozenset(settled))


def _candidates(lane: str, limit: int, now: dt.datetime) -> Select[Any]:
    suppressed = (
        select(Suppression.reason)
        .where(Suppression.hash == Address.hash, Suppression.lifted_at.is_(None))
        .correlate(Address)
    )
    passing = [
        exists(suppressed.where(Suppression.reason.not_in(list(reasons)))) & (Dispatch.purpose == purpose)
        for purpose, reasons in PASSES.items()
    ]
    forbidden = (exists(suppressed) & Dispatch.purpose.not_in(list(PASSES))) | passing[0] | passing[1]
    return (
        select(
            Delivery.id,
            Delivery.public_id,
            Delivery.dispatch_id,
            Delivery.attempt,
            Delivery.content_id,
            Delivery.merge,
            Delivery.segments,
            Delivery.expires_at,
            Dispatch.public_id.label("dispatch"),
            Dispatch.cancelled_at,
            Address.medium,
            Address.value.label("address"),
            Address.public_id.label("address_public_id"),
            forbidden.label("forbidden"),
        )
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .join(Address, Address.id == Delivery.address_id)
        .where(
            Delivery.lane == lane,
            Delivery.status == DeliveryStatus.QUEUED,
            Delivery.not_before.is_(None) | (Delivery.not_before <= now),
            Dispatch.held_at.is_(None),
        )
        .order_by(Delivery.id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    )


def _fate(row: Row[Any], now: dt.datetime) -> DeliveryStatus:
    if row.cancelled_at is not None:
        return DeliveryStatus.CANCELLED
    if row.expires_at is not None and row.expires_at <= now:
        return DeliveryStatus.EXPIRED
    return DeliveryStatus.SUPPRESSED if row.forbidden else DeliveryStatus.SENDING


def _settle(session: Session, ids: list[int], fate: DeliveryStatus, *, now: dt.datetime) -> None:
    if ids:
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.QUEUED)
            .values(status=fate, rank=RANK[fate], settled_at=now)
            .execution_options(synchronize_session=False)
        )


def _open(session: Session, rows: list[Row[Any]], *, lease: dt.timedelta, now: dt.datetime) -> list[Claimed]:
    if not rows:
        return []
    token, deadline = new_public_id(), now + lease
    taken = dict(
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_([row.id for row in rows]), Delivery.status == DeliveryStatus.QUEUED)
            .values(
                status=DeliveryStatus.SENDING,
                rank=RANK[DeliveryStatus.SENDING],
                attempt=Delivery.attempt + 1,
                lease_token=token,
                lease_until=deadline,
            )
            .returning(Delivery.id, Delivery.attempt)
            .execution_options(synchronize_session=False)
        ).all()
    )
    session.execute(
        insert(Attempt),
        [
            {"delivery_id": id_, "number": number, "lease_token": token, "opened_at": now, "deadline": deadline}
            for id_, number in taken.items()
        ],
    )
    return [_claimed(row, taken[row.id], token, deadline) for row in rows if row.id in taken]


def call_id_of(lease_token: str, content_id: int) -> str:
    """The id of the one call that carries a content's messages of one claim; a claim is never larger than a call."""
    return f"{lease_token}.{content_id}"


def _claimed(row: Row[Any], attempt: int, lease_token: str, deadline: dt.datetime) -> Claimed:
    return Claimed(
        delivery_id=row.id,
        public_id=row.public_id,
        attempt=attempt,
        content_id=row.content_id,
        dispatch=row.dispatch,
        medium=row.medium,
        address=row.address,
        address_public_id=row.address_public_id,
        name=row.merge.get("name"),
        segments=row.segments,
        expires_at=row.expires_at,
        call_id=call_id_of(lease_token, row.content_id),
        deadline=deadline,
    )
