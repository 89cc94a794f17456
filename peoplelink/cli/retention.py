"""`peoplelink retention`: delete what was kept for its time, at once instead of tonight, or say what that would be."""

from pathlib import Path

import click

from peoplelink import clock
from peoplelink.app import PARTS
from peoplelink.cli.settings import FOLDER, database_url_of, problems, reading_on, settings_of
from peoplelink.config import keyring
from peoplelink.db import opened
from peoplelink.rights import retention as rules
from peoplelink.rights import tasks


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what is over its time. Changes nothing.")
@FOLDER
def retention(*, dry_run: bool, folder: Path) -> None:
    """Delete what was kept for its time. The scheduler does it every night at 3 by itself."""
    with problems():
        if dry_run:
            with reading_on(folder) as session:
                for line in rules.preview(session, PARTS, now=clock.now()):
                    _say(line.what, line.number)
            click.echo("Nothing was changed.")
            return
        # The proofs of broadcasts get a link for what is taken away, so their key is needed.
        with opened(database_url_of(folder), keys=keyring(settings_of(folder))) as database:
            for line in tasks.run_now(database, PARTS):
                _say(line.what, line.number)


def _say(what: str, number: int) -> None:
    click.echo(f"{number:>9,}  {what}")
