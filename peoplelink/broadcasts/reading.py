"""What officers may see of broadcasts, and the lists that pages show. Everything here passes an officer's zones."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus, BroadcastZone
from peoplelink.channels.messages import FailureReason
from peoplelink.errors import NotFoundError
from peoplelink.officers.models import Officer
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.subscribers import zones
from peoplelink.subscribers.models import Zone

PAGE = 50


@dataclass(frozen=True)
class DeliveryPage:
    """One page of the table of who got it."""

    rows: Sequence[Delivery]
    next: str | None
    """The public id after which the next page begins."""


def visible(officer: Officer) -> ColumnElement[bool]:
    """Broadcasts all of whose zones are the officer's; one that has no zone yet is seen by its writer."""
    if officer.scope is None:
        return true()
    of_it = BroadcastZone.broadcast_id == Broadcast.id
    elsewhere = exists().where(of_it, BroadcastZone.zone_id.not_in(officer.scope))
    somewhere = exists().where(of_it)
    return and_(~elsewhere, or_(somewhere, Broadcast.created_by_id == officer.id))


def find(session: Session, public_id: str, *, officer: Officer) -> Broadcast:
    """A broadcast the officer may see. Raises NotFoundError, also for one that is not theirs to know of."""
    broadcast = session.scalar(select(Broadcast).where(Broadcast.public_id == public_id, visible(officer)))
    if broadcast is None:
        raise NotFoundError("There is no such broadcast, or it is for other zones than yours.")
    return broadcast


def latest(session: Session, *, officer: Officer, page: int = 1, size: int = PAGE) -> list[Broadcast]:
    """A page of broadcasts, newest first; one row more than `size` when there is another page."""
    return list(
        session.scalars(
            select(Broadcast)
            .where(visible(officer))
            .options(selectinload(Broadcast.zones), joinedload(Broadcast.created_by))
            .order_by(Broadcast.id.desc())
            .offset((page - 1) * size)
            .limit(size + 1)
        )
    )


def paused(session: Session, *, officer: Officer) -> list[Broadcast]:
    """The broadcasts of the officer's zones that wait for somebody to resume or cancel them, the oldest first."""
    theirs = (Broadcast.status == BroadcastStatus.PAUSED, visible(officer))
    wanted = select(Broadcast).where(*theirs).options(joinedload(Broadcast.dispatch)).order_by(Broadcast.id)
    return list(session.scalars(wanted))


def zones_of(session: Session, officer: Officer) -> list[Zone]:
    """The zones an officer may choose."""
    return [zone for zone in zones.active(session) if officer.scope is None or zone.id in officer.scope]


def deliveries(
    session: Session,
    dispatch_id: int,
    *,
    status: DeliveryStatus | None = None,
    reason: FailureReason | None = None,
    twice: bool = False,
    after: str | None = None,
) -> DeliveryPage:
    """Fifty deliveries in the order of their addresses (the order of the index), after the one with this public id."""
    query = (
        select(Delivery)
        .join(Delivery.address)
        .options(contains_eager(Delivery.address))
        .where(Delivery.dispatch_id == dispatch_id)
        .order_by(Delivery.address_id)
        .limit(PAGE + 1)
    )
    if status is not None:
        query = query.where(Delivery.status == status)
    if reason is not None:
        query = query.where(Delivery.reason == reason)
    if twice:
        query = query.where(Delivery.accepted_twice_at.is_not(None))
    if after is not None:
        last = select(Delivery.address_id).where(Delivery.dispatch_id == dispatch_id, Delivery.public_id == after)
        query = query.where(Delivery.address_id > last.scalar_subquery())
    rows = list(session.scalars(query))
    return DeliveryPage(rows[:PAGE], rows[PAGE - 1].public_id if len(rows) > PAGE else None)
