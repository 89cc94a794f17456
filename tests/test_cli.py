"""The `peoplelink` command, on a real database and a real sandbox."""

import re

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from peoplelink import schema
from peoplelink.cli import main
from peoplelink.embedded import secrets
from peoplelink.officers import services as officers
from peoplelink.officers.models import Officer, Role
from peoplelink.subscribers.models import Zone
from tests.databases import is_current


@pytest.fixture
def invoke(database_url, tmp_path, monkeypatch):
    """Run a command on the test's own database; `typed` is what a person answers."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, typed=None):
        shown_url = database_url.replace("postgresql+psycopg://", "postgresql://")
        return CliRunner().invoke(main, arguments, input=typed, env={"DATABASE_URL": shown_url})

    return run


@pytest.fixture
def planted(invoke):
    assert invoke("db", "upgrade").exit_code == 0


def password_in(result):
    return re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", result.output)[0]


def only_officer(database):
    with database.read() as session:
        return session.scalars(select(Officer)).one()


def signs_in(database, email, password, now):
    with database.transaction() as session:
        return officers.authenticate(session, email, password, now=now) is not None


def test_an_upgrade_plants_the_zones_to_start_with(invoke, database):
    result = invoke("db", "upgrade")

    with database.read() as session:
        assert set(session.scalars(select(Zone.slug))) == {"bell-foundry", "coalville", "new-parks"}
    assert result.output == "The database is up to date.\n"


def test_a_second_upgrade_changes_nothing(invoke, database, planted):
    assert invoke("db", "upgrade").exit_code == 0

    with database.read() as session:
        assert len(session.scalars(select(Zone)).all()) == 3


def test_a_database_of_another_version_is_named(invoke, database_url):
    schema.downgrade(database_url)

    result = invoke("db", "check")

    assert result.exit_code == 1
    assert "peoplelink db upgrade" in result.output


def test_a_downgrade_asks_first(invoke, database_url):
    declined = invoke("db", "downgrade", "base", typed="n\n")

    assert declined.exit_code == 1
    assert is_current(database_url)


def test_a_downgrade_that_is_confirmed_empties_the_database(invoke, database_url):
    invoke("db", "downgrade", "base", typed="y\n")

    assert not is_current(database_url)


def test_an_added_officer_can_sign_in_with_the_generated_password(invoke, database, planted, now):
    result = invoke(
        "officer", "add", "--name", "An Officer", "--email", "One@example.org", "--role", "composer",
        "--zones", "new-parks,coalville", "--generate",
    )  # fmt: skip

    password = password_in(result)
    officer = only_officer(database)
    assert officer.role is Role.COMPOSER
    assert not officer.all_zones
    assert signs_in(database, "one@example.org", password, now)


def test_a_typed_password_is_not_shown(invoke, database, planted, now):
    typed = "three odd words\nthree odd words\n"
    arguments = ("--name", "An Officer", "--email", "one@example.org", "--role", "viewer", "--all-zones")

    result = invoke("officer", "add", *arguments, typed=typed)

    assert "three odd words" not in result.output
    assert signs_in(database, "one@example.org", "three odd words", now)


def test_an_officer_needs_zones(invoke, planted):
    result = invoke("officer", "add", "--name", "A", "--email", "a@example.org", "--role", "viewer", "--generate")

    assert result.exit_code == 2
    assert "--zones new-parks,coalville or --all-zones" in result.output


def test_an_unknown_zone_is_answered_with_those_there_are(invoke, planted):
    result = invoke(
        "officer", "add", "--name", "A", "--email", "a@example.org", "--role", "viewer", "--zones", "narnia",
        "--generate",
    )  # fmt: skip

    assert result.exit_code == 2
    assert "There are: bell-foundry, coalville, new-parks" in re.sub(r"\s+", " ", result.output)


def test_a_weak_password_is_refused_in_a_sentence(invoke, planted):
    result = invoke(
        "officer", "add", "--name", "A", "--email", "a@example.org", "--role", "viewer", "--all-zones",
        typed="short\nshort\n",
    )  # fmt: skip

    assert result.exit_code == 1
    assert "Use a password of at least" in result.output


def test_a_reset_password_replaces_the_old_one(invoke, database, planted, now):
    arguments = ("--name", "A", "--email", "a@example.org", "--role", "viewer", "--all-zones", "--generate")
    first = password_in(invoke("officer", "add", *arguments))

    result = invoke("officer", "reset-password", "--email", "a@example.org", "--generate")

    second = password_in(result)
    assert not signs_in(database, "a@example.org", first, now)
    assert signs_in(database, "a@example.org", second, now)


def test_an_unknown_officer_is_a_sentence(invoke, planted):
    result = invoke("officer", "reset-password", "--email", "nobody@example.org", "--generate")

    assert result.exit_code == 1
    assert "There is no officer with this email address." in result.output


@pytest.mark.parametrize("command", [("web",), ("worker", "urgent"), ("scheduler",)])
def test_processes_refuse_to_start_with_a_setting_missing(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, command, env={"DATABASE_URL": "sqlite:///x.db"})

    assert result.exit_code == {"worker": 3}.get(command[0], 1)
    assert "Set TWILIO_AUTH_TOKEN" in result.output
    assert "Set REDIS_URL" in result.output


def test_a_worker_takes_known_queues_only():
    result = CliRunner().invoke(main, ["worker", "parcels"])

    assert result.exit_code == 2
    assert "'urgent', 'inbound', 'bulk'" in result.output


def test_commands_find_the_embedded_database_by_themselves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    secrets.load_or_make(tmp_path / "var")

    result = CliRunner().invoke(main, ["db", "upgrade"])

    assert result.exit_code == 0
    assert is_current(f"sqlite:///{tmp_path}/var/peoplelink.db")


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--port", "8300", "--sandbox-port", "8300"], "a port each"), (["--port", "99999"], "0<=x<=65535")],
)
def test_ports_that_cannot_be_are_a_sentence(options, said, tmp_path):
    answer = CliRunner().invoke(main, ["run", *options, "--folder", str(tmp_path)])

    assert answer.exit_code == 2
    assert said in answer.output
