"""What every command needs: where its settings are, a session, and errors as sentences."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.orm import Session

from peoplelink.config import Config, ConfigError, Keyring, database_url, keyring
from peoplelink.db import opened
from peoplelink.doctor import Stopped
from peoplelink.embedded import environment, secrets
from peoplelink.embedded import run as embedded
from peoplelink.embedded.errors import EmbeddedError
from peoplelink.errors import PeopleLinkError

if TYPE_CHECKING:
    from peoplelink.runtime import Runtime

DEFAULT_FOLDER = Path("var")
FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Where the embedded parts keep their data.",
)


def settings_of(folder: Path) -> Mapping[str, str]:
    """The environment; beside an embedded installation, its settings for whatever the environment does not name."""
    running = secrets.read(folder / embedded.RUNNING)
    if running:
        return running | os.environ
    kept = secrets.read(folder / secrets.FILE)
    if not kept:
        return os.environ
    return environment.complete(os.environ, folder, kept, port=8000, sandbox=8001).values


def stopped_in(folder: Path) -> Stopped | None:
    """What does not run of an embedded installation, and how to start it; None where it runs, or there is none."""
    kept = secrets.read(folder / secrets.FILE)
    if not kept or embedded.is_running(folder):
        return None
    parts = environment.complete(os.environ, folder, kept, port=8000, sandbox=8001).parts
    ours = [part.name for part in parts if part.embedded]
    start = "make run" if folder == DEFAULT_FOLDER else f"peoplelink run --folder {folder}"
    return Stopped(ours, start) if ours else None


def database_url_of(folder: Path) -> str:
    return database_url(settings_of(folder).get("DATABASE_URL", ""))


@contextmanager
def session_on(folder: Path) -> Iterator[Session]:
    values = settings_of(folder)
    keys = keyring(values) if values.get("PEOPLELINK_PROOF_KEY") else None  # most commands need none
    with opened(database_url_of(folder), keys=keys) as database, database.transaction() as session:
        yield session


@contextmanager
def runtime_on(folder: Path) -> Iterator["Runtime"]:
    """The parts of a whole process; raises ConfigError. Its connections are closed at the end."""
    from peoplelink import app  # noqa: PLC0415 - needs every package; most commands start without

    parts = app.make_runtime(Config.from_env(settings_of(folder)))
    try:
        yield parts
    finally:
        parts.database.engine.dispose()


@contextmanager
def reading_on(folder: Path, keys: Keyring | None = None) -> Iterator[Session]:
    """A session that only reads: it keeps nobody waiting, however long it takes."""
    with opened(database_url_of(folder), keys=keys) as database, database.read() as session:
        yield session


@contextmanager
def problems() -> Iterator[None]:
    """Errors that the person at the terminal can put right are sentences, not tracebacks."""
    try:
        yield
    except (ConfigError, EmbeddedError, PeopleLinkError) as err:
        raise click.ClickException(str(err)) from err
