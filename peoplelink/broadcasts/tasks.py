"""What workers and the scheduler do for broadcasts. Running any of it twice is harmless."""

from collections.abc import Callable, Sequence

import structlog

from peoplelink import clock
from peoplelink.broadcasts import audience, digests, releasing, scheduling, settling, withdrawing
from peoplelink.broadcasts.models import Broadcast
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)


def release(runtime: Runtime) -> None:
    """Release every broadcast that waits for it, a range of addresses in each transaction.

    One that fails does not keep the others waiting; the scheduler rings for it again.
    """
    with runtime.database.read() as session:
        waiting = releasing.waiting(session)
    _each(runtime, waiting, _release)


def refresh(runtime: Runtime) -> None:
    """Every 30 seconds: end what is over, and ring again for a release that was left behind."""
    with runtime.database.transaction() as session:
        releasing.ring_if_left_behind(session)
        withdrawing.ring_if_left_behind(session)
    with runtime.database.read() as session:
        under_way = settling.under_way(session)
    _each(runtime, under_way, _refresh)


def release_due(runtime: Runtime) -> None:
    """Every few seconds: send the scheduled broadcasts whose time has come."""
    with runtime.database.transaction() as session:
        scheduling.release_due(session, now=clock.now())


def cancel(runtime: Runtime) -> None:
    """Take back what waits of cancelled broadcasts, some in each transaction."""
    more = True
    while more:
        with runtime.database.transaction() as session:
            more = withdrawing.next_part(session, now=clock.now())


def ring_for_digests(runtime: Runtime) -> None:
    """Every half minute: ring when the emails of a day or week are due."""
    with runtime.database.transaction() as session:
        digests.ring_if_due(session, now=clock.now())


def send_digests(runtime: Runtime) -> None:
    """Make the emails of a day or week that are due, for some residents in each transaction."""
    more = True
    while more:
        with runtime.database.transaction() as session:
            more = digests.next_part(session, now=clock.now(), quiet=runtime.config.quiet_hours)


def _each(runtime: Runtime, broadcast_ids: Sequence[int], do: Callable[[Runtime, int], None]) -> None:
    failures: list[Exception] = []
    for broadcast_id in broadcast_ids:
        try:
            do(runtime, broadcast_id)
        except Exception as err:
            log.exception("broadcast_failed", broadcast=broadcast_id)
            failures.append(err)
    if failures:
        raise failures[0]


def _refresh(runtime: Runtime, broadcast_id: int) -> None:
    # A transaction each: the digest at the end of a large one takes seconds.
    with runtime.database.transaction() as session:
        settling.refresh(session, broadcast_id, now=clock.now())


def _release(runtime: Runtime, broadcast_id: int) -> None:
    # Counting reads only: in the writing session it would keep every other writer of SQLite waiting.
    with runtime.database.read() as session:
        broadcast = session.get_one(Broadcast, broadcast_id)
        counted = None if broadcast.dispatch_id else audience.count(session, broadcast, now=clock.now())
    if counted is not None:
        with runtime.database.transaction() as session:
            releasing.start(session, broadcast_id, counted, now=clock.now())
    more = True
    while more:
        with runtime.database.transaction() as session:
            quiet, others = runtime.config.quiet_hours, runtime.database
            more = releasing.next_range(session, broadcast_id, now=clock.now(), quiet=quiet, others=others)
