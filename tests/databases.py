"""The databases that tests run on: a SQLite template to copy, and a PostgreSQL server started once a session."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from peoplelink import schema
from peoplelink.db import opened
from peoplelink.embedded import guard

TEMPLATE = "peoplelink_template"


def is_current(url: str) -> bool:
    """Whether the database at `url` has this version's schema."""
    with opened(url) as database:
        return schema.is_current(database.engine)


def fast_disk() -> str | None:
    """A folder in memory where there is one: thousands of little databases wear out patience."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class SqliteFiles:
    """A migrated file, copied for each test that wants its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="peoplelink-sqlite-", dir=fast_disk()))
        self.template = self.folder / "template.db"
        schema.upgrade(f"sqlite:///{self.template}")

    def create(self) -> str:
        """The URL of a fresh migrated database."""
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """The URL of a database without a table."""
        return f"sqlite:///{self.folder / uuid.uuid4().hex}.db"

    def drop(self, url: str) -> None:
        """Forget a database made here."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresServer:
    """A migrated template on a server, and databases made from it. `url` points at the maintenance database."""

    def __init__(self, url: URL, process: "subprocess.Popen[bytes] | None" = None, folder: Path | None = None) -> None:
        self._url, self._process, self._folder = url, process, folder
        # A server that is not ours may serve several test runs at once.
        self._template = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._wait()
        self._execute(f'CREATE DATABASE "{self._template}"')
        schema.upgrade(self._named(self._template))

    def create(self) -> str:
        """The URL of a fresh migrated database."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        return self._named(name)

    def empty(self) -> str:
        """The URL of a database without a table."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f'CREATE DATABASE "{name}"')
        return self._named(name)

    def drop(self, url: str) -> None:
        """Forget a database made here, whoever is still connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Take away what was made, and the server too if it is ours."""
        self.drop(self._named(self._template))
        self._admin.dispose()
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            self._process.wait(30)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _named(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                return self._execute("SELECT 1")
            except OperationalError:
                if time.monotonic() > until or (self._process is not None and self._process.poll() is not None):
                    raise
                time.sleep(0.05)


def find_postgres() -> Path | None:
    """The folder with initdb and postgres: from PATH, or the newest under /usr/lib/postgresql."""
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).parent / "postgres").exists():
        return Path(on_path).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


def start_postgres() -> PostgresServer | None:
    """A server for this session: TEST_DATABASE_URL, or one of our own; None where there is no PostgreSQL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return PostgresServer(make_url(given).set(drivername="postgresql+psycopg"))
    binaries = find_postgres()
    return _launch(binaries) if binaries else None


def _launch(binaries: Path) -> PostgresServer:
    # The path of a Unix socket is short (107 bytes): not below a deep temporary folder.
    folder = Path(tempfile.mkdtemp(prefix="peoplelink-pg-", dir="/tmp"))
    user = unprivileged()
    if user:
        shutil.chown(folder, user)
    data = Path(tempfile.mkdtemp(prefix="data-", dir=folder))
    if user:
        shutil.chown(data, user)
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "peoplelink", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"],
        check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder, env=environment(),
    )  # fmt: skip
    settings = {
        "listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "100",
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
        "max_wal_senders": "0", "autovacuum": "off",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            stdout=log, stderr=log, user=user, cwd=folder, env=environment(), start_new_session=True,
            preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
        )  # fmt: skip
    url = URL.create("postgresql+psycopg", username="peoplelink", database="postgres", query={"host": str(folder)})
    return PostgresServer(url, process, folder)


def unprivileged() -> str | None:
    """Whom to be: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
