"""What the sandbox remembers: texts, mail calls with their mails, and mails that residents wrote."""

import base64
import datetime as dt
import email
import email.message
import email.policy
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from peoplelink.sandbox.webhooks import Notice

DONE_TEXT = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})


@dataclass(slots=True)
class Text:
    """One SMS, to or from a resident. `origin` is api, reply (TwiML), provider (its own keyword answers) or handset."""

    sid: str
    origin: str
    to: str
    sender: str
    body: str
    accepted_at: dt.datetime
    status: str
    segments: int
    service_sid: str | None = None
    status_callback: str | None = None
    media: tuple[str, ...] = ()
    updated_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    error_code: int | None = None
    number: int = 0  # place in the ledger, given by the state
    told_at: dt.datetime | None = None  # an inbound text: when the app had said yes to its webhook
    outbox: deque[Notice] | None = None  # news that waits for the one before it

    def __post_init__(self) -> None:
        """A text that is taken in finished was sent in the same moment."""
        if self.status in {"received", "delivered"}:
            self.sent_at = self.updated_at = self.accepted_at

    @property
    def direction(self) -> str:
        """The provider's word for which way it went and why."""
        return {"api": "outbound-api", "handset": "inbound"}.get(self.origin, "outbound-reply")

    @property
    def resident(self) -> str:
        """The number at the other end."""
        return self.sender if self.origin == "handset" else self.to

    @property
    def shown(self) -> bool:
        """Whether the handset has it: written there, or delivered to it."""
        return self.status in {"delivered", "received"}


@dataclass(slots=True)
class Call:
    """One accepted POST /v3/mail/send. Words are kept once; what each person gets is made when somebody looks."""

    id: str  # X-Message-Id
    accepted_at: dt.datetime
    payload: dict[str, Any]
    mails: list["Mail"] = field(default_factory=list)

    @property
    def categories(self) -> list[str]:
        """The call's categories, as given."""
        return list(self.payload.get("categories") or [])


@dataclass(slots=True)
class Mail:
    """What one recipient of a call gets."""

    id: str  # sg_message_id: the call's id and a rest of its own
    call: Call
    to: str
    personalization: dict[str, Any]
    status: str = "accepted"
    reason: str | None = None

    @property
    def accepted_at(self) -> dt.datetime:
        """When the call was accepted."""
        return self.call.accepted_at

    @property
    def resident(self) -> str:
        """The mailbox at the other end."""
        return self.to

    @property
    def shown(self) -> bool:
        """Whether it has arrived."""
        return self.status == "delivered"

    @property
    def sender(self) -> str:
        """The mailbox it is from."""
        return str(self.call.payload["from"]["email"])

    @property
    def sender_name(self) -> str:
        """The name it is from, or nothing."""
        return str(self.call.payload["from"].get("name") or "")

    @property
    def subject(self) -> str:
        """Its subject line."""
        return self._fill(self.personalization.get("subject") or self.call.payload.get("subject") or "")

    @property
    def reply_to(self) -> str:
        """Where an answer goes. Substitutions reach Reply-To as they reach the subject (v3 Mail Send reference)."""
        reply_to = self.call.payload.get("reply_to")
        return self._fill(str(reply_to["email"])) if reply_to else self.sender

    @property
    def headers(self) -> dict[str, str]:
        """Its own headers over those of the call."""
        return {**(self.call.payload.get("headers") or {}), **(self.personalization.get("headers") or {})}

    @property
    def custom_args(self) -> dict[str, str]:
        """Its own custom arguments over those of the call."""
        return {**(self.call.payload.get("custom_args") or {}), **(self.personalization.get("custom_args") or {})}

    def part(self, kind: str) -> str:
        """The body in one kind, such as text/plain; empty if there is none."""
        for content in self.call.payload.get("content") or []:
            if content["type"] == kind:
                return self._fill(content["value"])
        return ""

    def _fill(self, words: str) -> str:
        values: dict[str, Any] = self.personalization.get("substitutions") or {}
        tags = sorted((tag for tag in values if tag), key=len, reverse=True)
        if not tags:
            return words
        # In one pass, so that a value that looks like a tag stays a value.
        return re.sub("|".join(map(re.escape, tags)), lambda found: str(values[found[0]]), words)


@dataclass
class Letter:
    """A mail that a resident wrote to us, whole."""

    id: str
    to: str
    sender: str
    raw: bytes
    accepted_at: dt.datetime

    shown = True

    @property
    def resident(self) -> str:
        """The mailbox it came from."""
        return self.sender

    @cached_property
    def parsed(self) -> email.message.EmailMessage:
        """The mail as the library reads it."""
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, email.message.EmailMessage)
        return message

    @property
    def subject(self) -> str:
        """Its subject line, decoded."""
        return str(self.parsed["subject"] or "")

    @property
    def words(self) -> str:
        """Its plain text, as far as it can be read."""
        part = self.parsed.get_body(("plain", "html"))
        if part is None:
            return ""
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError):
            return "(in an unknown character set)"


Entry = Text | Mail | Letter


def text_record(text: Text) -> dict[str, Any]:
    """A text for the journal."""
    return {
        "kind": "text",
        "sid": text.sid,
        "origin": text.origin,
        "to": text.to,
        "sender": text.sender,
        "body": text.body,
        "accepted_at": text.accepted_at,
        "status": text.status,
        "segments": text.segments,
        "service_sid": text.service_sid,
        "status_callback": text.status_callback,
        "media": text.media,
    }


def read_text(record: dict[str, Any]) -> Text:
    """A text from the journal."""
    values = {name: value for name, value in record.items() if name != "kind"}
    values["accepted_at"] = dt.datetime.fromisoformat(values["accepted_at"])
    values["media"] = tuple(values["media"])
    return Text(**values)


def call_record(call: Call) -> dict[str, Any]:
    """A mail call for the journal: ids of its mails follow from its own and their order."""
    return {"kind": "call", "id": call.id, "accepted_at": call.accepted_at, "payload": call.payload}


def new_call(call_id: str, accepted_at: dt.datetime, payload: dict[str, Any]) -> Call:
    """A call with a mail for each to, cc and bcc."""
    call = Call(call_id, accepted_at, payload)
    for index, (to, personalization) in enumerate(_recipients(payload)):
        # sg_message_id is X-Message-Id, a dot and a rest (support article 35804743679259).
        call.mails.append(Mail(f"{call_id}.recvd-{index:04d}.0", call, to, personalization))
    return call


def _recipients(payload: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for personalization in payload["personalizations"]:
        for kind in ("to", "cc", "bcc"):
            for recipient in personalization.get(kind) or []:
                yield recipient["email"].strip().lower(), personalization


def letter_record(letter: Letter) -> dict[str, Any]:
    """A resident's mail for the journal."""
    return {
        "kind": "letter",
        "id": letter.id,
        "to": letter.to,
        "sender": letter.sender,
        "raw": base64.b64encode(letter.raw).decode(),
        "accepted_at": letter.accepted_at,
    }


def read_letter(record: dict[str, Any]) -> Letter:
    """A resident's mail from the journal."""
    accepted_at = dt.datetime.fromisoformat(record["accepted_at"])
    return Letter(record["id"], record["to"], record["sender"], base64.b64decode(record["raw"]), accepted_at)
