"""An import, its file in pieces, and what is to be done with each of its rows."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from peoplelink.db import Base, values_check
from peoplelink.ids import new_public_id
from peoplelink.persons import NAMES


class ImportStatus(StrEnum):
    """Where an import stands."""

    READING = "reading"  # its rows are being looked at; nobody has been added
    READY = "ready"  # an officer is to look, and to start it or not
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    UNREADABLE = "unreadable"  # `problem` says why


class RowStatus(StrEnum):
    """What became of a row."""

    WAITING = "waiting"
    ADDED = "added"
    ASKED = "asked"  # to confirm, as if they had filled in the form
    REFUSED = "refused"  # `reason` says why


class Import(Base):
    """A file of people that somebody brings from elsewhere."""

    __tablename__ = "imports"
    __table_args__ = (values_check("status", ImportStatus),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    status: Mapped[ImportStatus] = mapped_column(index=True)
    problem: Mapped[str | None]
    file_name: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)
    """SHA-256 of the file: the same file again goes on where it stopped."""
    encoding: Mapped[str]
    delimiter: Mapped[str]
    header: Mapped[list[str]] = mapped_column(JSON, default=list)
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Which of our fields stands in which column, counted from 0."""
    asks: Mapped[bool] = mapped_column(default=False)
    """Ask everybody to confirm, whatever the file says that they agreed to."""
    zone_ids: Mapped[list[int] | None] = mapped_column(JSON)
    """The zones of whoever imports; None means all."""
    last_line: Mapped[int] = mapped_column(default=0)
    """Up to which line of the file the rows have been looked at."""
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str]
    """As the audit log names them."""
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    emptied_at: Mapped[dt.datetime | None]
    """When what the file said of people was let go."""


class ImportPiece(Base):
    """A piece of the file as it came: in pieces, so that no process ever holds all of it."""

    __tablename__ = "import_pieces"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """A row, known by its line: an import that was killed goes on, and does none of them twice."""

    __tablename__ = "import_rows"
    __table_args__ = (
        Index(None, "import_id", "status", "line"),
        Index(None, "mobile_hash", "import_id"),
        Index(None, "email_hash", "import_id"),
        values_check("status", RowStatus),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[RowStatus]
    reason: Mapped[str | None]
    cells: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What stands in it, until it has been added, or the night after the import was cancelled; where it was refused for
    30 days. Longer while a legal hold names the person."""
    mobile_hash: Mapped[str | None] = mapped_column(info={NAMES: "addresses"})
    email_hash: Mapped[str | None] = mapped_column(info={NAMES: "addresses"})

    def empty(self) -> None:
        """Forget whom it speaks of; that there was a row, and what became of it, stays."""
        self.cells, self.mobile_hash, self.email_hash = {}, None, None
