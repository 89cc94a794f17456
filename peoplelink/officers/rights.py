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
            "what": one.action.replace(".", " ").replace("_", " "),
            "of": one.subject_kind,
        }
        for one in found
    ]
    columns = {"at": _("When"), "who": _("Who"), "what": _("What was done"), "of": _("With what")}
    return [Section("looked_at", _("Who looked at it, and what was done"), columns, rows, position=90)]


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
