"""A channel that keeps what it is given, for tests and for trying things out: nothing leaves the process."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Self

from peoplelink.channels.errors import SendError
from peoplelink.channels.messages import (
    Awaited,
    EventKind,
    Medium,
    OutboundMessage,
    SendResult,
    Sighting,
    SmsBody,
    Sought,
    StatusEvent,
    Taken,
)


class MemoryChannel:
    """Accepts every message, but for the addresses it was told to fail."""

    provider = "memory"

    def __init__(self, medium: Medium = Medium.SMS, *, batch_size: int = 1, concurrency: int = 1) -> None:
        self.medium = medium
        self.batch_size = batch_size
        self.concurrency = concurrency
        self.sent: list[OutboundMessage] = []
        """Every message accepted, in order."""
        self.calls = 0
        """How often `send` was called, refused calls too."""
        self._answers: dict[str, SendError] = {}
        self._answer_to_all: SendError | None = None
        self._numbers = itertools.count(1)

    def answer(self, address: str, error: SendError | None) -> None:
        """From now on raise `error` for a call that holds this address; None accepts it again."""
        if error is None:
            self._answers.pop(address, None)
        else:
            self._answers[address] = error

    def answer_all(self, error: SendError | None) -> None:
        """From now on raise `error` for every call; None accepts again."""
        self._answer_to_all = error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def send(self, batch: Sequence[OutboundMessage]) -> Sequence[SendResult]:
        """Keep the messages, or raise what was ordered for one of them: a call goes out or fails as a whole."""
        self.calls += 1
        for message in batch:
            if error := self._answer_to_all or self._answers.get(message.to):
                raise error
        self.sent.extend(batch)
        call_id = f"call-{self.calls}" if self.batch_size > 1 else None
        return [SendResult(f"memory-{next(self._numbers)}", call_id) for _ in batch]

    async def look_up(self, sought: Sequence[Sought]) -> Sequence[Sequence[Sighting] | SendError]:
        """What was accepted: a text by number and words, an email by mailbox and call."""
        return [
            [self._sighting(place) for place, message in enumerate(self.sent, 1) if _fits(message, one)]
            for one in sought
        ]

    async def ask_after(self, awaited: Sequence[Awaited]) -> Sequence[StatusEvent | SendError | None]:
        """Nothing: what is kept here is told to nobody."""
        return [None for _ in awaited]

    async def taken_since(self, since: dt.datetime, until: dt.datetime, to: Sequence[str]) -> Sequence[Taken]:  # noqa: ARG002
        """All that went to them, whenever: this channel keeps no times."""
        return [
            Taken(message.to, _words(message), since, self._sighting(place))
            for place, message in enumerate(self.sent, 1)
            if message.to in to
        ]

    def _sighting(self, place: int) -> Sighting:
        return Sighting(f"memory-{place}", EventKind.ACCEPTED)


def _words(message: OutboundMessage) -> str:
    body = message.body
    return body.text if isinstance(body, SmsBody) else body.subject


def _fits(message: OutboundMessage, sought: Sought) -> bool:
    if isinstance(message.body, SmsBody):
        return (message.to, message.body.text) == (sought.to, sought.text)
    return (message.to, message.call_id) == (sought.to, sought.call_id)
