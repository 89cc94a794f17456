"""By when something asked by right is due: a day in London, to its last second."""

import datetime as dt

import pytest

from peoplelink.rights import clocks, requests
from peoplelink.rights.models import RequestKind
from tests.factories import make_officer


def test_a_complaint_is_to_be_acknowledged_within_thirty_days(now):
    assert clocks.due(RequestKind.COMPLAINT, now) == dt.datetime(2026, 4, 20, 22, 59, 59, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-21T14:30", "2026-04-21T22:59:59"),
        ("2026-01-31T10:00", "2026-02-28T23:59:59"),
        ("2028-01-31T10:00", "2028-02-29T23:59:59"),
        ("2026-12-31T23:30", "2027-01-31T23:59:59"),
        # Half past eleven in the evening UTC is tomorrow in a London summer.
        ("2026-06-30T23:30", "2026-08-01T22:59:59"),
    ],
)
def test_everything_else_is_due_in_a_month(received, due):
    when = [dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) for text in (received, due)]

    assert clocks.due(RequestKind.ACCESS, when[0]) == when[1]


def test_a_request_is_overdue_a_second_after_its_time_unless_its_clock_stands_still(session, now):
    made = requests.record(session, RequestKind.ACCESS, by="officer:x", now=now)
    officer = make_officer(session)

    assert not made.overdue(made.due_at)
    assert made.overdue(made.due_at + dt.timedelta(seconds=1))
    before = made.due_at
    requests.pause(session, made, "Who are you?", by=officer, now=now)
    assert not made.overdue(before + dt.timedelta(days=50))
    requests.resume(session, made, by=officer, now=now + dt.timedelta(days=3))
    assert made.due_at == before + dt.timedelta(days=3)
