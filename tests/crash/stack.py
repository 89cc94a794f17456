"""One installation as docs/operations.md describes it: database, queue, sandbox, website, workers, schedulers."""

import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from peoplelink import clock
from peoplelink.config import Config
from peoplelink.db import Database
from peoplelink.demo.sandbox import Sandbox
from peoplelink.embedded import environment, first_start, guard, ports, secrets
from peoplelink.embedded.run import GUNICORN
from peoplelink.engines import make_engine
from tests.crash import people, services
from tests.crash.plan import TIMING, Round
from tests.crash.servers import Postgres, Queue
from tests.crash.services import ROOT, Unit

_WORKERS = {
    "worker-a": ("urgent", "inbound", "bulk"),
    "worker-b": ("urgent", "inbound", "bulk"),
    "worker-c": ("inbound", "urgent"),
}
_READY_SECONDS = 60.0
_NOT_PASSED_ON = ("PEOPLELINK_", "TWILIO_", "SENDGRID_", "SANDBOX_", "DATABASE_URL", "REDIS_URL")


class Stack:
    """Everything of one round, in a folder of its own."""

    def __init__(self, round_: Round, folder: Path, postgres: Postgres | None) -> None:
        self.round, self.folder, self.postgres = round_, folder, postgres
        folder.mkdir(parents=True, exist_ok=True)
        self.queue = Queue(folder / "redis")
        self._port, sandbox_port = ports.claim(0, "web"), ports.claim(0, "sandbox")
        self.base, self.sandbox = f"http://127.0.0.1:{self._port}", Sandbox(f"http://127.0.0.1:{sandbox_port}")
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        self.env = self._environment(sandbox_port)
        self.config = Config.from_env(self.env)
        assert self.config.sandboxed, "a round must never reach a real provider"
        self.database = Database(make_engine(self.config.database_url), keys=self.config.keyring)
        self.password = first_start.prepare(self.config.database_url, with_officer=True) or ""
        self.units = {unit.name: unit for unit in self._units()}

    def plant(self) -> list[people.Planned]:
        """Residents and drafts, before anybody is there to send them."""
        with self.database.transaction() as session:
            return people.plant(
                session, self.round.size, random.Random(self.round.dice), address_key=self.config.address_key,
                now=clock.now(),
            )  # fmt: skip

    def start(self) -> None:
        """Start every process; back when the website answers."""
        with (self.folder / "sandbox.log").open("ab") as log:
            command = [sys.executable, "-m", "peoplelink.sandbox", "--port", self.sandbox_url.rpartition(":")[2]]
            self._sandbox = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
            )  # fmt: skip
        for unit in self.units.values():
            unit.start()
        until = time.monotonic() + _READY_SECONDS
        while not (_answers(f"{self.base}/readyz") and _answers(f"{self.sandbox_url}/sandbox/faults")):
            assert time.monotonic() < until, f"the installation did not start; see {self.folder}"
            time.sleep(0.1)

    def tend(self) -> None:
        """Start again what has ended."""
        for unit in self.units.values():
            unit.tend()

    def stop(self) -> dict[str, float]:
        """Stop the services as their manager would; how many seconds each took."""
        return services.stop(self.units.values())

    def close(self) -> None:
        """No process is left."""
        for unit in self.units.values():
            unit.end()
        self._sandbox.terminate()
        self._sandbox.wait(10)
        self.queue.close()
        self.database.engine.dispose()

    def _environment(self, sandbox_port: int) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
        kept = secrets.load_or_make(self.folder)
        values = environment.complete(own, self.folder, kept, port=self._port, sandbox=sandbox_port).values
        if self.postgres is not None:
            values["DATABASE_URL"] = self.postgres.create(f"round_{self.round.number}")
        return values | TIMING | {
            "REDIS_URL": self.queue.url,
            "PEOPLELINK_TRUSTED_PROXIES": "1",
            "PYTHONUNBUFFERED": "1",
            "SANDBOX_KEEP_REQUESTS": "1",
            "TWILIO_KEYWORDS": self.round.keywords,
            "TWILIO_SEGMENTS_PER_SECOND": str(self.round.size.rate),
            "PEOPLELINK_QUIET_HOURS": "off",
        }  # fmt: skip

    def _units(self) -> list[Unit]:
        python = sys.executable
        commands = {
            "web": [python, "-m", *GUNICORN, "--bind", f"127.0.0.1:{self._port}", "wsgi:app"],
            **{name: [python, "worker.py", *queues] for name, queues in _WORKERS.items()},
            **{f"scheduler-{letter}": [python, "-m", "peoplelink.cli", "scheduler"] for letter in "ab"},
        }
        return [Unit(name, command, self.env, self.folder) for name, command in commands.items()]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
