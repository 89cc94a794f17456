"""`peoplelink lane`: what is paused, and to go on."""

from pathlib import Path

import click

from peoplelink.cli.settings import FOLDER, problems, session_on
from peoplelink.errors import ConflictError
from peoplelink.outbound import services as outbound


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


@lane.command()
@click.argument("name")
@FOLDER
def resume(name: str, folder: Path) -> None:
    """Send from lane NAME again, when what it waited for has been put right."""
    with problems(), session_on(folder) as session:
        if name not in [one.name for one in outbound.paused_lanes(session)]:
            raise ConflictError(f"Lane {name} is not paused. `peoplelink lane list` shows those that are.")
        outbound.resume_lane(session, name)
    click.echo(f"Lane {name} goes on within half a minute.")
