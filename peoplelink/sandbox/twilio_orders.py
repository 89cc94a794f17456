"""What a caller asks of Twilio's Messages resource, read and checked as Twilio does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from peoplelink.sandbox.numbers import judge_recipient
from peoplelink.sandbox.settings import Settings
from peoplelink.sandbox.state import State
from peoplelink.sandbox.twilio_errors import TwilioRefusalError

MAX_BODY = 1600  # characters; 21617 above
MAX_VALIDITY = 36_000  # seconds
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NOT_PLAYED = ("ScheduleType", "SendAt", "ContentSid")


@dataclass(frozen=True)
class TextOrder:
    """A checked POST to Messages.json."""

    to: str
    body: str
    service_sid: str | None
    status_callback: str | None
    media: tuple[str, ...]


def read_order(form: Mapping[str, str], media: tuple[str, ...], settings: Settings, state: State) -> TextOrder:
    """Check an order in the order Twilio seems to; raises TwilioRefusalError."""
    to = _read_to(form)
    service_sid = _read_sender(form, settings)
    body = form.get("Body", "")
    if not body and not media:
        raise TwilioRefusalError(21602)
    if len(body) > MAX_BODY:
        raise TwilioRefusalError(21617)
    callback = _read_callback(form)
    _check_options(form)
    if (settings.sender_key, to) in state.blocks:
        raise TwilioRefusalError(21610)
    return TextOrder(to, body, service_sid, callback, media)


def _read_to(form: Mapping[str, str]) -> str:
    to = form.get("To", "")
    if not to:
        raise TwilioRefusalError(21604)
    verdict = judge_recipient(to)
    if verdict.code is not None:
        raise TwilioRefusalError(verdict.code)
    return verdict.e164


def _read_sender(form: Mapping[str, str], settings: Settings) -> str | None:
    """The Messaging Service named, if any; our own number must be the From otherwise."""
    service_sid, sender = form.get("MessagingServiceSid") or None, form.get("From") or None
    if service_sid is None and sender is None:
        raise TwilioRefusalError(21603)
    if service_sid is not None and service_sid != settings.service_sid:
        raise TwilioRefusalError(21701)
    if sender is not None and not _E164.fullmatch(sender):
        raise TwilioRefusalError(21212)
    if sender is not None and sender != settings.number:
        raise TwilioRefusalError(21606)
    return service_sid


def _read_callback(form: Mapping[str, str]) -> str | None:
    url = form.get("StatusCallback") or None
    if url is not None and not _callable(url):
        raise TwilioRefusalError(21609)
    return url


def _callable(url: str) -> bool:
    """A whole http(s) URL whose host has no underscore."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and "_" not in host and " " not in url


def _check_options(form: Mapping[str, str]) -> None:
    validity = form.get("ValidityPeriod")
    if validity is not None and not (validity.isdigit() and 1 <= int(validity) <= MAX_VALIDITY):
        raise TwilioRefusalError(21624)
    if any(form.get(name) for name in _NOT_PLAYED):
        raise TwilioRefusalError(90000)
