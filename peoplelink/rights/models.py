"""What people asked of us by right, erasures under way, legal holds, and how long each kind of record is kept."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peoplelink.db import Base, values_check
from peoplelink.ids import new_code, new_public_id
from peoplelink.officers.models import Officer
from peoplelink.persons import RecordClass


class RequestKind(StrEnum):
    """What somebody asks by right."""

    COMPLAINT = "complaint"
    ACCESS = "access"
    ERASURE = "erasure"
    OBJECTION = "objection"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"


class RequestSource(StrEnum):
    """How it reached us."""

    WEB = "web"  # the form for anybody, or the resident's own link
    OFFICER = "officer"  # by letter, telephone or in person, written down by an officer


class RightsRequest(Base):
    """A request with its clock. A complaint holds what was written and how to answer; the others name a resident."""

    __tablename__ = "rights_requests"
    __table_args__ = (
        values_check("kind", RequestKind),
        values_check("source", RequestSource),
        Index("ix_rights_requests_open", "due_at", postgresql_where=text("closed_at IS NULL"),
              sqlite_where=text("closed_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    code: Mapped[str] = mapped_column(unique=True, default=new_code)
    """Read aloud on the telephone, and told to whoever asked."""
    kind: Mapped[RequestKind]
    source: Mapped[RequestSource]
    person: Mapped[str] = mapped_column(default="", index=True)
    """The public id of the resident or address it is about; "" where nobody knows yet."""
    name: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    """The number or mailbox that a complaint gave, or how else to reach them."""
    words: Mapped[str] = mapped_column(default="")
    received_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    """A complaint: by when it must be acknowledged. Everything else: by when it must be answered."""
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_how: Mapped[str] = mapped_column(default="")
    delivery: Mapped[str] = mapped_column(default="")
    """The public id of the message that acknowledged it, where People Link did it by itself."""
    paused_at: Mapped[dt.datetime | None]
    """Since when the clock stands still, because we asked who they are or what they mean."""
    paused_because: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    outcome: Mapped[str] = mapped_column(default="")

    closed_by: Mapped[Officer | None] = relationship()

    def overdue(self, now: dt.datetime) -> bool:
        """Whether its time is over and what it asks for is not done."""
        waits = self.closed_at is None and self.paused_at is None and not self.clock_met
        return waits and self.due_at < now

    @property
    def clock_met(self) -> bool:
        """Whether what the clock asks for is done: of a complaint, that it was acknowledged."""
        return self.kind is RequestKind.COMPLAINT and self.acknowledged_at is not None


class ErasureRecord(Base):
    """An erasure, from the moment it was asked for: goes on after a break, and stays as the log of what was taken away.

    Ids only: they name nobody once it is done.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index("ix_erasures_open", "id", postgresql_where=text("finished_at IS NULL"),
              sqlite_where=text("finished_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    person: Mapped[str] = mapped_column(index=True)
    subscriber_id: Mapped[int | None]
    own: Mapped[list[int]] = mapped_column(JSON, default=list)
    shared: Mapped[list[int]] = mapped_column(JSON, default=list)
    step: Mapped[int] = mapped_column(default=0)
    """How many parts have nothing left."""
    marks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    begun_at: Mapped[dt.datetime]
    begun_by: Mapped[str]
    """As the audit log names them."""
    finished_at: Mapped[dt.datetime | None]


class HoldKind(StrEnum):
    """What a legal hold keeps."""

    PERSON = "person"
    CONVERSATION = "conversation"
    REPORT = "report"


class LegalHold(Base):
    """Nothing of this is erased or purged while it stands: evidence of a crime, a complaint, a claim."""

    __tablename__ = "legal_holds"
    __table_args__ = (values_check("kind", HoldKind), Index(None, "subject"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    kind: Mapped[HoldKind]
    subject: Mapped[str]
    """The public id of the person, conversation or report."""
    reason: Mapped[str]
    placed_at: Mapped[dt.datetime]
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    lifted_at: Mapped[dt.datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))

    placed_by: Mapped[Officer] = relationship(foreign_keys=placed_by_id)


class PeriodUnit(StrEnum):
    """What a period counts in. Months and years end on the calendar of London."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class RetentionRule(Base):
    """How long a kind of record is kept, and why, where an administrator has said so; else `periods.DEFAULTS`."""

    __tablename__ = "retention_rules"
    __table_args__ = (values_check("record_class", RecordClass), values_check("unit", PeriodUnit))

    record_class: Mapped[RecordClass] = mapped_column(primary_key=True)
    number: Mapped[int]
    unit: Mapped[PeriodUnit]
    reason: Mapped[str]
    changed_at: Mapped[dt.datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))


class RetentionRun(Base):
    """A run of retention: what it took away, kind by kind. Goes on after a break.

    One begins each night, and one each time that the command is given.
    """

    __tablename__ = "retention_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    night: Mapped[str] = mapped_column(unique=True)
    """The date in London: "2026-03-21"; of a run by hand the moment as well: "2026-03-21 14:30:05.123456"."""
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    step: Mapped[int] = mapped_column(default=0)
    """How many purgers have nothing left."""
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
