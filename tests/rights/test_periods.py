"""How long ago a period began: on the calendar and the clock of London, to the second."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.errors import InvalidInputError
from peoplelink.persons import RecordClass
from peoplelink.rights import periods
from peoplelink.rights.models import PeriodUnit, RetentionRule
from peoplelink.rights.periods import Period
from tests.factories import NOW, make_officer

D, M, Y = PeriodUnit.DAYS, PeriodUnit.MONTHS, PeriodUnit.YEARS


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("period", "now", "before"),
    [
        (Period(14, D), "2026-03-21 14:30", "2026-03-07 14:30"),
        # The clocks went forward on 29 March 2026: ten in the morning is ten in the morning.
        (Period(1, D), "2026-03-29 09:00", "2026-03-28 10:00"),
        (Period(30, D), "2026-04-10 02:00", "2026-03-11 03:00"),
        # ... and back on 25 October 2026.
        (Period(1, D), "2026-10-25 10:00", "2026-10-24 09:00"),
        # Half past one came twice that night: the first of the two, so that nothing goes too early.
        (Period(1, D), "2026-10-26 01:30", "2026-10-25 00:30"),
        # Half past one did not come at all on 29 March.
        (Period(1, D), "2026-03-30 00:30", "2026-03-29 01:30"),
        (Period(12, M), "2026-03-21 14:30", "2025-03-21 14:30"),
        (Period(13, M), "2026-03-31 12:00", "2025-02-28 13:00"),
        (Period(6, M), "2026-08-31 12:00", "2026-02-28 13:00"),
        (Period(1, M), "2026-01-15 12:00", "2025-12-15 12:00"),
        (Period(6, M), "2026-03-21 14:30", "2025-09-21 13:30"),
        (Period(6, Y), "2026-03-21 14:30", "2020-03-21 14:30"),
        # Leap days.
        (Period(4, Y), "2028-02-29 12:00", "2024-02-29 12:00"),
        (Period(1, Y), "2028-02-29 12:00", "2027-02-28 12:00"),
        (Period(1, Y), "2029-02-28 12:00", "2028-02-28 12:00"),
        (Period(1, Y), "2029-03-01 00:00", "2028-03-01 00:00"),
        (Period(366, D), "2029-02-28 12:00", "2028-02-28 12:00"),
    ],
)
def test_a_period_is_counted_back_on_the_calendar(period, now, before):
    assert period.before(utc(now)) == utc(before)


def test_nothing_is_ever_kept_for_less_than_its_period():
    made = utc("2028-02-29 12:00")
    year = Period(1, Y)
    moments = (utc("2029-02-28 00:00") + dt.timedelta(hours=hour) for hour in range(48))

    goes = next(now for now in moments if made < year.before(now))

    assert goes == utc("2029-03-01 00:00")


@pytest.mark.parametrize(
    ("period", "words"), [(Period(1, Y), "1 year"), (Period(12, M), "12 months"), (Period(1, D), "1 day")]
)
def test_a_period_reads_as_people_say_it(period, words):
    assert str(period) == words


def test_a_new_installation_starts_with_the_periods_of_the_proposal(session):
    kept = {rule.of: str(rule.period) for rule in periods.rules(session)}

    assert kept == {
        RecordClass.MESSAGES: "12 months",
        RecordClass.REPORTS_PASSED_ON: "6 months",
        RecordClass.REPORTS: "90 days",
        RecordClass.DELIVERIES: "13 months",
        RecordClass.CONSENT: "6 years",
        RecordClass.AUDIT: "6 years",
        RecordClass.PROVIDER_EVENTS: "30 days",
        RecordClass.SIGN_UPS: "14 days",
        RecordClass.REQUESTS: "6 years",
    }


def test_an_administrator_changes_a_period_and_the_log_says_how(session):
    officer = make_officer(session)

    periods.change(session, RecordClass.MESSAGES, Period(6, M), " For  the pilot ", by=officer, now=NOW)
    session.flush()

    rule = next(rule for rule in periods.rules(session) if rule.of is RecordClass.MESSAGES)
    assert (str(rule.period), rule.reason, rule.changed_at) == ("6 months", "For the pilot", NOW)
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "rights.retention_changed")).one()
    assert logged.detail == {"before": "12 months", "after": "6 months"}


@pytest.mark.parametrize(
    ("period", "reason", "said"),
    [
        (Period(0, M), "x", "from 1 to 240"),
        (Period(101, Y), "x", "from 1 to 100"),
        (Period(6, D), "x", "7 days or more"),
        (Period(6, M), "  ", "Say why"),
        (Period(6, M), "x" * 301, "300 characters"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_with_what_to_do(session, period, reason, said):
    with pytest.raises(InvalidInputError, match=said):
        periods.change(session, RecordClass.MESSAGES, period, reason, by=make_officer(session), now=NOW)


def test_how_long_a_request_to_join_waits_cannot_be_changed(session):
    with pytest.raises(InvalidInputError, match="how long the link that we send works, so it cannot be changed"):
        periods.change(session, RecordClass.SIGN_UPS, Period(14, D), "x", by=make_officer(session), now=NOW)


def test_a_period_of_requests_that_was_once_saved_is_not_said_anywhere(session):
    of = RecordClass.SIGN_UPS
    session.add(RetentionRule(record_class=of, number=7, unit=D, reason="x", changed_at=NOW,
                              changed_by_id=make_officer(session).id))  # fmt: skip

    assert next(rule for rule in periods.rules(session) if rule.of is of) == periods.DEFAULTS[of]
