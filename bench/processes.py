"""Processes: a function run in a fresh one, and what processes have used, read from /proc."""

import importlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peoplelink.embedded import guard

ROOT = Path(__file__).resolve().parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _CSTIME = 11, 14  # of /proc/PID/stat, counted after the name: user, system, the same of reaped children


class ChildFailedError(Exception):
    """A measured process ended with an error; its own words have gone to the terminal."""


class Child:
    """`module:function` in a fresh process: it gets `order`, a mapping as JSON carries it, and returns another."""

    def __init__(self, target: str, order: Mapping[str, Any]) -> None:
        self._target = target
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.processes", target],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
        )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.pid = self._process.pid

    def wait(self) -> None:
        """Until it says that it is ready, by `ready`."""
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            self.result()

    def tell(self, word: str) -> None:
        """What `ready` returns there."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def result(self) -> dict[str, Any]:
        """What it returned, and its `peak_mb`; raises ChildFailedError."""
        with self._process:
            said, _ = self._process.communicate()
        if self._process.returncode:
            raise ChildFailedError(f"{self._target} ended with {self._process.returncode}")
        answer: dict[str, Any] = json.loads(said.splitlines()[-1])
        return answer


def ready() -> str:
    """In a child: say that the slow beginning is over, and wait to be told to go on."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def call(target: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Run it and wait."""
    return Child(target, order).result()


@dataclass(frozen=True)
class Cpu:
    """Seconds of processor time since the meter was started."""

    own: float
    others: dict[str, float]

    @property
    def total(self) -> float:
        """All of it."""
        return self.own + sum(self.others.values())


class Meter:
    """Processor time of this process and of others, each with the children it has or had."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._own, self._others = self._read()

    def used(self) -> Cpu:
        """Since it was made."""
        own, others = self._read()
        return Cpu(own - self._own, {name: spent - self._others[name] for name, spent in others.items()})

    def _read(self) -> tuple[float, dict[str, float]]:
        own = resource.getrusage(resource.RUSAGE_SELF)
        return own.ru_utime + own.ru_stime, {name: family(pid) for name, pid in self._pids.items()}


def family(pid: int) -> float:
    """Seconds of processor time of a process, its living children, and those it has reaped."""
    parent = _stat(pid)
    living = sum(sum(_times(_stat(child))[:2]) for child in children(pid))
    return sum(_times(parent)) + living


def children(pid: int) -> list[int]:
    """The processes that a process has now."""
    return [int(found) for found in _read_all(Path(f"/proc/{pid}/task").glob("*/children")).split()]


def peak_mb(pid: int | str = "self") -> float:
    """The most memory a process has held at once, in megabytes of 2^20."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def _read_all(paths: Iterable[Path]) -> str:
    return " ".join(path.read_text() for path in paths)


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []  # gone meanwhile: its parent has the sum


def _times(stat: list[str]) -> list[float]:
    return [int(value) / _TICKS for value in stat[_UTIME : _CSTIME + 1]]


def main() -> None:
    """Be the child."""
    module, _, function = sys.argv[1].partition(":")
    run = getattr(importlib.import_module(module), function)
    answer = run(json.loads(sys.stdin.readline()))
    sys.stdout.write(json.dumps({"peak_mb": peak_mb(), **(answer or {})}) + "\n")


if __name__ == "__main__":
    main()
