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


def test_what_was_not_needed_is_given_back_and_what_was_needed_besides_is_waited_for(valkey, pacer):
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


def test_nothing_is_given_back_that_another_has_built_upon(valkey, pacer):
    warmed(valkey)
    first, second = pacer(100), pacer(100)
    whole = first.reserve()
    theirs = second.reserve()

    first.settle(whole, 0)

    assert second.reserve().start == pytest.approx(theirs.start + 0.1, abs=0.01)


def test_while_somebody_urgent_waits_bulk_stands_back(valkey, pacer):
    warmed(valkey)
    bulk, urgent = pacer(10), pacer(10, urgent=True)
    while bulk.reserve().segments:
        pass
    assert urgent.reserve().segments == 0
    time.sleep(AHEAD)

    assert bulk.reserve().segments == 0
    assert urgent.reserve().segments == 1
