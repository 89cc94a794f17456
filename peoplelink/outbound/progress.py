"""How a dispatch stands, in counts."""

import datetime as dt
from collections import defaultdict

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address, Delivery, DeliveryCount
from peoplelink.outbound.states import DeliveryStatus, HoldReason


def counts(session: Session, dispatch_id: int) -> dict[Medium, dict[DeliveryStatus, int]]:
    """How many deliveries stand where, by medium, those taken away since included; states nobody is in are left out."""
    rows = session.execute(
        select(Address.medium, Delivery.status, func.count())
        .join(Address, Address.id == Delivery.address_id)
        .where(Delivery.dispatch_id == dispatch_id)
        .group_by(Address.medium, Delivery.status)
    )
    found: dict[Medium, dict[DeliveryStatus, int]] = defaultdict(dict)
    for medium, status, number in rows:
        found[medium][status] = number
    for kept in session.scalars(select(DeliveryCount).where(DeliveryCount.dispatch_id == dispatch_id)):
        of = found[Medium(kept.medium)]
        of[DeliveryStatus(kept.status)] = of.get(DeliveryStatus(kept.status), 0) + kept.number
    return dict(found)


def without_receipt(session: Session, dispatch_id: int) -> int:
    """Deliveries handed over of which we do not know whether they arrived, and may still learn it."""
    unknown = or_(
        Delivery.status == DeliveryStatus.SENT,
        (Delivery.status == DeliveryStatus.UNCONFIRMED) & Delivery.settled_at.is_(None),
    )
    return _count(session, Delivery.dispatch_id == dispatch_id, unknown)


def held_until(session: Session, dispatch_id: int) -> dict[dt.datetime, int]:
    """How many deliveries wait for the end of quiet hours, by when that is."""
    rows = session.execute(
        select(Delivery.not_before, func.count())
        .where(Delivery.dispatch_id == dispatch_id, Delivery.status == DeliveryStatus.HELD)
        .group_by(Delivery.not_before)
        .order_by(Delivery.not_before)
    )
    return {moment: number for moment, number in rows if moment is not None}


def rested_too_long(session: Session, dispatch_id: int) -> int:
    """Deliveries that expired because quiet hours lasted until they were of no use."""
    quiet = Delivery.held_because == HoldReason.QUIET_HOURS
    return _count(session, Delivery.dispatch_id == dispatch_id, Delivery.status == DeliveryStatus.EXPIRED, quiet)


def accepted_twice(session: Session, dispatch_id: int) -> int:
    """Deliveries of which two attempts were accepted: the person may have had the message twice."""
    return _count(session, Delivery.dispatch_id == dispatch_id, Delivery.accepted_twice_at.is_not(None))


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Delivery).where(*where)) or 0
