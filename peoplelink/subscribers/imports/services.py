"""Beginning, starting and cancelling an import, and what an officer is told of it."""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from peoplelink import audit
from peoplelink.db import ring_after_commit
from peoplelink.errors import ConflictError, InvalidInputError, NotFoundError
from peoplelink.subscribers.imports import files
from peoplelink.subscribers.imports.models import Import, ImportPiece, ImportRow, ImportStatus, RowStatus

BELL = "imports"
PIECE = 256 * 1024
"""Bytes that are held at a time."""
MOST_ASKED = 2_000
"""People whom one import may ask to confirm: as many texts as the web form sends on its busiest day."""
MOST_OPEN = 10
KEPT = dt.timedelta(days=30)
"""How long a refused row is kept, to be put right and brought again."""
NOT_STARTED = dt.timedelta(days=14)
"""After this an import that nobody started is cancelled: its people have not been asked."""
OPEN = (ImportStatus.READING, ImportStatus.READY, ImportStatus.RUNNING)
OVER = (ImportStatus.FINISHED, ImportStatus.CANCELLED, ImportStatus.UNREADABLE)


class NotReadyError(ConflictError):
    """It has been started, or its rows are still being looked at."""


@dataclass(frozen=True)
class Standing:
    """How many rows of an import stand where."""

    waiting: int = 0
    added: int = 0
    asked: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        """All that have been looked at."""
        return self.waiting + self.added + self.asked + self.refused

    @property
    def done(self) -> int:
        """Those with whom something was done."""
        return self.added + self.asked


def begin(
    session: Session,
    pieces: Callable[[], Iterable[bytes]],
    *,
    file_name: str,
    asks: bool,
    zone_ids: Collection[int] | None,
    by: str,
    now: dt.datetime,
) -> Import:
    """Keep a file, and let its rows be looked at. The same file again, while it is under way, is the same import.

    `pieces` gives the file anew each time it is called, PIECE bytes at a time. Raises InvalidInputError.
    """
    digest = _digest(pieces())
    known = session.scalar(select(Import).where(Import.digest == digest, Import.status.in_(OPEN)))
    if known is not None:
        return known
    _check_room(session)
    form = files.recognise(pieces())
    made = Import(
        status=ImportStatus.READING,
        file_name=file_name[:200],
        digest=digest,
        encoding=form.encoding,
        delimiter=form.delimiter,
        header=form.header,
        columns=form.columns,
        asks=asks,
        zone_ids=None if zone_ids is None else sorted(zone_ids),
        created_at=now,
        created_by=by,
    )
    session.add(made)
    session.flush()
    _keep(session, made, pieces())
    _audit(session, made, "begun", by=by, now=now, asks=asks)
    ring_after_commit(session, BELL)
    return made


def every(session: Session, *, limit: int) -> list[Import]:
    """The newest imports."""
    return list(session.scalars(select(Import).order_by(Import.id.desc()).limit(limit)))


def by_public_id(session: Session, public_id: str) -> Import:
    """An import; raises NotFoundError."""
    found = session.scalar(select(Import).where(Import.public_id == public_id))
    if found is None:
        raise NotFoundError("There is no such import.")
    return found


def within(one: Import, scope: Collection[int] | None) -> bool:
    """Whether somebody who may see these zones (None: all) may see an import."""
    return scope is None or (one.zone_ids is not None and set(one.zone_ids) <= set(scope))


def standing(session: Session, one: Import) -> Standing:
    """How many rows stand where."""
    counts = session.execute(
        select(ImportRow.status, func.count()).where(ImportRow.import_id == one.id).group_by(ImportRow.status)
    )
    return Standing(**{status.value: number for status, number in counts})


def some_rows(session: Session, one: Import, status: RowStatus, *, limit: int, after: int = 0) -> Sequence[ImportRow]:
    """The first rows that stand so, below a line."""
    return session.scalars(
        select(ImportRow)
        .where(ImportRow.import_id == one.id, ImportRow.status == status, ImportRow.line > after)
        .order_by(ImportRow.line)
        .limit(limit)
    ).all()


