"""What is to happen later, and a fixed number of workers that do it: the sandbox starts no task per message."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import structlog

log = structlog.get_logger(__name__)

Action = Callable[..., Awaitable[None]]


class Agenda:
    """Entries become due in order of their time. Pending entries cost memory only; the workers bound the rest."""

    def __init__(self, workers: int) -> None:
        self._size = workers
        self._later: list[tuple[float, int, Action, tuple[Any, ...]]] = []
        self._due: asyncio.Queue[tuple[Action, tuple[Any, ...]]] = asyncio.Queue()
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = 0.0  # uvloop's handles do not say
        self._tasks: list[asyncio.Task[None]] = []
        self._open = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.failures = 0  # actions that raised: always our own bug

    def put(self, delay: float, action: Action, *args: Any) -> None:
        """Have a worker await `action(*args)` in `delay` seconds."""
        self._open += 1
        self._quiet.clear()
        if delay <= 0:
            self._due.put_nowait((action, args))
            return
        due = asyncio.get_running_loop().time() + delay
        heapq.heappush(self._later, (due, next(self._order), action, args))
        if self._timer is None or due < self._wakes_at:
            self._arm()

    def start(self) -> None:
        """Set the workers to work, on the running loop."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._size)]

    async def stop(self) -> None:
        """Let go of everything that is pending."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self, seconds: float) -> bool:
        """Wait until nothing is pending; False if that takes longer than `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._quiet.wait()
        except TimeoutError:
            return False
        return True

    @property
    def pending(self) -> int:
        """Entries not yet finished, those in a worker's hands included."""
        return self._open

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._later:
            self._wakes_at = self._later[0][0]
            self._timer = asyncio.get_running_loop().call_at(self._wakes_at, self._ripen)

    def _ripen(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._later and self._later[0][0] <= now:
            _, _, action, args = heapq.heappop(self._later)
            self._due.put_nowait((action, args))
        self._arm()

    async def _work(self) -> None:
        while True:
            action, args = await self._due.get()
            try:
                await action(*args)
            except Exception:
                # The outermost frame of a worker: one bad entry must not stop the others.
                self.failures += 1
                log.exception("sandbox_action_failed", action=getattr(action, "__name__", "?"))
            finally:
                self._open -= 1
                if not self._open:
                    self._quiet.set()
