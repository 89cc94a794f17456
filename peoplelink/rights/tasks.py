"""What workers and the scheduler do: erasures under way, and the nightly run."""

from collections.abc import Sequence
from time import monotonic

import structlog

from peoplelink import clock
from peoplelink.db import Database
from peoplelink.persons import Part
from peoplelink.rights import erasing, retention
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

SLICE = 5.0
"""Seconds a job works before it rings again and makes room."""


def ring(runtime: Runtime) -> None:
    """Have a worker go on with erasures, and with tonight's run."""
    with runtime.database.read() as session:
        waits = bool(erasing.under_way(session)) or retention.is_due(session, now=clock.now())
    if waits:
        runtime.jobs.ring([erasing.BELL])


def go_on(runtime: Runtime, parts: Sequence[Part]) -> None:
    """Work for one slice: erasures first, since people wait. Harmless twice: each batch is done under a lock."""
    ends = monotonic() + SLICE
    left = _erase(runtime, parts, ends)
    left = _retain(runtime, parts, ends) or left
    if left:
        runtime.jobs.ring([erasing.BELL])


def run_now(database: Database, parts: Sequence[Part]) -> list[retention.Line]:
    """Today's run at once, to its end, and what it took away: for the command. Where it was done already, one more."""
    now = clock.now()
    here = clock.in_london(now)
    with database.transaction() as session:
        run = retention.begin(session, here.date().isoformat(), now=now)
        if run.finished_at is not None:
            run = retention.begin(session, f"{here:%Y-%m-%d %H:%M:%S}", now=now)
        run_id = run.id
    while not _batch(database, run_id, parts):
        pass
    with database.read() as session:
        return retention.counted(session, run_id)


def _erase(runtime: Runtime, parts: Sequence[Part], ends: float) -> bool:
    """Whether an erasure has more to take away at once; one that waits for a message under way is rung for later."""
    with runtime.database.read() as session:
        waiting = erasing.under_way(session)
    for record_id in waiting:
        while monotonic() < ends:
            with runtime.database.transaction() as session:
                before = erasing.progress(session, record_id)
                done = erasing.go_on(session, record_id, parts, now=clock.now())
                stuck = not done and erasing.progress(session, record_id) == before
            if done or stuck:
                break
    return bool(waiting) and monotonic() >= ends


def _retain(runtime: Runtime, parts: Sequence[Part], ends: float) -> bool:
    now = clock.now()
    with runtime.database.read() as session:
        night = retention.night_of(now) if retention.is_due(session, now=now) else None
    if night is None:
        return False
    with runtime.database.transaction() as session:
        run_id = retention.begin(session, night, now=now).id
    while monotonic() < ends:
        if _batch(runtime.database, run_id, parts):
            log.info("retention_finished", night=night)
            return False
    return True


def _batch(database: Database, run_id: int, parts: Sequence[Part]) -> bool:
    with database.transaction() as session:
        return retention.go_on(session, run_id, parts, now=clock.now())
