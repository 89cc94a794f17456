"""Quiet hours: from when to when, in London, nobody is written to."""

import datetime as dt
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def quiet_until(now: dt.datetime, start: int | None, end: int | None) -> dt.datetime | None:
    """When the quiet hours end that `now` lies in; None when it lies in none.

    `start` and `end` are minutes from midnight by the clock on the wall in London; `start` later than `end` goes past
    midnight, equal means none. The end is the first moment when that clock shows `end`, also in the night it changes.
    """
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(LONDON)
    minute = local.hour * 60 + local.minute
    inside = start <= minute < end if start < end else minute >= start or minute < end
    if not inside:
        return None
    day = local.date() + dt.timedelta(days=0 if minute < end else 1)
    return dt.datetime.combine(day, dt.time(end // 60, end % 60), LONDON).astimezone(dt.UTC)
