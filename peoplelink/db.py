"""The database: base class, column types, sessions, and the only commit in the project. Its engines: `engines.py`."""

import datetime as dt
import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from peoplelink.config import Keyring
from peoplelink.engines import BEGIN_MODE, COMMAND, make_engine

log = structlog.get_logger(__name__)

_BELLS = "bells"
_RINGER = "ringer"
_KEYRING = "keyring"


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
        writer = engine.execution_options(**{BEGIN_MODE: "IMMEDIATE"})
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
