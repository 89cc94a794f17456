"""What the nightly run takes away of imports: those that nobody started, and what stood in refused rows."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from peoplelink.outbound.models import Address
from peoplelink.persons import Due, Purger, RecordClass, counting
from peoplelink.subscribers.imports import services
from peoplelink.subscribers.imports.models import Import, ImportRow, ImportStatus, RowStatus


def _held(due: Due) -> ColumnElement[bool]:
    """Rows that speak of an address a legal hold names."""
    hashes = select(Address.hash).where(Address.id.in_(due.held.addresses))
    # A row without a number has no hash at all: NULL must not make it one that is held.
    return func.coalesce(or_(ImportRow.mobile_hash.in_(hashes), ImportRow.email_hash.in_(hashes)), False)


def _not_started(due: Due) -> Sequence[ColumnElement[bool]]:
    return (Import.status == ImportStatus.READY, Import.created_at <= due.now - services.NOT_STARTED)


def _cancel(session: Session, due: Due, limit: int) -> int:
    wanted = select(Import).where(*_not_started(due)).order_by(Import.id).limit(limit).with_for_update()
    # Locked, and asked again after the wait: an officer may be starting it.
    found = list(session.scalars(wanted.execution_options(populate_existing=True)))
    for one in found:
        services.end(session, one, ImportStatus.CANCELLED, by="system", now=due.now)
    return len(found)


def _over(due: Due) -> ColumnElement[bool]:
    """Imports that ended so long ago that refused rows have been put right by now."""
    return _ended() & (Import.finished_at <= due.now - services.KEPT)


def _ended() -> ColumnElement[bool]:
    return Import.status.in_(services.OVER) & Import.emptied_at.is_(None)


def _full() -> ColumnElement[bool]:
    """Rows in which something of a person is left."""
    cells = cast(ImportRow.cells, String) != "{}"
    return cells | ImportRow.mobile_hash.is_not(None) | ImportRow.email_hash.is_not(None)


def _rows(due: Due, *others: ColumnElement[bool]) -> Sequence[ColumnElement[bool]]:
    """Of a cancelled import at once what was not refused: nobody is to be added from it any more."""
    left = ImportRow.status == RowStatus.WAITING
    over = or_(_over(due), left & or_(_ended(), *others))
    return (Import.id == ImportRow.import_id, over, _full(), ~_held(due))


def _to_be_emptied(due: Due) -> Sequence[ColumnElement[bool]]:
    """The same before the purger above has cancelled what nobody started, for a dry run."""
    return _rows(due, and_(*_not_started(due)))


def _empty(session: Session, due: Due, limit: int) -> int:
    """Of one import at a time: its rows are found by the key, however many imports there were."""
    one = session.scalar(select(ImportRow.import_id).where(*_rows(due)).order_by(ImportRow.import_id).limit(1))
    if one is None:
        _note_emptied(session, due)
        return 0
    theirs = select(ImportRow.line).where(*_rows(due), ImportRow.import_id == one).limit(limit)
    lines = list(session.scalars(theirs))
    emptied = update(ImportRow).where(ImportRow.import_id == one, ImportRow.line.in_(lines))
    values = emptied.values(cells={}, mobile_hash=None, email_hash=None)
    session.execute(values.execution_options(synchronize_session=False))
    session.expire_all()
    return len(lines)


def _note_emptied(session: Session, due: Due) -> None:
    left = exists().where(ImportRow.import_id == Import.id, _full())
    emptied = update(Import).where(_over(due), ~left).values(emptied_at=due.now)
    session.execute(emptied.execution_options(synchronize_session=False))


PURGERS = (
    Purger(RecordClass.SIGN_UPS, "imports that nobody started", counting(Import, _not_started), _cancel),
    Purger(RecordClass.SIGN_UPS, "rows of imports", counting(ImportRow, _to_be_emptied), _empty),
)
