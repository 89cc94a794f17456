"""Jobs: drain a lane for a slice; sweep up after lost bells and killed workers. Both harmless when run twice."""

import datetime as dt

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.db import ring_after_commit
from peoplelink.outbound import watch
from peoplelink.outbound.advance import Move, advance
from peoplelink.outbound.engine import drain
from peoplelink.outbound.models import Delivery, Lane
from peoplelink.outbound.publishing import by_dispatch
from peoplelink.outbound.standing import stands_at
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

_SWEEP_BATCH = 5000


def drain_lane(runtime: Runtime, lane: str) -> None:
    """Send what waits in a lane for at most a slice, and ring again while work is left.

    Claims are conditional: two drains of one lane share the work. First it looks whether the database was restored.
    """
    if not _may_send(runtime):
        return
    if drain(runtime, lane):
        runtime.jobs.ring([f"lane:{lane}"])


def sweep(runtime: Runtime) -> None:
    """Ring for lanes where messages wait, and name as unconfirmed what a dead worker left under way.

    The database is the queue: this finds all that a flushed Redis or a lost bell has left behind.
    """
    now = clock.now()
    _may_send(runtime)
    with runtime.database.transaction() as session:
        _name_orphans(session, runtime, now=now)
        _end_holds(session, now=now)
        for lane in session.scalars(_waiting_lanes(now)):
            ring_after_commit(session, f"lane:{lane}")
        if session.scalar(_doubts(now)):
            ring_after_commit(session, "reconcile")


def _may_send(runtime: Runtime) -> bool:
    try:
        return watch.may_send(runtime.database, runtime.redis, now=clock.now())
    except RedisError as error:
        # Not knowing is no leave to send; the sweeper rings when Redis is back.
        log.warning("restore_not_ruled_out", error=type(error).__name__)
        return False


def _doubts(now: dt.datetime) -> Select[bool]:
    return select(exists().where(stands_at(DeliveryStatus.UNCONFIRMED), Delivery.look_up_at <= now))


def _name_orphans(session: Session, runtime: Runtime, *, now: dt.datetime) -> None:
    orphans = session.execute(
        select(Delivery.id, Delivery.attempt)
        .where(stands_at(DeliveryStatus.SENDING), Delivery.lease_until < now)
        .limit(_SWEEP_BATCH)
    ).all()
    moves = [Move(row.id, row.attempt, DeliveryStatus.UNCONFIRMED) for row in orphans]
    moved = advance(session, moves, timing=runtime.config.timing, now=now)
    if moved:
        log.warning("deliveries_unconfirmed", count=len(moved))
        # A dead worker says nothing of the messages: they do not count as failures of their dispatch.
        for listener in runtime.listeners.settled:
            listener(session, by_dispatch(moved), now)


def _end_holds(session: Session, *, now: dt.datetime) -> None:
    """Back into the queue with what was held until now; the claim looks at everything again."""
    due = update(Delivery).where(stands_at(DeliveryStatus.HELD), Delivery.not_before <= now)
    session.execute(
        due.values(status=DeliveryStatus.QUEUED, held_because=None, not_before=None).execution_options(
            synchronize_session=False
        )
    )


def _waiting_lanes(now: dt.datetime) -> Select[str]:
    paused = select(Lane.name).where(Lane.paused_at.is_not(None))
    return (
        select(Delivery.lane)
        .where(
            stands_at(DeliveryStatus.QUEUED),
            Delivery.lane.not_in(paused),
            Delivery.not_before.is_(None) | (Delivery.not_before <= now),
        )
        .distinct()
    )
