"""The doorbell: RQ queues, and how a bell becomes a job. A job says "there may be work"; the database is the queue.

Bells: "lane:<lane name>" (messages wait), "webhooks" (provider requests wait), "release" (a broadcast waits),
"reconcile" (outcomes are unknown), "catch-up" (the provider may hold texts that did not reach us), "receipts" (some
have not come).
"""

from collections.abc import Iterable
from typing import Protocol

from redis import Redis
from rq import Queue

URGENT, INBOUND, BULK = "urgent", "inbound", "bulk"
QUEUES = (URGENT, INBOUND, BULK)
"""In the order in which a worker listens; one worker never takes the last."""

ENTRY_POINT = "peoplelink.app.run_bell"
_QUEUE_OF = {
    "webhooks": INBOUND,
    "release": BULK,
    "cancel": INBOUND,
    "reconcile": INBOUND,
    "catch-up": INBOUND,
    "receipts": BULK,
}
# A rung bell is not rung again until it has been answered. Should the job be lost, the mark runs out by itself.
_RUNG_SECONDS = 5
_FAILURE_TTL = 3600  # the log tells what happened; the bell has been rung again since


class Jobs(Protocol):
    """Rings bells."""

    def ring(self, bells: Iterable[str]) -> None:
        """Put a job for each bell on its queue, unless one already waits there."""
        ...

    def answered(self, bell: str) -> None:
        """Say that a worker has begun on what waits behind this bell."""
        ...

    def still_answering(self, bell: str) -> None:
        """Say that a worker stays at it for another few seconds: whoever rings meanwhile needs no new job.

        Ends with `answered`, after which the worker must look once more.
        """
        ...


def queue_of(bell: str) -> str:
    """The queue whose workers answer a bell."""
    kind, _, rest = bell.partition(":")
    if kind == "lane":
        return URGENT if rest.endswith(":urgent") else BULK
    return _QUEUE_OF[kind]


class RqJobs:
    """Bells rung through RQ."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {name: Queue(name, connection=redis) for name in QUEUES}

    def ring(self, bells: Iterable[str]) -> None:
        """Put a job for each bell on its queue, unless one already waits there."""
        for bell in bells:
            if self._redis.set(_mark(bell), 1, nx=True, ex=_RUNG_SECONDS):
                # No time-out: RQ's alarm inside an event loop loses messages; slices keep their own time.
                self._queues[queue_of(bell)].enqueue(
                    ENTRY_POINT, bell, job_timeout=-1, result_ttl=0, failure_ttl=_FAILURE_TTL
                )

    def answered(self, bell: str) -> None:
        """Say that a worker has begun: from now on a new ring makes a new job."""
        self._redis.delete(_mark(bell))

    def still_answering(self, bell: str) -> None:
        """Say that a worker stays at it: for now a ring makes no new job."""
        self._redis.set(_mark(bell), 1, ex=_RUNG_SECONDS)


class RecordedJobs:
    """Bells kept in a list: for tests and commands that run the tasks themselves."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, bells: Iterable[str]) -> None:
        """Note the bells."""
        self.rung.extend(sorted(bells))

    def answered(self, bell: str) -> None:
        """Nothing to do."""

    def still_answering(self, bell: str) -> None:
        """Nothing to do."""


def _mark(bell: str) -> str:
    return f"peoplelink:bell:{bell}"
