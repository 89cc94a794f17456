"""SendGrid's Event Webhook: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event"""

import datetime as dt
import hashlib
import json
import re
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import ADDRESS_REASONS, EventKind, FailureReason, ProviderRequest, StatusEvent
from peoplelink.channels.payload import harmless

KINDS = {
    "processed": EventKind.ACCEPTED,
    "deferred": EventKind.ACCEPTED,  # SendGrid tries on by itself for up to 72 hours
    "delivered": EventKind.DELIVERED,
    "bounce": EventKind.FAILED,
    "dropped": EventKind.FAILED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
    # open, click, group_resubscribe and account_status_change tell us nothing that we act on
}

BOUNCES = {
    "bounce": FailureReason.BAD_ADDRESS,
    "blocked": FailureReason.BLOCKED,  # refused this time, by policy or reputation
    "expired": FailureReason.UNREACHABLE,  # deferred until SendGrid gave up
}

DROPS = {
    "bounced address": FailureReason.BAD_ADDRESS,
    "invalid": FailureReason.BAD_ADDRESS,
    "unsubscribed address": FailureReason.OPTED_OUT,
    "spam reporting address": FailureReason.OPTED_OUT,
    "spam content": FailureReason.CONTENT,
    "invalid smtpapi header": FailureReason.CONTENT,
    "recipient list over package quota": FailureReason.CONFIGURATION,
}
"""By how SendGrid's reason begins, in lower case; the longest that fits holds."""

_STATUS_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463
_LONGEST_WORD = 40
_LONGEST_ID = 200
_MOST_ATTEMPTS = 1_000_000


class _Event(Schema):
    """What we read of an event. SendGrid adds fields without notice."""

    class Meta:
        unknown = EXCLUDE

    event = fields.String(required=True)
    timestamp = fields.Integer(load_default=None, allow_none=True)
    sg_event_id = fields.String(load_default="")
    sg_message_id = fields.String(load_default=None, allow_none=True)
    type = fields.String(load_default="", allow_none=True)
    reason = fields.String(load_default="", allow_none=True)
    status = fields.String(load_default="", allow_none=True)
    category = fields.Raw(load_default=None, allow_none=True)  # a string or a list
    pl_delivery = fields.String(load_default=None, allow_none=True)
    pl_attempt = fields.Integer(load_default=None, allow_none=True)
    pl_call = fields.String(load_default=None, allow_none=True)


_schema = _Event()


def parse_status(request: ProviderRequest) -> list[StatusEvent]:
    """Every event of the batch that can be read; raises UnreadablePayloadError when the body is not a JSON list.

    A single odd event must not hide the others: it is left out here, and kept raw by whoever called.
    """
    try:
        batch = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise UnreadablePayloadError("the body is not JSON") from error
    if not isinstance(batch, list):
        raise UnreadablePayloadError("the body is not a list of events")
    return [event for item in batch if (event := _read(item))]


def _read(item: object) -> StatusEvent | None:
    try:
        data: dict[str, Any] = _schema.load(item)  # type: ignore[arg-type]
    except ValidationError:
        return None
    kind = KINDS.get(data["event"], EventKind.UNKNOWN)
    reason = _reason(data) if kind is EventKind.FAILED else None
    return StatusEvent(
        event_id=_text(data["sg_event_id"], _LONGEST_ID) or _fingerprint(item),
        delivery=_text(data["pl_delivery"], _LONGEST_ID),
        attempt=_attempt(data["pl_attempt"]),
        kind=kind,
        provider_message_id=_text(data["sg_message_id"], _LONGEST_ID),
        occurred_at=_moment(data["timestamp"]),
        reason=reason,
        permanent=reason in ADDRESS_REASONS,
        provider_word=_word(data),
        provider_code=_code(data["status"]),
        call_id=_text(data["pl_call"], _LONGEST_ID) or _call(data["category"]),
    )


def _reason(data: dict[str, Any]) -> FailureReason:
    if data["event"] == "bounce":
        return BOUNCES.get((data["type"] or "bounce").lower(), FailureReason.UNKNOWN)
    return drop_reason(data["reason"] or "")


def drop_reason(told: str) -> FailureReason:
    """Why SendGrid did not send, by its own words."""
    fits = [begin for begin in DROPS if told.lower().startswith(begin)]
    return DROPS[max(fits, key=len)] if fits else FailureReason.UNKNOWN


def _word(data: dict[str, Any]) -> str:
    """SendGrid's word for it, `bounce` with its type. Its reasons stay out: they quote the address."""
    parts = (data["event"], data["type"] if data["event"] == "bounce" else "")
    return _text(" ".join(part for part in parts if part), _LONGEST_WORD) or ""


def _code(status: str | None) -> str:
    return status if status and _STATUS_CODE.fullmatch(status) else ""


def _call(category: object) -> str | None:
    """Our call id is the only category we set; asynchronous bounces may bring it without our arguments."""
    first = category[0] if isinstance(category, list) and category else category
    return _text(first, _LONGEST_ID) if isinstance(first, str) else None


def _attempt(number: int | None) -> int | None:
    return number if number is not None and 0 <= number <= _MOST_ATTEMPTS else None


def _moment(timestamp: int | None) -> dt.datetime | None:
    if timestamp is None:
        return None
    try:
        return dt.datetime.fromtimestamp(timestamp, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _text(value: str | None, longest: int) -> str | None:
    return harmless(value)[:longest] or None if value else None


def _fingerprint(item: object) -> str:
    """An id for an event that came without one: the same news gives the same."""
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
