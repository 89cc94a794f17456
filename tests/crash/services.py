"""A service manager: what ends is started again a second later, as systemd does with Restart=always, RestartSec=1."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from peoplelink.embedded import guard

RESTART_SECONDS = 1.0
STOP_SECONDS = 60.0  # TimeoutStopSec in docs/operations.md
ROOT = Path(__file__).parents[2]


class Unit:
    """One service. Everything is called from the main thread: children die with the thread that started them."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], logs: Path) -> None:
        self.name, self.starts = name, 0
        self._command, self._env = list(command), dict(env)
        self._log = logs / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0
        self._sessions: list[int] = []
        self._leave_orphans = False

    @property
    def pid(self) -> int | None:
        """The main process, while it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def exit_status(self) -> int | None:
        """How the main process ended; None while it lives, or before its first start."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, in a session of its own: by that we find what it forks."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
            )  # fmt: skip
        self.starts += 1
        self._sessions = [one for one in self._sessions if guard.members(one)] + [self._process.pid]

    def tend(self) -> None:
        """Start it again if it has ended. What it left behind is ended first, unless a fault says otherwise."""
        if self._process is None or self._process.poll() is not None:
            if not self._start_at:
                self._start_at = time.monotonic() + RESTART_SECONDS
            elif time.monotonic() >= self._start_at:
                self._start_at = 0.0
                self._sweep()
                self.start()

    def kill(self, *, orphans: bool = False) -> list[int]:
        """End the main process at once. With `orphans` what it forked lives on, as under a plain supervisor."""
        self._leave_orphans = orphans
        if self.pid is None:
            return []
        os.kill(self.pid, signal.SIGKILL)
        return [self.pid]

    def members(self) -> list[int]:
        """Every living process that belongs to it, those of former lives too."""
        return [pid for session in self._sessions for pid in guard.members(session)]

    def forked(self) -> list[int]:
        """Its horses, or its web workers: whatever is not the main process."""
        return [pid for pid in self.members() if pid != self.pid]

    def ask_to_stop(self) -> None:
        """SIGTERM to the main process alone (KillMode=mixed)."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def end(self) -> None:
        """No process of it is left."""
        for session in self._sessions:
            guard.kill(session)
        if self._process is not None:
            self._process.wait()

    def _sweep(self) -> None:
        if not self._leave_orphans:
            for session in self._sessions:
                guard.kill(session)
        self._leave_orphans = False


def stop(units: Iterable[Unit], *, seconds: float = STOP_SECONDS) -> dict[str, float]:
    """Ask all to stop, once, then end what is left; how long each took (`seconds` for those that did not)."""
    units = list(units)
    began, took = time.monotonic(), dict.fromkeys((unit.name for unit in units), seconds)
    for unit in units:
        unit.ask_to_stop()
    waiting = units
    while waiting and time.monotonic() - began < seconds:
        for unit in [unit for unit in waiting if unit.pid is None]:
            took[unit.name] = time.monotonic() - began
            waiting = [other for other in waiting if other is not unit]
        time.sleep(0.05)
    for unit in units:
        unit.end()
    return took
