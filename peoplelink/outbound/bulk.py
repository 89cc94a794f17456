"""Where SQL must differ: many rows in one statement, from one JSON parameter, on SQLite and on PostgreSQL."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Subquery, any_, bindparam, column, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from peoplelink.db import Database, is_sqlite

_POSTGRES = {int: "bigint", str: "text", dt.datetime: "timestamptz"}


def rows_from(session: Session, rows: Iterable[Mapping[str, Any]], columns: Mapping[str, type]) -> Subquery:
    """`rows` as something to UPDATE ... FROM or INSERT ... SELECT: a named column for each of `columns`.

    Columns are int, str or dt.datetime (UTC); None is NULL.
    """
    # A moment in SQLite is text, as SQLAlchemy writes it there.
    passed = orjson.OPT_PASSTHROUGH_DATETIME if is_sqlite(session) else 0
    payload = orjson.dumps([dict(row) for row in rows], default=_as_sqlite_keeps_it, option=passed).decode()
    if is_sqlite(session):
        each = func.json_each(bindparam(None, payload)).table_valued("value")
        picked: list[ColumnElement[Any]] = [
            func.json_extract(each.c.value, f"$.{name}").label(name) for name in columns
        ]
        return select(*picked).select_from(each).subquery("news")
    shape = ", ".join(f"{name} {_POSTGRES[kind]}" for name, kind in columns.items())
    source = text(f"SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r({shape})").bindparams(rows=payload)  # noqa: S608
    return source.columns(*[column(name) for name in columns]).subquery("news")


def is_one_of(
    session: Session, column: InstrumentedAttribute[int] | InstrumentedAttribute[str], ids: Collection[int | str]
) -> ColumnElement[bool]:
    """`column` is one of `ids`, as one parameter: the statement is the same however many there are."""
    if is_sqlite(session):
        each = func.json_each(bindparam(None, orjson.dumps(list(ids)).decode())).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam(None, list(ids), postgresql.ARRAY(column.type)))


def insert_ignoring(into: Session | Database, table: Any) -> Any:
    """An INSERT into a table that leaves rows alone which a unique constraint refuses."""
    upsert = sqlite.insert if is_sqlite(into) else postgresql.insert
    return upsert(table).on_conflict_do_nothing()


def _as_sqlite_keeps_it(value: Any) -> str:
    moment: dt.datetime = value
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
