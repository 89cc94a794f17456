"""The log of what was done by right, for the data protection officer; and what a legal hold may name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.audit import AuditEvent
from peoplelink.errors import InvalidInputError
from peoplelink.forms import number
from peoplelink.officers.models import Officer
from peoplelink.persons import Held, Part
from peoplelink.rights.models import ErasureRecord, HoldKind
from peoplelink.subscribers import people

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One act."""

    event: AuditEvent
    who: str


@dataclass(frozen=True)
class Page:
    """A part of the log, the newest first; `before` names the last line where there are more."""

    entries: list[Entry]
    before: int | None


def page(session: Session, before: str) -> Page:
    """Up to fifty acts."""
    wanted = select(AuditEvent).where(AuditEvent.action.startswith("rights.")).order_by(AuditEvent.id.desc())
    if number(before):
        wanted = wanted.where(AuditEvent.id < number(before))
    found = list(session.scalars(wanted.limit(PAGE + 1)))
    names = _names(session, found)
    entries = [Entry(event, names.get(event.actor, event.actor)) for event in found[:PAGE]]
    return Page(entries, found[PAGE - 1].id if len(found) > PAGE else None)


def _names(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {event.actor.partition(":")[2] for event in events if event.actor.startswith("officer:")}
    rows = session.execute(select(Officer.public_id, Officer.name).where(Officer.public_id.in_(ids)))
    return {f"officer:{public_id}": name for public_id, name in rows}


def erasures(session: Session, *, limit: int = 20) -> list[ErasureRecord]:
    """The last erasures, newest first."""
    return list(session.scalars(select(ErasureRecord).order_by(ErasureRecord.id.desc()).limit(limit)))


def subject(session: Session, kind: HoldKind, typed: str, parts: Sequence[Part]) -> str:
    """The public id that a hold is to name; raises InvalidInputError where there is no such thing."""
    wanted = typed.strip().rpartition("/")[2].lower()
    if kind is HoldKind.PERSON:
        known = people.by_public_id(session, wanted) is not None
    else:
        found = Held(subjects=frozenset({wanted}))
        for part in reversed(parts):
            found = part.widen(session, found) if part.widen else found
        known = bool(found.conversations if kind is HoldKind.CONVERSATION else found.reports)
    if not known:
        raise InvalidInputError(f"There is no such {kind.value}. Copy the address of its page.")
    return wanted
