"""A PostgreSQL cluster to throw away and a Valkey or Redis server: stopped at once, started again where they were."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from peoplelink.embedded import guard, valkey
from tests.databases import environment, find_postgres, unprivileged

_START_SECONDS = 30.0

# As a server in production, but for fsync: an immediate stop loses what was not yet handed to the kernel, and that
# synchronous_commit guards; only a power cut loses what the kernel holds.
_SETTINGS = {"listen_addresses": "", "max_connections": "100", "fsync": "off", "shared_buffers": "128MB"}


class Postgres:
    """A cluster of our own. `databases` are made in it and dropped."""

    def __init__(self) -> None:
        found = find_postgres()
        assert found is not None, "PostgreSQL is not installed: there is no initdb"
        self._binaries, self._user = found, unprivileged()
        # The path of a Unix socket is short (107 bytes): not below a deep temporary folder.
        self.folder = Path(tempfile.mkdtemp(prefix="peoplelink-crash-", dir="/tmp"))
        self._data = self.folder / "data"
        if self._user:
            shutil.chown(self.folder, self._user)
        subprocess.run(
            [found / "initdb", "-D", self._data, "-U", "peoplelink", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--locale=C"],
            check=True, stdout=subprocess.DEVNULL, user=self._user, cwd=self.folder, env=environment(),
        )  # fmt: skip
        self.start()
        self.wait()

    def start(self) -> None:
        """Start the server; it answers once it has recovered."""
        settings = _SETTINGS | {"unix_socket_directories": str(self.folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *options],
                stdout=log, stderr=log, user=self._user, cwd=self.folder, env=environment(), start_new_session=True,
                preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
            )  # fmt: skip

    def stop_at_once(self) -> None:
        """What `pg_ctl stop -m immediate` does: every connection is cut, and the next start is a recovery."""
        self._process.send_signal(signal.SIGQUIT)

    def start_again(self) -> None:
        """Start it after a stop at once; PostgreSQL ends what is left of the old one within 5 seconds."""
        self._process.wait(10)
        self.start()

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def execute(self, statement: str) -> None:
        """Run a statement in the maintenance database."""
        dsn = f"host={self.folder} user=peoplelink dbname=postgres"
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def create(self, name: str) -> str:
        """The URL of a new, empty database, as DATABASE_URL takes it."""
        self.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql://peoplelink@/{name}?host={self.folder}"

    def close(self) -> None:
        """Take it all away."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


class Queue:
    """The queue's server, with its append-only file."""

    def __init__(self, folder: Path) -> None:
        self._server = valkey.start(folder, keep=True)
        self._process = self._server.process
        self.url = self._server.url

    def flush(self) -> None:
        """Lose everything it holds; harmless while it is down."""
        with contextlib.suppress(RedisError), Redis.from_url(self.url, socket_timeout=2) as client:
            client.flushall()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def start_again(self) -> None:
        """Start it in the same place; it reads its append-only file."""
        self._process = subprocess.Popen(
            self._server.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
        )  # fmt: skip

    def close(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(10)
