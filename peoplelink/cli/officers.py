"""`peoplelink officer`: accounts of the people who sign in."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from peoplelink import clock
from peoplelink.cli.settings import FOLDER, problems, session_on
from peoplelink.embedded import first_start
from peoplelink.officers import services as officers
from peoplelink.officers.models import Role
from peoplelink.subscribers import zones


@click.group()
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
@FOLDER
def add(
    *, name: str, email: str, role: str, slugs: str | None, all_zones: bool, mobile: str | None, generate: bool,
    folder: Path,
) -> None:  # fmt: skip
    """Add an officer."""
    if bool(slugs) is all_zones:
        raise click.UsageError("Say which zones they may see: --zones new-parks,coalville or --all-zones.")
    password = _password(generate=generate)
    with problems(), session_on(folder) as session:
        officers.create(
            session, name=name, email=email, password=password, role=Role(role), all_zones=all_zones,
            zone_ids=_zone_ids(session, slugs or ""), mobile=mobile, now=clock.now(),
        )  # fmt: skip
    _tell(f"{name} can sign in now.", password, shown=generate)


@officer.command("reset-password")
@click.option("--email", prompt=True)
@click.option("--generate", is_flag=True, help="Make a password and print it once, instead of asking for one.")
@FOLDER
def reset_password(email: str, generate: bool, folder: Path) -> None:
    """Give an officer a new password. Wherever they are signed in, that ends."""
    password = _password(generate=generate)
    with problems(), session_on(folder) as session:
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
