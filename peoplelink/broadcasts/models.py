"""What officers say to many."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.channels.messages import Medium
from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.officers.models import Officer
from peoplelink.outbound.models import Dispatch
from peoplelink.subscribers.models import Topic, Zone


class BroadcastStatus(StrEnum):
    """draft -> submitted -> approved -> scheduled -> releasing -> sending <-> paused -> sent_out -> finished."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RELEASING = "releasing"
    SENDING = "sending"
    PAUSED = "paused"
    SENT_OUT = "sent_out"  # every delivery handed over, refused or unconfirmed
    FINISHED = "finished"  # receipts are in, or 72 hours have passed
    CANCELLED = "cancelled"


class Broadcast(Base):
    """A message to an audience: the draft, then the frozen facts of its release."""

    __tablename__ = "broadcasts"
    __table_args__ = (values_check("status", BroadcastStatus), Index(None, "status"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    title: Mapped[str]
    """For officers; residents never see it."""
    status: Mapped[BroadcastStatus] = mapped_column(default=BroadcastStatus.DRAFT)
    edition: Mapped[int] = mapped_column(default=1)
    """Raised by every edit: what a form was filled in from."""
    created_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """Empty where approval is off (a single officer); the audit log says so."""
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatches.id"), unique=True)
    released_up_to: Mapped[int] = mapped_column(default=0)
    """The highest address id whose deliveries are written: where a killed release goes on."""
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """At release: {medium: {reason: how many residents}}."""
    recipients: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """At release: {medium: how many addresses}."""
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    released_at: Mapped[dt.datetime | None]
    sent_out_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    created_by: Mapped[Officer] = relationship(foreign_keys=created_by_id)
    sent_by: Mapped[Officer | None] = relationship(foreign_keys=sent_by_id)
    dispatch: Mapped[Dispatch | None] = relationship()
    contents: Mapped[list["BroadcastContent"]] = relationship(cascade="all, delete-orphan")
    zones: Mapped[list[Zone]] = relationship(secondary="broadcast_zones", order_by=Zone.name)
    topics: Mapped[list[Topic]] = relationship(secondary="broadcast_topics", order_by=Topic.position)


class BroadcastContent(Base):
    """The draft words, by medium and language; frozen into outbound's contents at release."""

    __tablename__ = "broadcast_contents"
    __table_args__ = (values_check("medium", Medium),)

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    medium: Mapped[Medium] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True, default="en")
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    """The text of an SMS, or the Markdown of an email."""


class BroadcastZone(Base):
    """A zone that a broadcast is for."""

    __tablename__ = "broadcast_zones"

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zones.id"), primary_key=True)


class BroadcastTopic(Base):
    """A topic that a broadcast is about."""

    __tablename__ = "broadcast_topics"

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
