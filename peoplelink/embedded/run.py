"""`peoplelink run`: everything on one machine, from one command, until Ctrl-C."""

import contextlib
import fcntl
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from peoplelink.config import Config
from peoplelink.embedded import environment, first_start, ports, secrets, valkey
from peoplelink.embedded.environment import Environment
from peoplelink.embedded.errors import AlreadyRunningError, EmbeddedError
from peoplelink.embedded.supervisor import LOOK, Plan, Supervisor
from peoplelink.jobs import BULK, INBOUND, URGENT

WORKERS = ((URGENT, INBOUND, BULK), (INBOUND, URGENT))
"""Queues by worker, in the order of listening. The second never takes bulk, so that urgent work finds a free hand, and
reads what residents say first: a broadcast to a few is urgent too, and must not keep a JOIN or a receipt waiting."""

GUNICORN = (
    *("gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "8"),
    *("--log-level", "warning", "--no-control-socket"),
)
"""The website's server as docs/operations.md has it, for `python -m`."""

RUNNING = "running.env"
"""While we run: the settings of our processes, for commands in another window."""

_LOCK = "run.lock"
_READY_SECONDS = 90.0
Say = Callable[[str], object]


class _Signals:
    """Ctrl-C, a closed window or a service manager ask us to stop; asked twice, we hurry."""

    def __init__(self) -> None:
        self._asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self._asked += 1

    def stop(self) -> bool:
        return self._asked > 0

    def hurry(self) -> bool:
        return self._asked > 1


def run(env: Mapping[str, str], folder: Path, *, port: int, sandbox_port: int, say: Say) -> None:
    """Run all parts until told to stop; `env` names those that are not ours to run. Port 0 takes any free one.

    Raises EmbeddedError or ConfigError, with nothing left running.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _only_one(folder):
        port, sandbox_port = ports.claim(port, "--port"), ports.claim(sandbox_port, "--sandbox-port")
        kept = secrets.load_or_make(folder)
        parts = environment.complete(env, folder, kept, port=port, sandbox=sandbox_port)
        Config.from_env(parts.values)  # before anything starts
        say("People Link is made of:")
        for line in environment.lines(parts.parts):
            say(line)
        _run(parts, folder, port, sandbox_port, say)


def is_running(folder: Path) -> bool:
    """Whether the installation in a folder runs: it holds the lock, and lets go of it however it ends."""
    lock = folder / _LOCK
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            raise AlreadyRunningError from err
        yield


def _run(parts: Environment, folder: Path, port: int, sandbox_port: int, say: Say) -> None:
    signals = _Signals()
    with _queue(parts, folder) as server:
        config = Config.from_env(parts.values)
        password = first_start.prepare(config.database_url, with_officer=True)
        supervisor = Supervisor(parts.values, folder / "log", say)
        if server:
            supervisor.add(Plan("queue server", server.command, wave=2), server.process)
        try:
            _start_children(supervisor, parts, folder, port, sandbox_port)
            secrets.write(folder / RUNNING, _ours(parts.values))
            addresses = [f"http://127.0.0.1:{port}/readyz"]
            if parts.sandboxed:
                addresses.append(f"http://127.0.0.1:{sandbox_port}/")
            if supervisor.await_ready(
                lambda: all(map(_answers, addresses)), seconds=_READY_SECONDS, stopped=signals.stop
            ):
                _welcome(say, parts, port, sandbox_port, password)
            while not signals.stop():
                supervisor.tend()
                time.sleep(LOOK)
            say("Stopping ...")
        finally:
            supervisor.stop(hurry=signals.hurry)
            (folder / RUNNING).unlink(missing_ok=True)
    say("People Link has stopped.")


@contextlib.contextmanager
def _queue(parts: Environment, folder: Path) -> Iterator[valkey.ValkeyServer | None]:
    """Redis: ours if the settings name none. Its address goes into the settings."""
    if parts.values["REDIS_URL"] != environment.REDIS_TO_COME:
        yield None
        return
    server = valkey.start(folder / "redis", keep=True)
    parts.values["REDIS_URL"] = server.url
    try:
        yield server
    finally:
        server.stop()


def _start_children(supervisor: Supervisor, parts: Environment, folder: Path, port: int, sandbox_port: int) -> None:
    if parts.sandboxed:
        journal = str(folder.resolve() / "sandbox.jsonl")
        command = [sys.executable, "-m", "peoplelink.sandbox", "--port", str(sandbox_port), "--journal", journal]
        supervisor.add(Plan("sandbox", command, wave=1))
    supervisor.add(Plan("web server", web_command(port)))
    for letter, queues in zip("AB", WORKERS, strict=True):
        supervisor.add(Plan(f"worker {letter}", [*_command(), "worker", *queues]))
    supervisor.add(Plan("scheduler", [*_command(), "scheduler"]))


def web_command(port: int, host: str = ports.HOST) -> list[str]:
    """Gunicorn on a port, with the application of the environment."""
    shared_memory = ["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108
    where = ["--bind", f"{host}:{port}", "--graceful-timeout", "5"]
    return [sys.executable, "-m", *GUNICORN, "peoplelink.app:app_from_env()", *where, *shared_memory]


def _command() -> list[str]:
    return [sys.executable, "-m", "peoplelink.cli"]


def _ours(values: Mapping[str, str]) -> dict[str, str]:
    prefixes = ("PEOPLELINK_", "TWILIO_", "SENDGRID_", "SANDBOX_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in values.items() if name.startswith(prefixes)}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _welcome(say: Say, parts: Environment, port: int, sandbox_port: int, password: str | None) -> None:
    handset = f" · Handset at http://127.0.0.1:{sandbox_port}" if parts.sandboxed else ""
    say("")
    say(f"People Link is at http://127.0.0.1:{port}{handset}")
    if password:
        say(f"Sign in at http://127.0.0.1:{port}/officer/sign-in as {first_start.FIRST_OFFICER} with {password}")
        say("(shown once; `peoplelink officer reset-password` makes another)")
    say("Ctrl-C stops it.")


__all__ = ["RUNNING", "WORKERS", "EmbeddedError", "is_running", "run", "web_command"]
