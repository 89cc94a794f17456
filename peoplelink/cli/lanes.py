"""`peoplelink lane`: what is paused, and to go on."""

from pathlib import Path

import click
from redis import Redis

from peoplelink import clock
from peoplelink.cli.settings import FOLDER, problems, reading_on, session_on, settings_of
from peoplelink.config import Config
from peoplelink.console import sending, sending_words
from peoplelink.errors import ConflictError
from peoplelink.outbound import services as outbound
from peoplelink.outbound import watch


@click.group()
def lane() -> None:
    """Lanes: what is sent by one medium with one urgency. A lane pauses when its provider refuses our settings."""


@lane.command("list")
@FOLDER
def list_lanes(folder: Path) -> None:
    """Show the lanes that are paused, and what to put right."""
    with problems(), session_on(folder) as session:
        paused = outbound.paused_lanes(session)
    for one in paused:
        click.echo(f"{one.name}: {one.paused_because}")
    if not paused:
        click.echo("No lane is paused.")


@click.command()
@FOLDER
def queue(folder: Path) -> None:
    """Show how sending stands: what waits, what is paused and why, who works. Changes nothing."""
    now = clock.now()
    with problems():
        config = Config.from_env(settings_of(folder))
        with Redis.from_url(config.redis_url, socket_connect_timeout=5) as redis, reading_on(folder) as session:
            state = sending.look(session, redis, now=now)
    for line in sending_words.lines(state, now=now):
        click.echo(line)


@lane.command()
@click.argument("name")
@FOLDER
def resume(name: str, folder: Path) -> None:
    """Send from lane NAME again, when what it waited for has been put right."""
    with problems(), session_on(folder) as session:
        if watch.is_restored(session):
            raise ConflictError(watch.WHY_PAUSED)
        if name not in [one.name for one in outbound.paused_lanes(session)]:
            raise ConflictError(f"Lane {name} is not paused. `peoplelink lane list` shows those that are.")
        outbound.resume_lane(session, name)
    click.echo(f"Lane {name} goes on within half a minute.")
