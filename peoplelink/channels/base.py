"""What every channel can do. Adding a medium or a provider is one file that satisfies these protocols."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol, Self

from peoplelink.channels.errors import SendError
from peoplelink.channels.messages import (
    Awaited,
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


class Channel(Protocol):
    """Sends through one provider, and reads what it pushes back."""

    provider: str
    medium: Medium
    batch_size: int
    """How many messages one call may carry."""
    concurrency: int
    """How many calls may be under way at once from one process."""

    async def __aenter__(self) -> Self:
        """Open connections; made after the fork, inside the running loop."""
        ...

    async def __aexit__(self, *exc: object) -> None:
        """Close connections."""
        ...

    async def send(self, batch: Sequence[OutboundMessage]) -> Sequence[SendResult]:
        """One call. `batch` holds at most `batch_size` messages with the same body object and no address twice.

        Returns a result a message, in order. Raises SendError (a subclass) for the whole call, nothing else.
        """
        ...

    async def look_up(self, sought: Sequence[Sought]) -> Sequence[Sequence[Sighting] | SendError]:
        """Ask the provider what it has taken.

        For each, in order: what fits it (empty: the provider looked and has none), or why that is not known.
        """
        ...

    async def ask_after(self, awaited: Sequence[Awaited]) -> Sequence[StatusEvent | SendError | None]:
        """Ask the provider what became of messages that it has taken.

        For each, in order: its newest news (the same news has the same event id, however often it is asked for), None
        where the provider has no such message any more, or why that is not known.
        """
        ...

    async def taken_since(self, since: dt.datetime, until: dt.datetime, to: Sequence[str]) -> Sequence[Taken]:
        """Every message to these addresses that the provider has taken from our account, oldest first.

        Others may be among them. Raises SendError when any part of that is not known.
        """
        ...


class StatusSource(Protocol):
    """The part of a channel that reads status webhooks."""

    provider: str

    def verify_status(self, request: ProviderRequest) -> None:
        """Raises InvalidSignatureError unless the provider signed it."""
        ...

    def parse_status(self, request: ProviderRequest) -> list[StatusEvent]:
        """Raises UnreadablePayloadError when it is not what the provider documents."""
        ...


class InboundSource(Protocol):
    """The part of a channel that reads messages from residents."""

    provider: str

    def verify_inbound(self, request: ProviderRequest) -> None:
        """Raises InvalidSignatureError unless the provider signed it."""
        ...

    def parse_inbound(self, request: ProviderRequest) -> InboundMessage:
        """Raises UnreadablePayloadError when it is not what the provider documents."""
        ...

    def glimpse(self, request: ProviderRequest) -> Glimpse:
        """What can be made out of a message that `parse_inbound` refuses. Never fails."""
        ...
