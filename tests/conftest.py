"""What every test may ask for: databases of both kinds, a session that is rolled back, a runtime, a client."""

import dataclasses
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from redis import Redis
from sqlalchemy.orm import Session

from peoplelink.channels.memory import MemoryChannel
from peoplelink.channels.messages import Medium
from peoplelink.config import Config
from peoplelink.db import Database
from peoplelink.embedded import valkey as embedded_valkey
from peoplelink.engines import make_engine
from peoplelink.jobs import RecordedJobs
from peoplelink.officers import passwords
from peoplelink.sandbox.signing import load_private, new_key_pair
from tests import settings
from tests.databases import PostgresServer, SqliteFiles, start_postgres

ENGINES = ("sqlite", "postgresql")
_INSTALLATIONS = {"crash", "embedded", "journeys", "workers"}
NO_POSTGRES = "no PostgreSQL here: install it (Debian: apt-get install postgresql) or set TEST_DATABASE_URL"


def pytest_sessionstart() -> None:
    """Nothing of the machine's own settings reaches a test."""
    for name in list(os.environ):
        if name.startswith(("PEOPLELINK_", "TWILIO_", "SENDGRID_")) or name in {"DATABASE_URL", "REDIS_URL"}:
            del os.environ[name]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in red what this machine could not test."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT TESTED: {reason.removeprefix('Skipped: ')}", red=True, bold=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: Playwright leaves its event loop running in the main thread of the process.

    Where the tests are parted among processes, one process takes all of those that start whole installations. The
    longest have a time-out of their own and come first: one that began at the end would leave the other process idle.
    """
    items.sort(key=lambda item: (bool(item.get_closest_marker("browser")), not item.get_closest_marker("timeout")))
    for item in items:
        if item.path.parent.name in _INSTALLATIONS:
            item.add_marker(pytest.mark.xdist_group("installations"))


# Databases


@pytest.fixture(scope="session")
def sqlite_files() -> Iterator[SqliteFiles]:
    files = SqliteFiles()
    yield files
    files.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = start_postgres()
    if server is None:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail(NO_POSTGRES)
        pytest.skip(NO_POSTGRES)
    yield server
    server.close()


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Which database; `@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)` keeps a test to one."""
    return request.param


@pytest.fixture(scope="session")
def databases(engine_name: str, request: pytest.FixtureRequest) -> SqliteFiles | PostgresServer:
    """Makes and drops databases of the kind that the test runs on."""
    return request.getfixturevalue("sqlite_files" if engine_name == "sqlite" else "postgres_server")


@pytest.fixture
def database_url(databases: SqliteFiles | PostgresServer) -> Iterator[str]:
    """A database of the test's own, migrated and empty."""
    url = databases.lend()
    yield url
    databases.give_back(url)


@pytest.fixture
def database(database_url: str, jobs: RecordedJobs, config: Config) -> Iterator[Database]:
    """Sessions on a database of the test's own; bells go to `jobs`."""
    made = Database(make_engine(database_url), ringer=jobs.ring, keys=config.keyring)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def shared_database(databases: SqliteFiles | PostgresServer) -> Iterator[Database]:
    """One database for all tests that roll back what they write."""
    url = databases.create()
    made = Database(make_engine(url))
    yield made
    made.engine.dispose()
    databases.drop(url)


@pytest.fixture
def session(shared_database: Database, jobs: RecordedJobs, config: Config) -> Iterator[Session]:
    """A writing session, rolled back after the test. A commit in it closes a savepoint; bells go to `jobs`."""
    writing = shared_database.write()
    with writing.get_bind().connect() as connection, connection.begin() as outer:
        isolated = Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False,
            info={"ringer": jobs.ring, "keyring": config.keyring},
        )  # fmt: skip
        with isolated:
            yield isolated
        outer.rollback()


# A database of the test's own, in a word


@pytest.fixture
def look(database):
    """A function that reads: look(lambda session: ...)."""

    def reading(question):
        with database.read() as session:
            return question(session)

    return reading


@pytest.fixture
def change(database):
    """A function that writes: change(lambda session: ...)."""

    def writing(deed):
        with database.transaction() as session:
            return deed(session)

    return writing


