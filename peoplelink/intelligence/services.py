"""Reports: open one from a conversation, change it, grade it, note, and say who has it. Every change is kept."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.errors import ConflictError, ForbiddenError, InvalidInputError
from peoplelink.inbound.models import Conversation
from peoplelink.intelligence.grading import Grade, check_reason
from peoplelink.intelligence.models import (
    Report,
    ReportChange,
    ReportGrade,
    ReportNote,
    ReportSource,
    ReportStatus,
    Theme,
)
from peoplelink.intelligence.personal import SecondLook
from peoplelink.officers.models import Officer
from peoplelink.subscribers import objecting
from peoplelink.subscribers.models import Zone

LONGEST_TEXT = 20_000
LONGEST_LINE = 200
NO_NAMES = SecondLook()
KEPT = "may show who it is"
"""The field of a change that says: this was found, looked at and kept."""


class ChangedMeanwhileError(ConflictError):
    """Somebody changed the report after the form was filled in."""


class ObjectedError(InvalidInputError):
    """The resident objects to our public task, and it is not decided yet."""


class MadeMeanwhileError(ConflictError):
    """A report was made of the same conversation after the form was opened: perhaps by pressing its button twice."""


@dataclass(frozen=True)
class Account:
    """What a report says."""

    text: str
    theme: Theme | None = None
    zone: Zone | None = None
    place: str = ""
    period: str = ""

    @property
    def typed(self) -> dict[str, str]:
        """Everything in an officer's own words."""
        return {"text": self.text, "place": self.place, "period": self.period}

    def check(self, by: Officer) -> None:
        """Raises InvalidInputError for what cannot be kept, or what would leave the officer's own sight."""
        if not self.text.strip():
            raise InvalidInputError("Write what was told")
        if len(self.text) > LONGEST_TEXT:
            raise InvalidInputError(f"Shorten the text to {LONGEST_TEXT:,} characters or fewer")
        if max(len(self.place), len(self.period)) > LONGEST_LINE:
            raise InvalidInputError(f"Shorten place and time to {LONGEST_LINE} characters or fewer")
        zone_id = self.zone.id if self.zone else None
        if by.scope is not None and zone_id not in by.scope:
            raise InvalidInputError("Choose one of your zones")


def latest_report(session: Session, conversation: Conversation, *, by: Officer) -> Report | None:
    """The latest report of a conversation that an officer may see: what a form for another was filled in after."""
    seen = true() if by.scope is None else Report.zone_id.in_(by.scope)
    made = select(Report).join(ReportSource).where(ReportSource.conversation_id == conversation.id, seen)
    return session.scalar(made.order_by(Report.id.desc()).limit(1))


def open_report(
    session: Session,
    conversation: Conversation,
    account: Account,
    *,
    seen_report_id: int = 0,
    look: SecondLook = NO_NAMES,
    by: Officer,
    now: dt.datetime,
) -> Report:
    """Make a report of a conversation, which is held; where it came from is kept apart.

    `seen_report_id` is the latest report that the officer had seen of it, 0 for none. Raises MadeMeanwhileError,
    InvalidInputError, LooksPersonalError; and ObjectedError where the resident objects.
    """
    _check_latest(latest_report(session, conversation, by=by), seen_report_id, by=by)
    account.check(by)
    if objecting.stands(session, conversation.subscriber_id):
        raise ObjectedError(objecting.SAID)
    kept = look.check(account.typed)
    report = Report(
        theme=account.theme,
        zone=account.zone,
        place=account.place.strip(),
        period=account.period.strip(),
        text=account.text.strip(),
        created_by=by,
        created_at=now,
        updated_at=now,
    )
    session.add_all([report, ReportSource(report=report, conversation=conversation)])
    session.flush()
    _note_kept(session, report, kept, by=by, now=now)
    _audit(session, report, "opened", by=by, now=now, conversation=conversation.public_id)
    return report


def edit(
    session: Session,
    report: Report,
    account: Account,
    *,
    edition: int,
    look: SecondLook = NO_NAMES,
    by: Officer,
    now: dt.datetime,
) -> list[str]:
    """Change what a report says; the names of the fields changed.

    Raises ChangedMeanwhileError, InvalidInputError, LooksPersonalError.
    """
    account.check(by)
    _check_edition(report, edition)
    kept = look.check(account.typed, known=(report.text, report.place, report.period))
    _note_kept(session, report, kept, by=by, now=now)
    changes = {
        "theme": (_name(report.theme), _name(account.theme)),
        "zone": (_name(report.zone), _name(account.zone)),
        "place": (report.place, account.place.strip()),
        "period": (report.period, account.period.strip()),
        "text": (report.text, account.text.strip()),
    }
    report.theme, report.zone = account.theme, account.zone
    report.place, report.period, report.text = (changes[field][1] for field in ("place", "period", "text"))
    return _note_changes(session, report, changes, by=by, now=now)


