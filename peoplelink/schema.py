"""The database's schema: brought up to date, taken back, and compared with what this version needs."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from peoplelink.db import opened

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to date. Running it again changes nothing."""
    _run(command.upgrade, url, revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database at `url` back to a revision. Data that the older schema has no room for is lost."""
    _run(command.downgrade, url, revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema that this version was written for."""
    with engine.connect() as connection:
        return revision_of(connection) == head()


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str | None:
    """The newest revision of this version; read from the scripts once, since readiness asks often."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def alembic_config() -> AlembicConfig:
    """Alembic's own settings: made here, so that an installed package needs no file beside it."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _run(action: Callable[[AlembicConfig, str], object], url: str, revision: str) -> None:
    config = alembic_config()
    with opened(url) as database, database.engine.connect() as connection:
        config.attributes["connection"] = connection
        action(config, revision)
