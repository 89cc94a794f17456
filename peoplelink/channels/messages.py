"""Values that pass through a channel's door, and the closed vocabulary that providers' words are mapped to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Medium(StrEnum):
    """How a message reaches a person."""

    SMS = "sms"
    EMAIL = "email"


class EventKind(StrEnum):
    """What a provider says happened to a message we handed over."""

    ACCEPTED = "accepted"  # the provider has it: Twilio accepted/queued/sending, SendGrid processed/deferred
    SENT = "sent"  # handed to the carrier, no receipt yet
    DELIVERED = "delivered"  # the handset or the mailbox took it
    FAILED = "failed"  # never left, refused by the carrier, bounced or dropped; see reason
    COMPLAINED = "complained"  # the reader pressed "this is spam"
    UNSUBSCRIBED = "unsubscribed"  # the reader left by the provider's own link
    UNKNOWN = "unknown"  # a word we have not met; kept raw, changes nothing


class FailureReason(StrEnum):
    """Why a message did not arrive, in words an officer's page can explain."""

    BAD_ADDRESS = "bad_address"  # no such number or mailbox
    UNREACHABLE = "unreachable"  # off, out of signal, mailbox full: may work another day
    OPTED_OUT = "opted_out"  # the person said STOP to the provider
    BLOCKED = "blocked"  # the carrier or mail host refused it
    NOT_MOBILE = "not_mobile"  # a landline
    CONTENT = "content"  # the words were refused
    CONFIGURATION = "configuration"  # our account, sender or key is wrong
    THROTTLED = "throttled"  # too many at once; refused before acceptance
    PROVIDER = "provider"  # the provider's own trouble
    EXPIRED = "expired"  # too old to send, at the provider
    UNKNOWN = "unknown"


ADDRESS_REASONS = frozenset({FailureReason.BAD_ADDRESS, FailureReason.NOT_MOBILE, FailureReason.OPTED_OUT})
"""Reasons that speak of the address itself: sending to it again would fail again, so it is suppressed."""


@dataclass(frozen=True, slots=True)
class SmsBody:
    """The finished text, segments already counted by the caller."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class EmailBody:
    """One content for many recipients: `-tag-` marks are replaced from each message's `substitutions`."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to one address, as a channel sends it."""

    delivery: str
    """The delivery's public id; comes back in every provider event."""
    attempt: int
    to: str = field(repr=False)
    """E.164 number or mailbox."""
    body: SmsBody | EmailBody = field(repr=False)
    substitutions: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reply_to: str | None = field(default=None, repr=False)
    """Mailbox that answers come to: one for all of a call, or one for each message, all at one domain."""
    call_id: str = ""
    """Our opaque id of the call that will carry it, known before it is made so that a look-up can ask for it."""
    valid_for: int | None = None
    """Seconds after which the provider need not try any more."""
    not_after: float = float("inf")
    """The last moment (monotonic seconds) when the request may begin to leave. A process may be frozen at any point,
    so channels look at it as near to the socket as they can."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The provider accepted the message."""

    provider_message_id: str
    call_id: str | None = None
    """Our opaque id of the call that carried it (SendGrid)."""


@dataclass(frozen=True)
class ProviderRequest:
    """A webhook as it came, free of any framework."""

    url: str
    """The full address the provider was told to call, built from our public URL, with its query."""
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    content_type: str = ""


@dataclass(frozen=True)
class StatusEvent:
    """News of one delivery, in our words, with the provider's own beside them."""

    event_id: str
    """The provider's unique id of this piece of news; repeats carry the same."""
    delivery: str | None
    """Our delivery's public id, if the event names one."""
    attempt: int | None
    kind: EventKind
    provider_message_id: str | None
    occurred_at: dt.datetime | None
    reason: FailureReason | None = None
    permanent: bool = False
    """A failure that says the address itself is bad: it is suppressed."""
    provider_word: str = ""
    provider_code: str = ""
    call_id: str | None = None


@dataclass(frozen=True)
class Media:
    """A picture or file that came with a message: where the provider keeps it, or its bytes."""

    filename: str = field(repr=False)
    content_type: str
    url: str | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Sought:
    """A message of which we do not know whether the provider took it."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    """The words of a text as they were sent; empty for an email."""
    call_id: str
    opened_at: dt.datetime
    """No earlier can it have been accepted."""
    closed_at: dt.datetime
    """No later either."""


@dataclass(frozen=True)
class Sighting:
    """A message the provider holds that fits what was sought."""

    provider_message_id: str
    kind: EventKind
    reason: FailureReason | None = None
    provider_code: str = ""


@dataclass(frozen=True)
class Awaited:
    """A message that the provider has accepted and of which no receipt has come."""

    delivery: str
    """The delivery's public id."""
    attempt: int
    to: str = field(repr=False)
    provider_message_id: str
    call_id: str


class OptOutWord(StrEnum):
    """The provider's own verdict on a text, where it tells us (Advanced Opt-Out)."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True)
class Glimpse:
    """What can be made out of a message that cannot be read as a whole; empty where nothing can."""

    sender: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class InboundMessage:
    """What a resident sent, as the channel read it."""

    medium: Medium
    provider_message_id: str
    """Unique: Twilio's MessageSid, or Message-ID and recipient of a mail."""
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    """The person's own words: for a mail without the quoted original."""
    subject: str = field(default="", repr=False)
    opt_out: OptOutWord | None = None
    automatic: bool = False
    """Out-of-office notes, bounces, mailing lists: kept, never answered."""
    trusted_sender: bool = True
    """False when a mail's SPF and DKIM do not support its From."""
    media: tuple[Media, ...] = ()
    mail_id: str = field(default="", repr=False)
    """A mail's own Message-ID, brackets and all, if it has one that can be answered."""
    mail_references: tuple[str, ...] = field(default=(), repr=False)
    """The Message-IDs of the mails before it, oldest first."""


@dataclass(frozen=True)
class Fetched:
    """A text to us that the provider held when asked, in the form in which it would have been pushed."""

    provider_message_id: str
    request: ProviderRequest
    sent_at: dt.datetime
    """By the provider's clock, in whole seconds."""


@dataclass(frozen=True)
class Taken:
    """A message that the provider has taken from our account, whoever here knows of it."""

    to: str = field(repr=False)
    words: str = field(repr=False)
    """The text, or an email's subject."""
    taken_at: dt.datetime
    sighting: Sighting