def set_work(
    session: Session,
    report: Report,
    *,
    status: ReportStatus,
    assigned_to: Officer | None,
    edition: int,
    by: Officer,
    now: dt.datetime,
) -> list[str]:
    """Say where a report stands and who has it; raises ChangedMeanwhileError, InvalidInputError."""
    if assigned_to is not None and not may_have(assigned_to, report):
        raise InvalidInputError("That colleague cannot read reports of this zone. Choose another.")
    _check_edition(report, edition)
    changes = {
        "status": (report.status.value, status.value),
        "who has it": (_name(report.assigned_to), _name(assigned_to)),
    }
    report.status, report.assigned_to = status, assigned_to
    return _note_changes(session, report, changes, by=by, now=now)


def grade(
    session: Session,
    report: Report,
    given: Grade,
    reason: str,
    *,
    edition: int,
    look: SecondLook = NO_NAMES,
    by: Officer,
    now: dt.datetime,
) -> ReportGrade:
    """Grade what this edition of a report says. Earlier grades stay as they were.

    The grader is a trained, named officer; the author of the messages is the resident, so never the same (R25). Raises
    ForbiddenError, ChangedMeanwhileError, InvalidInputError, LooksPersonalError.
    """
    if not by.allows("reports.grade"):
        raise ForbiddenError("Only officers trained to grade may do this.")
    check_reason(given, reason)
    _check_edition(report, edition)
    kept = look.check({"reason": reason}, known=(report.text,))
    written = ReportGrade(
        report_id=report.id,
        source_grade=given.source,
        information_grade=given.information,
        handling=given.handling,
        reason=reason.strip(),
        officer=by,
        at=now,
    )
    session.add(written)
    report.source_grade, report.information_grade, report.handling = given.source, given.information, given.handling
    report.edition += 1
    report.updated_at = now
    _note_kept(session, report, kept, by=by, now=now)
    session.flush()
    _audit(session, report, "graded", by=by, now=now, grade=str(given))
    return written


def add_note(
    session: Session, report: Report, text: str, *, look: SecondLook = NO_NAMES, by: Officer, now: dt.datetime
) -> ReportNote:
    """A note between officers; raises InvalidInputError for an empty or endless one, LooksPersonalError."""
    if not text.strip():
        raise InvalidInputError("Write a note first")
    if len(text) > LONGEST_TEXT:
        raise InvalidInputError(f"Shorten the note to {LONGEST_TEXT:,} characters or fewer")
    kept = look.check({"note": text}, known=(report.text,))
    note = ReportNote(report_id=report.id, officer=by, text=text.strip(), at=now)
    session.add(note)
    _note_kept(session, report, kept, by=by, now=now)
    session.flush()
    _audit(session, report, "noted", by=by, now=now)
    return note


def may_have(officer: Officer, report: Report) -> bool:
    """Whether an officer may be given a report: allowed to work on reports, and to see its zone."""
    sees = officer.scope is None or report.zone_id in officer.scope
    return sees and officer.allows("reports.write")


def _check_latest(latest: Report | None, seen_report_id: int, *, by: Officer) -> None:
    if latest is not None and latest.id != seen_report_id:
        who = "You have" if latest.created_by_id == by.id else f"{latest.created_by.name} has"
        raise MadeMeanwhileError(
            f"{who} just made report {latest.code} of this conversation. Read it first: the link is above. Then make "
            "yours if it says something else"
        )


def _check_edition(report: Report, edition: int) -> None:
    if report.edition != edition:
        raise ChangedMeanwhileError(
            "Somebody changed this report while you were writing. Read it again, then add yours."
        )


def _note_changes(
    session: Session, report: Report, changes: dict[str, tuple[str, str]], *, by: Officer, now: dt.datetime
) -> list[str]:
    changed = [field for field, (before, after) in changes.items() if before != after]
    for field in changed:
        before, after = changes[field]
        session.add(ReportChange(report_id=report.id, officer=by, field=field, before=before, after=after, at=now))
    if changed:
        report.edition += 1
        report.updated_at = now
        _audit(session, report, "changed", by=by, now=now, fields=", ".join(changed))
    session.flush()
    return changed


def _note_kept(session: Session, report: Report, kinds: str, *, by: Officer, now: dt.datetime) -> None:
    """Say that something which looks personal was checked by an officer, who kept it."""
    if kinds:
        said = f"Checked, and kept: {kinds}"
        session.add(ReportChange(report_id=report.id, officer=by, field=KEPT, before="", after=said, at=now))
        session.flush()
        _audit(session, report, "kept_personal", by=by, now=now, kinds=kinds)


def _name(thing: Theme | Zone | Officer | None) -> str:
    return thing.name if thing else ""


def _audit(session: Session, report: Report, act: str, *, by: Officer, now: dt.datetime, **detail: str) -> None:
    audit.record(
        session,
        f"report.{act}",
        actor=by.actor,
        subject_kind="report",
        subject_id=report.public_id,
        now=now,
        **detail,
    )
