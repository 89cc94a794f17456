"""Every request to send that reached us, refused ones too: what a test lays beside what the app has promised."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from peoplelink.clock import now

Person = tuple[str, Any]
"""An address as it was given, and the app's own mark: a StatusCallback, or custom arguments."""


@dataclass(slots=True)
class Arrival:
    """One request to send, to one person or many."""

    medium: str
    people: Sequence[Person]
    at: dt.datetime = field(default_factory=now)
    """When the whole of it had come."""
    outcome: str = "under way"
    """accepted, refused 429, refused 500, refused (by the provider's rules), accepted then 500 or silence."""

    @property
    def addresses(self) -> list[str]:
        """Whom it is for."""
        return [address for address, _ in self.people]


class Arrivals:
    """Remembers them if told to: a sandbox that runs for weeks has no use for it."""

    def __init__(self, *, kept: bool) -> None:
        self._kept = kept
        self._all: list[Arrival] = []

    def note(self, medium: str, people: Sequence[Person]) -> Arrival:
        """A request has come."""
        arrival = Arrival(medium, people)
        if self._kept:
            self._all.append(arrival)
        return arrival

    def clear(self) -> None:
        """Forget them."""
        self._all.clear()

    def entries(self) -> Iterator[dict[str, Any]]:
        """A row a person, oldest request first."""
        for arrival in self._all:
            said = {"at": arrival.at, "medium": arrival.medium, "outcome": arrival.outcome}
            for address, mark in arrival.people:
                yield said | {"to": address, "mark": mark}
