"""The servers a measurement talks to: a PostgreSQL cluster of our own below var/bench, and the stub provider."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
from psycopg import sql

from bench.processes import ROOT
from peoplelink.embedded import guard
from tests.databases import environment, find_postgres, unprivileged

_SECONDS = 120.0
"""For a start: a cluster of ten million rows that was not stopped properly has something to recover."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}
"""Everything else as PostgreSQL ships: a commit is on the disk (fsync, synchronous_commit), autovacuum runs."""


class Postgres:
    """A cluster whose files stay from run to run; what a measurement makes in it is dropped again."""

    def __init__(self, folder: Path) -> None:
        found = find_postgres()
        if found is None:
            raise SystemExit("PostgreSQL is not installed: there is no initdb (Debian: apt-get install postgresql).")
        self._binaries, self._user = found, unprivileged()
        # The path of a Unix socket is short (107 bytes): not below a deep folder.
        self._sockets = Path(tempfile.mkdtemp(prefix="peoplelink-bench-"))
        self._data = folder / "postgres"
        if not (self._data / "PG_VERSION").exists():
            self._make()
        self._start()

    @property
    def pid(self) -> int:
        """Of the process whose children are the backends."""
        return self._process.pid

    def url(self, database: str) -> str:
        """As `Config.database_url` takes it."""
        return f"postgresql+psycopg://peoplelink@/{database}?host={self._sockets}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection without a transaction."""
        return psycopg.connect(f"host={self._sockets} user=peoplelink dbname={database}", autocommit=True)

    def databases(self) -> set[str]:
        """The names of those there are."""
        with self.connect() as connection:
            return {str(name) for (name,) in connection.execute("SELECT datname FROM pg_database")}

    def create(self, name: str, *, template: str | None = None) -> str:
        """A new database, empty or a copy, in place of one with that name; its URL."""
        self.drop(name)
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
        return self.url(name)

    def rename(self, name: str, to: str) -> None:
        """Give a database another name."""
        self._execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))

    def drop(self, name: str) -> None:
        """Forget a database, whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def checkpoint(self) -> None:
        """Write out now what would otherwise be written in the middle of somebody's round."""
        self._execute(sql.Composed([sql.SQL("CHECKPOINT")]))

    def close(self) -> None:
        """Stop the server; its files stay."""
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        self._process.wait(_SECONDS)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _execute(self, statement: sql.Composed) -> None:
        with self.connect() as connection:
            connection.execute(statement)

    def _make(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self._data, self._user)
        made = subprocess.run(
            [self._binaries / "initdb", "-D", self._data, "-U", "peoplelink", "-A", "trust", "-E", "UTF8",
             "--locale=C"],
            check=False, stdout=subprocess.DEVNULL, user=self._user, cwd="/", env=environment(),
        )  # fmt: skip
        if made.returncode:
            raise SystemExit(f"initdb failed: can the user {self._user or 'you are'} reach {self._data}?")

    def _start(self) -> None:
        if self._user:
            shutil.chown(self._sockets, self._user)
        settings = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._sockets / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *options],
                stdout=log, stderr=log, user=self._user, cwd=self._data, env=environment(), start_new_session=True,
                preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
            )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + _SECONDS
        while True:
            try:
                return self._execute(sql.Composed([sql.SQL("SELECT 1")]))
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    said = (self._sockets / "log").read_text()
                    raise SystemExit(f"PostgreSQL did not start:\n{said}") from error
                time.sleep(0.05)


def script(connection: psycopg.Connection[Any], statements: Sequence[str], **values: object) -> None:
    """Run statements of our own, in which {name} stands for a value."""
    literals = {name: sql.Literal(value) for name, value in values.items()}
    for statement in statements:
        # Ours, from this folder: nothing in them came from outside.
        connection.execute(sql.SQL(statement).format(**literals))


class Stub:
    """The stub provider in its own process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.stub"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
        )  # fmt: skip
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def reset(self, latency: float = 0.0) -> None:
        """Forget what came; answer after `latency` seconds from now on."""
        self._get(f"reset?latency={latency}")

    def count(self) -> int:
        """Requests since then."""
        return int(self._get("state")["count"])

    def last(self) -> bytes:
        """The newest request, as much of it as came in one piece."""
        return str(self._get("last")).encode("latin-1")

    def arrivals(self) -> list[tuple[float, int]]:
        """When each request came (the machine's monotonic clock), and the length of its body."""
        moments, lengths = self._get("arrivals")
        return list(zip(moments, lengths, strict=True))

    def close(self) -> None:
        """End it."""
        with self._process:
            self._process.terminate()

    def _get(self, page: str) -> Any:
        with urlopen(f"{self.url}/stub/{page}", timeout=60) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read())
