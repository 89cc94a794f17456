"""Mails that order something: from whom they are taken, and whether they say anything more."""

from collections.abc import Collection

from peoplelink.channels.messages import InboundMessage
from peoplelink.config import Config
from peoplelink.inbound import senders
from peoplelink.inbound.models import ReceivedMessage

_MOST_BESIDE = 4
"""Words that say nothing: "Sent from my phone", thanks and a name."""


def may_be_answered(message: InboundMessage, received: ReceivedMessage, config: Config) -> bool:
    """Whether a mail came from whom it says, and not from ourselves."""
    return message.trusted_sender and senders.answerable(received.address, config)


def tells_something(message: InboundMessage, ordered: Collection[str]) -> bool:
    """Whether a mail says more besides these lines than thanks and a name."""
    return sum(len(line.split()) for line in _lines_beside(message, ordered)) > _MOST_BESIDE


def says_more(message: InboundMessage, ordered: Collection[str]) -> bool:
    """Whether a mail has a line besides these, or a file: a person is to look at it."""
    return bool(message.media or _lines_beside(message, ordered))


def _lines_beside(message: InboundMessage, ordered: Collection[str]) -> list[str]:
    lines = (line.strip() for line in message.text.splitlines())
    return [line for line in lines if line and line not in ordered]
