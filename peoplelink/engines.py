"""Engines for a database URL: how patient they are, what becomes of connections in an outage or a fork."""

import math
import os
import sqlite3
import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from psycopg.errors import IdleInTransactionSessionTimeout
from sqlalchemy import URL, Engine, ExceptionContext, Pool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

BEGIN_MODE = "sqlite_begin"
"""The execution option by which whoever opens a session says how SQLite begins."""
_CONNECT_TIMEOUT = 5  # seconds to reach a PostgreSQL server
_FRESH = 1.0
"""Seconds after its last use for which a connection is trusted to stand."""
_RETURNED = "returned"
_POOL_SIZE = 8  # connections kept, one for each thread of the website; ten more may be opened, and are closed after use


@dataclass(frozen=True)
class Patience:
    """How long a session may keep others waiting, in seconds; 0 is for ever. SQLite has only `lock`."""

    statement: float
    """For one statement."""
    lock: float
    """For somebody else's lock."""
    idle: float
    """In a transaction, without a statement: a process that hangs must not hold its locks for good."""


PAGE = Patience(statement=30, lock=15, idle=60)
"""Somebody waits for an answer. Twilio does so for 15 seconds, proxies for 30 to 60."""
JOB = Patience(statement=600, lock=30, idle=120)
"""Nobody waits; a release inserts thousands of rows with one statement."""
COMMAND = Patience(statement=0, lock=30, idle=0)
"""Somebody looks on: a migration or a copy takes what it takes, but must not queue before everybody else for a lock."""

# A server whose machine is gone says nothing: found out after a minute, not after the two hours of the system's own.
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


def make_engine(url: str, patience: Patience = JOB) -> Engine:
    """An engine for a database URL, with a small pool. It may be used before a fork and after it, on both sides."""
    address = make_url(url)
    # hide_parameters: an error's text must not carry a number or a message into the log.
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": _POOL_SIZE}
    if address.get_backend_name() != "sqlite":
        engine = create_engine(address, connect_args=_postgresql_arguments(address, patience), **options)
        event.listen(engine, "handle_error", _thrown_out)
        _look_before_use(engine)
    else:
        engine = create_engine(address, connect_args={"timeout": patience.lock, "isolation_level": None}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    _engines.add(engine)
    return engine


def _postgresql_arguments(address: URL, patience: Patience) -> dict[str, Any]:
    # What the owner wrote into DATABASE_URL wins, so that a server or a pooler with other habits can be served.
    arguments = {"connect_timeout": _CONNECT_TIMEOUT} | _KEEPALIVES
    limits = {
        "statement_timeout": patience.statement,
        "lock_timeout": patience.lock,
        "idle_in_transaction_session_timeout": patience.idle,
    }
    given = address.query.get("options", "")
    options = [f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items()]
    options += [given] if isinstance(given, str) else given
    return {name: value for name, value in arguments.items() if name not in address.query} | {
        "options": " ".join(options).strip()
    }


def _look_before_use(engine: Engine) -> None:
    """Make sure that a connection still stands before it is used, where it was not in use just now.

    SQLAlchemy's own `pool_pre_ping` asks each time, which was a fifth of the price of a short transaction.
    """

    def returned(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_RETURNED] = time.monotonic()

    def taken(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get(_RETURNED, math.inf) <= _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", taken)


def _thrown_out(context: ExceptionContext) -> BaseException | None:
    # psycopg files this one among the server's internal errors; for those who try again it is a lost connection.
    error = context.original_exception
    if not isinstance(error, IdleInTransactionSessionTimeout):
        return None
    return OperationalError(context.statement, None, error, hide_parameters=True, connection_invalidated=True)


def is_outage(error: BaseException) -> bool:
    """Whether the database could not be reached, was too busy, or took too long: the same request may do later."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # SQLite has one class for "locked", "disk full" and a fault in our SQL; the last has no code of its own.
        primary = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        return isinstance(error, OperationalError) and primary != sqlite3.SQLITE_ERROR
    return isinstance(error, OperationalError) or error.connection_invalidated


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    # The driver's own transactions lose updates; a deferred snapshot that writes later fails at once with "database is
    # locked". So whoever opens the session says whether it will write.
    mode = connection.get_execution_options().get(BEGIN_MODE, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


_engines: WeakSet[Engine] = WeakSet()
_the_parents: list[Pool] = []


def _before_fork() -> None:
    # SQLite keeps count, for each process, of the locks it holds: a child that inherits the count of an open connection
    # believes that it holds locks which only its parent has (sqlite.org/howtocorrupt.html, 2.6).
    for engine in list(_engines):
        if engine.dialect.name == "sqlite":
            engine.dispose()


def _after_fork() -> None:
    # A socket to PostgreSQL belongs to the parent: the child opens its own. The parent's are kept, never to be used,
    # so that the garbage collector does not close them either.
    for engine in list(_engines):
        _the_parents.append(engine.pool)
        engine.dispose(close=False)


# RQ forks for each job. Not at exec: subprocess runs these only for a child with a preexec_fn, where they do no harm.
os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
