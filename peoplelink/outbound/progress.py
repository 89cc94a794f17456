"""How a dispatch stands, in counts."""

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import DeliveryStatus

_NO_RECEIPT = (DeliveryStatus.SENT, DeliveryStatus.UNCONFIRMED)


def counts(session: Session, dispatch_id: int) -> dict[Medium, dict[DeliveryStatus, int]]:
    """How many deliveries stand where, by medium; states nobody is in are left out."""
    rows = session.execute(
        select(Address.medium, Delivery.status, func.count())
        .join(Address, Address.id == Delivery.address_id)
        .where(Delivery.dispatch_id == dispatch_id)
        .group_by(Address.medium, Delivery.status)
    )
    found: dict[Medium, dict[DeliveryStatus, int]] = defaultdict(dict)
    for medium, status, number in rows:
        found[medium][status] = number
    return dict(found)


def without_receipt(session: Session, dispatch_id: int) -> int:
    """Deliveries handed over of which we do not know whether they arrived."""
    return _count(session, dispatch_id, _NO_RECEIPT)


def _count(session: Session, dispatch_id: int, statuses: tuple[DeliveryStatus, ...]) -> int:
    where = Delivery.dispatch_id == dispatch_id, Delivery.status.in_(statuses)
    return session.scalar(select(func.count()).select_from(Delivery).where(*where)) or 0
