"""How many messages of a lane were handed over lately: counted in Redis, once a slice, for officers to look at.

The deliveries themselves hold when each was sent, but an index on that would cost every send more than this does.
"""

import time

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

WINDOW = 60
"""Seconds that the rate is worked out over."""
_STEP = 5


def note(redis: Redis, lane: str, number: int) -> None:
    """Count `number` more; nobody is harmed when that fails."""
    if not number:
        return
    key = _key(lane, _step())
    try:
        with redis.pipeline() as pipeline:
            pipeline.incrby(key, number)
            pipeline.expire(key, 2 * WINDOW)
            pipeline.execute()
    except RedisError as error:
        log.warning("rate_not_noted", error=type(error).__name__)


def last_minute(redis: Redis, lane: str) -> int:
    """How many were handed over in the last minute, give or take a slice. Raises RedisError."""
    now = _step()
    counts = redis.mget([_key(lane, step) for step in range(now - WINDOW // _STEP + 1, now + 1)])
    return sum(int(count) for count in counts if count)


def _step() -> int:
    return int(time.time()) // _STEP


def _key(lane: str, step: int) -> str:
    return f"peoplelink:rate:{lane}:{step}"
