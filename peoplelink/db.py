"""The database: base class, column types, engines, sessions, and the only commit in the project."""

import datetime as dt
import enum
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import structlog
from psycopg.errors import IdleInTransactionSessionTimeout
from sqlalchemy import (
    URL,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ExceptionContext,
    Executable,
    MetaData,
    Pool,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from peoplelink.config import Keyring

log = structlog.get_logger(__name__)

_BELLS = "bells"
_RINGER = "ringer"
_KEYRING = "keyring"
_BEGIN_MODE = "sqlite_begin"
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


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware moment in UTC on every database. SQLite gives naive values back, so the zone is put on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Refuse naive values: they are a moment somewhere, and nobody knows where."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(dt.UTC) if value is not None else None

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Aware UTC, whatever the database kept."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Every table. Constraints are named, since services recognise races by constraint name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # Enums are kept as checked text: a native PostgreSQL type is called after the class, stores member names and cannot
    # be shared or changed easily.
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own protocol
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            length=32,
            create_constraint=False,
            values_callable=lambda members: [member.value for member in members],
        ),
        dt.datetime: UTCDateTime,
        str: Text(),
    }


def values_check(column: str, members: type[enum.Enum]) -> CheckConstraint:
    """A CHECK that holds `column` to the values of an enum, named <column>_values."""
    listed = ", ".join(f"'{member.value}'" for member in members)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_values")


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
    mode = connection.get_execution_options().get(_BEGIN_MODE, "DEFERRED")
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


class Database:
    """Sessions on one engine: `read()` takes a snapshot, `write()` takes SQLite's write lock at its first statement.

    `ringer` is called after each commit with the bells that the transaction asked for (see `ring_after_commit`).
    `keys` are what `keyring` gives to those who have a session.
    """

    def __init__(
        self,
        engine: Engine,
        ringer: Callable[[frozenset[str]], object] | None = None,
        *,
        keys: Keyring | None = None,
    ) -> None:
        self.engine = engine
        info = {_RINGER: ringer, _KEYRING: keys}
        self._reading = sessionmaker(engine, expire_on_commit=False, info=info)
        writer = engine.execution_options(**{_BEGIN_MODE: "IMMEDIATE"})
        self._writing = sessionmaker(writer, expire_on_commit=False, info=info)
        # In PostgreSQL a transaction around one statement costs two exchanges more; in SQLite it takes the lock first.
        self._alone = writer if is_sqlite(self) else engine.execution_options(isolation_level="AUTOCOMMIT")

    def read(self) -> Session:
        """A session for a page that only reads."""
        return self._reading()

    def write(self) -> Session:
        """A session for a POST, a task or a command."""
        return self._writing()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing session of its own, committed at the end: for tasks and commands."""
        with self.write() as session, transaction(session):
            yield session

    def alone(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Execute one statement for all `rows` that is a transaction by itself, and rings no bell; what it returns."""
        with self._alone.begin() as connection:
            return connection.execute(statement, rows).scalars().all()


@contextmanager
def opened(url: str, *, keys: Keyring | None = None) -> Iterator[Database]:
    """The database at `url` for as long as a command needs it; no connection is left behind."""
    engine = make_engine(url, COMMAND)
    try:
        yield Database(engine, keys=keys)
    finally:
        engine.dispose()


def is_sqlite(source: Session | Database) -> bool:
    """Whether SQL that differs between the engines should take SQLite's form."""
    bind = source.engine if isinstance(source, Database) else source.get_bind()
    return bind.dialect.name == "sqlite"


def keyring(session: Session) -> Keyring:
    """The keys of this process, for services that have no settings. Raises LookupError in a command without keys."""
    keys: Keyring | None = session.info.get(_KEYRING)
    if keys is None:
        raise LookupError("this session was opened without keys")
    return keys


def ring_after_commit(session: Session, bell: str) -> None:
    """Say that work waits for workers behind `bell` (such as "lane:sms:urgent"); rung after the commit, once.

    SQLAlchemy's own after_commit event also fires when a savepoint is released, so the set is kept by hand.
    """
    session.info.setdefault(_BELLS, set()).add(bell)


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Commit at the end, roll back on any error, then ring the bells: the only commit in the project."""
    try:
        yield session
        session.commit()
    except BaseException:
        session.info.pop(_BELLS, None)
        session.rollback()
        raise
    bells = session.info.pop(_BELLS, None)
    ringer = session.info.get(_RINGER)
    if bells and ringer:
        _ring(ringer, frozenset(bells))


def _ring(ringer: Callable[[frozenset[str]], object], bells: frozenset[str]) -> None:
    # What has been committed has happened: a bell that cannot be rung is logged, and the sweeper rings again.
    try:
        ringer(bells)
    except Exception:
        log.exception("bells_not_rung", bells=sorted(bells))
