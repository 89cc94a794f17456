"""Residents and requests for tests, made through the services themselves."""

import datetime as dt

from sqlalchemy import select

from peoplelink.channels.messages import Medium
from peoplelink.outbound import addresses
from peoplelink.outbound.models import Content, Delivery, Dispatch
from peoplelink.subscribers import confirming, consent, signup
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import SignUpSource, Topic, Zone

ADDRESS_KEY = "a" * 64
LINKS = Links("https://link.example.org", ("s" * 64,))
MOBILE = "+447700900123"
EMAIL = "resident@example.org"


def zone(session, slug="new-parks"):
    return session.scalars(select(Zone).where(Zone.slug == slug)).one()


def topic(session, slug="events"):
    return session.scalars(select(Topic).where(Topic.slug == slug)).one()


def address(session, now, value=MOBILE):
    medium = Medium.EMAIL if "@" in value else Medium.SMS
    return addresses.find_or_add(session, medium, value, address_key=ADDRESS_KEY, now=now)


def request(session, *, zones=("new-parks",), topics=(), **fields):
    """A web request of a valid kind, by a mobile unless told otherwise."""
    if "mobile" not in fields and "email" not in fields:
        fields["mobile"] = MOBILE
    defaults = {"source": SignUpSource.WEB, "wording": consent.wording(session, "web-form"), "old_enough": True}
    return signup.SignUpRequest(
        **defaults | fields,
        zones=[zone(session, slug) for slug in zones],
        topics=[topic(session, slug) for slug in topics],
    )


def sign_up(session, now, **fields):
    return signup.sign_up(session, request(session, **fields), links=LINKS, address_key=ADDRESS_KEY, now=now)


def confirm(session, made, now, value=MOBILE, how="reply YES"):
    return confirming.confirm(session, made, address(session, now, value), how=how, evidence={}, now=now)


def resident(session, now, value=MOBILE, **fields):
    """A confirmed resident at one address."""
    fields["email" if "@" in value else "mobile"] = value
    # A day apart from what the test does: the limits count from here on.
    return confirm(session, sign_up(session, now - dt.timedelta(days=2), **fields), now - dt.timedelta(days=2), value)


def sent_to(session, where, *, since=None):
    """(purpose, status, words) of all messages for an address, oldest first."""
    rows = session.execute(
        select(Dispatch.purpose, Delivery.status, Content.text)
        .select_from(Delivery)
        .join(Dispatch)
        .join(Content, Content.id == Delivery.content_id)
        .where(Delivery.address_id == where.id, *([Delivery.created_at >= since] if since else []))
        .order_by(Delivery.id)
    )
    return [tuple(row) for row in rows]