def start(session: Session, one: Import, *, by: str, now: dt.datetime) -> None:
    """Add the people of an import that an officer has looked at. Harmless twice. Raises NotReadyError."""
    one = _locked(session, one)
    if one.status in {ImportStatus.RUNNING, ImportStatus.FINISHED}:
        return
    if one.status is not ImportStatus.READY:
        raise NotReadyError("This import cannot be started now. Look at where it stands.")
    if one.asks and standing(session, one).waiting > MOST_ASKED:
        raise InvalidInputError(
            f"An import can ask at most {MOST_ASKED:,} people to confirm. Split the file, and import a part a day."
        )
    one.status, one.started_at = ImportStatus.RUNNING, now
    _audit(session, one, "started", by=by, now=now)
    ring_after_commit(session, BELL)


def cancel(session: Session, one: Import, *, by: str, now: dt.datetime) -> None:
    """Add nobody more; who has been added stays. Harmless twice."""
    one = _locked(session, one)
    if one.status in OVER:
        return
    end(session, one, ImportStatus.CANCELLED, by=by, now=now)


def end(session: Session, one: Import, status: ImportStatus, *, by: str, now: dt.datetime, problem: str = "") -> None:
    """End an import, and let go of its file. What its rows say of people goes at night, when holds are known."""
    one.status, one.finished_at, one.problem = status, now, problem or None
    let_go_of_file(session, one)
    _audit(session, one, status.value, by=by, now=now)


def let_go_of_file(session: Session, one: Import) -> None:
    """The file as it came: once its rows have been looked at it would only be a second place to erase somebody from."""
    session.execute(delete(ImportPiece).where(ImportPiece.import_id == one.id))


def speaks_of(session: Session, address_hash: str) -> bool:
    """Whether a row of an import still names somebody with this address (its keyed hash)."""
    theirs = or_(ImportRow.mobile_hash == address_hash, ImportRow.email_hash == address_hash)
    return session.scalar(select(ImportRow.line).where(theirs).limit(1)) is not None


def keeps_refused(one: Import, now: dt.datetime) -> bool:
    """Whether refused rows can still be read, to be put right. What a legal hold keeps longer is not for that."""
    over = one.finished_at is not None and now - one.finished_at >= KEPT
    return one.emptied_at is None and not over


def note_download(session: Session, one: Import, *, by: str, now: dt.datetime) -> None:
    """Somebody has taken the refused rows out, with what stands in them."""
    _audit(session, one, "refused_rows_read", by=by, now=now)


def _check_room(session: Session) -> None:
    under_way = session.scalar(select(func.count()).where(Import.status.in_(OPEN))) or 0
    if under_way >= MOST_OPEN:
        raise InvalidInputError(f"There are {MOST_OPEN} imports under way. Start or cancel one of them first")


def _digest(pieces: Iterable[bytes]) -> str:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        size += len(piece)
        if size > files.LARGEST:
            raise InvalidInputError(f"The file is larger than {files.LARGEST // 2**20} MB. Split it into parts")
        digest.update(piece)
    return digest.hexdigest()


def _keep(session: Session, one: Import, pieces: Iterable[bytes]) -> None:
    for number, data in enumerate(pieces):
        piece = ImportPiece(import_id=one.id, number=number, data=data)
        session.add(piece)
        session.flush()
        session.expunge(piece)  # or all of the file would be held until the end


def _locked(session: Session, one: Import) -> Import:
    return session.get_one(Import, one.id, with_for_update=True, populate_existing=True)


def _audit(session: Session, one: Import, act: str, *, by: str, now: dt.datetime, **detail: object) -> None:
    audit.record(session, f"import.{act}", actor=by, subject_kind="import", subject_id=one.public_id, now=now, **detail)
