"""What left for residents, as their phones and mailboxes would show it. Nothing here looks into the database."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from peoplelink.channels.messages import EmailBody
from peoplelink.outbound.words import LEAVE_TAG

_LINK = re.compile(r"https?://[^\s<>()\[\]]+")
_MARK = re.compile(r"\bfair(\d+)\b")


class Kind(StrEnum):
    """What a message is to the one who reads it."""

    BROADCAST = "broadcast"
    DIGEST = "digest"  # the broadcasts of a day in one mail
    QUESTION = "question"  # reply YES, or press the button
    LEFT = "left"  # you have left
    PAGE = "page"  # the link to their own page
    OTHER = "other"


@dataclass(frozen=True)
class Letter:
    """One message that was handed over."""

    to: str
    words: str
    kind: Kind
    delivery: str
    marks: frozenset[str] = frozenset()
    """Which broadcasts it tells of."""
    confirm: str | None = None
    """The path behind its button."""
    page: str | None = None
    leave: str | None = None
    """The path that its mail program's own button posts to."""

    @property
    def is_mail(self):
        return "@" in self.to


@dataclass
class Wire:
    """Everything that was sent, to be taken step by step."""

    channels: dict
    officers: set = field(default_factory=set)
    """Mailboxes of people at work: what they get about their work is no concern of residents."""
    by_address: dict = field(default_factory=lambda: defaultdict(list))

    def take(self):
        """What has been sent since the last time, and is remembered as having reached its reader."""
        sent = [message for channel in self.channels.values() for message in channel.sent]
        for channel in self.channels.values():
            channel.sent.clear()
        letters = [letter_of(message) for message in sent if message.to not in self.officers]
        for letter in letters:
            self.by_address[letter.to].append(letter)
        return letters

    def forget(self, address):
        """What came before is of no use any more: whom it was for has been erased."""
        self.by_address.pop(address, None)


def letter_of(message):
    words, leave = _words(message), message.substitutions.get(LEAVE_TAG)
    paths = [link.split("/", 3)[3] for link in _LINK.findall(words) if link.count("/") > 2]
    confirm = next((f"/{path}" for path in paths if path.startswith("confirm/")), None)
    page = next((f"/{path}" for path in paths if path.startswith("preferences/")), None)
    marks = frozenset(_MARK.findall(words))
    return Letter(
        message.to, words, _kind(words, marks, confirm, page), message.delivery, marks, confirm, page,
        "/" + leave.split("/", 3)[3] if leave else None,
    )  # fmt: skip


def _words(message):
    body = message.body
    return f"{body.subject}\n{body.text}" if isinstance(body, EmailBody) else body.text


def _kind(words, marks, confirm, page):
    if marks:
        return Kind.DIGEST if "together in one email" in words else Kind.BROADCAST
    if confirm or "reply yes" in words.lower():
        return Kind.QUESTION
    if "you have left" in words.lower():
        return Kind.LEFT
    return Kind.PAGE if page else Kind.OTHER
