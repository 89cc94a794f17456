"""What people ask by right: taken in, acknowledged, paused, settled. Each step is in the audit log."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.channels.messages import Medium
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from peoplelink.officers.models import Officer
from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.rights import acknowledging, clocks
from peoplelink.rights.models import RequestKind, RequestSource, RightsRequest

LONGEST = 5_000
LONGEST_LINE = 200
_IN_VAIN = frozenset({DeliveryStatus.FAILED, DeliveryStatus.SUPPRESSED, DeliveryStatus.EXPIRED})


@dataclass(frozen=True)
class Complaint:
    """What somebody wrote, and how to answer. Number and mailbox are in their one spelling."""

    words: str = field(repr=False)
    name: str = field(default="", repr=False)
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


def complain(session: Session, complaint: Complaint, *, address_key: str, now: dt.datetime) -> RightsRequest:
    """Take in a complaint, acknowledge it by what they gave, and tell the officers who deal with it."""
    contact = complaint.email or complaint.mobile or ""
    request = _add(
        session, RequestKind.COMPLAINT, RequestSource.WEB, by="public", now=now,
        words=complaint.words, name=complaint.name, contact=contact,
    )  # fmt: skip
    medium = Medium.EMAIL if complaint.email else Medium.SMS
    sent = acknowledging.send(session, request, medium, contact, address_key=address_key, now=now) if contact else None
    if sent is not None:
        request.delivery = sent.public_id
        _acknowledged(session, request, medium.value, by="system", now=now)
    acknowledging.tell_officers(session, request, address_key=address_key, now=now)
    return request


def ask(session: Session, kind: RequestKind, person: str, *, address_key: str, now: dt.datetime) -> None:
    """Write down what a resident (public id) asked by their own link, and tell the officers who deal with it.

    While one waits to be settled, asking again is the same request.
    """
    same = (RightsRequest.kind == kind, RightsRequest.person == person, RightsRequest.closed_at.is_(None))
    if session.scalar(select(exists().where(*same))):
        return
    request = _add(session, kind, RequestSource.WEB, by="resident", now=now, person=person)
    acknowledging.tell_officers(session, request, address_key=address_key, now=now)


def record(
    session: Session,
    kind: RequestKind,
    *,
    person: str = "",
    words: str = "",
    by: str,
    now: dt.datetime,
) -> RightsRequest:
    """Write down what somebody asked an officer, by letter, on the telephone or in person."""
    if len(words) > LONGEST:
        raise InvalidInputError(f"Shorten what they asked to {LONGEST:,} characters")
    return _add(session, kind, RequestSource.OFFICER, by=by, now=now, person=person, words=words.strip())


def _add(
    session: Session, kind: RequestKind, source: RequestSource, *, by: str, now: dt.datetime, **columns: str
) -> RightsRequest:
    request = RightsRequest(kind=kind, source=source, received_at=now, due_at=clocks.due(kind, now), **columns)
    session.add(request)
    session.flush()
    _audit(session, request, "received", by=by, now=now, kind=kind.value)
    return request


def get(session: Session, public_id: str, *, lock: bool = False) -> RightsRequest:
    """A request; raises NotFoundError."""
    query = select(RightsRequest).where(RightsRequest.public_id == public_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFoundError("There is no such request.")
    return found


def open_ones(session: Session) -> list[RightsRequest]:
    """What waits to be settled, the most urgent first."""
    waits = select(RightsRequest).where(RightsRequest.closed_at.is_(None))
    return list(session.scalars(waits.order_by(RightsRequest.due_at, RightsRequest.id)))


def settled(session: Session, *, limit: int = 50) -> list[RightsRequest]:
    """What was settled, the latest first."""
    done = select(RightsRequest).where(RightsRequest.closed_at.is_not(None))
    return list(session.scalars(done.order_by(RightsRequest.closed_at.desc(), RightsRequest.id.desc()).limit(limit)))


def in_vain(session: Session, requests: list[RightsRequest]) -> set[int]:
    """The ids of those whose acknowledgement did not arrive: an officer must find another way."""
    sent = {one.delivery: one.id for one in requests if one.delivery}
    failed = select(Delivery.public_id).where(Delivery.public_id.in_(sent), Delivery.status.in_(_IN_VAIN))
    return {sent[public_id] for public_id in session.scalars(failed)}


def acknowledge(session: Session, request: RightsRequest, how: str, *, by: Officer, now: dt.datetime) -> None:
    """An officer has told them that we have it, in some other way."""
    how = how.strip()
    if not how or len(how) > LONGEST_LINE:
        raise InvalidInputError("Say how you told them, such as: by letter")
    _check_open(request)
    _acknowledged(session, request, how, by=by.actor, now=now)
    request.delivery = ""


def pause(session: Session, request: RightsRequest, because: str, *, by: Officer, now: dt.datetime) -> None:
    """Stop the clock, because we asked who they are or what they mean; harmless twice."""
    because = because.strip()
    if not because or len(because) > LONGEST_LINE:
        raise InvalidInputError("Say what you asked them, such as: proof of who they are")
    _check_open(request)
    if request.kind is RequestKind.COMPLAINT:
        raise ConflictError("The clock of a complaint cannot be stopped: it must be acknowledged within 30 days.")
    if request.paused_at is None:
        request.paused_at, request.paused_because = now, because
        _audit(session, request, "paused", by=by.actor, now=now)


def resume(session: Session, request: RightsRequest, *, by: Officer, now: dt.datetime) -> None:
    """They have answered: the clock goes on, and the time it stood still is added."""
    if request.paused_at is not None:
        request.due_at += now - request.paused_at
        request.paused_at, request.paused_because = None, ""
        _audit(session, request, "resumed", by=by.actor, now=now)


def close(session: Session, request: RightsRequest, outcome: str, *, by: Officer, now: dt.datetime) -> None:
    """It is settled, and they were told what came of it."""
    outcome = outcome.strip()
    if not outcome or len(outcome) > LONGEST:
        raise InvalidInputError("Say what came of it, and when and how they were told")
    _check_open(request)
    request.closed_at, request.closed_by_id, request.outcome = now, by.id, outcome
    request.paused_at = None
    _audit(session, request, "closed", by=by.actor, now=now)


def _acknowledged(session: Session, request: RightsRequest, how: str, *, by: str, now: dt.datetime) -> None:
    request.acknowledged_at, request.acknowledged_how = now, how
    _audit(session, request, "acknowledged", by=by, now=now)


def _check_open(request: RightsRequest) -> None:
    if request.closed_at is not None:
        raise ConflictError("This request has been settled already.")


def _audit(session: Session, request: RightsRequest, act: str, *, by: str, now: dt.datetime, **detail: str) -> None:
    audit.record(
        session, f"rights.request_{act}", actor=by, subject_kind="rights_request", subject_id=request.public_id,
        now=now, **detail,
    )  # fmt: skip
