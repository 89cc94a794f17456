"""Texts through Twilio Programmable Messaging: https://www.twilio.com/docs/messaging/api/message-resource"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from twilio.base import values  # type: ignore[import-untyped]
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from peoplelink.channels import lateness, twilio_inbound_list, twilio_lookup, twilio_sent_list, twilio_webhooks
from peoplelink.channels.errors import ConfigurationError, PermanentError, SendError, UnknownOutcome
from peoplelink.channels.messages import (
    Awaited,
    FailureReason,
    Fetched,
    Glimpse,
    InboundMessage,
    Medium,
    OutboundMessage,
    ProviderRequest,
    SendResult,
    Sighting,
    SmsBody,
    Sought,
    StatusEvent,
    Taken,
)
from peoplelink.channels.twilio_errors import refusal
from peoplelink.channels.twilio_http import LeanHttpClient

API_URL = "https://api.twilio.com"
STATUS_PATH = "/webhooks/twilio/status"
RETRY_RULES = "rc=5&rp=all"
"""In the callback's fragment: five more tries after any fault. Without it Twilio tries once more, and only where no
connection was made (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). It is not signed."""

MAX_VALIDITY = 36_000
"""Seconds a message may wait in Twilio's queue, by Twilio's limit."""

_NO_ENVIRONMENT = {"PEOPLELINK": "settings come from Config"}
"""Twilio's client reads TWILIO_EDGE and TWILIO_REGION by itself, and takes an empty mapping for none given."""


@dataclass(frozen=True)
class TwilioSettings:
    """An account, the sender texts leave from, and the address Twilio calls back."""

    account_sid: str
    auth_token: str = field(repr=False)
    """One token, or two with a space between them while they are rotated: the first signs our requests."""
    public_url: str
    sender: str | None = None
    messaging_service_sid: str | None = None
    base_url: str = API_URL
    timeout: float = 10.0
    """Seconds for one request."""
    concurrency: int = 100
    """Requests under way at once; Twilio limits them for each account and answers 429 above."""

    @property
    def tokens(self) -> list[str]:
        """All tokens that webhooks may be signed with."""
        return self.auth_token.split()


class TwilioChannel:
    """Sends one text a call; reads status callbacks and incoming texts."""

    provider = "twilio"
    medium = Medium.SMS
    batch_size = 1

    def __init__(self, settings: TwilioSettings) -> None:
        self.settings = settings
        self.concurrency = settings.concurrency

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        settings = self.settings
        self._http = LeanHttpClient(timeout=settings.timeout, concurrency=settings.concurrency)
        await self._http.__aenter__()
        client = Client(
            settings.account_sid, settings.tokens[0], http_client=self._http, environment=dict(_NO_ENVIRONMENT)
        )
        client.api.base_url = settings.base_url
        if settings.base_url != API_URL:
            client.messaging.base_url = settings.base_url  # a stand-in speaks for all of Twilio's hosts
        self._client, self._messages = client, client.messages
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the connections."""
        await self._http.__aexit__(None, None, None)

    async def send(self, batch: Sequence[OutboundMessage]) -> Sequence[SendResult]:
        """One POST for the one message of `batch`. Raises SendError."""
        (message,) = batch
        outcome = await self._create(message)
        if isinstance(outcome, SendError):
            # Raised here and not where it was caught: Twilio's own exception quotes the number, and would hang on.
            raise outcome
        return [outcome]

    async def _create(self, message: OutboundMessage) -> SendResult | SendError:
        if not isinstance(message.body, SmsBody):
            return PermanentError("not a text", reason=FailureReason.CONTENT)
        try:
            with lateness.until(message.not_after):
                created = await self._messages.create_async(
                    to=message.to,
                    body=message.body.text,
                    from_=self.settings.sender or values.unset,
                    messaging_service_sid=self.settings.messaging_service_sid or values.unset,
                    status_callback=self.status_callback(message),
                    validity_period=_validity(message.valid_for),
                )
        except TwilioException as error:
            return _refused(error)
        except (ValueError, TypeError, AttributeError):
            return UnknownOutcome("a yes that cannot be read")
        return SendResult(created.sid) if created.sid else UnknownOutcome("a yes without a message id")

    async def look_up(self, sought: Sequence[Sought]) -> Sequence[Sequence[Sighting] | SendError]:
        """What Twilio holds that fits each text, by number, words and time."""
        return await twilio_lookup.look_up(self._messages, sought)

    async def ask_after(self, awaited: Sequence[Awaited]) -> Sequence[StatusEvent | SendError | None]:
        """What became of each text, by its SID."""
        return await twilio_lookup.ask_after(self._messages, awaited)

    async def received_since(self, since: dt.datetime) -> list[Fetched]:
        """Every text that came to our numbers since a moment, oldest first. Raises SendError."""
        settings = self.settings
        return await twilio_inbound_list.received_since(
            self._client,
            since,
            sender=settings.sender,
            service_sid=settings.messaging_service_sid,
            base_url=settings.base_url,
        )

    async def taken_since(self, since: dt.datetime, until: dt.datetime, to: Sequence[str]) -> Sequence[Taken]:  # noqa: ARG002
        """Every text that left our account, whoever it was for. Raises SendError."""
        return await twilio_sent_list.taken_since(self._messages, since, until)

    def status_callback(self, message: OutboundMessage) -> str:
        """Where Twilio reports on this attempt. It names our delivery, since the report can overtake the reply."""
        # A UUID and a number: nothing to escape.
        query = f"d={message.delivery}&a={message.attempt}"
        return f"{self.settings.public_url.rstrip('/')}{STATUS_PATH}?{query}#{RETRY_RULES}"

    def verify_status(self, request: ProviderRequest) -> None:
        """Raises InvalidSignatureError unless Twilio signed it."""
        twilio_webhooks.verify(request, self.settings.tokens)

    def parse_status(self, request: ProviderRequest) -> list[StatusEvent]:
        """Raises UnreadablePayloadError when it is not a status callback."""
        return twilio_webhooks.parse_status(request)

    def verify_inbound(self, request: ProviderRequest) -> None:
        """Raises InvalidSignatureError unless Twilio signed it."""
        twilio_webhooks.verify(request, self.settings.tokens)

    def parse_inbound(self, request: ProviderRequest) -> InboundMessage:
        """Raises UnreadablePayloadError when it is not an incoming message."""
        return twilio_webhooks.parse_inbound(request)

    def glimpse(self, request: ProviderRequest) -> Glimpse:
        """What can be made out of a message that `parse_inbound` refuses. Never fails."""
        return twilio_webhooks.glimpse(request)


def _validity(valid_for: int | None) -> object:
    return values.unset if valid_for is None else max(1, min(valid_for, MAX_VALIDITY))


def _refused(error: TwilioException) -> SendError:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    if not isinstance(status, int):
        return ConfigurationError("Twilio's client refused its settings")
    return refusal(status, code if isinstance(code, int) else None)
