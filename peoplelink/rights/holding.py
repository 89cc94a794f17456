"""Legal holds: nothing of a person, a conversation or a report goes while one stands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from peoplelink.officers.models import Officer
from peoplelink.persons import Held, Part, Person
from peoplelink.rights import exporting
from peoplelink.rights.models import HoldKind, LegalHold

_LONGEST = 500


class OnHoldError(ConflictError):
    """A legal hold keeps it."""


def place(session: Session, kind: HoldKind, subject: str, reason: str, *, by: Officer, now: dt.datetime) -> LegalHold:
    """Keep something; a second hold on the same thing stands by itself. Raises InvalidInputError without a reason."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > _LONGEST:
        raise InvalidInputError(f"Say why it must be kept, in at most {_LONGEST} characters")
    hold = LegalHold(kind=kind, subject=subject, reason=reason, placed_at=now, placed_by=by)
    session.add(hold)
    session.flush()
    _audit(session, hold, "placed", by=by, now=now)
    return hold


def lift(session: Session, public_id: str, *, by: Officer, now: dt.datetime) -> LegalHold:
    """Let go of something; harmless twice. Raises NotFoundError."""
    hold = session.scalar(select(LegalHold).where(LegalHold.public_id == public_id).with_for_update())
    if hold is None:
        raise NotFoundError("There is no such hold.")
    if hold.lifted_at is None:
        hold.lifted_at, hold.lifted_by_id = now, by.id
        _audit(session, hold, "lifted", by=by, now=now)
    return hold


def standing(session: Session) -> list[LegalHold]:
    """The holds that stand, newest first."""
    return list(session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id.desc())))


def on(session: Session, person: Person, parts: Sequence[Part]) -> list[LegalHold]:
    """The holds on a person, their conversations, or the reports made of them."""
    # What is said at a number that they have left is not shown to them, but is erased with the rest.
    subjects = exporting.subjects(session, replace(person, until={}), parts)
    return [hold for hold in standing(session) if hold.subject in subjects]


def check(session: Session, person: Person, parts: Sequence[Part]) -> None:
    """Raises OnHoldError, with the reasons for officers."""
    holds = on(session, person, parts)
    if holds:
        reasons = "; ".join(hold.reason for hold in holds)
        raise OnHoldError(f"Nothing was erased, because a legal hold stands: {reasons}. Lift it first.")


def held(session: Session, parts: Sequence[Part]) -> Held:
    """All that holds keep, worked out from the bottom layer up: a person's addresses, their conversations, reports."""
    # Twice: a report names the conversation it came from, which is below it.
    found = Held()
    for _ in range(2):
        for part in (*parts[:1], *reversed(parts)):
            found = part.widen(session, found) if part.widen else found
    return found


def _audit(session: Session, hold: LegalHold, act: str, *, by: Officer, now: dt.datetime) -> None:
    audit.record(
        session, f"rights.hold_{act}", actor=by.actor, subject_kind=hold.kind.value, subject_id=hold.subject, now=now,
        hold=hold.public_id,
    )  # fmt: skip
