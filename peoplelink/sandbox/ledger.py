"""The ledger as others read it: every message that the app had accepted, as its recipient gets it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from multidict import MultiMapping

from peoplelink.sandbox.numbers import judge_recipient
from peoplelink.sandbox.records import Mail, Text
from peoplelink.sandbox.state import State


@dataclass(frozen=True)
class LedgerFilter:
    """Which entries are wanted. `origin` is api (what the API accepted), or all, which adds replies both ways."""

    medium: str | None = None
    to: str | None = None
    since: dt.datetime | None = None
    origin: str = "api"
    brief: bool = False
    """Without words: what became of whom, for ledgers of many thousands."""


def read_filter(query: MultiMapping[str]) -> LedgerFilter:
    """Read medium, to, since and origin; raises ValueError."""
    medium, to, since = query.get("medium"), query.get("to"), query.get("since")
    if medium not in (None, "sms", "email"):
        raise ValueError("medium")
    if to is not None:
        # A plus in a query that nobody escaped arrives as a space.
        to = to.strip().lower() if "@" in to else judge_recipient("+" + to.strip().lstrip("+")).e164
    return LedgerFilter(
        medium, to, _moment(since) if since else None, query.get("origin", "api"), brief=query.get("brief") == "1"
    )


def _moment(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(float(text), dt.UTC)
    except ValueError:
        moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def ledger_entries(state: State, wanted: LedgerFilter) -> Iterator[dict[str, Any]]:
    """The wanted entries: texts, then mails, each oldest first."""
    if wanted.medium in (None, "sms"):
        for text in state.texts.values():
            if _in(text, wanted) and wanted.origin in ("all", text.origin):
                yield _brief_text(text) if wanted.brief else _text_entry(text)
    if wanted.medium in (None, "email") and wanted.origin in ("all", "api"):
        for mail in state.mails.values():
            if _in(mail, wanted):
                yield _brief_mail(mail) if wanted.brief else _mail_entry(mail)


def _in(entry: Text | Mail, wanted: LedgerFilter) -> bool:
    if wanted.to is not None and entry.to != wanted.to:
        return False
    return wanted.since is None or entry.accepted_at >= wanted.since


def _text_entry(text: Text) -> dict[str, Any]:
    return _brief_text(text) | {
        "body": text.body,
        "media": text.media,
        "messaging_service_sid": text.service_sid,
        "segments": text.segments,
    }


def _brief_text(text: Text) -> dict[str, Any]:
    return {
        "id": text.sid,
        "medium": "sms",
        "origin": text.origin,
        "to": text.to,
        "from": text.sender,
        "status_callback": text.status_callback,
        "accepted_at": text.accepted_at,
        "told_at": text.told_at,
        "status": text.status,
        "error_code": text.error_code,
    }


def _mail_entry(mail: Mail) -> dict[str, Any]:
    return _brief_mail(mail) | {
        "from_name": mail.sender_name,
        "reply_to": mail.reply_to,
        "subject": mail.subject,
        "text": mail.part("text/plain"),
        "html": mail.part("text/html"),
        "headers": mail.headers,
        "segments": None,
    }


def _brief_mail(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "x_message_id": mail.call.id,
        "medium": "email",
        "origin": "api",
        "to": mail.to,
        "from": mail.sender,
        "custom_args": mail.custom_args,
        "categories": mail.call.categories,
        "accepted_at": mail.accepted_at,
        "status": mail.status,
    }
