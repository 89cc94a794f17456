"""Keeps child processes running: starts them, starts them again when they end, and ends them all in order."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from peoplelink.embedded import guard
from peoplelink.embedded.errors import DidNotStartError

LOOK = 0.1  # seconds between two looks at the children
_STEADY = 30.0  # seconds after which a child counts as well again
_LONGEST_PAUSE = 10.0
_LOG_LIMIT = 10_000_000  # bytes, then the log is put aside and a new one begun
# Seconds after the request to stop at which what is left of a wave is killed. A slice of sending lasts at most 5.
_WAVE_ENDS = (7.0, 8.5, 9.5)


@dataclass(frozen=True)
class Plan:
    """A child as it should be."""

    name: str
    command: Sequence[str]
    wave: int = 0
    """When it is stopped: those that use others first (0), the sandbox (1), the queue's server (2)."""


@dataclass
class Child:
    """A plan and the process that carries it out."""

    plan: Plan
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = 0.0
    sessions: list[int] = field(default_factory=list)
    """Of every process this child has been: what one of them forked may outlive it."""

    def living(self) -> list[int]:
        """Every process that belongs to it."""
        self.poll()
        return [pid for session in self.sessions for pid in guard.members(session)]

    def poll(self) -> int | None:
        """How it ended, or None while it runs (or has yet to start)."""
        return self.process.poll() if self.process else None


class Supervisor:
    """Children that belong together. Everything is called from the main thread: children die with it."""

    def __init__(self, env: Mapping[str, str], logs: Path, say: Callable[[str], object]) -> None:
        self._env, self._logs, self._say = dict(env), logs, say
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def add(self, plan: Plan, process: "subprocess.Popen[bytes] | None" = None) -> None:
        """Look after a child; `process` if it already runs."""
        child = Child(plan, self._logs / f"{plan.name.replace(' ', '-')}.log", process, time.monotonic())
        self._children.append(child)
        if process is None:
            self._start(child)
        else:
            child.sessions.append(process.pid)

    def tend(self) -> None:
        """Start again whatever has ended, later and later if it keeps ending."""
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.poll() is not None:
                self._note_end(child, now)
            if child.process is None and now >= child.start_at:
                self._start(child)

    def await_ready(self, ready: Callable[[], bool], *, seconds: float, stopped: Callable[[], bool]) -> bool:
        """Tend until `ready` says so; False when told to stop first. Raises DidNotStartError."""
        until = time.monotonic() + seconds
        while not stopped():
            self.tend()
            self._give_up_on_failing()
            if ready():
                return True
            if time.monotonic() > until:
                raise DidNotStartError(f"People Link did not answer within {seconds:.0f} seconds; see {self._logs}.")
            time.sleep(LOOK)
        return False

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        """Ask each wave to end, then insist. One request only: RQ takes a second for an order to drop its work."""
        began = time.monotonic()
        for wave, limit in enumerate(_WAVE_ENDS):
            children = [child for child in self._children if child.plan.wave == wave]
            for child in children:
                if child.process is not None and child.poll() is None:
                    child.process.terminate()
            self._await_end(children, began + limit, hurry)
            for session in (session for child in children for session in child.sessions):
                guard.kill(session)
        for child in self._children:
            if child.process is not None:
                child.process.wait()

    def _await_end(self, children: Sequence[Child], until: float, hurry: Callable[[], bool]) -> None:
        while any(child.living() for child in children) and time.monotonic() < until and not hurry():
            time.sleep(LOOK)

    def _start(self, child: Child) -> None:
        with _log_file(child.log) as log:
            child.process = subprocess.Popen(  # noqa: S603 - our own commands
                list(child.plan.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,  # Ctrl-C is for us alone; its session is how we find what it forked
                preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
            )
        child.started_at = time.monotonic()
        child.sessions = [session for session in child.sessions if guard.members(session)]
        child.sessions.append(child.process.pid)

    def _note_end(self, child: Child, now: float) -> None:
        child.failures = 1 if now - child.started_at > _STEADY else child.failures + 1
        pause = min(0.25 * 2 ** (child.failures - 1), _LONGEST_PAUSE)
        child.process, child.start_at = None, now + pause
        self._say(f"The {child.plan.name} ended by itself and is started again (see {child.log}).")

    def _give_up_on_failing(self) -> None:
        for child in self._children:
            if child.failures >= 3:  # noqa: PLR2004 - once is an accident, twice bad luck
                raise DidNotStartError(f"The {child.plan.name} does not start. Its log ends:\n{_tail(child.log)}")


@contextlib.contextmanager
def _log_file(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    with path.open("ab") as file:
        yield file


def _tail(path: Path) -> str:
    return "\n".join("  " + line for line in path.read_text(errors="replace").splitlines()[-8:])
