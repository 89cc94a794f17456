"""What reports hold of a person: where each came from, kept apart; and perhaps words that show who it was."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.inbound.models import Conversation
from peoplelink.inbound.rights import conversations_of
from peoplelink.intelligence.models import Report, ReportChange, ReportCount, ReportSource, ReportStatus, Theme
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.persons import Due, Erasing, Held, Part, Person, Purger, RecordClass, Section, Wish, counting
from peoplelink.subscribers.models import Zone

_STATUS = "status"
"""The field of a change that says where a report stood."""
_STANDS = {
    ReportStatus.NEW: lazy_gettext("Nobody works on it yet"),
    ReportStatus.WORKING: lazy_gettext("Somebody works on it"),
    ReportStatus.PASSED_ON: lazy_gettext("Passed on"),
    ReportStatus.DONE: lazy_gettext("Settled"),
}


def subjects(session: Session, person: Person) -> Iterable[str]:
    """The reports made of what they told us."""
    return session.scalars(_reports_of(person).with_only_columns(Report.public_id))


def _reports_of(person: Person) -> Select[Any]:
    of_theirs = ReportSource.conversation_id.in_(conversations_of(person))
    return select(Report).join(ReportSource).where(of_theirs).order_by(Report.id)


def export(session: Session, person: Person, wish: Wish) -> Sequence[Section]:
    """How many reports there are; what they say only where the data protection officer has decided it may be given."""
    found = session.scalars(_reports_of(person)).all()
    columns = {
        "code": _("Number of the report"),
        "made": _("Made"),
        "about": _("About"),
        "zone": _("Zone"),
        "words": _("What it says"),
        "stands": _("Where it stands"),
        "grade": _("Grade"),
    }
    note = ""
    if found and not wish.with_reports:
        note = _(
            "Reports made of what you told us: %(number)s. They may hold what others told us, or information about "
            "crime. The data protection officer decides what of them you can have: ask us for it.",
            number=len(found),
        )
    rows = [_report(one) for one in found] if wish.with_reports else []
    return [Section("reports", _("Reports made of what you told us"), columns, rows, note=note, position=40)]


def _report(one: Report) -> dict[str, Any]:
    grade = "".join(part.value for part in (one.source_grade, one.information_grade, one.handling) if part)
    return {
        "code": one.code,
        "made": one.created_at,
        "about": one.theme.name if one.theme else "",
        "zone": one.zone.name if one.zone else "",
        "words": one.text,
        "stands": str(_STANDS[one.status]),
        "grade": grade,
    }


def erase(session: Session, person: Person, erasing: Erasing) -> bool:
    """Cut each report from whom it came from. What it says was made without them, and goes when its time is over."""
    ids = list(session.scalars(_reports_of(person).with_only_columns(Report.id)))
    session.execute(delete(ReportSource).where(ReportSource.report_id.in_(ids)))
    erasing.count("links from reports to who told us", len(ids))
    session.expire_all()
    return True


def widen(session: Session, held: Held) -> Held:
    """Reports that a hold names with the conversations they came from, and reports of conversations that are held."""
    named = select(Report.id).where(Report.public_id.in_(held.subjects))
    of_held = select(ReportSource.report_id).where(ReportSource.conversation_id.in_(held.conversations))
    sources = select(ReportSource.conversation_id).where(ReportSource.report_id.in_(named))
    reports = [*session.scalars(named), *session.scalars(of_held)]
    return held.more(reports=reports, conversations=list(session.scalars(sources)))


def _passed_on() -> Any:
    """When a report was last passed on; NULL for one that never was."""
    return (
        select(func.max(ReportChange.at))
        .where(ReportChange.report_id == Report.id, ReportChange.field == _STATUS,
               ReportChange.after == ReportStatus.PASSED_ON.value)
        .scalar_subquery()
    )  # fmt: skip


def _was_passed_on() -> ColumnElement[bool]:
    return or_(Report.status == ReportStatus.PASSED_ON, _passed_on().is_not(None))


def _due_passed_on(due: Due) -> list[ColumnElement[bool]]:
    at = func.coalesce(_passed_on(), Report.updated_at)
    return [_was_passed_on(), at < due.before, Report.id.not_in(due.held.reports)]


def _due_kept(due: Due) -> list[ColumnElement[bool]]:
    return [~_was_passed_on(), Report.updated_at < due.before, Report.id.not_in(due.held.reports)]


def _purger(of: RecordClass, what: str, conditions: Any, *, passed_on: bool) -> Purger:
    def purge(session: Session, due: Due, limit: int) -> int:
        wanted = select(Report.id).where(*conditions(due)).order_by(Report.id).limit(limit).with_for_update()
        ids = list(session.scalars(wanted))
        _keep_counts(session, ids, passed_on=passed_on)
        return len(session.execute(delete(Report).where(Report.id.in_(ids)).returning(Report.id)).all())

    return Purger(of, what, counting(Report, conditions), purge)


def _keep_counts(session: Session, ids: Sequence[int], *, passed_on: bool) -> None:
    found = session.execute(
        select(Report.created_at, Theme.slug, Zone.slug)
        .outerjoin(Theme, Theme.id == Report.theme_id)
        .outerjoin(Zone, Zone.id == Report.zone_id)
        .where(Report.id.in_(ids))
    )
    counts = Counter((f"{clock.in_london(at):%Y-%m}", theme or "", zone or "", passed_on) for at, theme, zone in found)
    for key, number in counts.items():
        kept = session.get(ReportCount, key)
        if kept is None:
            kept = ReportCount(month=key[0], theme=key[1], zone=key[2], passed_on=key[3], number=0)
            session.add(kept)
        kept.number += number
    session.flush()


def _old_source(due: Due) -> list[ColumnElement[bool]]:
    """A report may outlive the conversation it was made of: then nobody can tell any more who told us."""
    over = exists().where(Conversation.id == ReportSource.conversation_id, Conversation.last_message_at < due.before)
    return [over, ReportSource.conversation_id.not_in(due.held.conversations)]


def _purge_sources(session: Session, due: Due, limit: int) -> int:
    ids = list(session.scalars(select(ReportSource.report_id).where(*_old_source(due)).limit(limit)))
    session.execute(delete(ReportSource).where(ReportSource.report_id.in_(ids)))
    return len(ids)


PART = Part(
    name="intelligence",
    tables=frozenset({"reports", "report_sources", "report_grades", "report_notes", "report_changes"}),
    impersonal={"themes": "data of the office", "report_counts": "counts"},
    subjects=subjects,
    export=export,
    erase=erase,
    widen=widen,
    purgers=(
        _purger(RecordClass.REPORTS_PASSED_ON, "reports that were passed on", _due_passed_on, passed_on=True),
        _purger(RecordClass.REPORTS, "reports that were not passed on", _due_kept, passed_on=False),
        Purger(
            RecordClass.MESSAGES,
            "links from reports to who told us",
            counting(ReportSource, _old_source),
            _purge_sources,
        ),
    ),
    cannot_be_recalled=lazy_gettext(
        "A report that was passed on to the police or a partner is theirs to keep or delete: they are responsible for "
        "their copy. Reports here keep what was told, without who told it, until their time is over."
    ),
)
