"""A resident objects to our public task, or takes it back: while it stands, no new report is made of what they say."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.subscribers.models import Objection, Subscriber

SAID = (
    "This resident objects to our use of what they write. No report may be made of it until the data protection "
    "officer has decided. In danger, call the police."
)


def object_(session: Session, subscriber: Subscriber, *, by: str, now: dt.datetime) -> bool:
    """Note that they object; whether that is new. `by` as the audit log names them."""
    if not _lock(session, subscriber) or stands(session, subscriber.id):
        return False
    session.add(Objection(subscriber_id=subscriber.id, at=now))
    _audit(session, "rights.objected", subscriber, by=by, now=now)
    return True


def end(session: Session, subscriber: Subscriber, *, by: str, now: dt.datetime) -> bool:
    """Note that they object no more, or that it was decided against them; whether they did."""
    _lock(session, subscriber)
    objection = session.get(Objection, subscriber.id)
    if objection is None:
        return False
    session.delete(objection)
    _audit(session, "rights.objection_ended", subscriber, by=by, now=now)
    return True


def stands(session: Session, subscriber_id: int | None) -> bool:
    """Whether a resident objects."""
    return subscriber_id is not None and session.get(Objection, subscriber_id) is not None


def _lock(session: Session, subscriber: Subscriber) -> bool:
    """Let one of two presses of the button wait for the other; whether the resident is still there."""
    locked = select(Subscriber.id).where(Subscriber.id == subscriber.id).with_for_update()
    return session.scalar(locked) is not None


def _audit(session: Session, action: str, subscriber: Subscriber, *, by: str, now: dt.datetime) -> None:
    audit.record(session, action, actor=by, subject_kind="resident", subject_id=subscriber.public_id, now=now)
    session.flush()
