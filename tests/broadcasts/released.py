"""A broadcast that an officer has sent, its release to the end, and its deliveries settled as a test wants them."""

from sqlalchemy import select, update

from peoplelink.broadcasts import audience, releasing, services
from peoplelink.outbound.models import Delivery
from tests import factories
from tests.factories import make_broadcast, make_subscriber, make_zone


def sent_broadcast(session, *, residents=3, **words):
    """A broadcast that waits for release, with residents to get it."""
    factories.add_noise(session)
    zone = make_zone(session)
    for _ in range(residents):
        make_subscriber(session, zones=[zone], sms=True, email=True)
    broadcast = make_broadcast(session, zones=[zone], **words)
    services.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=factories.NOW)
    return broadcast


def addresses_of(session, broadcast):
    return list(session.scalars(select(Delivery.address_id).where(Delivery.dispatch_id == broadcast.dispatch_id)))


def settle(session, broadcast, status):
    session.execute(
        update(Delivery).where(Delivery.dispatch_id == broadcast.dispatch_id).values(status=status, lease_until=None)
    )


def release_all(session, broadcast, now, size=None):
    releasing.start(session, broadcast.id, audience.count(session, broadcast, now=now), now=now)
    while releasing.next_range(session, broadcast.id, now=now, size=size):
        pass
