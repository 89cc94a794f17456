"""Knowing that the database was restored from a backup: then nothing is sent until the gap has been accounted for.

Every few seconds a number rises in the database, and after the commit in Redis. A database whose number is lower than
what Redis holds is a copy from before: messages sent since then look unsent in it. Every slice looks before its first
claim. Where Redis was lost with the database nobody can know: then whoever restores says so (`peoplelink restored`).
"""

import datetime as dt

import structlog
from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.db import Database
from peoplelink.ids import new_public_id
from peoplelink.outbound.bulk import insert_ignoring
from peoplelink.outbound.models import Lane, RestoreWatch
from peoplelink.outbound.services import lane_of, pause_lane, resume_lane
from peoplelink.outbound.states import Urgency

log = structlog.get_logger(__name__)

RISES_EVERY = dt.timedelta(seconds=5)
WHY_PAUSED = (
    "The database was restored from a backup. Messages sent since then look unsent in it. "
    "Run the command: peoplelink restored"
)
_NAME = "sending"
_KEY = "peoplelink:watch"


def may_send(database: Database, redis: Redis, *, now: dt.datetime) -> bool:
    """Whether this is the database that we last sent from; if not, every lane is paused. Raises RedisError."""
    with database.read() as session:
        watch = session.get(RestoreWatch, _NAME)
    highest = _highest(redis, watch) if watch else None
    if watch is not None and watch.restored_at is None and _is_fresh(watch, highest, now):
        return True
    with database.transaction() as session:
        watch = _locked(session, now)
        if watch.restored_at is None and (highest or 0) > watch.number:
            begin(session, now=now)
            watch.number = highest or 0
        if watch.restored_at is None:
            watch.number, watch.noted_at = watch.number + 1, now
    # After the commit: a number that Redis has and the database has not means a restore.
    redis.zadd(_KEY, {watch.identity: watch.number}, gt=True)
    return watch.restored_at is None


def _is_fresh(watch: RestoreWatch, highest: int | None, now: dt.datetime) -> bool:
    return highest == watch.number and now - watch.noted_at < RISES_EVERY


def _highest(redis: Redis, watch: RestoreWatch) -> int | None:
    score = redis.zscore(_KEY, watch.identity)
    return None if score is None else int(score)


def _locked(session: Session, now: dt.datetime) -> RestoreWatch:
    """The row, held until the commit; made when there is none."""
    values = {"name": _NAME, "identity": new_public_id(), "number": 0, "noted_at": now}
    session.execute(insert_ignoring(session, RestoreWatch).values(values))
    row = select(RestoreWatch).where(RestoreWatch.name == _NAME)
    return session.scalars(row.with_for_update().execution_options(populate_existing=True)).one()


def is_restored(session: Session) -> bool:
    """Whether a restore is known and not accounted for."""
    return session.scalar(select(RestoreWatch.restored_at).where(RestoreWatch.name == _NAME)) is not None


def since(session: Session) -> dt.datetime | None:
    """From when on messages may have been sent that this database does not know; None when all is known."""
    return session.scalar(select(RestoreWatch.sent_since).where(RestoreWatch.name == _NAME))


def restored_at(session: Session) -> dt.datetime | None:
    """When the restore became known; None when there is none to account for."""
    return session.scalar(select(RestoreWatch.restored_at).where(RestoreWatch.name == _NAME))


def begin(session: Session, *, now: dt.datetime, sent_since: dt.datetime | None = None) -> None:
    """Pause every lane until `end`. `sent_since` is where the backup's own moment is not to be believed."""
    watch = _locked(session, now)
    log.error("database_was_restored", number=watch.number)
    watch.restored_at = watch.restored_at or now
    watch.sent_since = min(filter(None, [sent_since, watch.sent_since, watch.noted_at]))
    for name in _all_lanes():
        lane = session.get(Lane, name)
        if lane is None or lane.paused_at is None:
            pause_lane(session, name, because=WHY_PAUSED, now=now)
    session.flush()


def end(session: Session, *, now: dt.datetime) -> None:
    """Everything is accounted for: send again. A lane that waits for something else goes on waiting."""
    session.execute(update(RestoreWatch).where(RestoreWatch.name == _NAME).values(restored_at=None, sent_since=None))
    for lane in session.scalars(select(Lane).where(Lane.paused_because == WHY_PAUSED)).all():
        resume_lane(session, lane.name)
    watch = _locked(session, now)
    watch.number, watch.noted_at = watch.number + 1, now


def _all_lanes() -> list[str]:
    return [lane_of(medium, urgency) for medium in Medium for urgency in Urgency]
