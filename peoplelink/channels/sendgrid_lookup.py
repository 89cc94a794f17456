"""Asking SendGrid which emails it has taken, and what became of them, by the call that carried them: Email Logs.

https://www.twilio.com/docs/sendgrid/api-reference/email-logs (POST /v3/logs; its specification is tsg_logs_v3)

A call is accepted or refused as a whole, so one email of it that is found stands for all of them.
"""

import http.client
import re
import urllib.error
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields
from python_http_client.exceptions import HTTPError

from peoplelink.channels.errors import SendError, UnknownOutcome
from peoplelink.channels.messages import (
    ADDRESS_REASONS,
    Awaited,
    EventKind,
    FailureReason,
    Sighting,
    Sought,
    StatusEvent,
)
from peoplelink.channels.sendgrid_events import drop_reason

KINDS = {
    "processed": EventKind.ACCEPTED,
    "deferred": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "bounced": EventKind.FAILED,
    "blocked": EventKind.FAILED,
    "dropped": EventKind.FAILED,
}

Entry = Mapping[str, Any]
Logged = Mapping[str, Entry]
"""The entries of one call, by mailbox in lower case."""

_LIMIT = 1000  # of one answer, and of a call's recipients
_LONGEST_WORD = 40
_REFUSED_FOR_GOOD = re.compile(r"\b5\d\d\b|\b5\.\d{1,3}\.\d{1,3}\b")  # RFC 5321 and RFC 3463


class _Entry(Schema):
    class Meta:
        unknown = EXCLUDE

    to_email = fields.String(required=True)
    sg_message_id = fields.String(required=True)
    status = fields.String(load_default="")
    reason = fields.String(load_default="", allow_none=True)


_schema = _Entry(many=True)


def look_up(api: Any, sought: Sequence[Sought]) -> list[Sequence[Sighting] | SendError]:
    """Ask once for each call. `api` is the official client; blocks, so run it in a thread."""
    calls = {call_id: _logged(api, call_id) for call_id in {one.call_id for one in sought}}
    return [_answer(calls[one.call_id], one) for one in sought]


def ask_after(api: Any, awaited: Sequence[Awaited]) -> list[StatusEvent | SendError | None]:
    """What became of each email; asks once for each call. Blocks, so run it in a thread."""
    calls = {call_id: _logged(api, call_id) for call_id in {one.call_id for one in awaited}}
    return [_news(calls[one.call_id], one) for one in awaited]


def _logged(api: Any, call_id: str) -> Logged | SendError:
    """What the logs hold of a call; raises nothing."""
    if not call_id or '"' in call_id:
        return UnknownOutcome("a call without an id")
    try:
        answer = api.client.logs.post(request_body={"query": f'categories IN ("{call_id}")', "limit": _LIMIT})
        entries = _schema.load((answer.to_dict or {}).get("messages", []))
    except (HTTPError, urllib.error.URLError, OSError, http.client.HTTPException, ValidationError, ValueError):
        # Nothing of the exception is kept: it may quote addresses.
        return UnknownOutcome("the look-up did not work")
    return {entry["to_email"].lower(): entry for entry in entries}


def _answer(logged: Logged | SendError, sought: Sought) -> Sequence[Sighting] | SendError:
    if isinstance(logged, SendError):
        return logged
    entry = logged.get(sought.to)
    if entry is not None:
        # Anything else is told in full by the events or asked for later: this look-up settles acceptance only.
        kind = EventKind.DELIVERED if entry["status"] == "delivered" else EventKind.ACCEPTED
        return [Sighting(entry["sg_message_id"].partition(".")[0], kind)]
    ids = [other["sg_message_id"].partition(".")[0] for other in logged.values()]
    return [Sighting(ids[0], EventKind.ACCEPTED)] if ids else []


def _news(logged: Logged | SendError, awaited: Awaited) -> StatusEvent | SendError | None:
    if isinstance(logged, SendError):
        return logged
    entry = logged.get(awaited.to)
    if entry is None:
        return None
    status, reason = entry["status"], _reason(entry)
    return StatusEvent(
        event_id=f"log:{entry['sg_message_id']}:{status}",
        delivery=awaited.delivery,
        attempt=awaited.attempt,
        kind=KINDS.get(status, EventKind.UNKNOWN),
        provider_message_id=entry["sg_message_id"],
        occurred_at=None,  # the log says when it was accepted, not when this came about
        reason=reason,
        permanent=reason in ADDRESS_REASONS,
        provider_word=f"log {status}"[:_LONGEST_WORD],
        call_id=awaited.call_id,
    )


def _reason(entry: Entry) -> FailureReason | None:
    """Why it did not arrive, in the log's words, which are fewer than those of the events."""
    told = entry["reason"] or ""
    if entry["status"] == "bounced":
        # The log calls it so too when SendGrid gave up after days of "try again": no reason to condemn the address.
        return FailureReason.BAD_ADDRESS if _REFUSED_FOR_GOOD.search(told) else FailureReason.UNREACHABLE
    if entry["status"] == "blocked":
        return FailureReason.BLOCKED
    return drop_reason(told) if entry["status"] == "dropped" else None
