"""What Twilio pushes to us: status callbacks and incoming texts, verified and read.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
"""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from peoplelink.channels.errors import InvalidSignatureError, UnreadablePayloadError
from peoplelink.channels.messages import (
    ADDRESS_REASONS,
    EventKind,
    FailureReason,
    Glimpse,
    InboundMessage,
    Media,
    Medium,
    OptOutWord,
    ProviderRequest,
    StatusEvent,
)
from peoplelink.channels.payload import form, harmless, header
from peoplelink.channels.twilio_errors import reason_for

KINDS = {
    "accepted": EventKind.ACCEPTED,
    "scheduled": EventKind.ACCEPTED,
    "queued": EventKind.ACCEPTED,
    "sending": EventKind.ACCEPTED,
    "sent": EventKind.SENT,
    "partially_delivered": EventKind.SENT,
    "delivered": EventKind.DELIVERED,
    "read": EventKind.DELIVERED,  # WhatsApp and RCS
    "undelivered": EventKind.FAILED,  # the carrier said no
    "failed": EventKind.FAILED,  # Twilio did not hand it over
    "canceled": EventKind.FAILED,
}

OPT_OUT_WORDS = {"STOP": OptOutWord.STOP, "START": OptOutWord.START, "HELP": OptOutWord.HELP}

MAX_MEDIA = 10
"""Files in one message, by Twilio's own limit."""

_MAX_ATTEMPT_DIGITS = 6


class _Fields(dict[str, list[str]]):
    """A form in the shape RequestValidator reads."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def verify(request: ProviderRequest, tokens: Sequence[str]) -> None:
    """Check X-Twilio-Signature against any of `tokens`; raises InvalidSignatureError, whatever is wrong.

    The algorithm is pinned: a request may not choose one, or a key of another kind could be taken for the token.
    There is no timestamp, so a replay passes; repeats are told by their ids.
    """
    if get_signature_algorithm(header(request, SIGNATURE_SETTINGS_HEADER)) != HMAC_SHA1:
        raise InvalidSignatureError("another algorithm")
    try:
        fields = _Fields(form(request))
    except UnreadablePayloadError as error:
        raise InvalidSignatureError("no form to check") from error
    signature = header(request, SIGNATURE_HEADER)
    if not any(RequestValidator(token).validate(request.url, fields, signature) for token in tokens):
        raise InvalidSignatureError("no match")


def parse_status(request: ProviderRequest) -> list[StatusEvent]:
    """The one event of a status callback; raises UnreadablePayloadError where message or status are not named."""
    fields = form(request)
    sid, word, code = _need(fields, "MessageSid"), _need(fields, "MessageStatus"), _first(fields, "ErrorCode")
    query = parse_qs(urlsplit(request.url).query)
    return [news(sid, word, code, delivery=_first(query, "d") or None, attempt=_count(_first(query, "a")))]


def news(sid: str, word: str, code: str, *, delivery: str | None, attempt: int | None) -> StatusEvent:
    """What a status of Twilio's says of a delivery, whether it was pushed to us or asked for: the same news, one id."""
    kind = KINDS.get(word, EventKind.UNKNOWN)
    reason = _reason(code) if kind is EventKind.FAILED else None
    return StatusEvent(
        event_id=f"{sid}:{word}:{code}",
        delivery=delivery,
        attempt=attempt,
        kind=kind,
        provider_message_id=sid,
        occurred_at=None,  # RawDlrDoneDate is the carrier's clock, in no stated zone
        reason=reason,
        permanent=reason in ADDRESS_REASONS,
        provider_word=word,
        provider_code=code,
    )


def glimpse(request: ProviderRequest) -> Glimpse:
    """Whatever an incoming text that cannot be placed still says. Never fails."""
    try:
        fields = form(request)
    except UnreadablePayloadError:
        return Glimpse()
    sender, text = (harmless(fields.get(name, [""])[0]) for name in ("From", "Body"))
    return Glimpse(sender=sender, text=text)


def parse_inbound(request: ProviderRequest) -> InboundMessage:
    """An incoming text, its body untrimmed; raises UnreadablePayloadError where it names no message or people."""
    fields = form(request)
    return InboundMessage(
        medium=Medium.SMS,
        provider_message_id=_need(fields, "MessageSid"),
        sender=_need(fields, "From"),
        recipient=_need(fields, "To"),
        text=_first(fields, "Body"),
        opt_out=OPT_OUT_WORDS.get(_first(fields, "OptOutType").upper()),
        media=_media(fields),
    )


def _media(fields: dict[str, list[str]]) -> tuple[Media, ...]:
    number = min(_count(_first(fields, "NumMedia")) or 0, MAX_MEDIA)
    return tuple(
        Media(
            filename=f"media-{place + 1}", content_type=_first(fields, f"MediaContentType{place}").lower(), url=address
        )
        for place in range(number)
        if (address := _first(fields, f"MediaUrl{place}"))
    )


def _reason(code: str) -> FailureReason:
    return reason_for(code) if code else FailureReason.UNKNOWN


def _first(fields: dict[str, list[str]], name: str) -> str:
    return harmless(fields.get(name, [""])[0])


def _need(fields: dict[str, list[str]], name: str) -> str:
    value = _first(fields, name)
    if not value:
        raise UnreadablePayloadError(f"no {name}")
    return value


def _count(value: str) -> int | None:
    """A small whole number, or None: it came over the wire."""
    fits = value.isascii() and value.isdigit() and len(value) <= _MAX_ATTEMPT_DIGITS
    return int(value) if fits else None
