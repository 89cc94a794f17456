"""The one place that reads the clock. Views, tasks and commands call it and hand `now` down."""

import datetime as dt
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251


def in_london(moment: dt.datetime) -> dt.datetime:
    """The same moment on a clock in London, for people to read."""
    return moment.astimezone(LONDON)
