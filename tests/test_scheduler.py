"""One scheduler acts; another takes over when it is gone."""

import datetime as dt

import pytest

from peoplelink import scheduler
from peoplelink.outbound.models import SchedulerLease
from peoplelink.scheduler import Scheduler

SECOND = dt.timedelta(seconds=1)
LASTS = 30 * SECOND


def test_the_first_to_ask_gets_the_lease(session, now):
    assert scheduler.take(session, "one", lasts=LASTS, now=now) == 1


def test_a_second_scheduler_waits_while_the_lease_lasts(session, now):
    scheduler.take(session, "one", lasts=LASTS, now=now)

    assert scheduler.take(session, "two", lasts=LASTS, now=now + LASTS - SECOND) is None


def test_a_second_scheduler_takes_over_once_the_lease_has_run_out(session, now):
    scheduler.take(session, "one", lasts=LASTS, now=now)

    fence = scheduler.take(session, "two", lasts=LASTS, now=now + LASTS)

    assert fence == 2
    assert session.get(SchedulerLease, "periodic", populate_existing=True).holder == "two"


def test_a_renewed_lease_lasts_longer(session, now):
    fence = scheduler.take(session, "one", lasts=LASTS, now=now)

    renewed = scheduler.renew(session, fence, lasts=LASTS, now=now + 20 * SECOND)

    assert renewed
    assert scheduler.take(session, "two", lasts=LASTS, now=now + LASTS + SECOND) is None


def test_a_slow_loser_is_told_by_its_old_number(session, now):
    slow = scheduler.take(session, "one", lasts=LASTS, now=now)
    scheduler.take(session, "two", lasts=LASTS, now=now + LASTS)

    assert not scheduler.renew(session, slow, lasts=LASTS, now=now + LASTS + SECOND)


def test_a_lease_that_ran_out_unnoticed_is_kept_if_nobody_took_it(session, now):
    fence = scheduler.take(session, "one", lasts=LASTS, now=now)

    assert scheduler.renew(session, fence, lasts=LASTS, now=now + 10 * LASTS)


def test_giving_up_lets_the_next_one_in_at_once(session, now):
    fence = scheduler.take(session, "one", lasts=LASTS, now=now)

    scheduler.give_up(session, fence, now=now + SECOND)

    assert scheduler.take(session, "two", lasts=LASTS, now=now + SECOND) == 2


def test_of_two_schedulers_only_one_does_the_tasks(runtime):
    done = []
    first = Scheduler(runtime, [(60, lambda _: done.append("first"))])
    second = Scheduler(runtime, [(60, lambda _: done.append("second"))])

    held = [first.round(), second.round(), first.round()]

    assert held == [True, False, True]
    assert done == ["first"]


def test_the_second_takes_over_when_the_first_closes(runtime):
    done = []
    first = Scheduler(runtime, [(60, lambda _: done.append("first"))])
    second = Scheduler(runtime, [(60, lambda _: done.append("second"))])
    first.round()

    first.close()

    assert second.round()
    assert not first.round()
    assert done == ["first", "second"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_task_that_raises_does_not_keep_the_others_from_running(runtime):
    done = []

    def fails(_runtime):
        raise RuntimeError("a fault")

    assert Scheduler(runtime, [(60, fails), (60, lambda _: done.append("next"))]).round()
    assert done == ["next"]
