"""The `peoplelink` command."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from peoplelink import clock, doctor, schema, transfer
from peoplelink import log as logs
from peoplelink.config import Config, ConfigError, database_url
from peoplelink.db import Database, make_engine
from peoplelink.demo.command import main as demo_command
from peoplelink.embedded import environment, first_start, secrets
from peoplelink.embedded import run as embedded
from peoplelink.embedded.errors import EmbeddedError
from peoplelink.errors import ConflictError, PeopleLinkError
from peoplelink.jobs import QUEUES
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from peoplelink.outbound import services as outbound
from peoplelink.sandbox.command import main as sandbox_command
from peoplelink.subscribers import zones

_FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Where the embedded parts keep their data.",
)


_PORT = click.IntRange(0, 65535)


@click.group()
@click.version_option(package_name="peoplelink")
def main() -> None:
    """People Link: texts and emails for the People Zones, and what residents answer."""


@main.command()
@click.option("--port", default=8000, show_default=True, type=_PORT, help="Of the website; 0 takes a free one.")
@click.option("--sandbox-port", default=8001, show_default=True, type=_PORT, help="Of the sandbox's handset page.")
@_FOLDER
def run(port: int, sandbox_port: int, folder: Path) -> None:
    """Run everything on this machine, with a stand-in for each part that your settings do not name."""
    if port == sandbox_port != 0:
        raise click.UsageError(
            "The website and the sandbox need a port each: give --port and --sandbox-port two numbers."
        )
    with _problems():
        embedded.run(os.environ, folder, port=port, sandbox_port=sandbox_port, say=click.echo)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def web(host: str, port: int) -> None:
    """Serve the website with gunicorn; the settings come from the environment."""
    with _problems():
        Config.from_env(os.environ)
    command = embedded.web_command(port, host)
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell


@main.command()
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
def worker(queues: tuple[str, ...]) -> None:
    """Work on these queues, in this order (all three if none is named)."""
    from peoplelink import app  # noqa: PLC0415 - needs every package; the other commands start without

    with _problems():
        app.work(queues)


@main.command()
def scheduler() -> None:
    """Ring for work left behind, and do what is due. Of several schedulers one is active."""
    from peoplelink import app  # noqa: PLC0415
    from peoplelink import scheduler as clockwork  # noqa: PLC0415

    logs.set_up()
    with _problems():
        parts = app.make_runtime(Config.from_env(os.environ), pooled=True)
    clockwork.run(parts, app.PERIODIC)


@main.command("doctor")
@_FOLDER
def examine(folder: Path) -> None:
    """Look at every part; say what is wrong and what to do. Exits with 1 if anything is wrong."""
    findings = doctor.examine(_settings(folder))
    for finding in findings:
        click.echo(f"{finding.verdict:<6} {finding.part:<10} {finding.says}")
    sys.exit(any(finding.verdict is doctor.Verdict.WRONG for finding in findings))


# Database


@main.group()
def db() -> None:
    """The database's schema."""


@db.command()
@_FOLDER
def upgrade(folder: Path) -> None:
    """Bring the database up to date, and put in what a new one needs (zones, topics, themes). Back up first."""
    with _problems():
        first_start.prepare(_database_url(folder), with_officer=False)
    click.echo("The database is up to date.")


@db.command()
@click.argument("revision")
@_FOLDER
def downgrade(revision: str, folder: Path) -> None:
    """Take the database back to REVISION ("base" empties it). What the older schema has no room for is lost."""
    with _problems():
        url = _database_url(folder)
    click.confirm(f"Take the database back to {revision}? Data may be lost.", abort=True)
    schema.downgrade(url, revision)
    click.echo(f"The database is at {revision}.")


@db.command()
@_FOLDER
def check(folder: Path) -> None:
    """Say whether the database has the schema that this version needs. Exits with 1 if not."""
    with _problems():
        current = schema.is_current(make_engine(_database_url(folder), pooled=False))
    if not current:
        raise click.ClickException("The database has another schema than this version. Run: peoplelink db upgrade")
    click.echo("The database is up to date.")


@db.command()
@click.argument("source")
@click.argument("target")
def copy(source: str, target: str) -> None:
    """Copy everything from the database SOURCE into the new, empty database TARGET (their addresses, sqlite:///...)."""
    from peoplelink import app  # noqa: F401, PLC0415 - so that every table is known

    with _problems():
        engines = [make_engine(database_url(url), pooled=False) for url in (source, target)]
        if not all(schema.is_current(engine) for engine in engines):
            raise ConfigError(["Bring both databases up to date first: peoplelink db upgrade."])
        rows = transfer.copy(*engines, say=click.echo)
    click.echo(f"{rows} rows copied. Give the new installation the same two keys as the old one.")


