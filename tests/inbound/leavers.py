"""Residents for whom something waits, and what became of it when they left."""

import pytest
from sqlalchemy import select

from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.config import KeywordMode
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch
from peoplelink.outbound.services import suppressions_of
from peoplelink.outbound.states import RANK, DeliveryStatus, Purpose
from peoplelink.subscribers.models import Zone, ZoneSubscription
from tests.factories import (
    make_address,
    make_broadcast,
    make_content,
    make_delivery,
    make_dispatch,
    make_subscriber,
)

NUMBER, MAILBOX = "+447700900123", "resident@example.com"
MODES = pytest.mark.parametrize("mode", list(KeywordMode), ids=str)


def resident(session, value, *slugs):
    """A resident of some zones, with a broadcast to each of them that waits: {zone: delivery id}, and the address."""
    address = make_address(session, Medium.EMAIL if "@" in value else Medium.SMS, value)
    zones = [session.scalars(select(Zone).where(Zone.slug == slug)).one() for slug in slugs]
    kind = "email" if "@" in value else "sms"
    person = make_subscriber(session, **{kind: address}, zones=zones)
    assert session.scalars(select(ZoneSubscription.zone_id).where(ZoneSubscription.subscriber_id == person.id)).all()
    waiting = {}
    for zone in zones:
        dispatch = make_dispatch(session)
        words = {"sms": None, "email": "All are welcome."} if kind == "email" else {}
        make_broadcast(session, zones=[zone], dispatch=dispatch, status=BroadcastStatus.SENDING, **words)
        content = make_content(session, dispatch, address.medium)
        waiting[zone.slug] = make_delivery(session, address, content=content).id
    return address.id, waiting


def as_sent(delivery):
    """Its first attempt was accepted; its public id."""
    delivery.attempt, delivery.status, delivery.rank = 1, DeliveryStatus.SENT, RANK[DeliveryStatus.SENT]
    return delivery.public_id


def statuses(look, waiting):
    return {slug: look(lambda s, id_=id_: s.get(Delivery, id_).status) for slug, id_ in waiting.items()}


def said(look, address_id):
    """What was queued to say that they left, or anything else but broadcasts and thanks."""
    query = (
        select(Content.text)
        .join(Delivery, Delivery.content_id == Content.id)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .where(Delivery.address_id == address_id, Dispatch.purpose != Purpose.BROADCAST)
        .order_by(Delivery.id)
    )
    return look(lambda s: list(s.scalars(query)))


def reasons(look, address_id):
    return look(lambda s: suppressions_of(s, s.get(Address, address_id)))
