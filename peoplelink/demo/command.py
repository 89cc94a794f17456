"""`peoplelink demo`: sets the stage, tells the story, says whether every number added up."""

import sys

import click

from peoplelink.demo.browser import PageError
from peoplelink.demo.people import make_residents
from peoplelink.demo.scene import Scene, TooSlowError
from peoplelink.demo.stage import DidNotStartError, installation
from peoplelink.demo.story import tell
from peoplelink.demo.tally import Tally


@click.command()
@click.option("--residents", default=200, show_default=True, type=click.IntRange(60, 900))
@click.option("--segments-per-second", default=100, show_default=True, help="A UK long number does 10.")
def main(residents: int, segments_per_second: int) -> None:
    """Play the whole story on an installation of its own, which is thrown away. Exits with 1 if a number is wrong."""
    tally = Tally(click.echo)
    try:
        with installation(segments_per_second=segments_per_second) as stage:
            click.echo(f"People Link runs at {stage.base}, its handset at {stage.sandbox}, until this is over.")
            scene = Scene(stage, make_residents(residents), tally, click.echo)
            tell(scene)
            scene.tell("the end")
    except (DidNotStartError, PageError, TooSlowError) as err:
        raise click.ClickException(str(err)) from err
    if tally.wrong:
        click.echo(f"{len(tally.wrong)} of {tally.checked} numbers are wrong: {'; '.join(tally.wrong)}")
        sys.exit(1)
    click.echo(f"All {tally.checked} numbers add up.")
