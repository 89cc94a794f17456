"""What the audit log holds of a person: who looked at what is held about them. It holds ids only: nothing to erase."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from peoplelink.audit import AuditEvent
from peoplelink.languages import gettext as _
from peoplelink.persons import Due, Part, Person, RecordClass, Section, Wish, purger


def export(session: Session, _person: Person, wish: Wish) -> Sequence[Section]:
    """Every entry about them: what officers read, and what was changed. Officers stand here without their names."""
    found = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id.in_(wish.subjects)).order_by(AuditEvent.at, AuditEvent.id)
    )
    rows = [
        {
            "at": one.at,
            "who": _who(one.actor),
            "what": done_with(one.subject_kind, one.action),
            "entry": f"{one.subject_kind} {one.action}",
        }
        for one in found
    ]
    columns = {"at": _("When"), "who": _("Who"), "what": _("What was done")}
    return [Section("looked_at", _("Who looked at it, and what was done"), columns, rows, position=90)]


def done_with(kind: str, action: str) -> str:
    """An entry about something of a resident's, in words for them. Its own words are for programs: see `entry`."""
    read = action.endswith((".read", ".listed", ".revealed", ".found", ".taken_away"))
    words = {
        "conversation": (_("read your messages"), _("worked on your messages")),
        "report": (_("read a report made from what you told us"), _("worked on a report made from what you told us")),
        "attachment": (_("opened a file you sent"), _("worked on a file you sent")),
        "rights_request": (_("read what you asked by right"), _("worked on what you asked by right")),
    }
    looked, worked = words.get(kind, (_("looked at what we hold about you"), _("changed what we hold about you")))
    return looked if read else worked


def _who(actor: str) -> str:
    if actor.startswith("officer:"):
        return _("An officer")
    return _("You") if actor == "resident" else _("People Link by itself")


def _old(due: Due) -> list[ColumnElement[bool]]:
    return [AuditEvent.at < due.before, AuditEvent.subject_id.not_in(due.held.subjects)]


PART = Part(
    name="officers",
    tables=frozenset({"audit_events"}),
    impersonal={
        "officers": "accounts of staff, looked after by the administrator; no resident's",
        "officer_zones": "accounts of staff",
        "catalogue_reviews": "who checked the words of a language, named by the office for that work; no resident's",
    },
    export=export,
    purgers=(purger(RecordClass.AUDIT, "entries of the audit log", AuditEvent, _old),),
)
