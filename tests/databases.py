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

from psycopg import Error, connect
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

    lend = create
    """As `create`: copying a file is quick."""

    def drop(self, url: str) -> None:
        """Forget a database made here."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    give_back = drop

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
        self._lent: dict[str, Reused] = {}
        self._clean: list[str] = []

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

    def lend(self) -> str:
        """The URL of a migrated and empty database, perhaps one that was given back: making one takes 70 ms."""
        url = self._clean.pop() if self._clean else self.create()
        if url not in self._lent:
            self._lent[url] = Reused(url)
        return url

    def give_back(self, url: str) -> None:
        """Empty a database that was lent; one that cannot be emptied is forgotten."""
        try:
            self._lent[url].empty()
        except Error:
            self._lent.pop(url).close()
            self.drop(url)
        else:
            self._clean.append(url)

    def drop(self, url: str) -> None:
        """Forget a database made here, whoever is still connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Take away what was made, and the server too if it is ours."""
        for url, reused in self._lent.items():
            reused.close()
            self.drop(url)
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


_SHAPE = """
    SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
        SELECT concat_ws(':', relname, relkind, attname, atttypid, attnotnull, attisdropped) AS line
        FROM pg_class LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT version_num FROM alembic_version) AS lines
"""


class Reused:
    """A connection to a database that one test after another has to itself."""

    def __init__(self, url: str) -> None:
        self._connection = connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        self._connection.execute("SET session_replication_role = replica")  # foreign keys are not looked at
        self._connection.execute("SET lock_timeout = '10s'")
        self._tables = self._names("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        self._tables.remove("alembic_version")
        self._shape = self._names(_SHAPE)

    def empty(self) -> None:
        """Throw out who is still there, and everything that was written; ids begin at 1 again.

        Raises Error where a test has changed more than rows.
        """
        if self._names(_SHAPE) != self._shape:
            raise Error("its tables were changed")
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        rows = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in self._tables)
        for name in self._names(rows):
            self._connection.execute(f'DELETE FROM "{name}"')
        self._connection.execute(
            "SELECT setval(oid::regclass, 1, false) FROM pg_class"
            " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
        )

    def close(self) -> None:
        self._connection.close()

    def _names(self, question: str) -> list[str]:
        return [row[0] for row in self._connection.execute(question)]


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
