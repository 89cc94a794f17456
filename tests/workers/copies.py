"""A backup of a database, and putting it back: as an office would, with nobody connected."""

import sqlite3

from sqlalchemy import create_engine, make_url, text


def back_up(url):
    """A copy beside the database; what `restore` takes."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with sqlite3.connect(path) as source, sqlite3.connect(f"{path}.backup") as target:
            source.backup(target)
        source.close()
        target.close()
        return f"{path}.backup"
    name = make_url(url).database
    _execute(url, f'CREATE DATABASE "{name}_backup" TEMPLATE "{name}"')
    return f"{name}_backup"


def restore(url, backup):
    """The database is the backup again."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with sqlite3.connect(backup) as source, sqlite3.connect(path) as target:
            source.backup(target)
        source.close()
        target.close()
        return
    name = make_url(url).database
    _execute(url, f'DROP DATABASE "{name}" WITH (FORCE)')
    _execute(url, f'CREATE DATABASE "{name}" TEMPLATE "{backup}"')


def _execute(url, statement):
    server = make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
