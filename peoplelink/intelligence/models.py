"""Reports: what an officer makes of a conversation, graded 3x5x2, with the source kept apart."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

import peoplelink.subscribers.area_models  # noqa: F401 - this module is the top of the models: with it all are known
from peoplelink.db import Base, values_check
from peoplelink.ids import new_code, new_public_id
from peoplelink.inbound.models import Conversation
from peoplelink.officers.models import Officer
from peoplelink.subscribers.models import Zone


class Theme(Base):
    """What a report is about. (A topic is what a resident chose.)"""

    __tablename__ = "themes"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class SourceGrade(StrEnum):
    """3x5x2: how far the source can be relied on (College of Policing)."""

    RELIABLE = "1"
    UNTESTED = "2"
    NOT_RELIABLE = "3"


class InformationGrade(StrEnum):
    """3x5x2: how the source knows it."""

    KNOWN_DIRECTLY = "A"
    CORROBORATED = "B"
    KNOWN_INDIRECTLY = "C"
    NOT_KNOWN = "D"
    SUSPECTED_FALSE = "E"


class Handling(StrEnum):
    """3x5x2: whether it may be shared."""

    SHARE = "P"
    CONDITIONS = "C"


class ReportStatus(StrEnum):
    """Where a report stands."""

    NEW = "new"
    WORKING = "working"
    PASSED_ON = "passed_on"
    DONE = "done"


class Report(Base):
    """A sanitised account of what a resident told us. It never holds who said it: see ReportSource."""

    __tablename__ = "reports"
    __table_args__ = (
        values_check("status", ReportStatus),
        values_check("source_grade", SourceGrade),
        values_check("information_grade", InformationGrade),
        values_check("handling", Handling),
        Index(None, "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    code: Mapped[str] = mapped_column(unique=True, default=new_code)
    """Read aloud on the telephone."""
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("themes.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id"), index=True)
    place: Mapped[str] = mapped_column(default="")
    period: Mapped[str] = mapped_column(default="")
    """When it happened, in the officer's words: "Friday nights since Easter"."""
    text: Mapped[str]
    """The sanitised text."""
    status: Mapped[ReportStatus] = mapped_column(default=ReportStatus.NEW)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    source_grade: Mapped[SourceGrade | None]
    information_grade: Mapped[InformationGrade | None]
    handling: Mapped[Handling | None]
    edition: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    theme: Mapped[Theme | None] = relationship()
    zone: Mapped[Zone | None] = relationship()
    assigned_to: Mapped[Officer | None] = relationship(foreign_keys=assigned_to_id)
    created_by: Mapped[Officer] = relationship(foreign_keys=created_by_id)
    source: Mapped["ReportSource"] = relationship(back_populates="report")


class ReportSource(Base):
    """Where a report came from, kept apart so that a report can be read and shared without it."""

    __tablename__ = "report_sources"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)

    report: Mapped[Report] = relationship(back_populates="source")
    conversation: Mapped[Conversation] = relationship()


class ReportGrade(Base):
    """A grade once given: the history, never changed."""

    __tablename__ = "report_grades"
    __table_args__ = (
        values_check("source_grade", SourceGrade),
        values_check("information_grade", InformationGrade),
        values_check("handling", Handling),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), index=True)
    source_grade: Mapped[SourceGrade]
    information_grade: Mapped[InformationGrade]
    handling: Mapped[Handling]
    reason: Mapped[str] = mapped_column(default="")
    """Why; required for source 3, information E and handling C (where it states the conditions)."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    at: Mapped[dt.datetime]

    officer: Mapped[Officer] = relationship()


class ReportNote(Base):
    """A note between officers."""

    __tablename__ = "report_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    text: Mapped[str]
    at: Mapped[dt.datetime]

    officer: Mapped[Officer] = relationship()


class ReportChange(Base):
    """A field as it was and as it became: every change is kept."""

    __tablename__ = "report_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    at: Mapped[dt.datetime]

    officer: Mapped[Officer] = relationship()


class ReportCount(Base):
    """How many reports there were of a theme in a zone and a month, of those whose time was over: all that is left."""

    __tablename__ = "report_counts"

    month: Mapped[str] = mapped_column(primary_key=True)
    """Of when they were made: "2026-03"."""
    theme: Mapped[str] = mapped_column(primary_key=True)
    """Its slug; "" without one."""
    zone: Mapped[str] = mapped_column(primary_key=True)
    """Its slug; "" without one."""
    passed_on: Mapped[bool] = mapped_column(primary_key=True)
    number: Mapped[int]


@event.listens_for(ReportGrade, "before_update")
@event.listens_for(ReportChange, "before_update")
def _never_changed(_mapper: "Mapper[Base]", _connection: object, _target: Base) -> None:
    raise RuntimeError("grades and changes of reports are only ever added to")
