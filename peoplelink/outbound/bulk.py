"""Where SQL must differ: many rows in one statement, from one JSON parameter, on SQLite and on PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Integer, Subquery, any_, bindparam, column, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from peoplelink.db import is_sqlite

_POSTGRES = {int: "bigint", str: "text"}


def rows_from(session: Session, rows: Iterable[Mapping[str, Any]], columns: Mapping[str, type]) -> Subquery:
    """`rows` as something to UPDATE ... FROM: a named column for each of `columns` (int or str; None is NULL)."""
    payload = orjson.dumps([dict(row) for row in rows]).decode()
    if is_sqlite(session):
        each = func.json_each(bindparam(None, payload)).table_valued("value")
        picked: list[ColumnElement[Any]] = [
            func.json_extract(each.c.value, f"$.{name}").label(name) for name in columns
        ]
        return select(*picked).select_from(each).subquery("news")
    shape = ", ".join(f"{name} {_POSTGRES[kind]}" for name, kind in columns.items())
    source = text(f"SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r({shape})").bindparams(rows=payload)  # noqa: S608
    return source.columns(*[column(name) for name in columns]).subquery("news")


def is_one_of(session: Session, column: InstrumentedAttribute[int], ids: Collection[int]) -> ColumnElement[bool]:
    """`column` is one of `ids`, as one parameter: the statement is the same however many there are."""
    if is_sqlite(session):
        each = func.json_each(bindparam(None, orjson.dumps(list(ids)).decode())).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam(None, list(ids), postgresql.ARRAY(Integer)))


def insert_ignoring(session: Session, table: Any) -> Any:
    """An INSERT into a table that leaves rows alone which a unique constraint refuses."""
    upsert = sqlite.insert if is_sqlite(session) else postgresql.insert
    return upsert(table).on_conflict_do_nothing()
