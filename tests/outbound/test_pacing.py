"""A sender's rate, on a real Redis or Valkey."""

import time
from itertools import pairwise

import pytest

from peoplelink.outbound.pacing import AHEAD, Pacer

KEY = "peoplelink:pace:sms"


@pytest.fixture
def pacer(valkey):
    def make(per_second=100, *, urgent=False):
        return Pacer(valkey, "sms", per_second=per_second, urgent=urgent)

    return make


def warmed(valkey):
    """The sender has been idle for a while: the next segment is due at once."""
    valkey.hset(KEY, "due", "1")


def scripts_run(valkey):
    return valkey.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]


def moments(pacers, seconds):
    """When each segment may go, taking in turns whatever is reserved for so long."""
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        for pacer in pacers:
            reserved = pacer.reserve()
            found += [reserved.moment(number) for number in range(reserved.segments)]
        time.sleep(0.01)
    return sorted(found)


def test_after_a_flush_it_starts_a_second_late(valkey, pacer):
    asked = time.monotonic()

    reserved = pacer().reserve()

    assert reserved.segments == 0
    assert 1 - AHEAD - 0.05 < reserved.start - asked < 1


@pytest.mark.parametrize("per_second", [10, 200, 1000])
def test_two_workers_together_keep_to_the_rate_and_use_it(valkey, pacer, per_second):
    warmed(valkey)

    found = moments([pacer(per_second), pacer(per_second)], 2)

    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert min(gaps) > 0.5 / per_second - 0.02
    assert len(found) / (found[-1] - found[0] + 1 / per_second) == pytest.approx(per_second, rel=0.02)
    assert found[-1] - found[0] > 1.9


def test_what_was_not_needed_comes_next_and_what_was_needed_besides_is_waited_for(valkey, pacer):
    warmed(valkey)
    first = pacer(100)
    whole = first.reserve()
    first.settle(whole, 1)

    second = first.reserve()
    first.settle(second, 30)
    third = first.reserve()

    assert second.start == pytest.approx(whole.start + 0.01, abs=0.01)
    assert third.segments == 0
    assert third.start == pytest.approx(second.start + 0.3 - AHEAD, abs=0.02)


def test_a_text_longer_than_what_was_left_costs_no_call_and_no_time(valkey, pacer):
    """Reservations of ten segments, texts of three: one is left of each, and used with the next."""
    warmed(valkey)
    one, reservations, before = pacer(100), 0, scripts_run(valkey)
    began, segments = time.monotonic(), 0
    while segments < 100:
        reserved = one.reserve()
        if reserved.segments:
            reservations += 1
            used = reserved.segments - reserved.segments % 3
            one.settle(reserved, used)
            segments += used
            last = reserved.moment(used)
        else:
            time.sleep(max(0, reserved.start - time.monotonic()))

    assert last - began == pytest.approx(segments / 100, abs=0.05)
    assert scripts_run(valkey) - before <= reservations + 1


@pytest.mark.parametrize(
    ("per_second", "used", "over", "later"),
    [
        pytest.param(100, 4, True, 0.04, id="what is left at the end is given back"),
        pytest.param(100, 15, False, 0.15, id="what was needed besides is waited for"),
        pytest.param(1000, 20, False, 0.02, id="what nothing waits for is given back at once"),
    ],
)
def test_what_one_worker_does_not_need_or_needs_besides_counts_for_the_others(
    valkey, pacer, per_second, used, over, later
):
    warmed(valkey)
    first, second = pacer(per_second), pacer(per_second)
    whole = first.reserve()
    first.settle(whole, used)
    if over:
        first.close()

    assert second.reserve().start == pytest.approx(whole.start + later, abs=0.01)


def test_nobody_asks_before_the_answer_can_be_yes(valkey, pacer):
    warmed(valkey)
    one = pacer(100)
    while (reserved := one.reserve()).segments:
        pass
    before = scripts_run(valkey)

    assert one.reserve().start == reserved.start
    assert scripts_run(valkey) == before


def test_nothing_is_given_back_that_another_has_built_upon(valkey, pacer):
    warmed(valkey)
    first, second = pacer(100), pacer(100)
    whole = first.reserve()
    theirs = second.reserve()

    first.settle(whole, 0)

    assert second.reserve().start == pytest.approx(theirs.start + 0.1, abs=0.01)


def test_what_was_kept_is_not_given_back_either_once_another_has_built_upon_it(valkey, pacer):
    warmed(valkey)
    first, second = pacer(100, urgent=True), pacer(100, urgent=True)
    first.settle(first.reserve(), 4)
    while (theirs := second.reserve()).segments:
        built_on = theirs
    assert first.reserve().segments == 0
    first.close()

    due = float(valkey.hget(KEY, "due")) - sum(
        part / 10**scale for part, scale in zip(valkey.time(), (0, 6), strict=True)
    )
    assert time.monotonic() + due == pytest.approx(built_on.moment(built_on.segments), abs=0.01)


def test_while_somebody_urgent_waits_bulk_stands_back(valkey, pacer):
    warmed(valkey)
    bulk, urgent = pacer(10), pacer(10, urgent=True)
    while bulk.reserve().segments:
        pass
    assert urgent.reserve().segments == 0
    time.sleep(AHEAD)

    assert bulk.reserve().segments == 0
    assert urgent.reserve().segments == 1
