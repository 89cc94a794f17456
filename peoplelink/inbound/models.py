"""What providers pushed to us, the messages in it, and the conversations they make."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.broadcasts.models import Broadcast
from peoplelink.channels.messages import Medium
from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.officers.models import Officer
from peoplelink.outbound.models import Address, Delivery
from peoplelink.subscribers.models import Subscriber, Zone

_UNPROCESSED = text("processed_at IS NULL")
_OF_A_TEXT = text("provider_message_id IS NOT NULL")


class WebhookKind(StrEnum):
    """Which of our addresses a provider called."""

    TWILIO_INBOUND = "twilio_inbound"
    TWILIO_STATUS = "twilio_status"
    SENDGRID_EVENTS = "sendgrid_events"
    SENDGRID_INBOUND = "sendgrid_inbound"


class Webhook(Base):
    """A signed request, kept as it came until it has been read, and for 30 days after."""

    __tablename__ = "webhooks"
    __table_args__ = (
        UniqueConstraint("kind", "digest"),
        Index("ix_webhooks_unprocessed", "id", postgresql_where=_UNPROCESSED, sqlite_where=_UNPROCESSED),
        Index(
            "uq_webhooks_provider_message_id",
            "provider_message_id",
            unique=True,
            postgresql_where=_OF_A_TEXT,
            sqlite_where=_OF_A_TEXT,
        ),
        values_check("kind", WebhookKind),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    kind: Mapped[WebhookKind]
    digest: Mapped[str]
    """SHA-256 of URL and body: a repeat of the same request changes nothing."""
    provider_message_id: Mapped[str | None]
    """Of the text it brings, where it can be read: a text is kept once, whether it was pushed to us or fetched."""
    url: Mapped[str]
    content_type: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    received_at: Mapped[dt.datetime] = mapped_column(index=True)
    """When the provider called us, or, of a text that we fetched, when it was sent by the provider's clock."""
    fetched_at: Mapped[dt.datetime | None]
    """When the catch-up fetched it, because the provider's call did not reach us."""
    processed_at: Mapped[dt.datetime | None]
    problem: Mapped[str | None]
    """Why it could not be placed; the officer's "unplaced" list shows it."""
    tries: Mapped[int] = mapped_column(default=0)
    dealt_with_at: Mapped[dt.datetime | None]
    """When an officer took it off the "unplaced" list; the problem stays written."""
    dealt_with_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))


class Mark(Base):
    """Up to when something has been read from a provider."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]


class MessageKind(StrEnum):
    """What a resident's message turned out to be."""

    COMMAND = "command"
    REPLY = "reply"
    AUTOMATIC = "automatic"  # out-of-office and the like: kept, never answered


class Confidence(StrEnum):
    """How sure we are which broadcast a reply is about."""

    EXACT = "exact"  # by the token in the mail
    LIKELY = "likely"  # the only broadcast to that address within 7 days
    UNSURE = "unsure"  # the latest of several within 7 days


class ConversationStatus(StrEnum):
    """Where a conversation stands in the inbox."""

    NEW = "new"
    OPEN = "open"  # an officer has it
    DONE = "done"


class Conversation(Base):
    """What one resident and the office say to each other about one thing."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(None, "status", "last_message_at"),
        Index(None, "address_id", "id"),
        values_check("status", ConversationStatus),
        values_check("confidence", Confidence),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="SET NULL"))
    """Empty for a stranger, or where a household shares the address."""
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id"), index=True)
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id"), index=True)
    confidence: Mapped[Confidence | None]
    status: Mapped[ConversationStatus] = mapped_column(default=ConversationStatus.NEW)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    subject: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[dt.datetime]
    last_message_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]

    address: Mapped[Address] = relationship()
    subscriber: Mapped[Subscriber | None] = relationship()
    zone: Mapped[Zone | None] = relationship()
    broadcast: Mapped[Broadcast | None] = relationship()
    assigned_to: Mapped[Officer | None] = relationship()
    messages: Mapped[list["ReceivedMessage"]] = relationship(
        back_populates="conversation", order_by="ReceivedMessage.id"
    )
    answers: Mapped[list["Answer"]] = relationship(back_populates="conversation", order_by="Answer.id")


class ReceivedMessage(Base):
    """A text or an email from a resident. Raw bytes stay with its webhook."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("medium", "provider_message_id"),
        values_check("medium", Medium),
        values_check("kind", MessageKind),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    webhook_id: Mapped[int | None] = mapped_column(ForeignKey("webhooks.id", ondelete="SET NULL"), index=True)
    medium: Mapped[Medium]
    provider_message_id: Mapped[str]
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"), index=True)
    kind: Mapped[MessageKind]
    command: Mapped[str | None]
    """Which command it was understood as: "stop", "join", "yes", ..."""
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    mail_id: Mapped[str] = mapped_column(default="")
    """A mail's own Message-ID, which an answer names so that the mail program shows the two together."""
    mail_references: Mapped[str] = mapped_column(default="")
    """The Message-IDs of the mails before it, oldest first, parted by spaces."""
    trusted_sender: Mapped[bool] = mapped_column(default=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="SET NULL"))
    """The delivery it answers, where we know or guess."""
    received_at: Mapped[dt.datetime]

    address: Mapped[Address] = relationship()
    conversation: Mapped[Conversation | None] = relationship(back_populates="messages")
    attachments: Mapped[list["Attachment"]] = relationship(cascade="all, delete-orphan")


class Attachment(Base):
    """A file that came with a message: its bytes, or where the provider keeps it."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    message_id: Mapped[int] = mapped_column(ForeignKey("inbound_messages.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(default=0)
    url: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Answer(Base):
    """What an officer wrote back; sent through the same engine as everything else."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    text: Mapped[str]
    at: Mapped[dt.datetime]

    conversation: Mapped[Conversation] = relationship(back_populates="answers")
    officer: Mapped[Officer] = relationship()
    delivery: Mapped[Delivery] = relationship()
