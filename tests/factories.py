"""Rows with valid defaults. Each is added and flushed, never committed; keywords replace any column."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from peoplelink import keys
from peoplelink.broadcasts.models import Broadcast, BroadcastContent, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.inbound.models import Conversation, MessageKind, ReceivedMessage, Webhook, WebhookKind
from peoplelink.intelligence.models import Report, ReportSource, Theme
from peoplelink.officers.models import Officer, OfficerZone, Role
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch, Suppression
from peoplelink.outbound.states import RANK, DeliveryStatus, Purpose, SuppressionReason, Urgency
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

NOW = dt.datetime(2026, 3, 21, 14, 30, tzinfo=dt.UTC)
"""The moment of the `now` fixture: a Saturday afternoon."""
ADDRESS_KEY = "a" * 64
"""The key of `config.address_key`, under which addresses are hashed."""

Row = TypeVar("Row")
_numbers = itertools.count(1)


def number(index: int) -> str:
    """One of the mobile numbers that Ofcom keeps for drama; below 230 are for tests that write theirs out."""
    return f"+447700900{230 + index % 770:03}"


def add(session: Session, row: Row) -> Row:
    """Add and flush."""
    session.add(row)
    session.flush()
    return row


# Officers


def make_officer(session: Session, *, zones: Sequence[Zone] | None = None, **columns: Any) -> Officer:
    """An administrator of all zones; `zones` limits them. The password hash fits no password."""
    index = next(_numbers)
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


# Zones, topics, wordings


def make_zone(session: Session, *, words: Sequence[str] = (), **columns: Any) -> Zone:
    """A zone, with the keywords that stand for it."""
    index = next(_numbers)
    defaults: dict[str, Any] = {"slug": f"zone-{index}", "name": f"Zone {index}", "place": "Leicester", "sectors": []}
    zone = add(session, Zone(**defaults | columns))
    for word in words:
        add(session, Keyword(word=word, zone_id=zone.id))
    return zone


def make_topic(session: Session, **columns: Any) -> Topic:
    index = next(_numbers)
    return add(session, Topic(**{"slug": f"topic-{index}", "name": f"Topic {index}", "position": index} | columns))


def make_wording(session: Session, **columns: Any) -> ConsentWording:
    defaults: dict[str, Any] = {"code": "web-form", "version": next(_numbers) + 1000, "words": "I agree."}
    return add(session, ConsentWording(**defaults | columns))


# Addresses and residents


def make_address(session: Session, medium: Medium = Medium.SMS, value: str | None = None, **columns: Any) -> Address:
    """A mobile number or a mailbox, by default one that no other test row has."""
    index = next(_numbers)
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


# Outbound


def make_suppression(
    session: Session, address: Address, reason: SuppressionReason = SuppressionReason.STOP, **columns: Any
) -> Suppression:
    """A suppression as it stands in the table; outbound.services.suppress does more."""
    defaults: dict[str, Any] = {
        "medium": address.medium, "hash": address.hash, "key_id": "1", "reason": reason, "source": "text",
        "created_at": NOW, "said_at": NOW,
    }  # fmt: skip
    return add(session, Suppression(**defaults | columns))


def make_dispatch(session: Session, **columns: Any) -> Dispatch:
    defaults: dict[str, Any] = {
        "purpose": Purpose.BROADCAST, "urgency": Urgency.BULK, "created_at": NOW, "released_at": NOW,
    }  # fmt: skip
    return add(session, Dispatch(**defaults | columns))


def make_content(session: Session, dispatch: Dispatch, medium: Medium = Medium.SMS, **columns: Any) -> Content:
    defaults: dict[str, Any] = {
        "dispatch": dispatch, "medium": medium, "text": "People Link: a fair on Saturday. Reply STOP to leave.",
        "subject": "" if medium is Medium.SMS else "A fair on Saturday",
        "html": "" if medium is Medium.SMS else "<p>A fair on Saturday.</p>",
    }  # fmt: skip
    return add(session, Content(**defaults | columns))


def make_delivery(
    session: Session, address: Address | None = None, *, content: Content | None = None,
    status: DeliveryStatus = DeliveryStatus.QUEUED, **columns: Any,
) -> Delivery:  # fmt: skip
    """One message to one address; makes its own dispatch and content where none is given."""
    address = address or make_address(session)
    content = content or make_content(session, make_dispatch(session), address.medium)
    defaults: dict[str, Any] = {
        "address": address,
        "content": content,
        "dispatch": content.dispatch,
        "lane": f"{address.medium}:{content.dispatch.urgency}",
        "status": status,
        "rank": RANK[status],
        "created_at": NOW,
    }
    return add(session, Delivery(**defaults | columns))


# Broadcasts


def make_broadcast(
    session: Session,
    *,
    zones: Sequence[Zone] = (),
    topics: Sequence[Topic] = (),
    sms: str | None = "A fair on Saturday.",
    email: str | None = None,
    status: BroadcastStatus = BroadcastStatus.DRAFT,
    **columns: Any,
) -> Broadcast:
    """A draft with words for the media given; makes an officer where `created_by` is not given."""
    defaults: dict[str, Any] = {"title": "A fair", "status": status, "created_at": NOW, "updated_at": NOW}
    if "created_by" not in columns and "created_by_id" not in columns:
        defaults["created_by"] = make_officer(session)
    words = [("", Medium.SMS, sms), ("A fair on Saturday", Medium.EMAIL, email)]
    contents = [BroadcastContent(medium=medium, subject=subject, body=body) for subject, medium, body in words if body]
    broadcast = Broadcast(zones=list(zones), topics=list(topics), contents=contents, **defaults | columns)
    return add(session, broadcast)


# Inbound and intelligence


def make_webhook(session: Session, kind: WebhookKind = WebhookKind.TWILIO_INBOUND, **columns: Any) -> Webhook:
    defaults: dict[str, Any] = {
        "kind": kind, "digest": f"{next(_numbers):064x}", "url": "http://127.0.0.1:8000/webhooks/twilio/inbound",
        "content_type": "application/x-www-form-urlencoded", "body": b"", "received_at": NOW,
    }  # fmt: skip
    return add(session, Webhook(**defaults | columns))


def make_conversation(session: Session, address: Address | None = None, **columns: Any) -> Conversation:
    defaults: dict[str, Any] = {
        "address": address or make_address(session), "opened_at": NOW, "last_message_at": NOW,
    }  # fmt: skip
    return add(session, Conversation(**defaults | columns))


def make_message(session: Session, conversation: Conversation | None = None, **columns: Any) -> ReceivedMessage:
    """A reply from a resident, in a conversation of its own where none is given."""
    conversation = conversation or make_conversation(session)
    defaults: dict[str, Any] = {
        "conversation": conversation, "address": conversation.address, "medium": conversation.address.medium,
        "provider_message_id": f"message-{next(_numbers)}", "kind": MessageKind.REPLY,
        "text": "The lights on the path are broken.", "received_at": NOW,
    }  # fmt: skip
    return add(session, ReceivedMessage(**defaults | columns))


def make_theme(session: Session, **columns: Any) -> Theme:
    index = next(_numbers)
    return add(session, Theme(**{"slug": f"theme-{index}", "name": f"Theme {index}", "position": index} | columns))


def make_report(session: Session, conversation: Conversation | None = None, **columns: Any) -> Report:
    """A report of a conversation, by an officer made for it unless `created_by` is given."""
    conversation = conversation or make_conversation(session)
    defaults: dict[str, Any] = {
        "text": "The lights on the path are broken.", "zone_id": conversation.zone_id,
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    if "created_by" not in columns and "created_by_id" not in columns:
        defaults["created_by"] = make_officer(session)
    report = add(session, Report(**defaults | columns))
    add(session, ReportSource(report=report, conversation=conversation))
    return report


# Noise


def add_noise(session: Session) -> None:
    """Rows of somebody else in every table that lists and counts read: a query without its filter shows them."""
    zone, topic = make_zone(session, name="Elsewhere"), make_topic(session)
    resident = make_subscriber(session, zones=[zone], topics=[topic], sms=True, email=True)
    addresses = [link.address for link in resident.addresses]
    make_sign_up(session, zones=[zone], addresses=[make_address(session)])
    make_suppression(session, make_address(session), SuppressionReason.BOUNCED)
    broadcast = make_broadcast(session, zones=[zone], email="A fair.", dispatch=make_dispatch(session))
    assert broadcast.dispatch
    for address, status in zip(addresses, (DeliveryStatus.SENT, DeliveryStatus.QUEUED), strict=True):
        content = make_content(session, broadcast.dispatch, address.medium)
        make_delivery(session, address, content=content, status=status)
    conversation = make_conversation(session, addresses[0], zone_id=zone.id, broadcast=broadcast)
    make_message(session, conversation)
    make_report(session, conversation)
