"""Tables of the delivery engine: addresses, suppressions, contents, dispatches, deliveries, attempts, status events."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.channels.messages import EventKind, FailureReason, Medium
from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason, Urgency


class Address(Base):
    """A phone number or a mailbox. Unique; STOP and suppression act on it. Residents share it many to many."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("medium", "value"), values_check("medium", Medium))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    medium: Mapped[Medium]
    value: Mapped[str]
    """E.164 for a number; lower-case for a mailbox."""
    hash: Mapped[str] = mapped_column(index=True)
    """Keyed hash of medium and value, the same as a suppression holds."""
    created_at: Mapped[dt.datetime]


class Suppression(Base):
    """An address that may not be written to, known by its keyed hash only, so that it outlives erasure."""

    __tablename__ = "suppressions"
    __table_args__ = (
        Index(
            "uq_suppressions_live",
            "hash",
            "reason",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
            sqlite_where=text("lifted_at IS NULL"),
        ),
        values_check("medium", Medium),
        values_check("reason", SuppressionReason),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    medium: Mapped[Medium]
    hash: Mapped[str]
    key_id: Mapped[str]
    """Which address key made the hash: a rotation re-hashes from the addresses still held."""
    reason: Mapped[SuppressionReason]
    source: Mapped[str]
    """What told us, such as "text", "link", "one-click", "provider event"; never the words themselves."""
    created_at: Mapped[dt.datetime]
    said_at: Mapped[dt.datetime]
    """When it was last said: a START that was sent before, and is read after, must not undo it."""
    lifted_at: Mapped[dt.datetime | None]
    lifted_by: Mapped[str | None]


class Lane(Base):
    """A sender and an urgency: what a worker drains, and what is paused when the settings are wrong."""

    __tablename__ = "lanes"

    name: Mapped[str] = mapped_column(primary_key=True)
    """"sms:urgent", "email:bulk", ..."""
    paused_at: Mapped[dt.datetime | None]
    paused_because: Mapped[str | None]
    """In an officer's words: what to put right."""


class Dispatch(Base):
    """A set of deliveries released together."""

    __tablename__ = "dispatches"
    __table_args__ = (values_check("purpose", Purpose), values_check("urgency", Urgency))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    purpose: Mapped[Purpose]
    urgency: Mapped[Urgency]
    held_at: Mapped[dt.datetime | None]
    """Set while an officer has paused it: nothing of it is claimed."""
    cancelled_at: Mapped[dt.datetime | None]
    not_before: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    released_at: Mapped[dt.datetime | None]
    """When the last of its deliveries had been written."""


class Content(Base):
    """Words by medium and language, frozen: what the deliveries of a dispatch say."""

    __tablename__ = "contents"
    __table_args__ = (UniqueConstraint("dispatch_id", "medium", "language"), values_check("medium", Medium))

    id: Mapped[int] = mapped_column(primary_key=True)
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatches.id", ondelete="CASCADE"))
    medium: Mapped[Medium]
    language: Mapped[str] = mapped_column(default="en")
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    """The text message, or the text part of an email; may hold the merge field."""
    html: Mapped[str] = mapped_column(default="")
    segments: Mapped[int] = mapped_column(default=1)
    """Segments of the text with every merge field at its fallback; 1 for an email."""
    personal: Mapped[bool] = mapped_column(default=False)
    """Whether it holds a merge field, so that segments must be counted again for each person."""

    dispatch: Mapped[Dispatch] = relationship()


_WAITING = text("status = 'queued'")
_OPEN = text("status IN ('sending', 'unconfirmed')")


class Delivery(Base):
    """One message to one address: the truth about it. Who may write its status: see `advance.py`."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("dispatch_id", "address_id"),
        # The claim reads waiting rows only, through partial indexes that stay small however many rows are finished.
        Index("ix_deliveries_waiting", "lane", "id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_deliveries_open", "lease_until", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index(None, "address_id", "id"),
        Index(None, "provider_message_id"),
        values_check("status", DeliveryStatus),
        values_check("reason", FailureReason),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatches.id", ondelete="CASCADE"))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"))
    content_id: Mapped[int] = mapped_column(ForeignKey("contents.id"))
    lane: Mapped[str]
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.QUEUED)
    rank: Mapped[int] = mapped_column(default=0)
    """The rank of the status: news of the same attempt applies only where it is higher."""
    attempt: Mapped[int] = mapped_column(default=0)
    """The number of the newest attempt; 0 before the first."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often the provider refused before acceptance; three are enough."""
    segments: Mapped[int] = mapped_column(default=1)
    merge: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    not_before: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    lease_token: Mapped[str | None]
    lease_until: Mapped[dt.datetime | None]
    provider_message_id: Mapped[str | None]
    reason: Mapped[FailureReason | None]
    provider_code: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    """When it reached a final state."""

    address: Mapped[Address] = relationship()
    content: Mapped[Content] = relationship()
    dispatch: Mapped[Dispatch] = relationship()


class Attempt(Base):
    """One claim of a delivery: opened before the provider is called, closed with what came of it."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number"),
        values_check("outcome", DeliveryStatus),
        values_check("reason", FailureReason),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    number: Mapped[int]
    lease_token: Mapped[str]
    opened_at: Mapped[dt.datetime]
    deadline: Mapped[dt.datetime]
    """No request may start after this."""
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[DeliveryStatus | None]
    provider_message_id: Mapped[str | None]
    call_id: Mapped[str | None]
    reason: Mapped[FailureReason | None]
    provider_code: Mapped[str | None]


class StatusNews(Base):
    """One piece of news from a provider, stored once by the provider's own event id."""

    __tablename__ = "status_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        CheckConstraint("attempt IS NULL OR attempt > 0", name="attempt_positive"),
        values_check("kind", EventKind),
        values_check("reason", FailureReason),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str]
    event_id: Mapped[str]
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int | None]
    kind: Mapped[EventKind]
    reason: Mapped[FailureReason | None]
    provider_word: Mapped[str] = mapped_column(default="")
    provider_code: Mapped[str] = mapped_column(default="")
    occurred_at: Mapped[dt.datetime | None]
    received_at: Mapped[dt.datetime]
    changed: Mapped[bool] = mapped_column(default=False)
    """Whether it moved the delivery; late or repeated news does not."""


class SchedulerLease(Base):
    """Which scheduler is active: one row, taken over when it runs out, numbered so that a slow loser can be told."""

    __tablename__ = "scheduler_leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    fence: Mapped[int]
    expires_at: Mapped[dt.datetime]
