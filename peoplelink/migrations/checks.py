"""CHECKs that hold a column to the values of an enum, changed on both databases. Alembic does not see them."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def change(table: str, column: str, values: Sequence[str]) -> None:
    """Let a column that has such a CHECK take these values and no others."""
    name, condition = f"ck_{table}_{column}_values", _condition(column, values)
    if op.get_bind().dialect.name == "sqlite":
        _change_in_sqlite(table, name, condition)
    else:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, sa.text(condition))


def add_column(table: str, column: str, values: Sequence[str]) -> None:
    """Add a column, empty at first, that takes these values and no others."""
    name = f"ck_{table}_{column}_values"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(32) CONSTRAINT {name} CHECK ({_condition(column, values)})"
    )


def _condition(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _change_in_sqlite(table: str, name: str, condition: str) -> None:
    # SQLite's own way for a change that leaves the stored rows as they are ("Making Other Kinds Of Table Schema
    # Changes" in its ALTER TABLE page). Copying the table would delete, by cascade, what points to it.
    connection = op.get_bind()
    where = {"table": table}
    old = connection.scalar(sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :table"), where)
    new, changed = re.subn(rf"(CONSTRAINT {name} CHECK \()[^()]*\([^()]*\)", lambda found: found[1] + condition, old)
    if changed != 1:
        raise LookupError(name)
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :table"), where | {"sql": new}
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))
