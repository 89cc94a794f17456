"""How long each kind of record is kept: the office's own rules, or those that a new installation starts with (R29)."""

import calendar
import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import audit, clock
from peoplelink.errors import InvalidInputError
from peoplelink.officers.models import Officer
from peoplelink.persons import RecordClass
from peoplelink.rights.models import PeriodUnit, RetentionRule

_LONGEST_REASON = 300
_MOST = {PeriodUnit.DAYS: 3660, PeriodUnit.MONTHS: 240, PeriodUnit.YEARS: 100}
_FEWEST_DAYS = 7
"""Shorter than that, and an officer on leave for a week would find nothing."""


@dataclass(frozen=True)
class Period:
    """A length of time."""

    number: int
    unit: PeriodUnit

    def __str__(self) -> str:
        """As people say it: "12 months", "1 year"."""
        return f"{self.number} {self.unit.value.removesuffix('s') if self.number == 1 else self.unit.value}"

    def before(self, now: dt.datetime) -> dt.datetime:
        """The moment so long ago, on the calendar and the clock of London.

        A day that the month does not have is its last one, and a time that the clock shows twice is the first one: so
        nothing is kept for less than its period, and little for a day more.
        """
        here = clock.in_london(now)
        if self.unit is PeriodUnit.DAYS:
            local = here.replace(tzinfo=None, fold=0) - dt.timedelta(days=self.number)
        else:
            local = _months_before(here, self.number * (12 if self.unit is PeriodUnit.YEARS else 1))
        return local.replace(tzinfo=clock.LONDON).astimezone(dt.UTC)


def _months_before(here: dt.datetime, months: int) -> dt.datetime:
    counted = here.year * 12 + here.month - 1 - months
    year, month = divmod(counted, 12)
    day = min(here.day, calendar.monthrange(year, month + 1)[1])
    return here.replace(tzinfo=None, fold=0, year=year, month=month + 1, day=day)


@dataclass(frozen=True)
class Rule:
    """A kind of record, how long it is kept, and why."""

    of: RecordClass
    title: str
    """For everybody: it stands on the privacy page."""
    period: Period
    counted_from: str
    reason: str
    changed_at: dt.datetime | None = None
    fixed: str = ""
    """Why nobody can change it; "" where an administrator can."""


_D, _M, _Y = PeriodUnit.DAYS, PeriodUnit.MONTHS, PeriodUnit.YEARS
DEFAULTS = {
    rule.of: rule
    for rule in (
        Rule(
            RecordClass.MESSAGES, "What you write to us, with pictures and files, and what we answer",
            Period(12, _M),
            "from the day it was written", "So that we can see what came before when you write again",
        ),
        Rule(
            RecordClass.REPORTS_PASSED_ON, "Reports that we passed on", Period(6, _M),
            "from the day it was passed on; after that we only keep how many there were about each theme",
            "So that we can ask what came of it, and tell you",
        ),
        Rule(
            RecordClass.REPORTS, "Reports that we did not pass on", Period(90, _D),
            "from the day they were last worked on; after that we only keep how many there were about each theme",
            "So that we can put several reports of the same thing together",
        ),
        Rule(
            RecordClass.DELIVERIES, "What we sent you, and whether it arrived", Period(13, _M),
            "from the day it was sent; after that we only keep counts",
            "So that we can compare a month with the same month of the year before",
        ),
        Rule(
            RecordClass.CONSENT, "That you agreed, the words you agreed to, and that you left", Period(6, _Y),
            "from the day you left; until then for as long as you are with us",
            "The law asks us to be able to show it, and claims may be made for six years",
        ),
        Rule(
            RecordClass.AUDIT, "Which officer looked at what, and what was changed", Period(6, _Y),
            "from the day it was done", "So that misuse can be found, and claims can be answered",
        ),
        Rule(
            RecordClass.PROVIDER_EVENTS, "Technical records from Twilio and SendGrid", Period(30, _D),
            "from the day they came; longer only where an officer has yet to look at one that we could not read",
            "So that we can find out what went wrong",
        ),
        Rule(
            RecordClass.SIGN_UPS, "A request to join that was never confirmed", Period(14, _D),
            "from the day it was made", "So that you have time to confirm it",
            fixed="This is how long the link that we send works, so it cannot be changed",
        ),
        Rule(
            RecordClass.REQUESTS, "Complaints, and what you asked us by right", Period(6, _Y),
            "from the day it was settled", "So that we can show how we dealt with it, and claims can be answered",
        ),
    )
}  # fmt: skip


def rules(session: Session) -> list[Rule]:
    """The rule for each kind of record, in the order in which they are shown."""
    own = {row.record_class: row for row in session.scalars(select(RetentionRule))}
    return [_with(default, own.get(of)) for of, default in DEFAULTS.items()]


def _with(default: Rule, own: RetentionRule | None) -> Rule:
    if own is None or default.fixed:
        return default
    return replace(default, period=Period(own.number, own.unit), reason=own.reason, changed_at=own.changed_at)


def change(
    session: Session, of: RecordClass, period: Period, reason: str, *, by: Officer, now: dt.datetime
) -> RetentionRule:
    """Keep a kind of record for so long from now on; raises InvalidInputError."""
    reason = " ".join(reason.split())
    _check(of, period, reason)
    before = next(rule.period for rule in rules(session) if rule.of is of)
    rule = session.get(RetentionRule, of) or RetentionRule(record_class=of)
    rule.number, rule.unit, rule.reason = period.number, period.unit, reason
    rule.changed_at, rule.changed_by_id = now, by.id
    session.add(rule)
    audit.record(
        session, "rights.retention_changed", actor=by.actor, subject_kind="retention", subject_id=of.value, now=now,
        before=str(before), after=str(period),
    )  # fmt: skip
    return rule


def _check(of: RecordClass, period: Period, reason: str) -> None:
    if DEFAULTS[of].fixed:
        raise InvalidInputError(DEFAULTS[of].fixed)
    if not 1 <= period.number <= _MOST[period.unit]:
        raise InvalidInputError(f"Enter a whole number from 1 to {_MOST[period.unit]:,}")
    if period.unit is PeriodUnit.DAYS and period.number < _FEWEST_DAYS:
        raise InvalidInputError(f"Enter {_FEWEST_DAYS} days or more")
    if not reason:
        raise InvalidInputError("Say why it is kept so long")
    if len(reason) > _LONGEST_REASON:
        raise InvalidInputError(f"Shorten the reason to {_LONGEST_REASON} characters or fewer")
