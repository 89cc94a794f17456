"""What every question has at hand: servers, started when first asked for; how large and how often to measure."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.servers import Postgres, Stub
from peoplelink import schema
from peoplelink.embedded import environment, first_start, secrets, valkey

_NOT_PASSED_ON = ("PEOPLELINK_", "TWILIO_", "SENDGRID_", "SANDBOX_", "DATABASE_URL", "REDIS_URL")
FEWEST = 500
"""Recipients: a broadcast to a few goes ahead of bulk as urgent."""
_IN_THE_MAKING = "in_the_making"
UNPACED = "1000000"  # segments a second: far more than any process sends


@dataclass
class Desk:
    """One run of `make bench`."""

    folder: Path
    seed: int
    scale: float = 1.0
    rounds: int = 3
    _passing: list[str] = field(default_factory=list)
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def say(self, words: str) -> None:
        """Tell whoever waits at the terminal."""
        sys.stdout.write(f"    {words}\n")
        sys.stdout.flush()

    def size(self, full: int, *, least: int = FEWEST) -> int:
        """So many of something, or fewer in a scaled run."""
        return max(least, round(full * self.scale))

    @cached_property
    def postgres(self) -> Postgres:
        """The cluster."""
        cluster = Postgres(self.folder)
        self._closing.callback(cluster.close)
        return cluster

    @cached_property
    def valkey(self) -> valkey.ValkeyServer:
        """The queue's server, with an append-only file as in production."""
        server = valkey.start(self.folder / "valkey", keep=True)
        self._closing.callback(server.stop)
        return server

    @cached_property
    def stub(self) -> Stub:
        """The provider."""
        stub = Stub()
        self._closing.callback(stub.close)
        return stub

    @cached_property
    def empty(self) -> str:
        """The name of a database with today's schema, the seed and an officer: others are copies of it."""
        return self.built("empty", lambda name: first_start.prepare(self.postgres.url(name), with_officer=True))

    def built(
        self,
        name: str,
        build: Callable[[str], object],
        *,
        template: str | None = None,
        of: str = "",
        keep: bool = False,
    ) -> str:
        """The name of a database that is built once: anew when the schema, or what `of` stands for, changes.

        `build` gets the name it has meanwhile. What is not to be kept is dropped when the run is over.
        """
        full = f"{name}_{hashlib.sha256((self.edition + of).encode()).hexdigest()[:8]}"
        if full not in self.postgres.databases():
            for old in self.postgres.databases():
                if old.startswith(f"{name}_"):
                    self.postgres.drop(old)
            self.postgres.create(_IN_THE_MAKING, template=template)
            build(_IN_THE_MAKING)
            self.postgres.rename(_IN_THE_MAKING, full)
        if not keep and full not in self._passing:
            self._passing.append(full)
            self._closing.callback(self.postgres.drop, full)
        return full

    @cached_property
    def edition(self) -> str:
        """Stands for the schema: what was built for another is built anew."""
        migrations = sorted((schema.SCRIPTS / "versions").glob("*.py"))
        return hashlib.sha256(b"".join(path.read_bytes() for path in migrations)).hexdigest()

    @contextlib.contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The URL of a database for as long as it is needed: a copy of `template`, or one without residents."""
        yield self.postgres.create("measured", template=template or self.empty)
        self.postgres.drop("measured")

    def environment(self, database_url: str, *, port: int = 0, **changes: str) -> dict[str, str]:
        """An installation's settings: this database, our queue, the stub for both providers, no pacing to speak of."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
        ours = {
            "DATABASE_URL": database_url,
            "REDIS_URL": self.valkey.url,
            "TWILIO_SEGMENTS_PER_SECOND": UNPACED,
            "PEOPLELINK_QUIET_HOURS": "off",
        }
        return environment.complete(
            own | ours | changes, self.folder, self.secrets, port=port, sandbox=self.stub.port
        ).values

    @cached_property
    def secrets(self) -> Mapping[str, str]:
        """Keys of this run's installation, and those that sign what the provider pushes to it."""
        return secrets.load_or_make(self.folder)

    @property
    def servers(self) -> dict[str, int]:
        """The servers whose processor time is counted beside a worker's."""
        return {"postgres": self.postgres.pid, "valkey": self.valkey.process.pid}

    def close(self) -> None:
        """Stop whatever was started."""
        self._closing.close()
