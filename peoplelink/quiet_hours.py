"""Quiet hours as people write them: "21:00-08:00". In minutes from midnight on a clock in London."""

import re
from typing import NamedTuple

DEFAULT = "21:00-08:00"
_WRITTEN = re.compile(r"(\d{1,2})[:.](\d{2})\s*(?:-|\N{EN DASH}|to)\s*(\d{1,2})[:.](\d{2})")
_DAY = 24 * 60


class Hours(NamedTuple):
    """From `start` until `end`, perhaps past midnight; the same twice means no quiet hours."""

    start: int
    end: int

    @property
    def any(self) -> bool:
        """Whether there is a quiet minute in them."""
        return self.start != self.end

    @property
    def minutes(self) -> int:
        """How long they last."""
        return (self.end - self.start) % _DAY


NONE = Hours(0, 0)


def parse(text: str) -> Hours | None:
    """The hours in a text such as "21:00-08:00"; `NONE` for "off"; None for anything else."""
    text = text.strip().lower()
    if text == "off":
        return NONE
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    start, end = (_minutes(found[part], found[part + 1]) for part in (1, 3))
    return Hours(start, end) if start is not None and end is not None and start != end else None


def clock_time(minute: int) -> str:
    """A minute of the day as it is written: 08:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _minutes(hours: str, minutes: str) -> int | None:
    return int(hours) * 60 + int(minutes) if int(hours) < 24 and int(minutes) < 60 else None  # noqa: PLR2004
