"""Telling a script from a person without asking the person anything: a box that people do not see, and the clock.

Both fail softly. Whoever is taken for a script sees what everybody sees, and nothing is sent; the audit log counts it.
"""

import datetime as dt
from dataclasses import dataclass, field

from peoplelink import keys

_PURPOSE = "join-form"
LEAST_SECONDS = 2
"""Nobody ticks two boxes and types a number in less; a form sent back with errors keeps its first moment."""


@dataclass(frozen=True)
class Opening:
    """When a form was shown and which wording stood on it, so that what is agreed to is what was read."""

    at: int
    """Seconds since 1970."""
    wording_id: int


@dataclass(frozen=True)
class FormMarks:
    """Signs and reads the hidden mark of a form."""

    secret_keys: tuple[str, ...] = field(repr=False)

    def make(self, wording_id: int, *, now: dt.datetime) -> str:
        """The mark of a form that is shown now."""
        return keys.sign(self.secret_keys, _PURPOSE, f"{int(now.timestamp())}.{wording_id}")

    def read(self, mark: str) -> Opening | None:
        """What a mark says; None when it is not one of ours."""
        try:
            at, _, wording_id = keys.unsign(self.secret_keys, _PURPOSE, mark).partition(".")
            return Opening(int(at), int(wording_id))
        except (keys.BadTokenError, ValueError):
            return None


def looks_like_one(opening: Opening | None, bait: str, *, now: dt.datetime) -> bool:
    """Whether a form was filled in by a script: without our mark, too fast, or with the box that people do not see."""
    return bool(bait) or opening is None or now.timestamp() - opening.at < LEAST_SECONDS
