"""Starts `peoplelink run` as a person would, in a folder of its own, and watches it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from peoplelink.embedded import guard

FREE_PORTS = ("--port", "0", "--sandbox-port", "0")


def environment():
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PYTHONPATH", "LANG"}}


def command(folder, *arguments):
    """Run a command of the installation in `folder` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "peoplelink.cli", *arguments],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


class Installation:
    """A running `peoplelink run`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "peoplelink.cli", "run", *FREE_PORTS],
                cwd=folder, env=environment(), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.until(lambda: "Ctrl-C stops it" in self.said(), 60)
        found = re.search(r"People Link is at (\S+) · Handset at (\S+)", self.said())
        self.url, self.handset = found[1], found[2]

    def said(self) -> str:
        return self.output.read_text()

    def until(self, condition, seconds: float) -> float:
        """Wait until it is so; the seconds that took."""
        began = time.monotonic()
        while not condition():
            waited = time.monotonic() - began
            assert waited < seconds, f"not within {seconds} s; it said:\n{self.said()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def children(self) -> dict[int, str]:
        """Process id and command line of the supervisor's own children."""
        return {
            pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for pid in guard._all_pids()
            if parent_of(pid) == self.process.pid
        }

    def child(self, words: str) -> int | None:
        return next((pid for pid, line in self.children().items() if words in line), None)

    def processes(self) -> list[int]:
        """Everything that runs for this installation, however deep."""
        found = [self.process.pid]
        for pid in found:
            found += [other for other in guard._all_pids() if parent_of(other) == pid and other not in found]
        return found

    def kill_child(self, words: str) -> int:
        """Kill a child outright; the process id of the one that takes its place."""
        old = self.child(words)
        os.kill(old, signal.SIGKILL)
        self.until(lambda: self.child(words) not in {old, None}, 10)
        return self.child(words)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def status(url: str) -> int:
    """The HTTP status, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as err:
        with err:
            return err.code
    except OSError:
        return 0
