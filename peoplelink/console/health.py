"""Whether the parts that this process needs can be reached, in words that give nothing away."""

import structlog
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from peoplelink import schema

log = structlog.get_logger(__name__)

PARTS = ("database", "redis")
_REDIS_PATIENCE = 2  # seconds; a proxy that asks whether we are ready does not wait long


def problems(engine: Engine, redis: Redis) -> dict[str, str]:
    """What is wrong, by part; empty when all is well. Never an address, a user or a password: those are in the log."""
    found = {"database": database_problem(engine), "redis": redis_problem(redis)}
    return {part: words for part, words in found.items() if words}


def database_problem(engine: Engine) -> str:
    """Empty when the database answers and has this version's schema."""
    try:
        current = schema.is_current(engine)
    except SQLAlchemyError as err:
        log.warning("database_not_reached", error=type(err).__name__)
        return "not reached"
    return "" if current else "not migrated: run `peoplelink db upgrade`"


def redis_problem(redis: Redis) -> str:
    """Empty when Redis answers, within 2 seconds."""
    asking = _impatient(redis.connection_pool)
    try:
        Redis(connection_pool=asking).ping()
    except RedisError as err:
        log.warning("redis_not_reached", error=type(err).__name__)
        return "not reached"
    finally:
        asking.disconnect()
    return ""


def _impatient(pool: ConnectionPool) -> ConnectionPool:
    # The process's own client tries ten times, more and more slowly: right for work, too slow for a probe.
    timeouts = {"socket_connect_timeout": _REDIS_PATIENCE, "socket_timeout": _REDIS_PATIENCE}
    settings = pool.connection_kwargs | timeouts | {"retry": Retry(NoBackoff(), 0)}
    return ConnectionPool(connection_class=pool.connection_class, **settings)
