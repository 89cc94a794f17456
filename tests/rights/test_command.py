"""`peoplelink retention`: counts, and deletes, from a terminal."""

import datetime as dt

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.cli import main
from peoplelink.inbound.models import Webhook
from peoplelink.rights.models import RetentionRun
from tests.factories import make_webhook

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
WHAT = "raw requests of Twilio and SendGrid"


@pytest.fixture
def invoke(database, database_url, tmp_path, monkeypatch):
    """Run the command on a database with one old request in it."""
    monkeypatch.chdir(tmp_path)
    old = clock.now() - dt.timedelta(days=40)
    with database.transaction() as session:
        make_webhook(session, received_at=old, processed_at=old)
    keys = {"PEOPLELINK_ADDRESS_KEY": "a" * 64, "PEOPLELINK_PROOF_KEY": "p" * 64}

    def run(*arguments):
        return CliRunner().invoke(main, ["retention", *arguments], env={"DATABASE_URL": database_url, **keys})

    return run


def left(database, table):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_dry_run_counts_and_changes_nothing(invoke, database):
    said = invoke("--dry-run")

    assert said.exit_code == 0, said.output
    assert f"        1  {WHAT}\n" in said.output
    assert said.output.endswith("Nothing was changed.\n")
    assert (left(database, Webhook), left(database, RetentionRun)) == (1, 0)


def test_the_command_does_todays_run_and_then_what_is_due_since(invoke, database):
    first = invoke()
    old = clock.now() - dt.timedelta(days=40)
    with database.transaction() as session:
        for _ in range(2):
            make_webhook(session, received_at=old, processed_at=old)

    second = invoke()

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"        1  {WHAT}\n" in first.output
    assert f"        2  {WHAT}\n" in second.output
    assert (left(database, Webhook), left(database, RetentionRun)) == (0, 2)
