"""A population at random, and the rules of the audience said again in plain Python."""

import datetime as dt
from collections import Counter

from sqlalchemy import select

from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Delivery, Dispatch, Suppression
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.subscribers.models import (
    Digest,
    Importance,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    TopicSubscription,
    ZoneSubscription,
)
from tests import factories
from tests.factories import make_address, make_content, make_delivery, make_dispatch, make_subscriber, make_zone

SMS, EMAIL = Medium.SMS, Medium.EMAIL


def had_broadcast(session, address, at, *, status=DeliveryStatus.DELIVERED, purpose=Purpose.BROADCAST):
    content = make_content(session, make_dispatch(session, purpose=purpose), address.medium)
    make_delivery(session, address, content=content, status=status, created_at=at)


def populate(session, chance, now):
    factories.add_noise(session)
    zones = [make_zone(session) for _ in range(3)]
    topics = [factories.make_topic(session) for _ in range(3)]
    pool = [make_address(session, chance.choice([SMS, EMAIL])) for _ in range(30)]
    for address in chance.sample(pool, 5):
        lifted = chance.choice([None, now])
        factories.make_suppression(session, address, lifted_at=lifted)
    for address in chance.sample(pool, 12):
        days, status = chance.choice([1, 6, 8]), chance.choice(list(DeliveryStatus))
        purpose = chance.choice([Purpose.BROADCAST, Purpose.BROADCAST, Purpose.TEST])
        had_broadcast(session, address, now - dt.timedelta(days=days), status=status, purpose=purpose)
    for _ in range(25):
        add_resident(session, chance, now, zones, topics, pool)
    session.flush()
    return zones, topics


def add_resident(session, chance, now, zones, topics, pool):
    resident = make_subscriber(
        session,
        zones=chance.sample(zones, chance.randint(0, 2)),
        topics=chance.sample(topics, chance.choice([0, 0, 1, 2])),
        sms=False,
        paused_until=chance.choice([None, None, now + dt.timedelta(days=1), now - dt.timedelta(days=1)]),
        weekly_limit=chance.choice([None, None, 0, 1, 2]),
        least_importance=chance.choice([None, None, *Importance]),
        digest=chance.choice([None, None, *Digest]),
    )
    for address in chance.sample(pool, chance.choice([0, 1, 1, 2, 3])):
        status = chance.choice([LinkStatus.LIVE, LinkStatus.LIVE, LinkStatus.LIVE, LinkStatus.STOPPED])
        factories.link_address(session, resident, address, status=status)


def told_again(session, rule, now):
    """Residents who match, {medium: {reason: residents}}, {medium: addresses}; a resident at a time."""
    people = [
        person
        for person in session.scalars(select(Subscriber).order_by(Subscriber.id))
        if _matches(session, person, rule)
    ]
    addresses = {medium: {} for medium in Medium}
    best = {medium: {} for medium in Medium}
    for medium in Medium:
        for person in people:
            best[medium][person.id] = _best(session, person, medium, rule, now, addresses[medium])
    left_out = {m: dict(Counter(reason for reason in best[m].values() if reason)) for m in Medium}
    return people, left_out, {medium: set(found) for medium, found in addresses.items()}


def _matches(session, person, rule):
    zones = set(session.scalars(select(ZoneSubscription.zone_id).filter_by(subscriber_id=person.id)))
    topics = set(session.scalars(select(TopicSubscription.topic_id).filter_by(subscriber_id=person.id)))
    return bool(zones & set(rule.zone_ids)) and (not rule.topic_ids or not topics or bool(topics & set(rule.topic_ids)))


def _best(session, person, medium, rule, now, taken):
    """Why this person gets nothing by this medium, or None. `taken` gathers who is counted for an address."""
    order = ["no address", "no consent", "suppressed", "paused", "only important", "digest", "weekly limit"]
    order += ["same address", None]
    reached = "no address"
    for link in session.scalars(select(SubscriberAddress).filter_by(subscriber_id=person.id)):
        if link.address.medium is medium:
            reason = _reason(session, person, link, rule, now)
            if reason is None and taken.setdefault(link.address_id, person.id) != person.id:
                reason = "same address"
            reached = max(reached, reason, key=order.index)
    return reached


def _reason(session, person, link, rule, now):
    live = select(Suppression).filter_by(hash=link.address.hash, lifted_at=None)
    if link.status is not LinkStatus.LIVE:
        return "no consent"
    if session.scalars(live).first():
        return "suppressed"
    if person.paused_until and person.paused_until > now:
        return "paused"
    matters = list(Importance).index
    if person.least_importance and matters(rule.importance) < matters(person.least_importance):
        return "only important"
    if person.digest and link.address.medium is EMAIL and rule.importance is not Importance.URGENT:
        return "digest"
    return "weekly limit" if _over(session, person, link.address, now) else None


def _over(session, person, address, now):
    if person.weekly_limit is None:
        return False
    unsent = {DeliveryStatus.CANCELLED, DeliveryStatus.SUPPRESSED, DeliveryStatus.EXPIRED}
    had = [
        delivery
        for delivery in session.scalars(select(Delivery).filter_by(address_id=address.id))
        if delivery.status not in unsent
        and delivery.created_at > now - dt.timedelta(days=7)
        and session.get_one(Dispatch, delivery.dispatch_id).purpose is Purpose.BROADCAST
    ]
    return len(had) >= person.weekly_limit
