"""SendGrid's Inbound Parse: https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook

Best set to "POST the raw, full MIME message": then `email` holds the mail's bytes. The other form is read too; its text
fields are bytes in the charsets that a field of that name lists, which no web framework undoes.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from peoplelink.channels import forwarded
from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.mail import Mail, decode, file_name, html_to_text, mail_ids, read_headers, read_mail
from peoplelink.channels.messages import Glimpse, InboundMessage, Media, Medium, ProviderRequest
from peoplelink.channels.payload import harmless
from peoplelink.channels.replies import own_words

MAX_FORM_PARTS = 200

_LONGEST_ADDRESS = 320
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_ROBOT_HEADERS = ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "List-Id")
_SIGNER = re.compile(r"@([a-z0-9.-]+)\s*:\s*pass", re.IGNORECASE)  # dkim is `{@example.org : pass}`, no JSON


@dataclass
class _Part:
    """One field or file of the form."""

    filename: str = field(default="", repr=False)
    content_type: str = ""
    content: bytes = field(default=b"", repr=False)


def parse_inbound(request: ProviderRequest) -> InboundMessage:
    """The mail in a signed post. Raises UnreadablePayloadError.

    The recipient is the envelope's: lists and Bcc do not show in To. The sender is From's mailbox, the person one
    answers; the envelope's may be a list's or a program's return path, and stands in where From is empty.
    """
    parts = _form(request)
    recipient, returns_to = _envelope(parts)
    mail = read_mail(parts["email"].content) if "email" in parts else _taken_apart(parts)
    sender = (mail.sender or returns_to)[:_LONGEST_ADDRESS]
    if "@" not in sender:
        raise UnreadablePayloadError("the mail is from nobody")
    return InboundMessage(
        medium=Medium.EMAIL,
        provider_message_id=_message_id(mail, request.body, recipient),
        sender=harmless(sender),
        recipient=recipient,
        text=own_words(mail.text),
        subject=mail.header("Subject"),
        automatic=_automatic(mail, returns_to),
        trusted_sender=_trusted(parts, sender, returns_to),
        media=forwarded.opened(mail.media),
        mail_id=next(iter(mail_ids(mail.header("Message-ID"))), ""),
        mail_references=mail_ids(mail.header("References")) or mail_ids(mail.header("In-Reply-To"))[:1],
    )


def glimpse(request: ProviderRequest) -> Glimpse:
    """Whatever a mail that cannot be placed still says. Never fails."""
    try:
        parts = _form(request)
        mail = read_mail(parts["email"].content) if "email" in parts else _taken_apart(parts)
    except UnreadablePayloadError:
        return Glimpse()
    return Glimpse(mail.sender or mail.header("From"), mail.header("Subject"), mail.text)


def _form(request: ProviderRequest) -> dict[str, _Part]:
    kind, options = parse_options_header(request.content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise UnreadablePayloadError("the body is not a multipart form")
    try:
        return _decoded(request.body, options["boundary"].encode("latin-1"))
    except (ValueError, HTTPException) as error:
        raise UnreadablePayloadError("the multipart form is broken") from error


def _decoded(body: bytes, boundary: bytes) -> dict[str, _Part]:
    decoder = MultipartDecoder(boundary, max_parts=MAX_FORM_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    parts: dict[str, _Part] = {}
    part = _Part()
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, Field | File):
            filename = event.filename if isinstance(event, File) else ""
            part = _Part(filename or "", event.headers.get("Content-Type", ""))
            parts.setdefault(event.name, part)
        elif isinstance(event, Data):
            part.content += event.data
    return parts


def _envelope(parts: Mapping[str, _Part]) -> tuple[str, str]:
    """Whom the post office was told to deliver to, and to return to; of this, SendGrid names one each."""
    found = _json(parts, "envelope")
    to, returns_to = found.get("to"), found.get("from")
    recipient = to[0] if isinstance(to, list) and to else to
    if not isinstance(recipient, str) or "@" not in recipient:
        raise UnreadablePayloadError("the envelope names no recipient")
    return harmless(recipient)[:_LONGEST_ADDRESS], harmless(returns_to) if isinstance(returns_to, str) else ""


def _taken_apart(parts: Mapping[str, _Part]) -> Mail:
    """The form where SendGrid has taken the mail apart."""
    if "headers" not in parts:
        raise UnreadablePayloadError("neither the mail nor its headers")
    charsets = _json(parts, "charsets")
    text, html = (_field(parts, name, charsets) for name in ("text", "html"))
    return read_headers(parts["headers"].content, text if text.strip() else html_to_text(html), _attachments(parts))


def _attachments(parts: Mapping[str, _Part]) -> tuple[Media, ...]:
    return tuple(
        Media(file_name(part.filename), part.content_type.partition(";")[0].strip().lower(), content=part.content)
        for name, part in parts.items()
        if part.filename and name.startswith("attachment")
    )


def _field(parts: Mapping[str, _Part], name: str, charsets: Mapping[str, Any]) -> str:
    label = charsets.get(name)
    return decode(parts.get(name, _Part()).content, label if isinstance(label, str) else None)


def _json(parts: Mapping[str, _Part], name: str) -> dict[str, Any]:
    try:
        value = json.loads(parts.get(name, _Part()).content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _message_id(mail: Mail, body: bytes, recipient: str) -> str:
    """One id for one mail to one of our mailboxes, which repeats share; a mail to two of them comes as two posts.

    Hashed, since ids are logged, and Message-ID and recipient can both say who somebody is.
    """
    own = mail.header("Message-ID").encode() or hashlib.sha256(body).digest()
    return hashlib.sha256(own + b"|" + recipient.lower().encode()).hexdigest()


def _automatic(mail: Mail, returns_to: str) -> bool:
    """Whether a machine wrote it (RFC 3834 and what programs really do): kept, never answered."""
    return (
        not returns_to.strip("<> ")
        or any(path.strip() == "<>" for path in mail.every("Return-Path"))
        or mail.header("Auto-Submitted").partition(";")[0].strip().lower() not in {"", "no"}
        or mail.header("Precedence").lower() in _BULK
        or any(mail.header(name) for name in _ROBOT_HEADERS)
        or mail.headers.get_content_type() == "multipart/report"
    )


def _trusted(parts: Mapping[str, _Part], sender: str, returns_to: str) -> bool:
    """Whether SPF or DKIM passed for the domain in From, as DMARC asks: a pass for any other domain proves nothing."""
    domain = _domain(sender)
    proven = {signer.lower() for signer in _SIGNER.findall(_field(parts, "dkim", {}))}
    if _field(parts, "SPF", {}).strip().lower() == "pass":
        proven.add(_domain(returns_to))
    return any(_related(domain, other) for other in proven if other and domain)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<> .").lower()


def _related(one: str, other: str) -> bool:
    """The same domain, or one inside the other."""
    return one == other or ("." in other and one.endswith("." + other)) or ("." in one and other.endswith("." + one))
