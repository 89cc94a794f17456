"""The doorbell: RQ queues, and how a bell becomes a job. A job says "there may be work"; the database is the queue.

Bells: "lane:<lane name>" (messages wait), "webhooks" (provider requests wait), "release" (a broadcast waits), "digests"
(the emails of a day or week are due), "reconcile" (outcomes are unknown), "catch-up" (the provider may hold texts that
did not reach us), "receipts" (some have not come), "imports" (rows of a file wait), "rights" (an erasure is under
way, or the night's run is due).
"""

from collections.abc import Iterable
from threading import Lock, Timer
from typing import Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue

from peoplelink.ids import new_public_id

log = structlog.get_logger(__name__)

URGENT, INBOUND, BULK = "urgent", "inbound", "bulk"
QUEUES = (URGENT, INBOUND, BULK)
"""In the order in which a worker listens; one worker never takes the last."""

ENTRY_POINT = "peoplelink.app.run_bell"
_QUEUE_OF = {
    "webhooks": INBOUND,
    "release": BULK,
    "cancel": INBOUND,
    "digests": BULK,
    "reconcile": INBOUND,
    "catch-up": INBOUND,
    "receipts": BULK,
    "imports": BULK,
    "rights": BULK,
}
_RUNG_SECONDS, _GRACE = 60, 5
"""A rung bell is not rung again while its job waits, however long that is. A job that has been lost (its worker was
killed in the moment of taking it) is missed after the grace."""
_STAY_SECONDS = 5
_SOON_SECONDS = 0.05
# In one step, and one call: receipts ring by the hundred. KEYS: the mark, who stays, the queue; ARGV: the job, seconds.
_RING = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local waiting = redis.call('GET', KEYS[1])
if waiting then
  if redis.call('TTL', KEYS[1]) > tonumber(ARGV[2]) - tonumber(ARGV[3]) then return 0 end
  if redis.call('LPOS', KEYS[3], waiting) then
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""
_FAILURE_TTL = 3600  # the log tells what happened; the bell has been rung again since


class Jobs(Protocol):
    """Rings bells."""

    def ring(self, bells: Iterable[str]) -> None:
        """Put a job for each bell on its queue, unless one already waits there, or somebody stays for it."""
        ...

    def ring_soon(self, bell: str) -> None:
        """Ring within the next moment, once for all who ask meanwhile; never raises. Whoever asks does not wait."""
        ...

    def answered(self, bell: str) -> None:
        """Say that a worker has begun on what waits behind this bell."""
        ...

    def stay(self, bell: str, by: str) -> bool:
        """Stay for what comes in the next seconds: whoever rings meanwhile needs no new job. False: another stays.

        Ends with `leave`, after which the worker must look once more.
        """
        ...

    def leave(self, bell: str, by: str) -> None:
        """Stay no longer; harmless for one who did not."""
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
        self._ring = redis.register_script(_RING)
        self._soon: set[str] = set()
        self._asking = Lock()

    def ring(self, bells: Iterable[str]) -> None:
        """Put a job for each bell on its queue, unless one already waits there, or somebody stays for it."""
        for bell in bells:
            queue, job = self._queues[queue_of(bell)], new_public_id()
            if self._ring(keys=[_mark(bell), _stays(bell), queue.key], args=[job, _RUNG_SECONDS, _GRACE]):
                # No time-out: RQ's alarm inside an event loop loses messages; slices keep their own time.
                queue.enqueue(ENTRY_POINT, bell, job_id=job, job_timeout=-1, result_ttl=0, failure_ttl=_FAILURE_TTL)

    def ring_soon(self, bell: str) -> None:
        """Ring within the next moment. A process that is killed before leaves it to the sweeper."""
        with self._asking:
            if bell in self._soon:
                return
            self._soon.add(bell)
        Timer(_SOON_SECONDS, self._ring_now, [bell]).start()

    def _ring_now(self, bell: str) -> None:
        with self._asking:
            self._soon.discard(bell)  # first: whoever asks from now on may be too late for this one
        try:
            self.ring([bell])
        except RedisError:
            log.exception("bells_not_rung", bells=[bell])

    def answered(self, bell: str) -> None:
        """Say that a worker has begun: from now on a new ring makes a new job."""
        self._redis.delete(_mark(bell))

    def stay(self, bell: str, by: str) -> bool:
        """Stay for what comes in the next seconds; False where another does."""
        if self._redis.set(_stays(bell), by, nx=True, ex=_STAY_SECONDS):
            return True
        return self._stays(bell, by) and bool(self._redis.expire(_stays(bell), _STAY_SECONDS))

    def leave(self, bell: str, by: str) -> None:
        """Stay no longer: from now on a ring makes a job again."""
        if self._stays(bell, by):
            self._redis.delete(_stays(bell))

    def _stays(self, bell: str, by: str) -> bool:
        return bool(self._redis.get(_stays(bell)) == by.encode())


class RecordedJobs:
    """Bells kept in a list: for tests and commands that run the tasks themselves."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, bells: Iterable[str]) -> None:
        """Note the bells."""
        self.rung.extend(sorted(bells))

    def ring_soon(self, bell: str) -> None:
        """Note it at once."""
        self.rung.append(bell)

    def answered(self, bell: str) -> None:
        """Nothing to do."""

    def stay(self, bell: str, by: str) -> bool:  # noqa: ARG002 - the protocol's
        """Nobody waits for more: whoever runs the tasks by hand has rung for all there is."""
        return False

    def leave(self, bell: str, by: str) -> None:
        """Nothing to do."""


def _mark(bell: str) -> str:
    return f"peoplelink:bell:{bell}"


def _stays(bell: str) -> str:
    return f"peoplelink:stays:{bell}"
