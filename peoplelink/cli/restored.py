"""`peoplelink restored`: after a restore from a backup, before anything is sent again."""

import datetime as dt
from pathlib import Path

import click

from peoplelink import clock
from peoplelink.channels.errors import SendError
from peoplelink.cli.settings import FOLDER, problems, runtime_on, session_on
from peoplelink.outbound import watch


@click.command()
@click.option(
    "--begin", is_flag=True, help="Only pause everything: for a database just restored, before workers start."
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]),
    help="When the backup was made (UTC), if workers have run since the restore.",
)
@FOLDER
def restored(*, begin: bool, since: dt.datetime | None, folder: Path) -> None:
    """Find out what was sent since the backup and who said STOP, then send again. May be run twice."""
    moment = since.replace(tzinfo=dt.UTC) if since else None
    if moment and moment > clock.now():
        raise click.UsageError("--since lies in the future. It is the moment of the backup, in UTC.")
    with problems():
        if begin or moment:
            with session_on(folder) as session:
                watch.begin(session, now=clock.now(), sent_since=moment)
        if begin:
            click.echo("Everything sent is paused. Start the workers and the scheduler, then run: peoplelink restored")
            return
        _settle(folder)


def _settle(folder: Path) -> None:
    from peoplelink import restored as after_restore  # noqa: PLC0415 - needs every package

    try:
        with runtime_on(folder) as parts:
            after_restore.settle(parts, click.echo)
    except SendError as error:
        raise click.ClickException(
            f"A provider did not answer ({type(error).__name__}). Everything stays paused. Try again in a few minutes."
        ) from error
