"""Mails that order something: from whom they are taken, and whether they say anything more."""

from collections.abc import Collection

from peoplelink.channels.messages import InboundMessage
from peoplelink.config import Config
from peoplelink.inbound import senders
from peoplelink.inbound.models import ReceivedMessage
from peoplelink.subscribers import mails


def may_be_answered(message: InboundMessage, received: ReceivedMessage, config: Config) -> bool:
    """Whether a mail came from whom it says, and not from ourselves."""
    return message.trusted_sender and senders.answerable(received.address, config)


def orders(message: InboundMessage) -> list[str]:
    """Where a mail may order something: the subject, and the first line. What follows is a signature or a story.

    The subject of an answer is what it answers: "Re: Stop burglary" was ours.
    """
    subject = message.subject.strip()
    first = next((line.strip() for line in message.text.splitlines() if line.strip()), "")
    return [words for words in ("" if mails.is_reply(subject) else subject, first) if words]


def says_more(message: InboundMessage, ordered: Collection[str]) -> bool:
    """Whether a mail has a line besides these, or a file: a person is to look at it."""
    lines = (line.strip() for line in message.text.splitlines())
    return bool(message.media) or any(line not in ordered for line in lines if line)
