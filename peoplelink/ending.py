"""Whether this process is to end its work soon: it was asked to, or whoever would record its end is gone.

RQ does not tell a horse (the process that it forks for a job) that its worker was asked to stop, and a horse outlives a
worker that was killed. So long work looks here between two steps.
"""

import os
import signal
from dataclasses import dataclass
from types import FrameType


@dataclass
class _State:
    parent: int | None = None
    asked: bool = False


_this_process = _State()


def listen(parent: int) -> None:
    """Begin to look out: for SIGTERM, and for the end of `parent`. For the main thread of a horse."""
    _this_process.parent, _this_process.asked = parent, False
    signal.signal(signal.SIGTERM, _ask)


def soon() -> bool:
    """Whether to begin nothing new, write down what is under way and end."""
    parent = _this_process.parent
    return _this_process.asked or (parent is not None and os.getppid() != parent)


def _ask(_number: int, _frame: FrameType | None) -> None:
    _this_process.asked = True
