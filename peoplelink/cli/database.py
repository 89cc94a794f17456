"""`peoplelink db`: the schema, and a copy of everything into another database."""

from pathlib import Path

import click

from peoplelink import schema, transfer
from peoplelink.cli.settings import FOLDER, database_url_of, problems
from peoplelink.config import ConfigError, database_url
from peoplelink.db import opened
from peoplelink.embedded import first_start


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@FOLDER
def upgrade(folder: Path) -> None:
    """Bring the database up to date, and put in what a new one needs (zones, topics, themes). Back up first."""
    with problems():
        first_start.prepare(database_url_of(folder), with_officer=False)
    click.echo("The database is up to date.")


@db.command()
@click.argument("revision")
@FOLDER
def downgrade(revision: str, folder: Path) -> None:
    """Take the database back to REVISION ("base" empties it). What the older schema has no room for is lost."""
    with problems():
        url = database_url_of(folder)
    click.confirm(f"Take the database back to {revision}? Data may be lost.", abort=True)
    schema.downgrade(url, revision)
    click.echo(f"The database is at {revision}.")


@db.command()
@FOLDER
def check(folder: Path) -> None:
    """Say whether the database has the schema that this version needs. Exits with 1 if not."""
    with problems(), opened(database_url_of(folder)) as database:
        current = schema.is_current(database.engine)
    if not current:
        raise click.ClickException("The database has another schema than this version. Run: peoplelink db upgrade")
    click.echo("The database is up to date.")


@db.command()
@click.argument("source")
@click.argument("target")
def copy(source: str, target: str) -> None:
    """Copy everything from the database SOURCE into the new, empty database TARGET (their addresses, sqlite:///...)."""
    from peoplelink import app  # noqa: F401, PLC0415 - so that every table is known

    with problems():
        urls = [database_url(url) for url in (source, target)]
        with opened(urls[0]) as old, opened(urls[1]) as new:
            if not (schema.is_current(old.engine) and schema.is_current(new.engine)):
                raise ConfigError(["Bring both databases up to date first: peoplelink db upgrade."])
            rows = transfer.copy(old.engine, new.engine, say=click.echo)
    click.echo(f"{rows} rows copied. Give the new installation the same two keys as the old one.")
