"""An installation of its own for the demo: `peoplelink run` in a folder that is thrown away."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

# The demo must not write to anybody's real phone, whatever the terminal's settings say: it names none of them.
_NOT_PASSED_ON = ("PEOPLELINK_", "TWILIO_", "SENDGRID_", "SANDBOX_", "DATABASE_URL", "REDIS_URL")
_AT = re.compile(r"People Link is at (http://127\.0\.0\.1:\d+) · Handset at (http://127\.0\.0\.1:\d+)")
_OFFICER = re.compile(r"Sign in at \S+ as (\S+) with (\S+)")


class DidNotStartError(Exception):
    """`peoplelink run` ended before it could be used; the text is what it said."""


@dataclass(frozen=True)
class Stage:
    """Where the installation is, and how its officer signs in."""

    base: str
    sandbox: str
    database_url: str = field(repr=False)
    officer: str
    password: str = field(repr=False)
    folder: Path
    pid: int
    """Of `peoplelink run`, the parent of every other process."""


@contextmanager
def installation(*, segments_per_second: int, database_url: str | None = None) -> Iterator[Stage]:
    """Everything running on free ports with the sandbox for both providers; stopped and removed afterwards.

    The database is a SQLite file of its own unless `database_url` names another, empty one.
    """
    with TemporaryDirectory(prefix="peoplelink-demo-") as folder:
        url = database_url or f"sqlite:///{(Path(folder) / 'peoplelink.db').resolve()}"
        process = _start(Path(folder), segments_per_second, url)
        try:
            yield _read_start(process, Path(folder), url)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def _start(folder: Path, segments_per_second: int, database_url: str) -> "subprocess.Popen[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    env |= {
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url,
        "TWILIO_SEGMENTS_PER_SECOND": str(segments_per_second),
        # Each resident comes from an address of their own, as if through the proxy of a real installation.
        "PEOPLELINK_TRUSTED_PROXIES": "1",
    }
    command = [sys.executable, "-m", "peoplelink.cli", "run", "--port", "0", "--sandbox-port", "0"]
    return subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--folder", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    )


def _read_start(process: "subprocess.Popen[str]", folder: Path, database_url: str) -> Stage:
    said = ""
    for line in process.stdout or ():
        said += line
        if "Ctrl-C" in line:
            break
    at, officer = _AT.search(said), _OFFICER.search(said)
    if at is None or officer is None:
        raise DidNotStartError(said)
    return Stage(at[1], at[2], database_url, officer[1], officer[2], folder, process.pid)
