"""What the nightly run takes away here: requests that nobody confirmed, places on the waiting list, ended consent."""

import operator
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from peoplelink.outbound import forgetting
from peoplelink.outbound.models import Address
from peoplelink.persons import Due, Purger, RecordClass, counting, purger
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.imports.purging import PURGERS as OF_IMPORTS
from peoplelink.subscribers.models import ConsentAction, ConsentRecord, SignUp, SignUpAddress


def _ran_out(due: Due) -> ColumnElement[bool]:
    """Requests that are old enough, and whose link works no more."""
    return (SignUp.created_at < due.before) & (SignUp.expires_at <= due.now)


def _stays(due: Due) -> ColumnElement[bool]:
    """Addresses of requests that are evidence of a consent, held, or written to at this moment."""
    return or_(
        SignUpAddress.confirmed_at.is_not(None),
        SignUpAddress.address_id.in_(due.held.addresses),
        func.coalesce(SignUp.subscriber_id, 0).in_(due.held.subscribers),
        forgetting.under_way(SignUpAddress.address_id),
    )


def _unconfirmed(due: Due) -> Sequence[ColumnElement[bool]]:
    return (SignUp.id == SignUpAddress.sign_up_id, _ran_out(due), ~_stays(due))


def _purge_unconfirmed(session: Session, due: Due, limit: int) -> int:
    """Forget what was to be confirmed, with the numbers and mailboxes that nobody else has and what we sent there.

    Of a request that one address confirmed, only the others are forgotten.
    """
    asked = tuple_(SignUpAddress.sign_up_id, SignUpAddress.address_id)
    wanted = select(SignUpAddress.sign_up_id, SignUpAddress.address_id).where(*_unconfirmed(due))
    found = session.execute(wanted.order_by(SignUpAddress.sign_up_id).limit(limit))
    rows = [(row.sign_up_id, row.address_id) for row in found]
    addresses = forgetting.lock(session, {address_id for _sign_up_id, address_id in rows})
    # A click in the last second may have been written down while we waited for the lock.
    gone = delete(SignUpAddress).where(asked.in_(rows), SignUpAddress.confirmed_at.is_(None))
    session.execute(gone.execution_options(synchronize_session=False))
    forgetting.forget_addresses(session, addresses)
    session.expire_all()  # rows were deleted behind its back
    return len(rows)


def _empty(due: Due) -> Sequence[ColumnElement[bool]]:
    """Requests that have no address any more: taken by the purger above, or by a STOP before."""
    return _unanswered(due, left=SignUpAddress.sign_up_id == SignUp.id)


def _to_be_empty(due: Due) -> Sequence[ColumnElement[bool]]:
    """The same before the purger above has run, for a dry run."""
    return _unanswered(due, left=(SignUpAddress.sign_up_id == SignUp.id) & _stays(due))


def _unanswered(due: Due, *, left: ColumnElement[bool]) -> Sequence[ColumnElement[bool]]:
    return (_ran_out(due), or_(SignUp.subscriber_id.is_(None), SignUp.is_change), ~exists().where(left))


def _waited(due: Due) -> Sequence[ColumnElement[bool]]:
    """Places on the list that nobody confirmed in time, or that were kept for twelve months."""
    held = Waiting.address_id.in_(due.held.addresses)
    return (Waiting.expires_at <= due.now, ~held, ~forgetting.under_way(Waiting.address_id))


def _purge_waited(session: Session, due: Due, limit: int) -> int:
    found = select(Waiting.id, Waiting.address_id).where(*_waited(due)).order_by(Waiting.id).limit(limit)
    rows = {row.id: row.address_id for row in session.execute(found)}
    addresses = forgetting.lock(session, rows.values())
    # As above: who confirms their place has another year.
    gone = delete(Waiting).where(Waiting.id.in_(rows), Waiting.expires_at <= due.now)
    session.execute(gone.execution_options(synchronize_session=False))
    forgetting.forget_addresses(session, addresses)
    session.expire_all()
    return len(rows)


def _ended(due: Due) -> Sequence[ColumnElement[bool]]:
    """Consent that ended so long ago, with all that was said before its end: life of the consent, and the time after.

    It has ended when the newest line of a resident at an address withdraws it, or the resident is no more.
    """
    line, last, later = ConsentRecord, aliased(ConsentRecord), aliased(ConsentRecord)
    # One pair at a time, by the index of its hash: asked of all pairs at once, SQLite asks again for every line.
    newer = exists().where(*_same(later, last), later.id > last.id)
    over = or_(last.action == ConsentAction.WITHDRAWN, last.subscriber_id.is_(None))
    ended = exists().where(*_same(last, line), last.at < due.before, over, ~newer)
    held = select(Address.hash).where(Address.id.in_(due.held.addresses))
    return (ended, line.address_hash.not_in(held))


def _same(one: type[ConsentRecord], other: type[ConsentRecord]) -> Sequence[ColumnElement[bool]]:
    """Whether two lines speak of the same resident at the same address."""
    residents = (func.coalesce(line.subscriber_id, 0) for line in (one, other))
    return (one.address_hash == other.address_hash, operator.eq(*residents))


def _purge_consent(session: Session, due: Due, limit: int) -> int:
    # All lines of a pair go together, or the one that says it ended would go first: their number is small.
    del limit
    ids = list(session.scalars(select(ConsentRecord.id).where(*_ended(due))))
    for start in range(0, len(ids), 500):
        session.execute(delete(ConsentRecord).where(ConsentRecord.id.in_(ids[start : start + 500])))
    return len(ids)


PURGERS = (
    *OF_IMPORTS,
    Purger(
        RecordClass.SIGN_UPS,
        "numbers and mailboxes that nobody confirmed",
        counting(SignUpAddress, _unconfirmed),
        _purge_unconfirmed,
    ),
    replace(
        purger(RecordClass.SIGN_UPS, "requests to join that nobody confirmed", SignUp, _empty),
        count=counting(SignUp, _to_be_empty),
    ),
    Purger(RecordClass.SIGN_UPS, "places on the waiting list", counting(Waiting, _waited), _purge_waited),
    Purger(RecordClass.CONSENT, "lines of the consent ledger", counting(ConsentRecord, _ended), _purge_consent),
)
