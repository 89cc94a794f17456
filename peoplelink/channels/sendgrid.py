"""Email through SendGrid: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send

SendGrid takes one `reply_to` for a whole call, and refuses Reply-To among a recipient's headers: the messages of a call
share theirs, which names the dispatch (docs/adr/0003-reply-to-names-the-dispatch.md).
"""

import asyncio
import datetime as dt
import functools
import http.client
import urllib.error
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

from python_http_client.exceptions import HTTPError

from peoplelink import clock
from peoplelink.channels import lateness, sendgrid_events, sendgrid_inbound, sendgrid_lookup, sendgrid_sent_list
from peoplelink.channels.errors import (
    ConfigurationError,
    PermanentError,
    SendError,
    TemporaryError,
    TooLateError,
    UnknownOutcome,
)
from peoplelink.channels.messages import (
    Awaited,
    EmailBody,
    FailureReason,
    Glimpse,
    InboundMessage,
    Medium,
    OutboundMessage,
    ProviderRequest,
    SendResult,
    Sighting,
    Sought,
    StatusEvent,
    Taken,
)
from peoplelink.channels.sendgrid_http import NotConnectedError, open_client
from peoplelink.channels.sendgrid_signature import read_key, verify

MAX_PERSONALIZATIONS = 1000
"""People in one call, by SendGrid's limit."""

REFUSALS: dict[int, tuple[type[SendError], FailureReason]] = {
    HTTPStatus.BAD_REQUEST: (PermanentError, FailureReason.CONTENT),  # the whole call, whoever in it is at fault
    HTTPStatus.UNAUTHORIZED: (ConfigurationError, FailureReason.CONFIGURATION),
    HTTPStatus.FORBIDDEN: (ConfigurationError, FailureReason.CONFIGURATION),
    HTTPStatus.NOT_FOUND: (ConfigurationError, FailureReason.CONFIGURATION),
    HTTPStatus.METHOD_NOT_ALLOWED: (ConfigurationError, FailureReason.CONFIGURATION),
    HTTPStatus.REQUEST_TIMEOUT: (UnknownOutcome, FailureReason.PROVIDER),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (PermanentError, FailureReason.CONTENT),  # over 30 MB
}

MAX_WAIT = 3600.0
"""Seconds we let a rate limit hold us; SendGrid counts by the minute or less."""

_NO_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},  # it would put its own List-Unsubscribe over ours
    "ganalytics": {"enable": False},
}


@dataclass(frozen=True)
class SendGridSettings:
    """An account, the mailbox emails leave from, and the keys that sign what SendGrid pushes."""

    api_key: str = field(repr=False)
    from_address: str = field(repr=False)
    event_public_key: str
    parse_public_key: str
    from_name: str = "People Link"
    base_url: str = "https://api.sendgrid.com"
    timeout: float = 30.0
    """Seconds for connecting and for each wait on the socket; a call as a whole is given up after twice that."""
    concurrency: int = 4
    """Calls under way at once, each in a thread."""


