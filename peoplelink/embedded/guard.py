"""Nothing outlives People Link: children that die with their parent, and finding what a dead child left behind."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)
_KILLED_WITHIN, _LOOK = 1.0, 0.01  # seconds
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Runs in a child between fork and exec: have the kernel send it SIGTERM when its parent is gone.

    Linux only; elsewhere a supervisor that is killed outright leaves its children running.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def members(session: int) -> list[int]:
    """Ids of the living processes of a session: a child, and what it forked (an RQ horse has a group of its own)."""
    if not Path("/proc/self/stat").exists():
        return [session] if _alive(session) else []
    return [pid for pid in _all_pids() if _session_of(pid) == session]


def kill(session: int) -> None:
    """End every process of a session, those too that are forked while the others are being ended."""
    until = time.monotonic() + _KILLED_WITHIN
    while (pids := members(session)) and time.monotonic() < until:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_LOOK)


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _session_of(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # pid (name) state ppid pgrp session ...; the name may hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[3])


def _alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True
