"""What tests of the broadcast pages start from, and how they read a page."""

from sqlalchemy import select

from peoplelink.broadcasts import tasks
from peoplelink.broadcasts.models import Broadcast, BroadcastStatus
from peoplelink.channels.messages import FailureReason
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from tests.factories import make_broadcast
from tests.pages import soup

PAGE = "/officer/broadcasts"


def saved(database, **columns):
    with database.transaction() as session:
        zones = [session.merge(zone) for zone in columns.pop("zones", [])]
        return make_broadcast(session, zones=zones, **columns)


def released(database, runtime, **columns):
    broadcast = saved(database, **columns)
    with database.transaction() as session:
        session.get_one(Broadcast, broadcast.id).status = BroadcastStatus.RELEASING
    tasks.release(runtime)
    return broadcast


def set_states(database, broadcast, *states, **columns):
    with database.transaction() as session:
        dispatch_id = session.get_one(Broadcast, broadcast.id).dispatch_id
        rows = session.scalars(select(Delivery).where(Delivery.dispatch_id == dispatch_id).order_by(Delivery.id))
        for delivery, state in zip(rows, states, strict=True):
            delivery.status = state
            if state is DeliveryStatus.FAILED:
                delivery.reason = FailureReason.NOT_MOBILE


def text_of(response):
    return " ".join(soup(response).get_text(" ").split())
