"""A worker that comes back by itself: RQ's own gives up when Redis goes away, and leaves its horse alone.

One process, as service managers like it: RQ's worker is made anew for as long as nobody asks to stop. What RQ knew of
the job under way may be lost with it; a job is only a bell, and the sweeper rings again.
"""

import contextlib
import datetime as dt
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker, worker_registration
from rq.exceptions import StopRequested
from rq.worker import BaseWorker

from peoplelink import ending

log = structlog.get_logger(__name__)

PAUSE = 1.0
"""Seconds before RQ's worker is made anew."""
HEARTBEAT = 15
"""Seconds between two signs of life of a worker that has nothing to do."""
AT_WORK = 30
"""The same of one that has."""
_TIDY = 60  # seconds between two looks for jobs that a dead worker has left behind


class Request:
    """Whether SIGTERM or Ctrl-C has come: kept while RQ's workers come and go."""

    def __init__(self) -> None:
        self.made = False
        self.worker: SteadyWorker | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        # However often it comes: RQ would kill the horse at the second, in the middle of its calls.
        self.made = True
        if self.worker is not None:
            self.worker.end_soon()


class SteadyWorker(Worker):
    """RQ's worker, but for how it stops, and how often it says that it lives."""

    max_connection_wait_time = 2.0

    def __init__(self, queues: Sequence[str], redis: Redis, request: Request) -> None:
        # RQ waits for a job 15 seconds less than `worker_ttl`, and says that it lives before each wait.
        super().__init__(
            [Queue(name, connection=redis) for name in queues],
            connection=redis,
            worker_ttl=HEARTBEAT + 15,
            job_monitoring_interval=AT_WORK,
            maintenance_interval=_TIDY,
        )
        self._request, self._waits = request, False

    def end_soon(self) -> None:
        """Have the horse end its slice; with no job under way, end at once."""
        self._stop_requested = True
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)
        elif self._waits:
            raise StopRequested

    def await_horse(self) -> None:
        """Wait for a horse that RQ has left alone when Redis went away: it ends by itself."""
        if self.horse_pid:
            self.wait_for_horse()
            self._horse_pid = 0

    def _install_signal_handlers(self) -> None:
        """Ours stay: RQ's write to Redis first, and when that is away leave the horse alone."""

    def subscribe(self) -> None:
        """RQ's commands from afar, which nobody here gives, would need a thread in a process that forks."""

    def unsubscribe(self) -> None:
        """See `subscribe`."""

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """Wait for a job; a request to stop breaks the wait off."""
        self._waits = True
        try:
            if self._request.made:
                raise StopRequested
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        finally:
            self._waits = False

    def setup_work_horse_signals(self) -> None:
        """In the horse: SIGTERM ends the slice, whoever sent it; Ctrl-C is for the worker."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ending.listen(int(self.pid or 0))

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that we live, and who we are: after a flush of Redis nobody would know."""
        super().heartbeat(timeout, pipeline)
        worker_registration.register(self, pipeline)
        (self.connection if pipeline is None else pipeline).hset(self.key, mapping=self.serialize())


@dataclass(frozen=True)
class Living:
    """A worker as it last described itself."""

    host: str
    pid: int
    queues: tuple[str, ...]
    bell: str
    """What it works on; empty while it waits."""
    since: dt.datetime | None
    """Since when it has worked on that."""
    seen_at: dt.datetime


def living(redis: Redis, *, now: dt.datetime) -> list[Living]:
    """The workers that have shown a sign of life lately. Raises RedisError."""
    found = [_living(worker) for worker in Worker.all(connection=redis) if worker.last_heartbeat]
    alive = [one for one in found if now - one.seen_at < dt.timedelta(seconds=2 * AT_WORK)]
    return sorted(alive, key=lambda one: (one.host, one.pid))


def _living(worker: BaseWorker) -> Living:
    job = worker.get_current_job()
    return Living(
        host=worker.hostname or "?",
        pid=worker.pid or 0,
        queues=tuple(worker.queue_names()),
        bell=str(job.args[0]) if job else "",
        since=_utc(job.started_at) if job else None,
        seen_at=_utc(worker.last_heartbeat) or dt.datetime.min.replace(tzinfo=dt.UTC),
    )


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    # RQ's moments are UTC, with or without saying so.
    return None if moment is None else moment.replace(tzinfo=dt.UTC)


def run(queues: Sequence[str], redis: Redis) -> None:
    """Work on these queues, in this order, until SIGTERM or SIGINT; back when the slice under way has ended."""
    request = Request()
    while not request.made:
        _work(queues, redis, request)
        if not request.made:
            time.sleep(PAUSE)


def _work(queues: Sequence[str], redis: Redis, request: Request) -> None:
    """Be RQ's worker for as long as that goes well."""
    try:
        request.worker = SteadyWorker(queues, redis, request)
        request.worker.work(logging_level="WARNING")
    except (RedisError, StopRequested) as error:
        log.warning("worker_made_anew", because=type(error).__name__)
    finally:
        if request.worker is not None:
            request.worker.await_horse()
            request.worker = None
