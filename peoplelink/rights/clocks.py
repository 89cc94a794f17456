"""By when something asked by right must be done: the end of a day in London."""

import calendar
import datetime as dt

from babel.dates import format_date

from peoplelink import clock, languages
from peoplelink.rights.models import RequestKind

ACKNOWLEDGED_WITHIN = 30
"""Days for a complaint (Data Protection Act 2018, section 164A)."""


def due(kind: RequestKind, received_at: dt.datetime) -> dt.datetime:
    """A complaint is acknowledged within 30 days; all else is answered within a month (UK GDPR article 12(3)).

    A month ends on the day with the same number, or on the last of the month where there is none.
    """
    day = clock.in_london(received_at).date()
    last = day + dt.timedelta(days=ACKNOWLEDGED_WITHIN) if kind is RequestKind.COMPLAINT else _a_month_after(day)
    return dt.datetime.combine(last, dt.time(23, 59, 59), clock.LONDON).astimezone(dt.UTC)


def _a_month_after(day: dt.date) -> dt.date:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)  # noqa: PLR2004
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def shown_day(moment: dt.datetime) -> str:
    """The day of a moment in London, in the language spoken: "20 April 2026"."""
    return format_date(clock.in_london(moment), "long", locale=languages.current().locale)
