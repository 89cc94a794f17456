"""One worker at a time reads residents' messages: a lock that ends with the process that holds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import func, select

from peoplelink.db import Database

_TURN = 0x706C696E  # "plin": the number of our advisory lock on PostgreSQL


@contextmanager
def offered(database: Database) -> Iterator[bool]:
    """Be the only worker that reads residents' messages until the end of the block, or learn (False) that another is.

    They are read in the order in which they came: a START that overtakes a STOP would undo it. A turn spans many
    transactions, so no lock of one of them serves; and a worker that is killed must not leave it held, so no row does.
    Whoever had the turn looks for messages once more after it: who was refused meanwhile may go.
    """
    engine = database.engine
    if engine.dialect.name == "sqlite":
        # One machine, so a lock of its file system serves.
        with Path(f"{engine.url.database}-turn").open("a") as file:
            yield _locked(file)
        return
    # A connection of its own, idle in a transaction that holds the lock: gone when the process is gone.
    with engine.connect() as connection:
        yield bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_TURN))))


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
