"""What we send: suppressions, dispatches, deliveries, broadcasts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastContent, BroadcastStatus
from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch, Suppression
from peoplelink.outbound.states import RANK, DeliveryStatus, Purpose, SuppressionReason, Urgency
from peoplelink.subscribers.models import (
    Topic,
    Zone,
)
from tests.factories.people import make_address, make_officer
from tests.factories.rows import NOW, add


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
    if status is DeliveryStatus.SENDING:
        defaults |= {"lease_token": "claim", "claimed_at": NOW}
    return add(session, Delivery(**defaults | columns))


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