class SendGridChannel:
    """Sends one email to up to 1,000 people a call; reads event batches and Inbound Parse."""

    provider = "sendgrid"
    medium = Medium.EMAIL
    batch_size = MAX_PERSONALIZATIONS

    def __init__(self, settings: SendGridSettings) -> None:
        """Raises ValueError for a public key that is not one."""
        self.settings = settings
        self.concurrency = settings.concurrency
        self._event_key = read_key(settings.event_public_key)
        self._parse_key = read_key(settings.parse_public_key)

    async def __aenter__(self) -> Self:
        """Make the client and its threads."""
        self._api = open_client(self.settings.api_key, self.settings.base_url, self.settings.timeout)
        self._threads = ThreadPoolExecutor(self.settings.concurrency, thread_name_prefix="sendgrid")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Wait for calls under way, so that none goes out after we said we had stopped."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)

    async def send(self, batch: Sequence[OutboundMessage]) -> Sequence[SendResult]:
        """One POST for all of `batch`, accepted or refused as a whole. Raises SendError.

        The messages share one body and one `reply_to`.
        """
        call_id = batch[0].call_id or str(uuid.uuid4())
        payload = mail(batch, self.settings, call_id)
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, functools.partial(self._post, payload, batch[0].not_after)
        )
        try:
            outcome = await asyncio.wait_for(running, self.settings.timeout * 2)
        except TimeoutError:
            outcome = UnknownOutcome("no answer in time")
        if isinstance(outcome, SendError):
            # Raised here and not where it was caught: SendGrid's own exception quotes addresses, and would hang on.
            raise outcome
        return [SendResult(outcome, call_id)] * len(batch)

    def _post(self, payload: dict[str, Any], not_after: float) -> str | SendError:
        """The X-Message-Id of an accepted call, or why it was not."""
        try:
            with lateness.until(not_after):
                answer = self._api.client.mail.send.post(request_body=payload)
        except lateness.TooLateToSendError:
            return TooLateError()
        except HTTPError as error:
            return refusal(error)
        except urllib.error.URLError as error:
            return _no_answer(error.reason)
        except (OSError, http.client.HTTPException) as error:
            return _no_answer(error)
        if answer.status_code != HTTPStatus.ACCEPTED:
            return UnknownOutcome(f"HTTP {answer.status_code} where 202 was due")
        return str(answer.headers.get("X-Message-Id", ""))

    async def look_up(self, sought: Sequence[Sought]) -> Sequence[Sequence[Sighting] | SendError]:
        """What SendGrid holds of each email's call."""
        looking = functools.partial(sendgrid_lookup.look_up, self._api, sought)
        return await asyncio.get_running_loop().run_in_executor(self._threads, looking)

    async def ask_after(self, awaited: Sequence[Awaited]) -> Sequence[StatusEvent | SendError | None]:
        """What became of each email, by its call."""
        asking = functools.partial(sendgrid_lookup.ask_after, self._api, awaited)
        return await asyncio.get_running_loop().run_in_executor(self._threads, asking)

    async def taken_since(self, since: dt.datetime, until: dt.datetime, to: Sequence[str]) -> Sequence[Taken]:
        """Every email to these mailboxes that left our account. Raises SendError."""
        loop = asyncio.get_running_loop()
        asking = [
            loop.run_in_executor(self._threads, sendgrid_sent_list.taken_for, self._api, one, since, until)
            for one in to
        ]
        found: list[Taken] = []
        for answer in await asyncio.gather(*asking):
            if isinstance(answer, SendError):
                raise answer
            found += answer
        return found

    def verify_status(self, request: ProviderRequest) -> None:
        """Raises InvalidSignatureError unless SendGrid signed it."""
        verify(request, self._event_key)

    def parse_status(self, request: ProviderRequest) -> list[StatusEvent]:
        """Raises UnreadablePayloadError when it is not a batch of events; single odd events are left out."""
        return sendgrid_events.parse_status(request)

    def verify_inbound(self, request: ProviderRequest) -> None:
        """Raises InvalidSignatureError unless SendGrid signed it."""
        verify(request, self._parse_key)

    def parse_inbound(self, request: ProviderRequest) -> InboundMessage:
        """Raises UnreadablePayloadError when it is no mail."""
        return sendgrid_inbound.parse_inbound(request)

    def glimpse(self, request: ProviderRequest) -> Glimpse:
        """What can be made out of a message that `parse_inbound` refuses. Never fails."""
        return sendgrid_inbound.glimpse(request)


def mail(batch: Sequence[OutboundMessage], settings: SendGridSettings, call_id: str) -> dict[str, Any]:
    """The body of a Mail Send call. Ids only in `custom_args` and `categories`: SendGrid keeps those for years."""
    body = batch[0].body
    if not isinstance(body, EmailBody):
        raise PermanentError("not an email", reason=FailureReason.CONTENT)
    reply_to = _reply_address(batch)
    return {
        "personalizations": [_personalization(message, call_id) for message in batch],
        "from": {"email": settings.from_address, "name": settings.from_name},
        **({"reply_to": {"email": reply_to, "name": settings.from_name}} if reply_to else {}),
        "subject": body.subject,
        # SendGrid wants plain text first, and answers 400 to an empty part.
        "content": [
            {"type": kind, "value": value}
            for kind, value in (("text/plain", body.text), ("text/html", body.html))
            if value
        ],
        "categories": [call_id],
        "tracking_settings": _NO_TRACKING,
    }


def refusal(error: HTTPError) -> SendError:
    """The error for an answer that is not 202. Nothing of SendGrid's own text is kept, since it quotes addresses."""
    status = int(error.status_code)
    text, code = f"HTTP {status}", str(status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TemporaryError(text, provider_code=code, retry_after=_wait(error))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownOutcome(text, provider_code=code)
    if status < HTTPStatus.BAD_REQUEST:
        return ConfigurationError(text, provider_code=code)  # a redirect: the base URL is not SendGrid's
    kind, reason = REFUSALS.get(status, (PermanentError, FailureReason.UNKNOWN))
    return kind(text, reason=reason, provider_code=code)


def _reply_address(batch: Sequence[OutboundMessage]) -> str | None:
    """The mailbox that answers to this call go to, if there is one."""
    if len({message.reply_to for message in batch}) > 1:
        raise ConfigurationError("answers to one call go to more than one mailbox")
    return batch[0].reply_to


def _personalization(message: OutboundMessage, call_id: str) -> dict[str, Any]:
    return {
        "to": [{"email": message.to}],
        "substitutions": dict(message.substitutions),
        "headers": dict(message.headers),
        "custom_args": {"pl_delivery": message.delivery, "pl_attempt": str(message.attempt), "pl_call": call_id},
    }


def _no_answer(cause: object) -> SendError:
    if isinstance(cause, NotConnectedError):
        return TemporaryError(f"no connection: {cause}", reason=FailureReason.PROVIDER)
    return UnknownOutcome(f"no answer: {type(cause).__name__}")


def _wait(error: HTTPError) -> float | None:
    """Seconds to wait after 429: Retry-After, or until X-RateLimit-Reset (a Unix time), at most an hour."""
    for name, start in (("Retry-After", 0.0), ("X-RateLimit-Reset", clock.now().timestamp())):
        value = error.headers.get(name) or ""
        if value.isascii() and value.isdigit():
            return min(max(float(value) - start, 0.0), MAX_WAIT)
    return None
