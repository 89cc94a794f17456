"""A provider's request is kept as it came, once, and a STOP in it acts in the same transaction. The rest is a job.

What providers say of deliveries, by the hundred, is kept by `news.py`.
"""

import datetime as dt
import hashlib
from typing import Any

import structlog
from sqlalchemy.orm import Session

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import InboundMessage, ProviderRequest
from peoplelink.channels.payload import harmless
from peoplelink.db import Database, ring_after_commit
from peoplelink.inbound import stopping
from peoplelink.inbound.models import Webhook, WebhookKind
from peoplelink.outbound.bulk import insert_ignoring
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

BELL = "webhooks"
_LONGEST_ID = 64  # characters; Twilio's have 34
_SHORT_MAIL = 64 * 1024
"""Bytes of a mail that is read at once, in a few milliseconds, for it may be a STOP. A longer one (nobody writes so
much to say STOP, but mail programs quote and attach) is read by the job alone."""


def keep(
    session: Session,
    kind: WebhookKind,
    incoming: ProviderRequest,
    *,
    parts: Runtime,
    received_at: dt.datetime,
    fetched_at: dt.datetime | None = None,
) -> bool:
    """Store a request, act on a STOP in it, and ring for the rest. False when we have it, or its text, already."""
    message = _message_in(kind, incoming, parts)
    kept = row_of(kind, incoming, received_at) | {"fetched_at": fetched_at}
    if message is not None and kind is WebhookKind.TWILIO_INBOUND:
        kept["provider_message_id"] = message.provider_message_id[:_LONGEST_ID]
    webhook_id = session.connection().scalar(insert(session).returning(Webhook.id), kept)
    if webhook_id is None:
        log.info("webhook_repeated", kind=kind)
        return False
    if message is not None:
        webhook = session.get_one(Webhook, webhook_id)
        stopping.stop_if_asked(session, message, webhook=webhook, address_key=parts.config.address_key)
    ring_after_commit(session, BELL)
    return True


def row_of(kind: WebhookKind, incoming: ProviderRequest, received_at: dt.datetime) -> dict[str, Any]:
    """A request as a row of `Webhook`."""
    return {
        "kind": kind,
        "digest": hashlib.sha256(incoming.url.encode() + b"\n" + incoming.body).hexdigest(),
        "provider_message_id": None,
        "url": harmless(incoming.url),
        "content_type": harmless(incoming.content_type),
        "body": incoming.body,
        "received_at": received_at,
        "fetched_at": None,
    }


def _message_in(kind: WebhookKind, incoming: ProviderRequest, parts: Runtime) -> InboundMessage | None:
    """What a resident says in it, or None; never raises. It is kept all the same, and the job says what is wrong."""
    try:
        if kind is WebhookKind.TWILIO_INBOUND:
            return parts.twilio.parse_inbound(incoming)
        if kind is WebhookKind.SENDGRID_INBOUND and len(incoming.body) <= _SHORT_MAIL:
            return parts.sendgrid.parse_inbound(incoming)
    except UnreadablePayloadError:
        return None
    except Exception:
        log.exception("message_left_to_the_job")
    return None


def insert(into: Session | Database) -> Any:
    """One statement: a repeat changes nothing, and the unique constraints decide between two at once."""
    return insert_ignoring(into, Webhook.__table__)
