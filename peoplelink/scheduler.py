"""The clock of the installation: does the periodic tasks. Of several schedulers one holds the lease and acts."""

import datetime as dt
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.ids import new_public_id
from peoplelink.outbound.models import SchedulerLease
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

LEASE = "periodic"
ROUND = 5.0
"""Seconds between two renewals, or a sixth of the lease where that is less."""

Task = Callable[[Runtime], None]


def take(session: Session, holder: str, *, lasts: dt.timedelta, now: dt.datetime) -> int | None:
    """Take the lease if it is free or has run out: its new fencing number, or None while another holds it."""
    taken = update(SchedulerLease).where(SchedulerLease.name == LEASE, SchedulerLease.expires_at <= now)
    values = {"holder": holder, "fence": SchedulerLease.fence + 1, "expires_at": now + lasts}
    fence = session.scalar(taken.values(values).returning(SchedulerLease.fence))
    if fence is not None or session.get(SchedulerLease, LEASE) is not None:
        return fence
    try:
        with session.begin_nested():
            session.add(SchedulerLease(name=LEASE, holder=holder, fence=1, expires_at=now + lasts))
    except IntegrityError:
        return None  # another was first; the name is the primary key
    return 1


def renew(session: Session, fence: int, *, lasts: dt.timedelta, now: dt.datetime) -> bool:
    """Hold the lease longer; False once another has taken it, however late we come."""
    mine = update(SchedulerLease).where(SchedulerLease.name == LEASE, SchedulerLease.fence == fence)
    return session.scalar(mine.values(expires_at=now + lasts).returning(SchedulerLease.fence)) is not None


def give_up(session: Session, fence: int, *, now: dt.datetime) -> None:
    """Let go of the lease, so that another need not wait for it to run out."""
    session.execute(
        update(SchedulerLease).where(SchedulerLease.name == LEASE, SchedulerLease.fence == fence).values(expires_at=now)
    )


class Scheduler:
    """One process of perhaps several. A task that raises is logged; the others go on."""

    def __init__(self, runtime: Runtime, tasks: Sequence[tuple[float, Task]]) -> None:
        self._runtime, self._tasks = runtime, tasks
        self._lasts = dt.timedelta(seconds=runtime.config.timing.scheduler_lease)
        self._due = [0.0] * len(tasks)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{new_public_id()[:8]}"
        self._fence: int | None = None

    def round(self) -> bool:
        """Take or renew the lease; do what is due if we hold it. Whether we hold it."""
        try:
            self._hold()
        except SQLAlchemyError:
            log.exception("scheduler_lease_unknown")
            return False
        if self._fence is None:
            return False
        for index, (seconds, task) in enumerate(self._tasks):
            if time.monotonic() >= self._due[index]:
                self._due[index] = time.monotonic() + seconds
                self._do(task)
        return True

    def close(self) -> None:
        """Hand over to whoever waits; should the database be away, they wait until the lease runs out."""
        if self._fence is None:
            return
        try:
            with self._runtime.database.transaction() as session:
                give_up(session, self._fence, now=clock.now())
        except SQLAlchemyError as error:
            log.warning("scheduler_lease_not_given_up", error=type(error).__name__)
        self._fence = None

    def _hold(self) -> None:
        held = self._fence
        with self._runtime.database.transaction() as session:
            if held is not None and renew(session, held, lasts=self._lasts, now=clock.now()):
                return
            self._fence = take(session, self._holder, lasts=self._lasts, now=clock.now())
        if self._fence != held:
            log.info("scheduler_lease", holding=self._fence is not None, fence=self._fence or held)

    def _do(self, task: Task) -> None:
        try:
            task(self._runtime)
        except Exception:
            log.exception("periodic_task_failed", task=f"{task.__module__}.{task.__name__}")


def run(runtime: Runtime, tasks: Sequence[tuple[float, Task]]) -> None:
    """Be a scheduler until SIGTERM or SIGINT; the task under way is finished first."""
    stop = threading.Event()
    scheduler = Scheduler(runtime, tasks)
    for number in (signal.SIGTERM, signal.SIGINT):
        # From a thread: the handler may interrupt the wait below while that holds the event's own lock.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
    while not stop.is_set():
        scheduler.round()
        stop.wait(min(ROUND, runtime.config.timing.scheduler_lease / 6))
    scheduler.close()
