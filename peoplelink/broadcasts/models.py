"""What officers say to many."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.channels.messages import Medium
from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.officers.models import Officer
from peoplelink.outbound.models import Dispatch
from peoplelink.subscribers.models import Importance, Topic, Zone


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
    __table_args__ = (
        values_check("status", BroadcastStatus),
        values_check("importance", Importance),
        Index(None, "status"),
    )

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
    scheduled_for: Mapped[dt.datetime | None]
    """When it is to be released; empty: at once."""
    expires_at: Mapped[dt.datetime | None]
    """After this it is of no use, and is not sent any more."""
    importance: Mapped[Importance] = mapped_column(
        default=Importance.ORDINARY, server_default=Importance.ORDINARY.value
    )
    """As the officer sees it: some residents only want what is important."""
    ignores_quiet_hours: Mapped[bool] = mapped_column(default=False)
    """An officer said that it cannot wait for the morning."""
    ignores_quiet_because: Mapped[str | None]
    """Why, in the officer's words."""
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

    @property
    def expired_unsent(self) -> bool:
        """Whether its time came too late: we were not running, and it was of no use any more."""
        late = self.expires_at is not None and self.expires_at <= self.updated_at
        return self.status is BroadcastStatus.CANCELLED and self.dispatch_id is None and late


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


class DigestIssue(Base):
    """One email with the broadcasts of a while, made once a resident and period."""

    __tablename__ = "digest_issues"
    __table_args__ = (UniqueConstraint("subscriber_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)
    """The end of the period: the same moment for all who get their digest as often."""
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatches.id", ondelete="SET NULL"))
    """Empty where it had to wait: they had as many emails that week as they want."""


class DigestItem(Base):
    """A broadcast that a digest told an address of. Not twice, even where a household shares a mailbox."""

    __tablename__ = "digest_items"

    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("digest_issues.id", ondelete="CASCADE"), index=True)


class ProofKind(StrEnum):
    """What a link of a broadcast's proof speaks of."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    APPROVAL_VOIDED = "approval_voided"  # an edit came after it
    SCHEDULED = "scheduled"
    SENT = "sent"  # an officer said "send it": words, audience, who approved it
    FROZEN = "frozen"  # the words as they are handed over, and how many people were counted
    RELEASED = "released"  # who gets it
    PAUSED = "paused"
    RESUMED = "resumed"
    RETRIED = "retried"
    CANCELLED = "cancelled"
    FINISHED = "finished"  # what became of each delivery
    LATE = "late"  # news of deliveries that came after the end
    ROWS_CHANGED = "rows_changed"  # retention or erasure took deliveries away


class ProofLink(Base):
    """One event of a broadcast, in a chain that only grows. See docs/adr/0009."""

    __tablename__ = "broadcast_proofs"
    __table_args__ = (UniqueConstraint("broadcast_id", "number"), values_check("kind", ProofKind))

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"))
    number: Mapped[int]
    """From 1, without a gap."""
    kind: Mapped[ProofKind]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Public ids, counts, digests, and the words that were sent; no number, mailbox or name of a resident."""
    made_at: Mapped[dt.datetime]
    previous: Mapped[str]
    """The link before; "" for the first."""
    key_id: Mapped[str]
    """The fingerprint of the key it was made with."""
    link: Mapped[str]
    """HMAC-SHA256 over all of the above, in hex. The newest one is the head."""


class ProofStretch(Base):
    """A thousand deliveries or so as they were at a link, so that a later change can be told from its neighbours."""

    __tablename__ = "broadcast_proof_stretches"

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"), primary_key=True)
    link: Mapped[int] = mapped_column(primary_key=True)
    """The number of the link, which holds the digest over all of its stretches."""
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 1; a stretch keeps its number and its limits from the release on."""
    after: Mapped[int]
    """It holds the deliveries whose id is above this ..."""
    up_to: Mapped[int]
    """... and not above this."""
    rows: Mapped[int]
    people: Mapped[str]
    """Digest over public id, address hash and content of its deliveries, in the order of their ids."""
    tags: Mapped[str | None]
    """The first digits of each delivery's own digest; empty where an older link keeps them."""
    states: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """What had become of them, in the same order: [state, how many in a row]; empty before the end."""