# Parts of a process


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Argon2 at its least cost in the tests' own process: at full cost it was a tenth of a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def now() -> dt.datetime:
    """A Saturday afternoon in London, a week before the clocks change."""
    return dt.datetime(2026, 3, 21, 14, 30, tzinfo=dt.UTC)


@pytest.fixture
def jobs() -> RecordedJobs:
    """The bells that were rung, in `jobs.rung`."""
    return RecordedJobs()


@pytest.fixture(scope="session")
def key_pairs() -> dict[str, tuple[str, str]]:
    """SendGrid's signing keys for this session: (private, public) under "event" and "parse"."""
    return {"event": new_key_pair(), "parse": new_key_pair()}


@pytest.fixture(scope="session")
def event_key(key_pairs: dict[str, tuple[str, str]]) -> EllipticCurvePrivateKey:
    """Signs SendGrid's event webhook for `config`."""
    return load_private(key_pairs["event"][0])


@pytest.fixture(scope="session")
def parse_key(key_pairs: dict[str, tuple[str, str]]) -> EllipticCurvePrivateKey:
    """Signs SendGrid's inbound mail webhook for `config`."""
    return load_private(key_pairs["parse"][0])


@pytest.fixture(scope="session")
def config(key_pairs: dict[str, tuple[str, str]]) -> Config:
    """Settings of a sandboxed installation. `runtime.config` is the same, with its own database and Redis."""
    return settings.sandboxed(key_pairs["event"][1], key_pairs["parse"][1])


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_valkey.ValkeyServer]:
    server = embedded_valkey.start(tmp_path_factory.mktemp("valkey"), keep=False)
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: embedded_valkey.ValkeyServer) -> Iterator[Redis]:
    """A connection to a real server, emptied for each test. Its address: `valkey_url`."""
    with Redis.from_url(valkey_server.url) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def valkey_url(valkey_server: embedded_valkey.ValkeyServer, valkey) -> str:
    return valkey_server.url


@pytest.fixture
def runtime(config: Config, database_url: str, database: Database, jobs: RecordedJobs, valkey, valkey_url: str):
    """The parts of a process, listeners joined: messages go to MemoryChannels, bells to `jobs`."""
    from peoplelink.app import make_runtime  # noqa: PLC0415 - only tests of the whole pay for it

    own = dataclasses.replace(config, database_url=database_url, redis_url=valkey_url)
    channels = {Medium.SMS: MemoryChannel(Medium.SMS), Medium.EMAIL: MemoryChannel(Medium.EMAIL, batch_size=1000)}
    parts = make_runtime(own)
    parts.database.engine.dispose()
    parts.redis.close()
    return dataclasses.replace(parts, database=database, jobs=jobs, redis=valkey, channels=channels)


# The web


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates put into code once a run and not once a test: that was a fifth of what the whole run cost."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def fresh_app(runtime, compiled_templates: FileSystemBytecodeCache):
    """A web application on `runtime` that has answered nothing yet, so that a test may give it pages of its own."""
    from peoplelink.app import create_app  # noqa: PLC0415

    made = create_app(runtime)
    made.testing = True
    made.jinja_env.bytecode_cache = compiled_templates
    return made


@pytest.fixture(scope="session")
def applications() -> list[Flask]:
    """The one that all tests of the session share, once the first of them has made it."""
    return []


@pytest.fixture
def app(request: pytest.FixtureRequest, runtime, applications: list[Flask]):
    """The web application on `runtime`: one for all tests, with the parts of each."""
    from tests import parts  # noqa: PLC0415

    if not applications:
        applications.append(request.getfixturevalue("fresh_app"))
    return parts.give(applications[0], runtime)


@pytest.fixture
def client(app):
    """A browser without a screen. Forms need `csrf_token` from tests.pages."""
    return app.test_client()


@pytest.fixture
def sign_in(client):
    """A function that gives the client an officer's session cookie, as the sign-in page does."""

    def signing_in(officer):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"] = officer.get_id()
            cookie["_fresh"] = True
        return officer

    return signing_in


@pytest.fixture
def payloads() -> Path:
    """The folder of recorded provider payloads."""
    return Path(__file__).parent / "payloads"
