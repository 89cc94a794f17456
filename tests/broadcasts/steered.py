"""A broadcast under way, for tests of what officers do to it."""

from sqlalchemy import func, select

from peoplelink.broadcasts import audience, releasing, services
from peoplelink.broadcasts.models import Broadcast
from peoplelink.outbound.models import Delivery
from tests import factories
from tests.factories import make_broadcast, make_subscriber, make_zone


def under_way(session, now, *, residents=4, **columns):
    """A broadcast that has been released to so many phones, none of them claimed."""
    factories.add_noise(session)
    zone = make_zone(session)
    for _ in range(residents):
        make_subscriber(session, zones=[zone])
    broadcast = make_broadcast(session, zones=[zone], **columns)
    services.send_now(session, broadcast, by=broadcast.created_by, edition=1, now=now)
    release(session, broadcast, now)
    return broadcast


def release(session, broadcast, now, **options):
    releasing.start(session, broadcast.id, audience.count(session, broadcast, now=now), now=now)
    while releasing.next_range(session, broadcast.id, now=now, **options):
        pass


def deliveries(session, broadcast):
    query = select(Delivery).where(Delivery.dispatch_id == broadcast.dispatch_id).order_by(Delivery.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def by_status(session, broadcast):
    dispatch_id = session.get_one(Broadcast, broadcast.id).dispatch_id
    query = select(Delivery.status, func.count()).where(Delivery.dispatch_id == dispatch_id)
    return dict(session.execute(query.group_by(Delivery.status)).all())
