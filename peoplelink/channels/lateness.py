"""The last look before a request leaves: is it still its moment?

The official clients have no room for such a thing, so the moment travels beside them, in the call's task or thread.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_not_after: ContextVar[float] = ContextVar("not_after", default=float("inf"))


class TooLateToSendError(Exception):
    """Raised where the connection stands and nothing has been written."""


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Requests made inside may begin until `moment` (monotonic seconds)."""
    before = _not_after.set(moment)
    try:
        yield
    finally:
        _not_after.reset(before)


def look() -> None:
    """Raises TooLateToSendError when the moment has passed."""
    if time.monotonic() > _not_after.get():
        raise TooLateToSendError
