"""Officers, zones, topics, and residents with their addresses."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from peoplelink import keys
from peoplelink.channels.messages import Medium
from peoplelink.officers.models import Officer, OfficerZone, Role
from peoplelink.outbound.models import Address
from peoplelink.subscribers.models import (
    ConsentAction,
    ConsentRecord,
    ConsentWording,
    Keyword,
    LinkStatus,
    SignUp,
    SignUpAddress,
    SignUpSource,
    Subscriber,
    SubscriberAddress,
    Topic,
    TopicSubscription,
    Zone,
    ZoneSubscription,
)
from tests.factories.rows import ADDRESS_KEY, NOW, add, number, numbers


def make_officer(session: Session, *, zones: Sequence[Zone] | None = None, **columns: Any) -> Officer:
    """An administrator of all zones; `zones` limits them. The password hash fits no password."""
    index = next(numbers)
    defaults: dict[str, Any] = {
        "name": "An Officer",
        "email": f"officer{index}@example.org",
        "password_hash": "!",
        "role": Role.ADMINISTRATOR,
        "all_zones": zones is None,
        "created_at": NOW,
    }
    officer = add(session, Officer(**defaults | columns))
    for zone in zones or ():
        add(session, OfficerZone(officer_id=officer.id, zone_id=zone.id))
    return officer


def make_zone(session: Session, *, words: Sequence[str] = (), **columns: Any) -> Zone:
    """A zone, with the keywords that stand for it."""
    index = next(numbers)
    defaults: dict[str, Any] = {"slug": f"zone-{index}", "name": f"Zone {index}", "place": "Leicester", "sectors": []}
    zone = add(session, Zone(**defaults | columns))
    for word in words:
        add(session, Keyword(word=word, zone_id=zone.id))
    return zone


def make_topic(session: Session, **columns: Any) -> Topic:
    index = next(numbers)
    return add(session, Topic(**{"slug": f"topic-{index}", "name": f"Topic {index}", "position": index} | columns))


def make_wording(session: Session, **columns: Any) -> ConsentWording:
    defaults: dict[str, Any] = {"code": "web-form", "version": next(numbers) + 1000, "words": "I agree."}
    return add(session, ConsentWording(**defaults | columns))


def make_address(session: Session, medium: Medium = Medium.SMS, value: str | None = None, **columns: Any) -> Address:
    """A mobile number or a mailbox, by default one that no other test row has."""
    index = next(numbers)
    value = value or (number(index) if medium is Medium.SMS else f"resident{index}@example.com")
    defaults: dict[str, Any] = {
        "medium": medium,
        "value": value,
        "hash": keys.address_hash(ADDRESS_KEY, medium, value),
        "created_at": NOW,
    }
    return add(session, Address(**defaults | columns))


def make_subscriber(
    session: Session,
    *,
    zones: Sequence[Zone] = (),
    topics: Sequence[Topic] = (),
    sms: str | Address | bool | None = None,
    email: str | Address | bool | None = None,
    **columns: Any,
) -> Subscriber:
    """A resident, with a consent line for each live address. True makes an address, a text names it, a row shares it.

    With neither given they get a number.
    """
    subscriber = add(session, Subscriber(**{"name": None, "created_at": NOW} | columns))
    if sms is None and email is None:
        sms = True
    for medium, wanted in ((Medium.SMS, sms), (Medium.EMAIL, email)):
        if wanted:
            link_address(session, subscriber, _address(session, medium, wanted))
    for zone in zones:
        add(session, ZoneSubscription(subscriber_id=subscriber.id, zone_id=zone.id, created_at=NOW))
    for topic in topics:
        add(session, TopicSubscription(subscriber_id=subscriber.id, topic_id=topic.id, created_at=NOW))
    return subscriber


def _address(session: Session, medium: Medium, wanted: str | Address | bool) -> Address:
    if isinstance(wanted, Address):
        return wanted
    return make_address(session, medium, None if wanted is True else str(wanted))


def link_address(session: Session, subscriber: Subscriber, address: Address, **columns: Any) -> SubscriberAddress:
    """A confirmed address of a resident, and the line in the ledger that says how."""
    add(
        session,
        ConsentRecord(
            subscriber_id=subscriber.id, address_hash=address.hash, medium=address.medium,
            action=ConsentAction.GIVEN, how="link", at=NOW,
        ),
    )  # fmt: skip
    defaults: dict[str, Any] = {"status": LinkStatus.LIVE, "confirmed_at": NOW}
    link = SubscriberAddress(subscriber=subscriber, address=address, **defaults | columns)
    return add(session, link)


def make_sign_up(
    session: Session, *, zones: Sequence[Zone] = (), topics: Sequence[Topic] = (),
    addresses: Sequence[Address] = (), **columns: Any,
) -> SignUp:  # fmt: skip
    """A request to join that waits for its addresses to be confirmed."""
    defaults: dict[str, Any] = {
        "source": SignUpSource.WEB,
        "zone_ids": [zone.id for zone in zones],
        "topic_ids": [topic.id for topic in topics],
        "old_enough": True,
        "wording_id": columns.get("wording_id") or make_wording(session).id,
        "created_at": NOW,
        "expires_at": NOW + dt.timedelta(hours=48),
    }
    sign_up = add(session, SignUp(**defaults | columns))
    for address in addresses:
        add(session, SignUpAddress(sign_up=sign_up, address=address))
    return sign_up
