"""The moment and the numbers of test rows, and how a row is added."""

import datetime as dt
import itertools
from typing import TypeVar

from sqlalchemy.orm import Session

NOW = dt.datetime(2026, 3, 21, 14, 30, tzinfo=dt.UTC)
"""The moment of the `now` fixture: a Saturday afternoon."""
ADDRESS_KEY = "a" * 64
"""The key of `config.address_key`, under which addresses are hashed."""
Row = TypeVar("Row")
numbers = itertools.count(1)


def number(index: int) -> str:
    """One of the mobile numbers that Ofcom keeps for drama; below 230 are for tests that write theirs out."""
    return f"+447700900{230 + index % 770:03}"


def add(session: Session, row: Row) -> Row:
    """Add and flush."""
    session.add(row)
    session.flush()
    return row
