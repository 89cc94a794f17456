"""What every part of the story has at hand: the residents, their phones, the officer's browser, the tally."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from peoplelink.demo.browser import Browser
from peoplelink.demo.people import Resident
from peoplelink.demo.sandbox import Sandbox
from peoplelink.demo.stage import Stage
from peoplelink.demo.tally import Tally

_AT_ONCE = 6
"""How many residents act at the same time."""
_PATIENCE = 180  # seconds to wait for anything to happen

Thing = TypeVar("Thing")


class TooSlowError(Exception):
    """Something that must happen did not, in all that time."""


@dataclass
class Scene:
    """One telling of the story."""

    stage: Stage
    residents: Sequence[Resident]
    tally: Tally
    say: Callable[[str], object]
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """The officer comes from an address of their own, and so does every resident."""
        self.sandbox = Sandbox(self.stage.sandbox)
        self.officer = Browser(self.stage.base, address="192.0.2.1")

    def browser_of(self, resident: Resident) -> Browser:
        """A resident's own browser."""
        return Browser(self.stage.base, address=resident.network_address)

    def tell(self, words: str) -> None:
        """A line of the story, with the time since it began."""
        self.say(f"{time.monotonic() - self.began:7.1f} s  {words}")

    def everybody(self, act: Callable[[Thing], object], things: Iterable[Thing]) -> None:
        """Let several act at once, and end when all have. The first thing that goes wrong is raised."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for result in [pool.submit(act, thing) for thing in things]:
                result.result()

    def until(self, what: str, so: Callable[[], bool]) -> None:
        """Wait for something; raises TooSlowError."""
        give_up = time.monotonic() + _PATIENCE
        while not so():
            if time.monotonic() > give_up:
                raise TooSlowError(f"waited {_PATIENCE} s for {what}")
            time.sleep(0.2)
