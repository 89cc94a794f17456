"""Residents, what they chose, and the ledger of their consent; zones, topics and the words that stand for them."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, event, false, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from peoplelink.channels.messages import Medium
from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.outbound.models import Address
from peoplelink.subscribers import partners  # noqa: F401 - whoever knows residents' tables knows these two as well
from peoplelink.subscribers.imports import models as _imports  # noqa: F401

_IN_DIGESTS = text("digest IS NOT NULL")


class Zone(Base):
    """A People Zone: data, added by an officer."""

    __tablename__ = "zones"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    place: Mapped[str]
    """The town or city, for people who do not know the zone's name."""
    sectors: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Postcode sectors, such as "LE3 6"."""
    provisional: Mapped[bool] = mapped_column(default=False)
    """Stands in until the OPCC loads its own; said so on the page."""
    active: Mapped[bool] = mapped_column(default=True)
    quiet_from: Mapped[int | None]
    """Minutes from midnight in London: no broadcast from here to `quiet_until`. Empty: the organisation's hours."""
    quiet_until: Mapped[int | None]
    area_set_at: Mapped[dt.datetime | None]
    """When an officer last said where it lies, or opened it: who waited before that may be told."""


class Topic(Base):
    """A subject that a resident may choose, separately from zones."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class Keyword(Base):
    """A word (letters and digits only, upper case, no spaces) that stands for a zone or a topic."""

    __tablename__ = "keywords"
    __table_args__ = (CheckConstraint("(zone_id IS NULL) <> (topic_id IS NULL)", name="one_target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(unique=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))


class Importance(StrEnum):
    """How much a broadcast matters: an officer says so, and a resident says from where on they want to hear."""

    ORDINARY = "ordinary"
    IMPORTANT = "important"
    URGENT = "urgent"  # waits for no digest

    @property
    def above(self) -> tuple["Importance", ...]:
        """Those that matter more."""
        return tuple(Importance)[tuple(Importance).index(self) + 1 :]


class Digest(StrEnum):
    """How often a resident wants the emails of a while put together in one."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Subscriber(Base):
    """A resident who has confirmed at least one address. (One who has not is a pending sign-up.)"""

    __tablename__ = "subscribers"
    __table_args__ = (
        values_check("least_importance", Importance),
        values_check("digest", Digest),
        Index("ix_subscribers_digest", "digest", "id", postgresql_where=_IN_DIGESTS, sqlite_where=_IN_DIGESTS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    name: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    paused_until: Mapped[dt.datetime | None]
    weekly_limit: Mapped[int | None]
    """The most broadcasts a week they want by each medium; empty means no limit."""
    quiet_from: Mapped[int | None]
    """Minutes from midnight in London: their own quiet hours, to `quiet_until`. Empty: their zone's."""
    quiet_until: Mapped[int | None]
    least_importance: Mapped[Importance | None]
    """Broadcasts that matter less than this are not for them; empty: they want everything."""
    digest: Mapped[Digest | None]
    """How often they want one email with what would have been several; empty: each at once."""
    digest_up_to: Mapped[dt.datetime | None]
    """Broadcasts released up to this moment have been mailed to them; empty without a digest."""
    created_at: Mapped[dt.datetime]

    addresses: Mapped[list["SubscriberAddress"]] = relationship(back_populates="subscriber")


class LeavingReason(StrEnum):
    """Why somebody left, if they cared to say."""

    TOO_MANY = "too_many"
    NOT_USEFUL = "not_useful"
    MOVED = "moved"
    NEVER_ASKED = "never_asked"
    OTHER = "other"


class Leaving(Base):
    """That somebody left and why. Nothing here leads back to them: no number of a row, no day, no address."""

    __tablename__ = "leavings"
    __table_args__ = (values_check("reason", LeavingReason),)

    public_id: Mapped[str] = mapped_column(primary_key=True, default=new_public_id)
    month: Mapped[dt.date] = mapped_column(index=True)
    """The first day of the month; the day would lead to the audit log."""
    reason: Mapped[LeavingReason]
    words: Mapped[str | None]
    """Their own, if they wrote any."""


class LinkStatus(StrEnum):
    """Whether a resident may be written to at an address."""

    LIVE = "live"
    STOPPED = "stopped"
    CLOSED = "closed"  # it is theirs no more, as they or an officer told us: nobody comes back to them from there


class SubscriberAddress(Base):
    """A resident's confirmed address. A household may share one: then it has a row for each."""

    __tablename__ = "subscriber_addresses"
    __table_args__ = (Index(None, "address_id"), values_check("status", LinkStatus))

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    status: Mapped[LinkStatus]
    confirmed_at: Mapped[dt.datetime]
    stopped_at: Mapped[dt.datetime | None]

    subscriber: Mapped[Subscriber] = relationship(back_populates="addresses")
    address: Mapped[Address] = relationship()


class ZoneSubscription(Base):
    """A resident's choice of a zone."""

    __tablename__ = "zone_subscriptions"
    __table_args__ = (Index(None, "zone_id", "subscriber_id"),)

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zones.id"), primary_key=True)
    created_at: Mapped[dt.datetime]


class TopicSubscription(Base):
    """A resident's choice of a topic. None at all means: everything in my zones."""

    __tablename__ = "topic_subscriptions"
    __table_args__ = (Index(None, "topic_id", "subscriber_id"),)

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    created_at: Mapped[dt.datetime]


class SignUpSource(StrEnum):
    """How a resident asked to join."""

    WEB = "web"
    TEXT = "text"
    EMAIL = "email"
    OFFICER = "officer"  # face to face: an officer or a connector filled in the form beside them
    IMPORT = "import"  # on a list that was kept before


class SignUp(Base):
    """A request to join: pending until one of its addresses is confirmed, then the evidence behind the resident."""

    __tablename__ = "sign_ups"
    __table_args__ = (values_check("source", SignUpSource),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    source: Mapped[SignUpSource]
    name: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    zone_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    topic_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    old_enough: Mapped[bool] = mapped_column(default=False)
    """They said they are old enough (web form); a text sign-up cannot ask, the privacy page says so."""
    wording_id: Mapped[int] = mapped_column(ForeignKey("consent_wordings.id"))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Ids only: of the inbound message, of the form. Face to face also where it was and who was there."""
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="SET NULL"))
    is_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A resident (`subscriber_id`, from the beginning) asks for an address of theirs to be added or changed."""
    replaces: Mapped[str | None]
    """The public id of the address of theirs that goes when the new one is confirmed."""

    addresses: Mapped[list["SignUpAddress"]] = relationship(back_populates="sign_up", cascade="all, delete-orphan")


class SignUpAddress(Base):
    """An address to be confirmed, each by itself: nobody signs up another's mailbox with their own phone."""

    __tablename__ = "sign_up_addresses"
    __table_args__ = (Index(None, "address_id"),)

    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_ups.id", ondelete="CASCADE"), primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    confirmed_at: Mapped[dt.datetime | None]
    reminded_at: Mapped[dt.datetime | None]
    """When we asked once more, unasked."""

    sign_up: Mapped[SignUp] = relationship(back_populates="addresses")
    address: Mapped[Address] = relationship()


class ConsentWording(Base):
    """The exact words that a resident agreed to. A change of words is a new version."""

    __tablename__ = "consent_wordings"
    __table_args__ = (UniqueConstraint("code", "version", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    """Where it stands: "web-form", "text"."""
    version: Mapped[int]
    language: Mapped[str] = mapped_column(default="en")
    words: Mapped[str]


class ConsentAction(StrEnum):
    """What a line of the ledger says. One whose evidence names zones speaks of these zones only."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class ConsentRecord(Base):
    """A line of the ledger: who agreed to or withdrew what, by which words, how and when. Only ever added to."""

    __tablename__ = "consent_records"
    __table_args__ = (
        Index(None, "address_hash"),
        values_check("medium", Medium),
        values_check("action", ConsentAction),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="SET NULL"), index=True)
    address_hash: Mapped[str]
    medium: Mapped[Medium]
    action: Mapped[ConsentAction]
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("consent_wordings.id"))
    how: Mapped[str]
    """"reply YES", "link", "STOP", "START", "one-click", ..."""
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[dt.datetime]


class Objection(Base):
    """A resident objects to our public task (UK GDPR article 21): no new report is made of what they write."""

    __tablename__ = "objections"

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[dt.datetime]


@event.listens_for(ConsentRecord, "before_update")
def _never_changed(_mapper: Mapper[ConsentRecord], _connection: object, _target: ConsentRecord) -> None:
    raise RuntimeError("consent records are only ever added to")
