"""Asking SendGrid which emails it has taken, by the call that carried them: Email Logs, POST /v3/logs.

A call is accepted or refused as a whole, so one email of it that is found stands for all of them.
"""

import http.client
import urllib.error
from collections.abc import Sequence
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields
from python_http_client.exceptions import HTTPError

from peoplelink.channels.errors import SendError, UnknownOutcome
from peoplelink.channels.messages import EventKind, Sighting, Sought

_LIMIT = 1000  # of one answer, and of a call's recipients


class _Entry(Schema):
    class Meta:
        unknown = EXCLUDE

    to_email = fields.String(required=True)
    sg_message_id = fields.String(required=True)
    status = fields.String(load_default="")


_schema = _Entry(many=True)


def look_up(api: Any, sought: Sequence[Sought]) -> list[Sequence[Sighting] | SendError]:
    """Ask once for each call. `api` is the official client; blocks, so run it in a thread."""
    calls = {one.call_id: _taken(api, one.call_id) for one in sought}
    return [_answer(calls[one.call_id], one) for one in sought]


def _taken(api: Any, call_id: str) -> dict[str, Sighting] | SendError:
    """By mailbox, what the logs hold of a call; raises nothing."""
    if not call_id or '"' in call_id:
        return UnknownOutcome("a call without an id")
    try:
        answer = api.client.logs.post(request_body={"query": f'categories IN ("{call_id}")', "limit": _LIMIT})
        entries = _schema.load((answer.to_dict or {}).get("messages", []))
    except (HTTPError, urllib.error.URLError, OSError, http.client.HTTPException, ValidationError, ValueError):
        # Nothing of the exception is kept: it may quote addresses.
        return UnknownOutcome("the look-up did not work")
    return {entry["to_email"].lower(): _sighting(entry) for entry in entries}


def _sighting(entry: dict[str, str]) -> Sighting:
    # Anything else, "not delivered" among it, is told in full by the events: the look-up settles acceptance only.
    kind = EventKind.DELIVERED if entry["status"] == "delivered" else EventKind.ACCEPTED
    return Sighting(entry["sg_message_id"].partition(".")[0], kind)


def _answer(taken: dict[str, Sighting] | SendError, sought: Sought) -> Sequence[Sighting] | SendError:
    if isinstance(taken, SendError):
        return taken
    if sought.to in taken:
        return [taken[sought.to]]
    others = list(taken.values())
    return [Sighting(others[0].provider_message_id, EventKind.ACCEPTED)] if others else []
