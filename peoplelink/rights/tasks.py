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
    """Have a worker go on with erasures, and with the runs of retention."""
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
    """A run of its own to its end, after those under way, and what all of them took away: for the command."""
    with database.transaction() as session:
        retention.begin_by_hand(session, now=clock.now())
        waiting = retention.unfinished(session)
    for run_id in waiting:
        while not _batch(database, run_id, parts):
            pass
    with database.read() as session:
        return retention.counted(session, waiting)


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
        if not retention.is_due(session, now=now):
            return False
    with runtime.database.transaction() as session:
        retention.begin_tonight(session, now=now)
        waiting = retention.unfinished(session)
    while waiting and monotonic() < ends:
        if _batch(runtime.database, waiting[0], parts):
            log.info("retention_finished", run=waiting.pop(0))
    return bool(waiting)


def _batch(database: Database, run_id: int, parts: Sequence[Part]) -> bool:
    with database.transaction() as session:
        return retention.go_on(session, run_id, parts, now=clock.now())
