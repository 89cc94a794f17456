"""The installation that callers talk to: gunicorn as docs/operations.md starts it, and a worker where one is needed."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.processes import ROOT
from peoplelink.embedded import guard, ports
from peoplelink.embedded.run import GUNICORN

_SECONDS = 30.0


def free_port() -> int:
    """Where nobody listens."""
    return ports.claim(0, "port")


@contextlib.contextmanager
def served(application: str, env: Mapping[str, str], port: int, *, ready: str, log: Path) -> Iterator[int]:
    """A WSGI application under gunicorn until it is not needed any more; it answers by now. Yields the process's id."""
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}", application]
    with running(command, env, log=log) as pid:
        _wait(f"http://127.0.0.1:{port}{ready}", log)
        yield pid


@contextlib.contextmanager
def running(module: Sequence[str], env: Mapping[str, str], *, log: Path) -> Iterator[int]:
    """`python -m module` with its children, in a session of its own, ended when it is not needed any more."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *module], cwd=ROOT, env=dict(env), stdout=out, stderr=out, start_new_session=True,
            preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
        )  # fmt: skip
    try:
        yield process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS)
        guard.kill(process.pid)
        process.wait()


def _wait(url: str, log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - loopback
                return
        except (URLError, OSError) as error:
            if time.monotonic() > until:
                raise SystemExit(f"The website did not start: see {log}") from error
            time.sleep(0.05)