# Lanes


@main.group()
def lane() -> None:
    """Lanes: what is sent by one medium with one urgency. A lane pauses when its provider refuses our settings."""


@lane.command("list")
@_FOLDER
def list_lanes(folder: Path) -> None:
    """Show the lanes that are paused, and what to put right."""
    with _problems(), _session(folder) as session:
        paused = outbound.paused_lanes(session)
    for one in paused:
        click.echo(f"{one.name}: {one.paused_because}")
    if not paused:
        click.echo("No lane is paused.")


@lane.command()
@click.argument("name")
@_FOLDER
def resume(name: str, folder: Path) -> None:
    """Send from lane NAME again, when what it waited for has been put right."""
    with _problems(), _session(folder) as session:
        if name not in [one.name for one in outbound.paused_lanes(session)]:
            raise ConflictError(f"Lane {name} is not paused. `peoplelink lane list` shows those that are.")
        outbound.resume_lane(session, name)
    click.echo(f"Lane {name} goes on within half a minute.")


# Officers


@main.group()
def officer() -> None:
    """Accounts of the people who sign in."""


@officer.command()
@click.option("--name", prompt=True)
@click.option("--email", prompt=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), prompt=True)
@click.option("--zones", "slugs", help="What they may see, such as: new-parks,coalville.")
@click.option("--all-zones", is_flag=True, help="They may see every zone, those added later too.")
@click.option("--mobile", help="Where their test messages go.")
@click.option("--generate", is_flag=True, help="Make a password and print it once, instead of asking for one.")
@_FOLDER
def add(
    *, name: str, email: str, role: str, slugs: str | None, all_zones: bool, mobile: str | None, generate: bool,
    folder: Path,
) -> None:  # fmt: skip
    """Add an officer."""
    if bool(slugs) is all_zones:
        raise click.UsageError("Say which zones they may see: --zones new-parks,coalville or --all-zones.")
    password = _password(generate=generate)
    with _problems(), _session(folder) as session:
        officers.create(
            session, name=name, email=email, password=password, role=Role(role), all_zones=all_zones,
            zone_ids=_zone_ids(session, slugs or ""), mobile=mobile, now=clock.now(),
        )  # fmt: skip
    _tell(f"{name} can sign in now.", password, shown=generate)


@officer.command("reset-password")
@click.option("--email", prompt=True)
@click.option("--generate", is_flag=True, help="Make a password and print it once, instead of asking for one.")
@_FOLDER
def reset_password(email: str, generate: bool, folder: Path) -> None:
    """Give an officer a new password. Wherever they are signed in, that ends."""
    password = _password(generate=generate)
    with _problems(), _session(folder) as session:
        officers.set_password(session, officers.by_email(session, email), password, now=clock.now())
    _tell("They have a new password.", password, shown=generate)


def _password(*, generate: bool) -> str:
    if generate:
        return first_start.generated_password()
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _tell(what: str, password: str, *, shown: bool) -> None:
    click.echo(f"{what} The password is {password} (shown once)." if shown else what)


def _zone_ids(session: Session, slugs: str) -> list[int]:
    known = {zone.slug: zone.id for zone in zones.active(session)}
    wanted = [slug.strip().lower() for slug in slugs.split(",") if slug.strip()]
    unknown = [slug for slug in wanted if slug not in known]
    if unknown:
        raise click.UsageError(f"There is no zone {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    return [known[slug] for slug in wanted]


# Settings of a command


def _settings(folder: Path) -> Mapping[str, str]:
    """The environment; beside an embedded installation, its settings for whatever the environment does not name."""
    running = secrets.read(folder / embedded.RUNNING)
    if running:
        return running | os.environ
    kept = secrets.read(folder / secrets.FILE)
    if not kept:
        return os.environ
    return environment.complete(os.environ, folder, kept, port=8000, sandbox=8001).values


def _database_url(folder: Path) -> str:
    return database_url(_settings(folder).get("DATABASE_URL", ""))


@contextmanager
def _session(folder: Path) -> Iterator[Session]:
    with Database(make_engine(_database_url(folder), pooled=False)).transaction() as session:
        yield session


@contextmanager
def _problems() -> Iterator[None]:
    """Errors that the person at the terminal can put right are sentences, not tracebacks."""
    try:
        yield
    except (ConfigError, EmbeddedError, PeopleLinkError) as err:
        raise click.ClickException(str(err)) from err


main.add_command(sandbox_command, "sandbox")
main.add_command(demo_command, "demo")

if __name__ == "__main__":
    main()
