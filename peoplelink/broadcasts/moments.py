"""A date and a time as officers type them, on a clock in London, and what they mean when the clocks change."""

import datetime as dt
import re
from enum import StrEnum

from peoplelink.clock import LONDON
from peoplelink.errors import InvalidInputError

_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(am|pm)?")


class Which(StrEnum):
    """Which of the two hours, in the night when clocks go back."""

    FIRST = "first"
    SECOND = "second"


class NoDayError(InvalidInputError):
    """The day cannot be read."""


class NoTimeError(InvalidInputError):
    """The time cannot be read, or does not exist on that day."""


class ComesTwiceError(InvalidInputError):
    """That time comes twice on that day: the officer must say which."""


def read(day: str, time: str, which: str = "") -> dt.datetime | None:
    """The moment meant; None when both are empty. Raises NoDayError, NoTimeError, ComesTwiceError."""
    if not day.strip() and not time.strip():
        return None
    local = dt.datetime.combine(_day(day.strip()), _time(time.strip().lower()))
    first, second = (local.replace(tzinfo=LONDON, fold=fold) for fold in (0, 1))
    if first.astimezone(dt.UTC).astimezone(LONDON).replace(tzinfo=None) != local:
        raise NoTimeError("The clocks go forward that night, and this time does not come. Choose an hour later")
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(dt.UTC)
    if which not in set(Which):
        raise ComesTwiceError("The clocks go back that night, and this time comes twice. Choose which one you mean")
    return (first if which == Which.FIRST else second).astimezone(dt.UTC)


def typed(moment: dt.datetime | None) -> tuple[str, str, str]:
    """A moment as the three fields hold it: day, time, and which of two where it matters."""
    if moment is None:
        return "", "", ""
    local = moment.astimezone(LONDON)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    which = (Which.SECOND if local.fold else Which.FIRST) if twice else ""
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}", str(which)


def _day(text: str) -> dt.date:
    for form in _DAYS:
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise NoDayError("Enter a real day, like 14/3/2027")


def _time(text: str) -> dt.time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise NoTimeError("Enter a time, like 14:00 or 2pm")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:  # noqa: PLR2004
        raise NoTimeError("Enter a time, like 14:00 or 2pm")
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        return dt.time(hour, minute)
    except ValueError as err:
        raise NoTimeError("Enter a time, like 14:00 or 2pm") from err
