"""Commands that start a process, and the one that looks whether every part is well."""

import os
import sys
from pathlib import Path

import click

from peoplelink import doctor
from peoplelink import log as logs
from peoplelink.cli.settings import FOLDER, problems, settings_of, stopped_in
from peoplelink.config import Config
from peoplelink.embedded import run as embedded
from peoplelink.jobs import QUEUES

_PORT = click.IntRange(0, 65535)


@click.command()
@click.option("--port", default=8000, show_default=True, type=_PORT, help="Of the website; 0 takes a free one.")
@click.option("--sandbox-port", default=8001, show_default=True, type=_PORT, help="Of the sandbox's handset page.")
@FOLDER
def run(port: int, sandbox_port: int, folder: Path) -> None:
    """Run everything on this machine, with a stand-in for each part that your settings do not name."""
    if port == sandbox_port != 0:
        raise click.UsageError(
            "The website and the sandbox need a port each: give --port and --sandbox-port two numbers."
        )
    with problems():
        embedded.run(os.environ, folder, port=port, sandbox_port=sandbox_port, say=click.echo)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def web(host: str, port: int) -> None:
    """Serve the website with gunicorn; the settings come from the environment."""
    with problems():
        Config.from_env(os.environ)
    command = embedded.web_command(port, host)
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
def worker(queues: tuple[str, ...]) -> None:
    """Work on these queues, in this order (all three if none is named)."""
    from peoplelink import app  # noqa: PLC0415 - needs every package; the other commands start without

    with problems():
        app.work(queues)


@click.command()
def scheduler() -> None:
    """Ring for work left behind, and do what is due. Of several schedulers one is active."""
    from peoplelink import app  # noqa: PLC0415
    from peoplelink import scheduler as clockwork  # noqa: PLC0415

    logs.set_up()
    with problems():
        parts = app.make_runtime(Config.from_env(os.environ))
    clockwork.run(parts, app.periodic(parts.config.timing))


@click.command("doctor")
@FOLDER
def examine(folder: Path) -> None:
    """Look at every part; say what is wrong and what to do. Exits with 1 if anything is wrong."""
    findings = doctor.examine(settings_of(folder), stopped_in(folder))
    for finding in findings:
        click.echo(f"{finding.verdict:<6} {finding.part:<11} {finding.says}")
    sys.exit(any(finding.verdict is doctor.Verdict.WRONG for finding in findings))
