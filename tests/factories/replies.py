"""What comes in and is made of it: webhooks, conversations, messages, reports."""

from typing import Any

from sqlalchemy.orm import Session

from peoplelink.inbound.models import Conversation, MessageKind, ReceivedMessage, Webhook, WebhookKind
from peoplelink.intelligence.models import Report, ReportSource, Theme
from peoplelink.outbound.models import Address
from tests.factories.people import make_address, make_officer
from tests.factories.rows import NOW, add, numbers


def make_webhook(session: Session, kind: WebhookKind = WebhookKind.TWILIO_INBOUND, **columns: Any) -> Webhook:
    defaults: dict[str, Any] = {
        "kind": kind, "digest": f"{next(numbers):064x}", "url": "http://127.0.0.1:8000/webhooks/twilio/inbound",
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
        "provider_message_id": f"message-{next(numbers)}", "kind": MessageKind.REPLY,
        "text": "The lights on the path are broken.", "received_at": NOW,
    }  # fmt: skip
    return add(session, ReceivedMessage(**defaults | columns))


def make_theme(session: Session, **columns: Any) -> Theme:
    index = next(numbers)
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
