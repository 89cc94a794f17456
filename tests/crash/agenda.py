"""What is to happen when: one thread, so that processes are started and ended in the order of the timeline."""

import heapq
import itertools
import time
from collections.abc import Callable

Act = Callable[[], object]


class Agenda:
    """Acts by their moment, in seconds since the round began; `note` keeps what happened for the reader of a breach."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._heap: list[tuple[float, int, Act]] = []
        self._order = itertools.count()
        self.timeline: list[tuple[float, str]] = []

    @property
    def now(self) -> float:
        """Seconds since the round began."""
        return time.monotonic() - self._began

    def at(self, moment: float, act: Act) -> None:
        """Do something at a moment of the round."""
        heapq.heappush(self._heap, (moment, next(self._order), act))

    def later(self, seconds: float, act: Act) -> None:
        """Do something so many seconds from now."""
        self.at(self.now + seconds, act)

    def note(self, words: str) -> None:
        """Something happened."""
        self.timeline.append((round(self.now, 2), words))

    def due(self) -> None:
        """Do what is due."""
        while self._heap and self._heap[0][0] <= self.now:
            heapq.heappop(self._heap)[2]()

    @property
    def open(self) -> int:
        """How much is still to come."""
        return len(self._heap)
