"""After a resident has changed what they want: what waits for them is taken back where it is not wanted any more.

The audience is asked again with the present choices, so the answer is the one that a release would give now. Nothing is
added: a broadcast that was released while they did not want it is past for them. What a worker has claimed already may
still arrive, as after a STOP.
"""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from peoplelink import quiet_hours
from peoplelink.broadcasts import audience, resting
from peoplelink.broadcasts.models import Broadcast
from peoplelink.outbound import holding
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import LinkStatus, SubscriberAddress

_WAITS = (DeliveryStatus.QUEUED, DeliveryStatus.HELD)


def recheck(
    session: Session, address_ids: Collection[int], *, now: dt.datetime, quiet: Hours = quiet_hours.NONE
) -> int:
    """Take back what waits for these addresses and is not for them any more; how many messages. Harmless twice.

    What stays gets the quiet hours that hold now. `quiet` are the organisation's. A digest is taken back where nobody
    lives any more, and by nothing less (docs/adr/0010).
    """
    waiting = session.execute(
        select(Delivery.id, Delivery.address_id, Broadcast)
        .join(Broadcast, Broadcast.dispatch_id == Delivery.dispatch_id)
        .where(Delivery.address_id.in_(address_ids), Delivery.status.in_(_WAITS))
        .order_by(Delivery.id)
    ).all()
    digests = list(session.scalars(_digests_to_nobody(address_ids)))
    for delivery_id in digests:
        holding.take_back_one(session, delivery_id, now=now)
    return len(digests) + sum(not _still_wanted(session, *row, now=now, quiet=quiet) for row in waiting)


def _digests_to_nobody(address_ids: Collection[int]) -> Select[int]:
    lives = exists().where(
        SubscriberAddress.address_id == Delivery.address_id, SubscriberAddress.status == LinkStatus.LIVE
    )
    return (
        select(Delivery.id)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .where(
            Delivery.address_id.in_(address_ids),
            Delivery.status.in_(_WAITS),
            Dispatch.purpose == Purpose.DIGEST,
            ~lives,
        )
        .order_by(Delivery.id)
    )


def _still_wanted(
    session: Session, delivery_id: int, address_id: int, broadcast: Broadcast, *, now: dt.datetime, quiet: Hours
) -> bool:
    hours = resting.columns(broadcast, quiet)
    recipient = session.execute(
        audience.recipients(broadcast, now=now, after=address_id - 1, up_to=address_id, quiet=hours, written=True)
    ).first()
    if recipient is None:
        holding.take_back_one(session, delivery_id, now=now)
    elif hours:
        holding.rest(session, delivery_id, recipient.quiet_from, recipient.quiet_until)
    return recipient is not None
