"""Alembic's entry: runs the migrations on the connection that `peoplelink.schema` opened."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

import peoplelink.audit
import peoplelink.catalogues.models
import peoplelink.intelligence.models
import peoplelink.rights.models  # noqa: F401 - the top of the models: together they import all those below
from peoplelink.db import Base, UTCDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as SQLAlchemy's, so that an old migration never depends on today's code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"  # the CHECK beside it says which values
    return False


def run() -> None:
    """All revisions in one transaction."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
