"""`peoplelink proof`: what a broadcast's proof says, and whether the broadcast is still as it says."""

import json
import sys
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast
from peoplelink.broadcasts.proof import chain
from peoplelink.broadcasts.proof.telling import tell
from peoplelink.broadcasts.proof.verifying import Verdict, verify
from peoplelink.cli.settings import FOLDER, problems, reading_on, settings_of
from peoplelink.config import keyring
from peoplelink.db import is_sqlite
from peoplelink.errors import NotFoundError

_HEAD_LENGTH = 64  # hex digits


@click.group()
def proof() -> None:
    """Proofs of broadcasts: what was sent, to how many, and what became of it. BROADCAST is the id on its page."""


@proof.command()
@click.argument("broadcast")
@FOLDER
def show(broadcast: str, folder: Path) -> None:
    """Show the links of a proof, and its head. Needs no key."""
    with problems(), reading_on(folder) as session:
        links = chain.links(session, _find(session, broadcast))
    for link in links:
        click.echo("\n".join(tell(link)))
    click.echo(f"Head: {links[-1].link}" if links else "It has no proof yet: it has not been sent.")


@proof.command("verify")
@click.argument("broadcast")
@click.option("--head", help="The head that was mailed to the officers: also tells when links were taken away.")
@FOLDER
def verify_one(broadcast: str, head: str | None, folder: Path) -> None:
    """Check that nothing was changed since: words, counts, approvals, deliveries. Exits with 1 and says what was."""
    with problems():
        verdict = _verdict(broadcast, _read_head(head), folder)
    for note in verdict.notes:
        click.echo(note)
    for problem in verdict.problems:
        click.echo(f"CHANGED: {problem}")
    if verdict.problems:
        sys.exit(1)
    if verdict.links:
        click.echo(f"Nothing was changed: {verdict.links} links, head {verdict.head}.")


def _verdict(broadcast: str, head: str | None, folder: Path) -> Verdict:
    keys = keyring(settings_of(folder))
    with reading_on(folder, keys) as session:
        _take_snapshot(session)
        try:
            return verify(session, _find(session, broadcast), head=head)
        except json.JSONDecodeError:
            said = "The broadcast or its proof holds something that cannot be read: it was changed by hand."
            return Verdict(0, "", [said], [])


def _take_snapshot(session: Session) -> None:
    # One moment for everything that is compared. SQLite's reading transactions are like that of themselves.
    if not is_sqlite(session):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _find(session: Session, public_id: str) -> Broadcast:
    found = session.scalar(select(Broadcast).where(Broadcast.public_id == public_id.strip().lower()))
    if found is None:
        raise NotFoundError("There is no broadcast with this id. Its page shows it, under Proof.")
    return found


def _read_head(text: str | None) -> str | None:
    if text is None:
        return None
    head = text.strip().lower()
    if len(head) != _HEAD_LENGTH or set(head) - set("0123456789abcdef"):
        raise click.UsageError(f"--head takes the {_HEAD_LENGTH} letters and digits from the email, whole.")
    return head
