"""Who begins a run of retention, and who goes on with one that was stopped: workers at night, the command by day."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import clock
from peoplelink.app import PARTS
from peoplelink.inbound.models import Webhook
from peoplelink.rights import retention, tasks
from peoplelink.rights.models import RetentionRun
from tests.factories import NOW, make_webhook

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
WHAT = "raw requests of Twilio and SendGrid"
AT_ONE = NOW.replace(hour=1)
AT_FOUR = NOW.replace(hour=4)


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the installation."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def old(database):
    """One raw request more that is over its time."""

    def making():
        long_ago = NOW - dt.timedelta(days=40)
        with database.transaction() as session:
            make_webhook(session, received_at=long_ago, processed_at=long_ago)

    return making


def runs(database):
    """(night, whether it is finished, how many raw requests it took) of each."""
    with database.read() as session:
        found = session.scalars(select(RetentionRun).order_by(RetentionRun.id))
        return [(run.night, run.finished_at is not None, run.counts.get(WHAT, 0)) for run in found]


def test_workers_do_a_nights_run_once(runtime, database, at, old):
    at(AT_FOUR)
    old()

    for _ in range(2):
        tasks.go_on(runtime, PARTS)

    assert runs(database) == [("2026-03-21", True, 1)]


def test_workers_begin_nothing_before_three(runtime, database, at):
    at(AT_ONE)

    tasks.go_on(runtime, PARTS)

    assert runs(database) == []


def test_a_run_by_hand_in_the_night_does_not_take_the_place_of_the_nights_own(runtime, database, at, old):
    at(AT_ONE)
    old()
    tasks.run_now(database, PARTS)
    at(AT_FOUR)
    old()

    tasks.go_on(runtime, PARTS)

    assert runs(database) == [("2026-03-21 01:30:00.000000", True, 1), ("2026-03-21", True, 1)]


def test_workers_go_on_with_a_run_by_hand_that_was_killed(runtime, database, at, old):
    at(AT_ONE)
    old()
    with database.transaction() as session:
        retention.begin_by_hand(session, now=AT_ONE)
    tasks.ring(runtime)

    tasks.go_on(runtime, PARTS)

    assert runtime.jobs.rung == [tasks.erasing.BELL]
    assert runs(database) == [("2026-03-21 01:30:00.000000", True, 1)]
    with database.read() as session:
        assert session.scalars(select(Webhook)).all() == []


def test_a_night_begins_anew_where_the_last_one_could_not_be_finished(runtime, database, at, old):
    with database.transaction() as session:
        stuck = retention.begin(session, "2026-03-20", now=AT_ONE)
        stuck.step = len(retention.purgers(PARTS)) - 1
    at(AT_FOUR)
    old()

    tasks.go_on(runtime, PARTS)

    assert runs(database) == [("2026-03-20", True, 0), ("2026-03-21", True, 1)]


def test_the_command_ends_what_is_under_way_before_its_own_and_tells_of_both(database, at, old):
    at(AT_FOUR)
    old()
    with database.transaction() as session:
        retention.begin_tonight(session, now=AT_FOUR)

    said = tasks.run_now(database, PARTS)

    assert runs(database) == [("2026-03-21", True, 1), ("2026-03-21 04:30:00.000000", True, 0)]
    assert [line.number for line in said if line.what == WHAT] == [1]
