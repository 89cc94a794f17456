"""Erasing a person: at once they are written to no more; then each package takes away its part, however much it is.

What stays is the suppression and the ledger of consent, both by keyed hash. It goes on after a break; twice is once.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit, quiet_hours
from peoplelink.broadcasts import rechecking
from peoplelink.db import ring_after_commit
from peoplelink.persons import Erasing, Part, Person
from peoplelink.quiet_hours import Hours
from peoplelink.rights import holding
from peoplelink.rights.models import ErasureRecord
from peoplelink.subscribers import people

BELL = "rights"


def begin(
    session: Session,
    person: Person,
    parts: Sequence[Part],
    *,
    by: str,
    now: dt.datetime,
    quiet: Hours = quiet_hours.NONE,
) -> ErasureRecord:
    """Stop writing to a person and have workers take away what is held; one that is under way goes on.

    `by` as the audit log names them; `quiet` are the organisation's quiet hours. Raises OnHoldError, or
    ConflictError where an import has signed them up since they were looked for.
    """
    person = people.held_still(session, person)
    holding.check(session, person, parts)
    under_way = session.scalar(
        select(ErasureRecord).where(ErasureRecord.person == person.public_id, ErasureRecord.finished_at.is_(None))
    )
    if under_way is not None:
        return under_way
    stop_writing(session, person, parts, now=now, quiet=quiet)
    record = ErasureRecord(
        person=person.public_id,
        subscriber_id=person.subscriber_id,
        own=sorted(person.own),
        shared=sorted(person.shared),
        begun_at=now,
        begun_by=by,
    )
    session.add(record)
    session.flush()
    _audit(session, "rights.erasure_begun", record, by=by, now=now)
    ring_after_commit(session, BELL)
    return record


def stop_writing(session: Session, person: Person, parts: Sequence[Part], *, now: dt.datetime, quiet: Hours) -> None:
    """From now on they get nothing more, whatever becomes of what is held. `quiet` as for `begin`. Harmless twice."""
    person = people.held_still(session, person)
    for part in parts:
        if part.stop:
            part.stop(session, person, now)
    # At an address that goes on for others, what waits may have been for this person's zones alone.
    rechecking.recheck(session, person.addresses, now=now, quiet=quiet)


def under_way(session: Session) -> list[int]:
    """The ids of erasures that have something left to take away."""
    open_ones = select(ErasureRecord.id).where(ErasureRecord.finished_at.is_(None)).order_by(ErasureRecord.id)
    return list(session.scalars(open_ones))


def go_on(session: Session, record_id: int, parts: Sequence[Part], *, now: dt.datetime) -> bool:
    """Take away the next portion; whether the erasure is done. False as well while a message is under way to them.

    One worker at a time holds the record; a hold that was placed meanwhile stops it where it stands.
    """
    record = session.get(ErasureRecord, record_id, with_for_update=True, populate_existing=True)
    if record is None or record.finished_at is not None:
        return True
    person = people.still_theirs(session, _person(record))
    if holding.on(session, person, parts):
        return False
    erasing = Erasing(now, dict(record.marks), dict(record.counts))
    done = _take_step(session, record, person, parts, erasing)
    record.marks, record.counts = erasing.marks, erasing.counts
    if done and record.step == len(parts):
        record.finished_at, record.own, record.shared, record.subscriber_id = now, [], [], None
        _audit(session, "rights.erasure_finished", record, by="system", now=now, **_plain(record.counts))
    session.flush()
    return record.finished_at is not None


def progress(session: Session, record_id: int) -> object:
    """What changes whenever an erasure takes something away."""
    record = session.get_one(ErasureRecord, record_id)
    return record.step, dict(record.marks), dict(record.counts)


def _take_step(
    session: Session, record: ErasureRecord, person: Person, parts: Sequence[Part], erasing: Erasing
) -> bool:
    while record.step < len(parts):
        part = parts[record.step]
        if part.erase and not part.erase(session, person, erasing):
            return False
        record.step += 1
    return True


def _person(record: ErasureRecord) -> Person:
    # As it was when they asked: what is theirs alone cannot be told any more once the resident is gone.
    return Person(record.person, record.subscriber_id, own=frozenset(record.own), shared=frozenset(record.shared))


def _plain(counts: dict[str, int]) -> dict[str, int]:
    return {what.replace(" ", "_"): number for what, number in counts.items()}


def _audit(session: Session, action: str, record: ErasureRecord, *, by: str, now: dt.datetime, **detail: int) -> None:
    audit.record(
        session, action, actor=by, subject_kind="erasure", subject_id=record.public_id, now=now, person=record.person,
        **detail,
    )  # fmt: skip
