"""What an officer may see of reports: lists and look-ups pass their zones; the original needs the inbox's scope too."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from peoplelink.errors import NotFoundError
from peoplelink.inbound import inbox
from peoplelink.inbound.models import Conversation, MessageKind, ReceivedMessage
from peoplelink.intelligence.models import (
    Report,
    ReportChange,
    ReportGrade,
    ReportNote,
    ReportSource,
    ReportStatus,
    Theme,
)
from peoplelink.intelligence.services import may_have
from peoplelink.officers.models import Officer

PAGE = 25
LONGEST_ORIGINAL = 20_000
"""Characters of what residents wrote that a report starts from."""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None leaves it open."""

    status: ReportStatus | None = None
    zone_id: int | None = None
    theme_id: int | None = None
    mine: bool = False


@dataclass(frozen=True)
class Page:
    """A part of the list; `next_after` names the last line where there are more."""

    reports: list[Report]
    next_after: str | None


@dataclass(frozen=True)
class History:
    """All that was done with a report, oldest first."""

    grades: list[ReportGrade]
    changes: list[ReportChange]
    notes: list[ReportNote]


@dataclass(frozen=True)
class Seen:
    """How far somebody had read when they opened a form."""

    edition: int
    grade_id: int
    change_id: int


def in_scope(scope: inbox.Scope) -> ColumnElement[bool]:
    """The condition under which an officer may see a report. One without a zone needs an officer of all zones."""
    return true() if scope is None else Report.zone_id.in_(scope)


def page(session: Session, filters: Filters, *, scope: inbox.Scope, officer: Officer, after: str | None = None) -> Page:
    """A part of the list, the newest first."""
    query = (
        select(Report)
        .where(in_scope(scope), *_conditions(filters, officer))
        .order_by(Report.id.desc())
        .options(joinedload(Report.theme), joinedload(Report.zone), joinedload(Report.assigned_to))
    )
    last = session.scalar(select(Report.id).where(Report.public_id == after, in_scope(scope)))
    if last is not None:
        query = query.where(Report.id < last)
    found = list(session.scalars(query.limit(PAGE + 1)))
    return Page(found[:PAGE], found[PAGE - 1].public_id if len(found) > PAGE else None)


def count(session: Session, filters: Filters, *, scope: inbox.Scope, officer: Officer) -> int:
    """How many reports the filters leave."""
    query = select(func.count()).select_from(Report).where(in_scope(scope), *_conditions(filters, officer))
    return session.scalar(query) or 0


def get(session: Session, public_id: str, *, scope: inbox.Scope, lock: bool = False) -> Report:
    """A report the officer may see, held if it is to be changed; raises NotFoundError for one out of scope too."""
    query = select(Report).where(Report.public_id == public_id, in_scope(scope))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    report = session.scalar(query)
    if report is None:
        raise NotFoundError("That report is not here, or is not in your zones.")
    return report


def history(session: Session, report: Report) -> History:
    """Grades, changes and notes of a report, oldest first."""
    return History(
        *(
            list(session.scalars(select(table).where(table.report_id == report.id).order_by(table.id)))
            for table in (ReportGrade, ReportChange, ReportNote)
        )  # type: ignore[arg-type]
    )


def seen(session: Session, report: Report) -> Seen:
    """What whoever opens the report now sees last."""
    newest = [
        session.scalar(select(func.max(table.id)).where(table.report_id == report.id)) or 0
        for table in (ReportGrade, ReportChange)
    ]
    return Seen(report.edition, *newest)


def since(session: Session, report: Report, last: Seen) -> History:
    """The grades and changes that came after what somebody saw."""
    found = history(session, report)
    return History(
        [one for one in found.grades if one.id > last.grade_id],
        [one for one in found.changes if one.id > last.change_id],
        [],
    )


def names(session: Session, report: Report, *, officer: Officer) -> tuple[str, ...]:
    """What the resident behind a report is called, for an officer who may know; nothing for others."""
    conversation = conversation_of(session, report, officer=officer)
    return names_in(conversation) if conversation else ()


def names_in(conversation: Conversation) -> tuple[str, ...]:
    """What the resident of a conversation is called."""
    name = conversation.subscriber.name if conversation.subscriber else None
    return (name,) if name else ()


def conversation_of(session: Session, report: Report, *, officer: Officer) -> Conversation | None:
    """Where a report came from, for an officer who may read that conversation; None for others."""
    if not officer.allows("inbox.read"):
        return None
    return session.scalar(
        select(Conversation)
        .join(ReportSource, ReportSource.conversation_id == Conversation.id)
        .where(ReportSource.report_id == report.id, inbox.in_scope(officer.scope))
    )


def original(session: Session, conversation: Conversation) -> str:
    """What the resident wrote in a conversation, message by message."""
    texts = session.scalars(
        select(ReceivedMessage.text)
        .where(ReceivedMessage.conversation_id == conversation.id, ReceivedMessage.kind == MessageKind.REPLY)
        .order_by(ReceivedMessage.received_at, ReceivedMessage.id)
    )
    return "\n\n".join(text.strip() for text in texts if text.strip())[:LONGEST_ORIGINAL]


def reports_of(session: Session, conversation: Conversation, *, scope: inbox.Scope) -> list[Report]:
    """The reports already made of a conversation that the officer may see."""
    query = select(Report).join(ReportSource).where(ReportSource.conversation_id == conversation.id, in_scope(scope))
    return list(session.scalars(query.order_by(Report.id)))


def themes(session: Session) -> list[Theme]:
    """The themes a report may be about, in order."""
    return list(session.scalars(select(Theme).where(Theme.active).order_by(Theme.position, Theme.id)))


def colleagues(session: Session, report: Report) -> list[Officer]:
    """Who could be given a report, by name."""
    officers = session.scalars(select(Officer).where(Officer.active).order_by(Officer.name, Officer.id))
    return [officer for officer in officers if may_have(officer, report)]


def _conditions(filters: Filters, officer: Officer) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.status is not None:
        wanted.append(Report.status == filters.status)
    if filters.zone_id is not None:
        wanted.append(Report.zone_id == filters.zone_id)
    if filters.theme_id is not None:
        wanted.append(Report.theme_id == filters.theme_id)
    if filters.mine:
        wanted.append(Report.assigned_to_id == officer.id)
    return wanted
