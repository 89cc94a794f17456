"""Tables of the delivery engine: addresses, suppressions, contents, dispatches, deliveries, attempts, status events."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.channels.messages import EventKind, FailureReason, Medium
from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.outbound.states import DeliveryStatus, HoldReason, Purpose, SuppressionReason, Urgency


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
    __table_args__ = (
        values_check("purpose", Purpose),
        values_check("urgency", Urgency),
        values_check("held_because", HoldReason),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    purpose: Mapped[Purpose]
    urgency: Mapped[Urgency]
    held_at: Mapped[dt.datetime | None]
    """Set while it is paused: nothing of it is claimed."""
    held_because: Mapped[HoldReason | None]
    cancelled_at: Mapped[dt.datetime | None]
    not_before: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    released_at: Mapped[dt.datetime | None]
    """When the last of its deliveries had been written."""


class DispatchHealth(Base):
    """How the last messages of a dispatch fared. Apart from the dispatch, whose row every claim looks at."""

    __tablename__ = "dispatch_health"

    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatches.id", ondelete="CASCADE"), primary_key=True)
    recent: Mapped[str]
    """A letter an outcome, the newest last, at most 50: "s" handed over, "f" failed or without an answer."""


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
_OPEN = text("status = 'sending'")
_ASKED = text("status IN ('sent', 'unconfirmed')")
_HELD = text("status = 'held'")
_UNCONFIRMED = text("status = 'unconfirmed'")
_TWICE = text("accepted_twice_at IS NOT NULL")


class Delivery(Base):
    """One message to one address: the truth about it. Who may write its status: see `advance.py`."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("dispatch_id", "address_id"),
        # The claim reads waiting rows only, through partial indexes that stay small however many rows are finished.
        Index("ix_deliveries_waiting", "lane", "dispatch_id", "id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_deliveries_open", "lease_until", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_deliveries_asked", "look_up_at", postgresql_where=_ASKED, sqlite_where=_ASKED),
        Index("ix_deliveries_unconfirmed", "lease_token", postgresql_where=_UNCONFIRMED, sqlite_where=_UNCONFIRMED),
        Index("ix_deliveries_twice", "accepted_twice_at", postgresql_where=_TWICE, sqlite_where=_TWICE),
        Index("ix_deliveries_held", "not_before", postgresql_where=_HELD, sqlite_where=_HELD),
        Index(None, "address_id", "id"),
        values_check("status", DeliveryStatus),
        values_check("reason", FailureReason),
        values_check("held_because", HoldReason),
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
    """How often the provider refused before acceptance."""
    segments: Mapped[int] = mapped_column(default=1)
    merge: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    not_before: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    quiet_from: Mapped[int | None]
    """Minutes from midnight in London: from here to `quiet_until` (perhaps past midnight) it may not be sent."""
    quiet_until: Mapped[int | None]
    held_because: Mapped[HoldReason | None]
    """Why it is held until `not_before`, while it is; of one that expired, what would have held it for too long."""
    claimed_at: Mapped[dt.datetime | None]
    """When the newest attempt was opened."""
    lease_token: Mapped[str | None]
    lease_until: Mapped[dt.datetime | None]
    """When a claim that nobody has recorded is a dead worker's."""
    look_up_at: Mapped[dt.datetime | None]
    """When the provider is asked about it next: its outcome if unconfirmed, its receipt if sent."""
    accepted_twice_at: Mapped[dt.datetime | None]
    """When we learnt that an older attempt had been accepted besides the newest."""
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


class DeliveryCount(Base):
    """How many deliveries of a dispatch ended how, of those that retention has taken away: nobody's in particular."""

    __tablename__ = "delivery_counts"

    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatches.id", ondelete="CASCADE"), primary_key=True)
    medium: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    """"" without one."""
    number: Mapped[int]


class Attempt(Base):
    """An attempt that a later one has followed, or may follow. The newest stands on the delivery itself."""

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
    closed_at: Mapped[dt.datetime]
    outcome: Mapped[DeliveryStatus]
    """What was known of it when it was closed, or has been learnt since; "queued": refused, or never called."""
    provider_message_id: Mapped[str | None]
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


class RestoreWatch(Base):
    """How we know that the database is a copy from a backup: a number that rises here, and in Redis after it."""

    __tablename__ = "restore_watch"

    name: Mapped[str] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(default=new_public_id)
    """Of this installation's data: a new database must not be taken for an old one."""
    number: Mapped[int]
    noted_at: Mapped[dt.datetime]
    """When the number last rose: about the moment of the backup, in a copy."""
    restored_at: Mapped[dt.datetime | None]
    """Set from the moment a restore is known until what was sent since the backup has been accounted for."""
    sent_since: Mapped[dt.datetime | None]
    """From when on messages may have been sent that this database does not know."""
