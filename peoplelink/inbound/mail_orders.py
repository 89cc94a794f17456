"""Mails that order something: from whom they are taken, and whether they say anything more."""

from collections.abc import Collection

from peoplelink.channels.messages import InboundMessage
from peoplelink.config import Config
from peoplelink.inbound import senders
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.subscribers import mails

_MOST_SAID = 15
"""Words of an order, with "Sent from my phone" or thanks and a name below it."""


def may_be_answered(message: InboundMessage, received: ReceivedMessage, config: Config) -> bool:
    """Whether a mail came from whom it says, and not from ourselves."""
    return message.trusted_sender and senders.answerable(received.address, config)


def orders(message: InboundMessage) -> list[str]:
    """Where a mail may order something: see `mails.orders`."""
    return mails.orders(message.subject, message.text)


def tells_a_story(message: InboundMessage) -> bool:
    """Whether a mail holds more words than an order, a greeting and a name."""
    return len(message.text.split()) > _MOST_SAID


def says_more(message: InboundMessage, ordered: Collection[str]) -> bool:
    """Whether a mail has a line besides these, or a file: a person is to look at it."""
    lines = (line.strip() for line in message.text.splitlines())
    return bool(message.media) or any(line not in ordered for line in lines if line)
