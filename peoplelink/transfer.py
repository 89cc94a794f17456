"""Copies a whole database into another, empty one: from SQLite to PostgreSQL when an office outgrows the first."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Integer, Table, func, insert, select, text

from peoplelink.db import Base
from peoplelink.errors import ConflictError

_BATCH = 1000  # rows


def copy(source: Engine, target: Engine, *, say: Callable[[str], object]) -> int:
    """Copy every table's rows, in one transaction on the target; how many rows.

    Both must have this version's schema. Raises ConflictError when the target holds residents, officers or messages;
    what a new database is planted with (zones, topics, themes) is replaced.
    """
    rows = 0
    with source.connect() as reading, target.begin() as writing:
        _refuse_unless_new(writing)
        for table in reversed(Base.metadata.sorted_tables):
            writing.execute(table.delete())
        for table in Base.metadata.sorted_tables:
            copied = _copy_table(reading, writing, table)
            rows += copied
            say(f"  {table.name}: {copied}")
    return rows


def _refuse_unless_new(target: Connection) -> None:
    for name in ("subscribers", "officers", "deliveries", "webhooks"):
        table = Base.metadata.tables[name]
        if target.scalar(select(func.count()).select_from(table)):
            raise ConflictError(f"The database to copy into already holds {name}. Use a new, empty one.")


def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    copied = 0
    for batch in _batches(source, table):
        target.execute(insert(table), batch)
        copied += len(batch)
    if target.dialect.name == "postgresql" and _counts_itself(table):
        # Rows that bring their own id leave the counter behind: the next insert would collide.
        target.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")  # noqa: S608
        )
    return copied


def _counts_itself(table: Table) -> bool:
    return "id" in table.c and isinstance(table.c.id.type, Integer)


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = source.execution_options(yield_per=_BATCH).execute(select(table)).mappings()
    for part in rows.partitions(_BATCH):
        yield [dict(row) for row in part]
