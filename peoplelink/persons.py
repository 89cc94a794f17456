"""What each package tells of the personal data it holds: how it is exported, erased, held and purged.

A package registers a `Part` (its module `rights.py`), `app.py` joins the parts, and `peoplelink/rights/` works through
them without knowing a table. See docs/adr/0011.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from babel.support import LazyProxy
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session


class RecordClass(StrEnum):
    """Kinds of records that are kept for the same time (facts on UK rules, R29)."""

    MESSAGES = "messages"
    REPORTS_PASSED_ON = "reports_passed_on"
    REPORTS = "reports"
    DELIVERIES = "deliveries"
    CONSENT = "consent"
    AUDIT = "audit"
    PROVIDER_EVENTS = "provider_events"
    SIGN_UPS = "sign_ups"
    REQUESTS = "requests"


@dataclass(frozen=True)
class Person:
    """Whom something is held about: a resident, or only an address that wrote to us."""

    public_id: str
    """Of the resident, or of the address where there is no resident."""
    subscriber_id: int | None = None
    own: frozenset[int] = frozenset()
    """Ids of the addresses at which nobody else lives."""
    shared: frozenset[int] = frozenset()
    """Ids of the addresses that others of their household use as well."""
    until: Mapping[int, dt.datetime] = field(default_factory=dict, compare=False)
    """Ids of the addresses that they have left, and until when what was said there counts as theirs: numbers are handed
    on, and who has one now is not to be shown to who had it. An erasure takes all of it."""

    def theirs(self, address_id: ColumnElement[int] | Mapped[int], at: Any) -> ColumnElement[bool]:
        """For a query: said at an address that was theirs alone at that moment."""
        return self._while_there(self.own, address_id, at)

    def shared_then(self, address_id: ColumnElement[int] | Mapped[int], at: Any) -> ColumnElement[bool]:
        """For a query: said at an address that they used with others at that moment."""
        return self._while_there(self.shared, address_id, at)

    def _while_there(self, ids: frozenset[int], address_id: Any, at: Any) -> ColumnElement[bool]:
        left = [and_(address_id == one, at <= end) for one, end in self.until.items() if one in ids]
        return or_(address_id.in_(ids - self.until.keys()), *left)

    @property
    def kind(self) -> str:
        """How the audit log calls them."""
        return "resident" if self.subscriber_id is not None else "address"

    @property
    def addresses(self) -> frozenset[int]:
        """All of their addresses."""
        return self.own | self.shared


@dataclass(frozen=True)
class File:
    """A file that belongs to what is held."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Section:
    """A kind of thing that is held about a person, as they are shown it."""

    key: str
    title: str
    columns: Mapping[str, str]
    """{name of a value in JSON: its heading for people}."""
    rows: Sequence[Mapping[str, Any]]
    note: str = ""
    """What to know of it, such as what is not shown, and why."""
    files: Sequence[File] = ()
    position: int = 50
    """Where it stands among the others: who they are first, who looked at it last."""


@dataclass(frozen=True)
class Wish:
    """How much an export is to hold."""

    with_reports: bool = False
    """The data protection officer has decided that reports may be given: they may hold what others told us."""
    with_files: bool = False
    subjects: frozenset[str] = frozenset()
    """Public ids of everything held about the person, by which the audit log names it."""


@dataclass
class Erasing:
    """An erasure under way. What a part notes in `marks` is there again when it goes on after a break."""

    now: dt.datetime
    marks: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    """What was taken away, in words for officers: {"messages": 4}."""

    def count(self, what: str, number: int) -> None:
        """Add to what was taken away."""
        if number:
            self.counts[what] = self.counts.get(what, 0) + number


@dataclass(frozen=True)
class Held:
    """What a legal hold keeps from being erased or purged: ids of rows, and the public ids the holds name."""

    subjects: frozenset[str] = frozenset()
    subscribers: frozenset[int] = frozenset()
    addresses: frozenset[int] = frozenset()
    conversations: frozenset[int] = frozenset()
    reports: frozenset[int] = frozenset()

    def more(self, **ids: Iterable[Any]) -> "Held":
        """The same, with more in it."""
        return replace(self, **{name: getattr(self, name) | frozenset(of) for name, of in ids.items()})


@dataclass(frozen=True)
class Due:
    """Which records have been kept long enough."""

    before: dt.datetime
    held: Held
    now: dt.datetime


@dataclass(frozen=True)
class Purger:
    """Takes away what was kept for its time."""

    of: RecordClass
    what: str
    """What it takes away, for officers."""
    count: Callable[[Session, Due], int]
    """How much is due: for a dry run."""
    purge: Callable[[Session, Due, int], int]
    """Take away about so many at most; how many were, 0 once nothing is due. Harmless twice."""


@dataclass(frozen=True)
class Part:
    """What one package holds of people. Parts are gone through from the top layer down, `widen` from the bottom up."""

    name: str
    tables: frozenset[str] = frozenset()
    """Tables that hold something of a person."""
    impersonal: Mapping[str, str] = field(default_factory=dict)
    """Tables that hold nothing of a person, each with the reason."""
    subjects: Callable[[Session, Person], Iterable[str]] | None = None
    """The public ids by which the audit log and legal holds name what is held about a person."""
    export: Callable[[Session, Person, Wish], Sequence[Section]] | None = None
    stop: Callable[[Session, Person, dt.datetime], None] | None = None
    """At once, before anything is erased: write to them no more."""
    erase: Callable[[Session, Person, Erasing], bool] | None = None
    """Take away what is held of them, some of it if it is much; whether nothing is left. Harmless twice."""
    widen: Callable[[Session, Held], Held] | None = None
    """What else is held because of what a hold names."""
    purgers: Sequence[Purger] = ()
    cannot_be_recalled: str | LazyProxy = ""
    """What an erasure does not reach, in a sentence for residents and officers."""


def purger(
    of: RecordClass, what: str, table: type[DeclarativeBase], due: Callable[[Due], Sequence[ColumnElement[bool]]]
) -> Purger:
    """The usual kind: rows of one table that meet conditions are deleted."""
    key = table.__table__.c.id

    def purge(session: Session, of_time: Due, limit: int) -> int:
        ids = list(session.scalars(select(key).where(*due(of_time)).order_by(key).limit(limit)))
        return len(session.execute(delete(table).where(key.in_(ids)).returning(key)).all()) if ids else 0

    return Purger(of, what, counting(table, due), purge)


def counting(
    table: type[DeclarativeBase], due: Callable[[Due], Sequence[ColumnElement[bool]]]
) -> Callable[[Session, Due], int]:
    """How a purger counts the rows of one table that meet conditions."""

    def count(session: Session, of_time: Due) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*due(of_time))) or 0

    return count


NAMES = "names"
"""In the `info` of a column: the table of which it names a row by its `hash`, and keeps it, without a foreign key."""


def unreferenced(table: type[DeclarativeBase], *, but_by: type[DeclarativeBase] | None = None) -> ColumnElement[bool]:
    """Whether nothing refers to a row any more, in whatever package: read from the foreign keys of all tables.

    What stands in the table `but_by` does not count. Columns that name rows by their hash are marked (`NAMES`).
    """
    rows = table.__table__.c
    tables = [one for one in table.metadata.sorted_tables if but_by is None or one is not but_by.__table__]
    pointing = [other.parent == rows.id for one in tables for other in one.foreign_keys if other.column is rows.id]
    naming = [other == rows.hash for one in tables for other in one.c if other.info.get(NAMES) == table.__tablename__]
    return and_(*(~exists().where(same) for same in (*pointing, *naming)))
