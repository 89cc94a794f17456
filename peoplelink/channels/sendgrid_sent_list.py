"""Asking SendGrid for every email it took for a mailbox since a moment: after a restore nobody here knows of them.

Email Logs, POST /v3/logs. An answer holds 1,000 entries and there is no next page, and one call of ours makes so many
in the same second: so the question is put for each mailbox.
"""

import datetime as dt
import http.client
import urllib.error
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields
from python_http_client.exceptions import HTTPError

from peoplelink.channels.errors import SendError, UnknownOutcome
from peoplelink.channels.messages import EventKind, Sighting, Taken

_LIMIT = 1000


class _Entry(Schema):
    class Meta:
        unknown = EXCLUDE

    to_email = fields.String(required=True)
    subject = fields.String(load_default="")
    sg_message_id = fields.String(required=True)
    sg_message_id_created_at = fields.AwareDateTime(required=True, default_timezone=dt.UTC)
    status = fields.String(load_default="")


_schema = _Entry(many=True)


def taken_for(api: Any, mailbox: str, since: dt.datetime, until: dt.datetime) -> list[Taken] | SendError:
    """Oldest first. `api` is the official client; blocks, so run it in a thread."""
    if '"' in mailbox:
        return UnknownOutcome("a mailbox that no query can name")
    query = (
        f'to_email = "{mailbox}" AND sg_message_id_created_at >= TIMESTAMP "{_text(since)}"'
        f' AND sg_message_id_created_at <= TIMESTAMP "{_text(until)}"'
    )
    try:
        answer = api.client.logs.post(request_body={"query": query, "limit": _LIMIT})
        entries = _schema.load((answer.to_dict or {}).get("messages", []))
    except (HTTPError, urllib.error.URLError, OSError, http.client.HTTPException, ValidationError, ValueError):
        # Nothing of the exception is kept: it may quote addresses.
        return UnknownOutcome("the look-up did not work")
    return sorted(map(_taken, entries), key=lambda one: one.taken_at)


def _taken(entry: dict[str, Any]) -> Taken:
    # What became of it is told in full by the events, or asked for later.
    kind = EventKind.DELIVERED if entry["status"] == "delivered" else EventKind.ACCEPTED
    sighting = Sighting(entry["sg_message_id"].partition(".")[0], kind)
    return Taken(entry["to_email"].lower(), entry["subject"], entry["sg_message_id_created_at"], sighting)


def _text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
